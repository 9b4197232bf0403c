"""Conformance of the worklist: which query must be answered by which orders (PS3.4 K.6.1.2)."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from radrecon.dicom.elements import IMPLICIT_LE, parse
from radrecon.dicom.worklist import Narrow, WorklistQuery, matches, narrow, read_query
from tests.unit.dicom.worklist_orders import WAITING, WORKLIST

# key, value, who must answer, which keys are marked as ignored
ORDER_ROWS = [
    ("PatientID", "", WAITING, ""),
    ("PatientID", "*", WAITING, ""),
    ("PatientID", "100", "A1", ""),
    ("PatientID", "100  ", "A1", ""),
    ("PatientID", " 100", "A1", ""),
    ("PatientID", "10?", "A1 A2 A3 A4 A5 A6 A7", ""),
    ("PatientID", "*0", "A1 A9", ""),
    ("PatientID", "1000", "", ""),
    ("PatientID", "X" * 65, WAITING, "PatientID"),
    ("PatientName", "SMITH^JOHN", "A1", ""),
    ("PatientName", "SMITH^JOHN^", "A1", ""),
    ("PatientName", "SMITH", "A1", ""),
    ("PatientName", "smith", "A1", ""),
    ("PatientName", "SMITH JOHN", "A1", ""),
    ("PatientName", "Smith, John", "A1", ""),
    ("PatientName", "SMITH*", "A1 A2", ""),
    ("PatientName", "SMI*^J*", "A1", ""),
    ("PatientName", "^JOHN", "A1 A9", ""),
    ("PatientName", "*JOHN*", "A1 A9", ""),
    ("PatientName", "SM?TH^*", "A1", ""),
    ("PatientName", "JOHN SMITH", "", ""),
    ("PatientName", "MULLER", "A3", ""),
    ("PatientName", "Mueller", "A3", ""),
    ("PatientName", "müller^jürgen", "A3", ""),
    ("PatientName", "OBRIEN", "A4", ""),
    ("PatientName", "O'Brien^Mary Ann", "A4", ""),
    ("PatientName", "VAN DER BERG ANNA", "A6", ""),
    ("PatientName", "VAN", "", ""),
    ("PatientName", "JONES SMITH", "A9", ""),
    ("PatientName", "山田^太郎", "A5", ""),
    ("PatientName", "YAMADA^TARO=山田", "A5", ""),
    ("PatientName", "YAMADA=鈴木", "", ""),
    ("PatientName", "=山田^*", "A5", ""),
    ("PatientName", "дое", "A7", ""),
    ("PatientName", "*^*", WAITING, ""),
    ("AccessionNumber", "A3", "A3", ""),
    ("AccessionNumber", "a3", "", ""),
    ("AccessionNumber", "A*", WAITING, ""),
    ("RequestedProcedureID", "RPA2", "A2", ""),
    ("StudyInstanceUID", "1.2.3.4", "A4", ""),
    ("StudyInstanceUID", ["1.2.3.4", "1.2.3.5"], "A4 A5", ""),
    ("StudyInstanceUID", "../../x", WAITING, "StudyInstanceUID"),
    ("PatientBirthDate", "19600517", WAITING, "PatientBirthDate"),
    ("PatientComments", "anything", WAITING, "PatientComments"),
    ("Modality", "CT", WAITING, "Modality"),  # misplaced
    ("PixelSpacing", "", WAITING, "PixelSpacing"),  # unknown to a worklist
]
STEP_ROWS = [
    ({}, WAITING, ""),
    ({"Modality": "CT"}, "A1 A2 A6", ""),
    ({"Modality": "ct "}, "A1 A2 A6", ""),
    ({"Modality": ["CT", "MR"]}, "A1 A2 A3 A4 A6", ""),
    ({"Modality": "?T"}, "A1 A2 A6", ""),
    ({"Modality": "*"}, WAITING, ""),
    ({"Modality": "XA"}, "", ""),
    ({"ScheduledStationAETitle": "CT1"}, "A1 A6", ""),
    ({"ScheduledStationAETitle": "ct1"}, "", ""),
    ({"ScheduledStationAETitle": "CT*"}, "A1 A2 A6", ""),
    ({"ScheduledStationName": "SOMATOM"}, "A2", ""),
    ({"ScheduledProcedureStepLocation": "ER"}, "A1", ""),
    ({"ScheduledPerformingPhysicianName": "HOUSE"}, "A1", ""),
    ({"ScheduledProcedureStepID": "SA4"}, "A4", ""),
    ({"ScheduledProcedureStepStatus": "SCHEDULED"}, WAITING, ""),
    ({"ScheduledProcedureStepStatus": "COMPLETED"}, "", ""),
    ({"ScheduledProcedureStepStartDate": "20261122"}, "A1 A2 A3 A9", ""),
    ({"ScheduledProcedureStepStartDate": "20261122-20261123"}, "A1 A2 A3 A4 A5 A9", ""),
    ({"ScheduledProcedureStepStartDate": "20261123-"}, "A4 A5 A6", ""),
    ({"ScheduledProcedureStepStartDate": "-20261122"}, "A1 A2 A3 A9", ""),
    ({"ScheduledProcedureStepStartDate": "2026.11.24"}, "A6", ""),
    ({"ScheduledProcedureStepStartDate": "20261350"}, WAITING, "SPS.ScheduledProcedureStepStartDate"),
    ({"ScheduledProcedureStepStartDate": "today"}, WAITING, "SPS.ScheduledProcedureStepStartDate"),
    ({"ScheduledProcedureStepStartDate": "20261123-20261122"}, WAITING, "SPS.ScheduledProcedureStepStartDate"),
    ({"ScheduledProcedureStepStartTime": "0900"}, "A1", ""),
    ({"ScheduledProcedureStepStartTime": "090000-1030"}, "A1 A2", ""),
    ({"ScheduledProcedureStepStartTime": "000000-235959"}, WAITING, ""),
    ({"ScheduledProcedureStepStartTime": "2500"}, WAITING, "SPS.ScheduledProcedureStepStartTime"),
    ({"ScheduledProcedureStepStartDate": "20261122", "ScheduledProcedureStepStartTime": "10-12"}, "A2 A9", ""),
    (
        {"ScheduledProcedureStepStartDate": "20261122-20261123", "ScheduledProcedureStepStartTime": "2200-0600"},
        "A3 A4",
        "",
    ),
    (
        {"ScheduledProcedureStepStartDate": "20261123-20261125", "ScheduledProcedureStepStartTime": "1200-1300"},
        "A5 A6",  # A6 has no time, but its whole day lies inside
        "",
    ),
    (
        {"ScheduledProcedureStepStartDate": "20261122", "ScheduledProcedureStepStartTime": "2200-0600"},
        "A1 A2 A3 A9",
        "SPS.ScheduledProcedureStepStartTime",
    ),
    ({"PatientID": "100"}, WAITING, "SPS.PatientID"),  # misplaced
    ({"Modality": "CT", "ScheduledProcedureStepStartDate": "20261122", "ScheduledStationAETitle": "CT1"}, "A1", ""),
]


def identifier(step: dict[str, Any] | None = None, **order: Any) -> bytes:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for key, value in order.items():
        setattr(dataset, key, value)
    if step is not None:
        item = Dataset()
        for key, value in step.items():
            setattr(item, key, value)
        dataset.ScheduledProcedureStepSequence = [item]
    out = DicomBytesIO()
    out.is_implicit_VR, out.is_little_endian = True, True
    write_dataset(out, dataset)
    return bytes(out.getvalue())


def asked(step: dict[str, Any] | None = None, **order: Any) -> WorklistQuery:
    return read_query(parse(identifier(step, **order), IMPLICIT_LE))


def who_answers(query: WorklistQuery) -> str:
    return " ".join(order.accession_number for order, step in WORKLIST if matches(query, order, step))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("key", "value", "who", "ignored"), ORDER_ROWS)
def test_an_order_key_is_answered_by_the_right_orders(key: str, value: Any, who: str, ignored: str) -> None:
    query = asked(**{key: value})
    assert (who_answers(query), " ".join(query.unsupported)) == (who, ignored)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("step", "who", "ignored"), STEP_ROWS)
def test_step_keys_are_answered_by_the_right_orders(step: dict[str, Any], who: str, ignored: str) -> None:
    query = asked(step)
    paths = " ".join(query.unsupported).replace("ScheduledProcedureStepSequence", "SPS")
    assert (who_answers(query), paths) == (who, ignored)


def test_what_may_be_selected_by_is_exact() -> None:
    step = {"Modality": ["ct", "MR"], "ScheduledStationAETitle": "CT1", "ScheduledProcedureStepStartDate": "20261122-"}
    query = asked(step, PatientID="100", AccessionNumber="A*")
    assert narrow(query) == Narrow("100", "", "CT1", ("CT", "MR"), "2026-11-22", "")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("step", [row[0] for row in STEP_ROWS])
def test_selecting_by_the_narrowed_keys_loses_no_match(step: dict[str, Any]) -> None:
    query = asked(step)
    keys = narrow(query)
    for _order, one in (pair for pair in WORKLIST if matches(query, *pair)):
        assert not keys.ae or one.station_ae_title == keys.ae
        assert not keys.modalities or one.modality in keys.modalities
        assert one.start[:10] >= keys.date_from
        assert not keys.date_to or one.start[:10] <= keys.date_to
