"""Birth dates of two records: what desks type for none is none, and a slip may make a date that is no date."""

from __future__ import annotations

import re

from rapidfuzz.distance import OSA

from radrecon.recon.compare import Level, compare_birth_dates
from radrecon.recon.nobody import birth_date_of
from radrecon.recon.pair_weights import Degree, Near

DATE_DIGITS = 8


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
