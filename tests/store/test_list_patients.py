from __future__ import annotations

import pytest

from radrecon.model.errors import NotFound
from radrecon.store import merges
from radrecon.store.database import Store
from radrecon.store.list_patients import patient, patients, patients_by_id
from tests.builders import NOW
from tests.store.hospital import build


def test_patients_show_what_leads_to_them_and_what_hangs_on_them(store: Store) -> None:
    h = build(store)
    with store.reading() as conn:
        row = patient(conn, h.anna)
    assert (row.patient_id, row.other_patient_ids, row.orders, row.studies) == ("0001", ("R1^^^RIS",), 1, 1)


def test_a_merged_patient_stays_in_the_list_and_says_into_whom(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        merges.merge(conn, h.anna, h.bert, at=NOW)
        rows = {row.id: row for row in patients(conn)}
    assert (rows[h.bert].merged_into, rows[h.bert].orders) == (h.anna, 0)
    assert rows[h.anna].orders == 3
    assert "2^^^HOSP" in rows[h.anna].other_patient_ids


@pytest.mark.parametrize(("query", "names"), [("mrn:1", ["FISCHER^ANNA"]), ("mrn:r1", ["FISCHER^ANNA"]), ("sex:x", [])])
def test_patients_are_found(store: Store, query: str, names: list[str]) -> None:
    build(store)
    with store.reading() as conn:
        assert [row.patient_name for row in patients(conn, query=query)] == names


def test_a_patient_who_is_not_there_is_said_so(store: Store) -> None:
    with store.reading() as conn:
        assert patients_by_id(conn, [0, 5]) == {}
        with pytest.raises(NotFound, match="no patient 5"):
            patient(conn, 5)
