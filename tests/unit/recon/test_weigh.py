from __future__ import annotations

from datetime import timedelta

from radrecon.recon.compare import Level
from radrecon.recon.weigh import BIRTH_DATE_BITS, NAME_BITS, number_bits, time_step


def test_a_number_is_worth_more_among_more() -> None:
    assert number_bits(Level.EQUAL, 10_000_000) > number_bits(Level.EQUAL, 10) > number_bits(Level.NEAR, 10) > 0


def test_silence_is_worth_nothing() -> None:
    assert number_bits(Level.MISSING, 10) == 0
    assert Level.MISSING not in NAME_BITS
    assert Level.MISSING not in BIRTH_DATE_BITS


def test_difference_speaks_against() -> None:
    assert number_bits(Level.DIFFERENT, 10) < 0 > NAME_BITS[Level.DIFFERENT]


def test_time_counts_less_the_further() -> None:
    bits = [time_step(timedelta(hours=hours)).bits for hours in (1, -5, 30, 100, 1000)]
    assert bits == sorted(bits, reverse=True)
    assert time_step(timedelta.max).level == "far"
