"""Answers hold what was asked, in the least character set, and never an empty type 1 value."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from unicodedata import normalize

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from radrecon.dicom.elements import EXPLICIT_LE, Element, Item, encode
from radrecon.dicom.worklist_answer import answer
from radrecon.dicom.worklist_attributes import STEP
from radrecon.dicom.worklist_query import read_query
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order
from radrecon.model.order import Step as ScheduledStep
from radrecon.model.patient import PatientId
from tests.unit.dicom.worklist_orders import WORKLIST

ORDER, SCHEDULED = WORKLIST[0]
SPS = 0x00400100
EMPTY = Element("LO")


def answered(asked: Item, order: Order = ORDER, step: ScheduledStep = SCHEDULED) -> Dataset:
    data = encode(answer(read_query(asked), order, step, "20261122"), EXPLICIT_LE)
    return read_dataset(BytesIO(data), False, True)


def named(name: str) -> Order:
    return replace(ORDER, patient=replace(ORDER.patient, name=PersonName.parse(name)))


def test_it_holds_what_was_asked_and_nothing_else() -> None:
    found = answered({0x00100010: EMPTY, 0x00100030: EMPTY, SPS: Element("SQ", items=({0x00080060: EMPTY},))})
    assert [element.keyword for element in found] == [
        "PatientName",
        "PatientBirthDate",
        "ScheduledProcedureStepSequence",
    ]
    assert str(found.PatientName) == "SMITH^JOHN^Q"
    assert found.PatientBirthDate == "19600517"
    assert [element.keyword for element in found.ScheduledProcedureStepSequence[0]] == ["Modality"]


def test_an_empty_step_sequence_asks_for_all_of_the_step() -> None:
    for sequence in (Element("SQ"), Element("SQ", items=({},))):
        assert len(answered({SPS: sequence}).ScheduledProcedureStepSequence[0]) == len(STEP)


def test_a_step_sequence_that_was_not_asked_is_not_there() -> None:
    assert "ScheduledProcedureStepSequence" not in answered({0x00100010: EMPTY})


def test_keys_that_nobody_knows_are_left_out_and_known_ones_without_a_value_are_empty() -> None:
    found = answered({0x00091001: EMPTY, 0x00101030: EMPTY, 0x001021C0: EMPTY})
    assert [element.keyword for element in found] == ["PatientWeight", "PregnancyStatus"]
    assert found.PatientWeight is None


def test_a_code_is_complete_or_absent() -> None:
    asked: Item = {0x00321064: Element("SQ", items=({0x00080100: EMPTY},))}
    code = answered(asked).RequestedProcedureCodeSequence[0]
    assert (code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning) == ("RPC", "99LOCAL", "Head")
    assert not answered(asked, replace(ORDER, requested_procedure_code=Code("RPC"))).RequestedProcedureCodeSequence


def test_type_1_values_are_never_empty() -> None:
    asked: Item = {0x00100010: EMPTY, 0x00100020: EMPTY, 0x0020000D: EMPTY, 0x00401001: EMPTY, 0x00321060: EMPTY}
    found = answered(asked | {SPS: Element("SQ")}, Order(id=7), ScheduledStep(id=9))
    step = found.ScheduledProcedureStepSequence[0]
    assert (str(found.PatientName), found.PatientID, found.RequestedProcedureID) == ("UNKNOWN", "UNKNOWN", "RP7")
    assert found.StudyInstanceUID.startswith("2.25.")
    assert found.StudyInstanceUID.is_valid
    assert found.RequestedProcedureDescription == "UNKNOWN"
    assert (step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID) == ("OT", "UNKNOWN", "SPS9")
    assert (step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime) == ("20261122", "000000")
    assert step.ScheduledProcedureStepDescription == "UNKNOWN"


def test_a_study_uid_made_for_an_order_is_the_same_each_time() -> None:
    order = replace(ORDER, study_instance_uid="")
    first, second = (answered({0x0020000D: EMPTY}, order).StudyInstanceUID for _ in range(2))
    assert first == second
    assert first != answered({0x0020000D: EMPTY}, replace(order, accession_number="A99")).StudyInstanceUID


def test_ascii_declares_no_character_set() -> None:
    assert "SpecificCharacterSet" not in answered({0x00080005: Element("CS", b"ISO_IR 192"), 0x00100010: EMPTY})


def test_latin_1_is_used_where_it_fits() -> None:
    found = answered({0x00100010: EMPTY}, named("MÜLLER^JÜRGEN"))
    assert (found.SpecificCharacterSet, str(found.PatientName)) == ("ISO_IR 100", "MÜLLER^JÜRGEN")


def test_letters_that_were_sent_in_parts_are_joined() -> None:
    """A sender on macOS: u and a mark; hangul as its single sounds."""
    found = answered({0x00100010: EMPTY}, named(normalize("NFD", "MÜLLER^JÜRGEN")))
    assert (found.SpecificCharacterSet, str(found.PatientName)) == ("ISO_IR 100", "MÜLLER^JÜRGEN")
    korean = answered({0x00100010: EMPTY}, named(normalize("NFD", "김^희중")))
    assert str(korean.PatientName) == "김^희중"


def test_who_asks_in_utf_8_is_answered_in_it() -> None:
    found = answered({0x00080005: Element("CS", b"ISO_IR 192"), 0x00100010: EMPTY}, named("MÜLLER"))
    assert (found.SpecificCharacterSet, str(found.PatientName)) == ("ISO_IR 192", "MÜLLER")


def test_other_scripts_come_in_utf_8() -> None:
    found = answered({0x00100010: EMPTY}, named("YAMADA^TARO=山田^太郎"))
    assert (found.SpecificCharacterSet, str(found.PatientName)) == ("ISO_IR 192", "YAMADA^TARO=山田^太郎")


def test_only_what_is_asked_decides_the_character_set() -> None:
    assert "SpecificCharacterSet" not in answered({0x00100020: EMPTY}, named("山田"))


def test_text_that_would_break_the_data_set_is_made_harmless() -> None:
    order = replace(ORDER, reason="fell\r\non C:\\stairs", requested_procedure_description="x" * 80)
    found = answered({0x00401002: EMPTY, 0x00321060: EMPTY}, order)
    assert found.ReasonForTheRequestedProcedure == "fell  on C:/stairs"
    assert len(found.RequestedProcedureDescription) == 64


def test_an_accession_number_is_never_cut() -> None:
    order = replace(ORDER, accession_number="A" * 20)
    assert answered({0x00080050: EMPTY}, order).AccessionNumber == "A" * 20


def test_priority_pregnancy_other_ids_and_issuers_come_from_the_order() -> None:
    patient = replace(ORDER.patient, other_ids=(PatientId("55", "CITY"), PatientId("66")))
    order = replace(ORDER, patient=patient, pregnancy_status="3", issuer_of_accession="RIS")
    sequence = Element("SQ")
    found = answered(
        {0x00401003: EMPTY, 0x001021C0: EMPTY, 0x00101000: EMPTY, 0x00101002: sequence, 0x00080051: sequence}, order
    )
    assert (found.RequestedProcedurePriority, found.PregnancyStatus) == ("STAT", 3)
    assert list(found.OtherPatientIDs) == ["55", "66"]
    assert found.OtherPatientIDsSequence[0].IssuerOfPatientID == "CITY"
    assert found.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "RIS"
