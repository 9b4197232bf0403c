"""The crosswalk in the database, and persons who get all their numbers by it."""

from __future__ import annotations

import pytest

from radrecon.model.crosswalk import CrosswalkEntry
from radrecon.model.errors import NotFound
from radrecon.model.patient import PatientId
from radrecon.store import crosswalk, persons
from radrecon.store.database import Connection, Store
from tests.builders import NOW, demographics


def pid(text: str) -> PatientId:
    value, _, issuer = text.partition("^^^")
    return PatientId(value, issuer)


def leads(store: Store, *pairs: tuple[str, str]) -> None:
    with store.transaction() as conn:
        crosswalk.add(conn, [CrosswalkEntry(pid(one), pid(other)) for one, other in pairs], source="t.csv", at=NOW)


def partners(store: Store, *numbers: str) -> list[str]:
    with store.reading() as conn:
        return sorted(map(str, crosswalk.partners(conn, [pid(one) for one in numbers])))


def test_partners_are_found_from_both_ends_and_over_chains(store: Store) -> None:
    leads(store, ("L1^^^OLD", "M1^^^MID"), ("M1^^^MID", "1^^^HOSP"), ("L9^^^OLD", "9^^^HOSP"))
    assert partners(store, "L1^^^OLD") == ["1^^^HOSP", "M1^^^MID"]
    assert partners(store, "1^^^HOSP") == ["L1^^^OLD", "M1^^^MID"]
    assert partners(store, "M1^^^MID", "9^^^HOSP") == ["1^^^HOSP", "L1^^^OLD", "L9^^^OLD"]
    assert partners(store, "2^^^HOSP") == partners(store) == []


def test_a_number_means_nothing_without_its_authority(store: Store) -> None:
    leads(store, ("17^^^OLD", "1^^^HOSP"))
    assert partners(store, "17") == partners(store, "17^^^HOSP") == partners(store, "1^^^OLD") == []


def test_leading_zeros_are_looked_past_unless_both_are_numbers(store: Store) -> None:
    leads(store, ("0017^^^OLD", "1^^^HOSP"))
    assert partners(store, "17^^^OLD") == ["0017^^^OLD", "1^^^HOSP"]
    leads(store, ("17^^^OLD", "2^^^HOSP"))
    assert partners(store, "17^^^OLD") == ["2^^^HOSP"]
    assert partners(store, "0017^^^OLD") == ["1^^^HOSP"]
    assert partners(store, "00017^^^OLD") == []


def test_whoever_is_first_heard_under_one_number_has_both(store: Store) -> None:
    leads(store, ("L1^^^OLD", "0001^^^HOSP"))
    with store.transaction() as conn:
        anna = persons.insert(conn, demographics("L1", issuer="OLD"))
        assert whom(conn, "0001^^^HOSP") == anna
        bert = persons.insert(conn, demographics("2"))
        assert persons.add_identifiers(conn, bert, [pid("L1^^^OLD"), pid("2^^^HOSP")]) == 0
        assert persons.add_identifiers(conn, bert, [pid("R2^^^RIS")]) == 1
        assert whom(conn, "L1^^^OLD") == anna


def test_a_number_that_is_added_later_brings_its_partners(store: Store) -> None:
    leads(store, ("L1^^^OLD", "1^^^HOSP"))
    with store.transaction() as conn:
        anna = persons.insert(conn, demographics("X", issuer="RIS"))
        assert persons.add_identifiers(conn, anna, [pid("L1^^^OLD")]) == 2
        assert whom(conn, "1^^^HOSP") == anna


def whom(conn: Connection, number: str) -> int:
    known = persons.find(conn, pid(number))
    return known.person_id if known else 0


def test_the_list_says_how_each_entry_stands(store: Store) -> None:
    leads(store, ("L1^^^OLD", "1^^^HOSP"), ("L2^^^OLD", "2^^^HOSP"), ("L4^^^OLD", "4^^^HOSP"))
    with store.transaction() as conn:
        one = persons.insert(conn, demographics("1"))
        three = persons.insert(conn, demographics("3"))
        four = persons.insert(conn, demographics("L3", issuer="OLD"))
    leads(store, ("L3^^^OLD", "3^^^HOSP"), ("L5^^^OLD", "3^^^HOSP"))
    with store.reading() as conn:
        states = {row.legacy_patient_id: (row.state, row.person_ids) for row in crosswalk.rows(conn)}
        (found,) = crosswalk.rows(conn, query="l1")
        assert [row.legacy_patient_id for row in crosswalk.rows(conn, query="0003")] == ["L5", "L3"]
        assert len(crosswalk.rows(conn, limit=2)) == 2
    assert states == {
        "L1": ("joined", (one,)),
        "L2": ("not heard", ()),
        "L3": ("conflict", (four, three)),
        "L4": ("not heard", ()),
        "L5": ("open", (three,)),
    }
    assert (found.patient_id, found.issuer_of_patient_id, found.source) == ("1", "HOSP", "t.csv")


def test_an_entry_is_loaded_and_removed_by_its_id(store: Store) -> None:
    leads(store, ("L1^^^OLD", "1^^^HOSP"))
    with store.transaction() as conn:
        (row,) = crosswalk.rows(conn)
        assert crosswalk.load_one(conn, row.id) == CrosswalkEntry(pid("L1^^^OLD"), pid("1^^^HOSP"))
        assert crosswalk.known(conn, [pid("L1^^^OLD"), pid("L1^^^X")]) == {pid("L1^^^OLD"): pid("1^^^HOSP")}
        crosswalk.remove(conn, row.id)
        with pytest.raises(NotFound):
            crosswalk.load_one(conn, row.id)
