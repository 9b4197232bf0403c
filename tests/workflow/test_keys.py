from __future__ import annotations

from radrecon.recon.normalise import blocking_keys_of_person
from radrecon.store import person_keys
from radrecon.store.codec import key_number
from tests.builders import demographics
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, merge, order, pid


def alike(hospital: Hospital, *args: str, **more: str) -> list[int]:
    """Persons who share a key with someone of this description."""
    keys = blocking_keys_of_person(demographics(*args, **more))  # type: ignore[arg-type]
    with hospital.store.reading() as conn:
        return person_keys.alike(conn, [key_number(kind, value) for kind, value in keys]).ranked


@on_both
def test_persons_are_found_by_number_by_birth_date_and_sound_and_by_year_and_sounds(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A7", pid("2000002", "BAUER^KARL", "19851224", "M")))
    anna, karl = hospital.person().id, hospital.person("2000002").id
    assert alike(hospital, "0001000001", "X^Y", birth_date="") == [anna]
    assert alike(hospital, "7", "FISHER^ANNA") == [anna]
    assert alike(hospital, "7", "OTHER^ANNA") == [anna]
    assert alike(hospital, "7", "ANNA^FISCHER", birth_date="1960-11-30") == [anna]
    assert alike(hospital, "7", "BAUER^KARL", birth_date="1985") == [karl]
    assert alike(hospital, "7", "OTHER^ONE", birth_date="1960-11-30") == []


@on_both
def test_a_person_is_found_as_they_are_called_now_and_once_merged_away_not_at_all(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="ZIMMERMANN^ANNA"), adt("A04", "2000002", "ZIMMERMANN^ANNA"))
    assert alike(hospital, "7", "FISCHER^BERTA") == []
    assert len(alike(hospital, "7", "ZIMMERMANN^ANNA")) == 2
    hospital.hears(merge("1000001", "2000002", "ZIMMERMANN^ANNA"))
    assert alike(hospital, "7", "ZIMMERMANN^ANNA") == [hospital.person().id]
    assert alike(hospital, "2000002", "X^Y", birth_date="") == [hospital.person().id]
