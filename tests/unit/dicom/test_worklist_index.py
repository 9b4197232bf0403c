from __future__ import annotations

import pytest

from radrecon.dicom.worklist import WorklistQuery
from radrecon.dicom.worklist_index import Index, line, may
from tests.unit.dicom.worklist_orders import WORKLIST

NUMBERED = [(number, order, step) for number, (order, step) in enumerate(WORKLIST, 1)]


def index_of_the_ward() -> Index:
    index = Index()
    for number, order, step in NUMBERED:
        index.put(number, [line(order, step)._replace(step_id=number, order_id=number)])
    return index


def accessions(index: Index, query: WorklistQuery) -> str:
    known = {number: order.accession_number for number, order, _ in NUMBERED}
    return " ".join(sorted(known[one.step_id] for one in index.among(query) if may(query)(one)))


@pytest.mark.parametrize(
    ("query", "must"),
    [
        (WorklistQuery(accession_number=("A1",)), {"A1"}),
        (WorklistQuery(patient_id=("100",)), {"A1"}),
        (WorklistQuery(station_ae_title=("CT1",), modality=("ct",)), {"A1", "A6"}),
        (WorklistQuery(patient_name=("smi*",)), {"A1", "A2"}),
        (WorklistQuery(date_from="2026-11-22", date_to="2026-11-23"), {"A1", "A2", "A3", "A4", "A5", "A9"}),
    ],
)
def test_what_matches_is_among_what_is_left(query: WorklistQuery, must: set[str]) -> None:
    assert must <= set(accessions(index_of_the_ward(), query).split())


def test_lines_come_by_their_start() -> None:
    found = index_of_the_ward().among(WorklistQuery())
    assert len(found) == len(WORKLIST)
    assert found == sorted(found)


def test_a_step_that_is_put_again_replaces_the_old_one_and_none_takes_it_out() -> None:
    index = index_of_the_ward()
    (one,) = index.of_order(1)
    index.put(1, [one._replace(start="2027-01-01T08:00:00")])
    assert [found.order_id for found in index.among(WorklistQuery(date_from="2027-01-01")) if found.start] == [1]
    for number in range(1, len(WORKLIST) + 1):
        index.put(number, [])
    assert len(index) == 0
    assert index.among(WorklistQuery()) == []
    assert index.among(WorklistQuery(accession_number=("A1",))) == []


def test_what_is_past_is_let_go_and_what_has_no_start_stays() -> None:
    index = index_of_the_ward()
    index.forget_before("2999-01-01")
    assert {found.start[:10] for found in index.among(WorklistQuery())} <= {""}
