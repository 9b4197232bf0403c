from __future__ import annotations

from radrecon.model.names import PersonName
from radrecon.recon.lookalikes import as_latin, mixed


def test_a_word_in_two_scripts_is_recognised_and_written_in_one() -> None:
    disguised = PersonName.parse("SMIТH^АNNA")  # Cyrillic Te and A
    assert mixed(disguised)
    assert as_latin(disguised) == PersonName.parse("SMITH^ANNA")


def test_a_name_in_one_script_is_not_mixed() -> None:
    assert not mixed(PersonName.parse("ИВАНОВА^АННА"))
    assert not mixed(PersonName.parse("MÜLLER^ZOË"))
    assert not mixed(PersonName.parse(""))
