from __future__ import annotations

import pytest

from radrecon.model.case import CaseState
from radrecon.model.errors import NotFound
from radrecon.store import cases as aggregate
from radrecon.store.database import Store
from radrecon.store.list_cases import case, cases, cases_about
from tests.builders import NOW
from tests.store.hospital import build, open_cases


def test_a_case_of_a_study_shows_the_identity_at_the_pacs_and_its_candidates(store: Store) -> None:
    h = build(store)
    number, _ = open_cases(h)
    with store.reading() as conn:
        row = case(conn, number)
    assert (row.patient_name, row.patient_id, row.accession_number) == ("MULER^BERT", "2", "A020")
    assert (row.modality, row.study_status, row.study_instance_uid) == ("CT", "arriving", "1.2")
    assert row.priority == "S"
    assert row.fields == ("patient_name",)
    (candidate,) = row.candidates
    assert candidate == {
        "order_id": h.order_bert,
        "accession_number": "A200",
        "probability": 0.93,
        "reasons": ["accession digits transposed"],
        "vetoes": ["name differs"],
        "conflict": "",
    }


def test_a_collision_shows_its_number_and_the_severest_comes_first(store: Store) -> None:
    open_cases(build(store))
    with store.reading() as conn:
        rows = cases(conn)
    assert [row.kind for row in rows] == ["accession_collision", "unassigned_study"]
    assert (rows[0].accession_number, rows[0].study_status) == ("A100", "")


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("kind:unassigned", [1]),
        ("mrn:2", [1]),
        ("muler", [1]),
        ("accession:A020", [1]),
        ("owner:ris", [2]),
        ("age>30min", [2, 1]),
        ("age>2h", []),
        ("uid:1.2", [1]),
        ("a100", [2]),
    ],
)
def test_cases_are_found(store: Store, query: str, ids: list[int]) -> None:
    open_cases(build(store))
    with store.reading() as conn:
        assert [row.id for row in cases(conn, query=query)] == ids


def test_kinds_and_states_narrow_and_no_states_means_all(store: Store) -> None:
    open_cases(build(store))
    with store.transaction() as conn:
        aggregate.set_state(conn, 1, CaseState.DISMISSED, NOW, close_reason="known")
        assert [row.id for row in cases(conn)] == [2]
        assert [row.id for row in cases(conn, states=("dismissed",))] == [1]
        assert [row.id for row in cases(conn, states=())] == [2, 1]
        assert cases(conn, kinds=["suspected_overlay"]) == []


def test_cases_about_something(store: Store) -> None:
    h = build(store)
    open_cases(h)
    with store.reading() as conn:
        assert [row.id for row in cases_about(conn, study_ids=[h.orphan])] == [1]
        assert cases_about(conn, study_ids=[0], order_ids=[0]) == []
        with pytest.raises(NotFound, match="no case 9"):
            case(conn, 9)
