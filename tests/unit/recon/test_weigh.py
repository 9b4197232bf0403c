from __future__ import annotations

from datetime import timedelta

from radrecon.recon.compare import Level
from radrecon.recon.weigh import BITS, DEFAULT, NUMBER_SHARES, time_level


def number_bits(level: Level, count: int) -> float:
    return DEFAULT.numbers("accession_number", count).get(level, 0.0)


def test_a_number_is_worth_more_among_more() -> None:
    assert number_bits(Level.EQUAL, 10_000_000) > number_bits(Level.EQUAL, 10) > number_bits(Level.NEAR, 10) > 0


def test_silence_is_worth_nothing() -> None:
    assert number_bits(Level.MISSING, 10) == 0
    assert all(Level.MISSING not in table for table in BITS.values())


def test_difference_speaks_against() -> None:
    assert number_bits(Level.DIFFERENT, 10) < 0 > BITS["patient_name"][Level.DIFFERENT]


def test_time_counts_less_the_further() -> None:
    bits = [BITS["performed"][time_level(timedelta(hours=hours))] for hours in (1, -5, 30, 100, 1000)]
    assert bits == sorted(bits, reverse=True)
    assert time_level(timedelta.max) == "far"


def test_every_weight_can_be_disturbed_and_no_other_value_changes() -> None:
    seen = set()

    def factor(field: str, level: str) -> float:
        seen.add((field, level))
        return 1.3

    changed = DEFAULT.disturbed(factor)
    assert {(field, str(level)) for field, table in BITS.items() for level in table} < seen
    for field, table in BITS.items():
        assert all(changed.bits[field][level] == bits * 1.3 for level, bits in table.items())
    for field in NUMBER_SHARES:
        before, after = DEFAULT.numbers(field, 1000), changed.numbers(field, 1000)
        assert all(abs(after[level] - 1.3 * bits) < 1e-9 for level, bits in before.items())
    assert DEFAULT.disturbed(lambda field, level: 1.0).bits == DEFAULT.bits
