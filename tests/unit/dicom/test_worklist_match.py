"""The one key that keeps a step off the list, in words."""

from __future__ import annotations

import pytest

from radrecon.dicom.worklist_match import matches, why_not
from radrecon.dicom.worklist_query import WorklistQuery
from tests.unit.dicom.worklist_orders import WORKLIST

BY_ACCESSION = {order.accession_number: (order, step) for order, step in WORKLIST}


@pytest.mark.parametrize(
    ("accession", "query", "words"),
    [
        ("A1", WorklistQuery(station_ae_title=("CT2",)), "Scheduled Station AE Title is CT1, not CT2"),
        ("A1", WorklistQuery(modality=("MR", "US")), "Modality is CT, not MR or US"),
        ("A9", WorklistQuery(modality=("CT",)), "Modality is not known, and CT was asked for"),
        ("A8", WorklistQuery(), "the step is completed, so it has left the worklist"),
        ("A10", WorklistQuery(modality=("CT",)), "the step is cancelled, so it has left the worklist"),
        ("A1", WorklistQuery(patient_name=("JONES",)), "Patient's Name is SMITH^JOHN^Q, not JONES"),
        (
            "A1",
            WorklistQuery(date_from="2026-11-23", date_to="2026-11-23"),
            "it starts 2026-11-22 09:00:00, not between 2026-11-23 and 2026-11-23",
        ),
        ("A7", WorklistQuery(date_from="2026-11-23"), "the start is not known, and a time was asked for"),
        ("A6", WorklistQuery(time_from="10:00:00"), "it starts 2026-11-24, not between 10:00:00 and any time"),
    ],
)
def test_the_key_that_keeps_it_out_is_named(accession: str, query: WorklistQuery, words: str) -> None:
    assert why_not(query, *BY_ACCESSION[accession]) == words
    assert not matches(query, *BY_ACCESSION[accession])


def test_there_is_no_reason_against_what_is_on_the_list() -> None:
    assert why_not(WorklistQuery(modality=("CT",)), *BY_ACCESSION["A1"]) is None


def test_an_open_end_of_a_combined_period_is_open() -> None:
    query = WorklistQuery(date_from="2026-11-22", time_from="22:00:00", combined=True)
    assert [accession for accession, pair in BY_ACCESSION.items() if matches(query, *pair)] == ["A3", "A4", "A5", "A6"]
