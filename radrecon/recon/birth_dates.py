"""Birth dates of two records: what desks type for none is none, and a slip may make a date that is no date."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from radrecon.recon.compare import Level, compare_birth_dates
from radrecon.recon.normalise import birth_date_key
from radrecon.recon.pair_weights import Degree, Near

NO_DATE = ("1800-01-01", "1850-01-01", "1900-01-01", "1900-12-31", "1901-01-01")
EARLIEST, LATEST = "1870", "2100"  # a year outside stands for none
DATE_DIGITS = 8


def birth_date_of(text: str) -> str:
    """A birth date that says something; "" for what desks type where they know none."""
    key = birth_date_key(text)
    return "" if key in NO_DATE or (key and not EARLIEST <= key[:4] < LATEST) else text.strip()


def birth_level(one: str, other: str) -> Degree:
    """Also of texts that are no dates (day 32): a slip makes such."""
    mine, theirs = birth_date_of(one), birth_date_of(other)
    level = compare_birth_dates(mine, theirs)
    if level not in (Level.MISSING, Level.DIFFERENT):
        return level
    left, right = re.sub(r"\D", "", mine), re.sub(r"\D", "", theirs)
    if len(left) < DATE_DIGITS or len(right) < DATE_DIGITS:
        return level
    slips = OSA.distance(left, right, score_cutoff=2)
    return (Level.NEAR, Level.NEAR, Near.TWO_SLIPS, Level.DIFFERENT)[min(slips, 3)]
