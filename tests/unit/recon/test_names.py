from __future__ import annotations

from radrecon.model.names import NameGroup, PersonName
from radrecon.recon.names import COMMON, LEAST, MOST, counted, from_counts
from radrecon.recon.normalise import name_key


def bits(text: str) -> float:
    return COMMON.bits(name_key(NameGroup.parse(text)))


def test_a_common_name_says_less_than_a_rare_one() -> None:
    assert LEAST <= bits("SMITH^JOHN") < bits("SMITH^XAVER") < bits("UNGEWITTER^XAVER") <= MOST


def test_a_name_of_one_word_says_less() -> None:
    assert bits("UNGEWITTER") < bits("UNGEWITTER^XAVER")


def test_the_sites_own_register_counts() -> None:
    """In a village of Ungewitters the name says little."""
    register = [PersonName.parse(f"UNGEWITTER^{given}") for given in ("XAVER", "ANNA")] * 3000
    here = counted(register)
    key = name_key(NameGroup.parse("UNGEWITTER^XAVER"))
    assert here.bits(key) < COMMON.bits(key)


def test_a_small_register_is_mostly_the_table() -> None:
    key = name_key(NameGroup.parse("SMITH^JOHN"))
    assert abs(counted([PersonName.parse("BERG^UDO")] * 20).bits(key) - COMMON.bits(key)) < 0.1
    assert counted([]).bits(key) == COMMON.bits(key)


def test_counts_of_names_as_they_are_written_are_put_together() -> None:
    here = from_counts({"UNGEWITTER": 4000, "Ungewitter ": 1000}, {"XAVER": 3000, "xaver": 1}, 6000)
    assert here.family["ungewitter"] == 5000 / 8000
    assert here.bits(name_key(NameGroup.parse("UNGEWITTER^XAVER"))) == LEAST
    assert from_counts({"UNGEWITTER": 900}, {}, 999) is COMMON
