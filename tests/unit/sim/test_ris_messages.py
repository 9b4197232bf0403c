"""The builder is held against the `hl7` package, which shares no code with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import hl7
import pytest

from radrecon.model.names import PersonName
from radrecon.sim.exams import Booking, Exam
from radrecon.sim.people import register
from radrecon.sim.ris_messages import CANCEL, COMPLETED, Scribe

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def exam() -> Exam:
    return Booking(1).book(next(register(1)), NOW)


def test_header_names_sender_type_version_and_character_set(exam: Exam) -> None:
    parsed = hl7.parse(Scribe().order(exam, NOW).text)
    assert str(parsed["MSH.F3"]) == "SIMRIS"
    assert str(parsed["MSH.F7"]) == "20261122143000+0100"
    assert str(parsed.segment("MSH")[9]) == "ORM^O01"
    assert str(parsed["MSH.F11"]) == "P"
    assert str(parsed["MSH.F12"]) == "2.3.1"
    assert str(parsed["MSH.F18"]) == "UNICODE UTF-8"


def test_control_ids_are_never_used_twice(exam: Exam) -> None:
    scribe = Scribe()
    written = [scribe.order(exam, NOW), scribe.adt("A04", exam.patient, NOW), scribe.report(exam, NOW)]
    assert len({message.control_id for message in written}) == 3
    assert all(message.control_id in message.text for message in written)


def test_an_order_keeps_every_identifier_where_rad_4_has_it(exam: Exam) -> None:
    parsed = hl7.parse(Scribe().order(exam, NOW).text)
    assert str(parsed["ORC.F1"]) == "NW"
    assert str(parsed["ORC.F5"]) == "SC"
    assert str(parsed["OBR.F18"]) == exam.accession_number
    assert str(parsed["OBR.F19"]) == exam.requested_procedure_id
    assert str(parsed["OBR.F20"]) == exam.scheduled_procedure_step_id
    assert str(parsed["OBR.F24"]) == exam.procedure.modality
    assert str(parsed["OBR.F4.R1.C5"]) == exam.procedure.description
    assert str(parsed["ORC.F7.R1.C4"]) == "20261122143000+0100"
    assert str(parsed["ZDS.F1.R1.C1"]) == exam.study_instance_uid


def test_an_imaging_order_keeps_them_in_ipc_and_tq1(exam: Exam) -> None:
    parsed = hl7.parse(Scribe().imaging_order(exam, NOW).text)
    ipc = {number: str(parsed[f"IPC.F{number}.R1.C1"]) for number in range(1, 10)}
    assert ipc[1] == exam.accession_number
    assert ipc[2] == exam.requested_procedure_id
    assert ipc[3] == exam.study_instance_uid
    assert ipc[4] == exam.scheduled_procedure_step_id
    assert ipc[5] == exam.procedure.modality
    assert ipc[9] == exam.station.ae_title
    assert str(parsed["TQ1.F7"]) == "20261122143000+0100"
    assert str(parsed["TQ1.F9"]) == exam.priority


@pytest.mark.parametrize(("control", "codes"), [(CANCEL, ("CA", "CA")), (COMPLETED, ("SC", "CM"))])
def test_an_order_can_be_cancelled_and_completed(exam: Exam, control: tuple[str, str], codes: tuple[str, str]) -> None:
    parsed = hl7.parse(Scribe().order(exam, NOW, control).text)
    assert (str(parsed["ORC.F1"]), str(parsed["ORC.F5"])) == codes


def test_a_merge_names_survivor_in_pid_and_the_other_in_mrg() -> None:
    survivor, other = islice(register(3), 2)
    parsed = hl7.parse(Scribe().merge(survivor, other, NOW).text)
    assert str(parsed.segment("MSH")[9]) == "ADT^A40^ADT_A39"
    assert str(parsed["PID.F3.R1.C1"]) == survivor.patient_id.value
    assert str(parsed["PID.F3.R1.C4"]) == survivor.patient_id.issuer
    assert str(parsed["MRG.F1.R1.C1"]) == other.patient_id.value
    assert str(parsed["MRG.F1.R1.C4"]) == other.patient_id.issuer


def test_ideographic_names_become_repetitions_with_their_representation(exam: Exam) -> None:
    patient = replace(exam.patient, name=PersonName.parse("Yamada^Tarou=山田^太郎=やまだ^たろう"))
    line = hl7.parse(Scribe().adt("A08", patient, NOW).encoded().decode("utf-8")).segment("PID")
    assert str(line[5]) == "Yamada^Tarou^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P"


def test_suffix_comes_before_prefix_and_delimiters_are_escaped(exam: Exam) -> None:
    patient = replace(exam.patient, name=PersonName.parse("A&B|C^Jo~hn^Q^Dr^Jr"))
    line = hl7.parse(Scribe().adt("A08", patient, NOW).text).segment("PID")
    assert str(line[5]) == r"A\T\B\F\C^Jo\R\hn^Q^Jr^Dr^^L"


def test_a_report_says_its_status_twice(exam: Exam) -> None:
    parsed = hl7.parse(Scribe().report(exam, NOW, "P").text)
    assert str(parsed["OBR.F25"]) == "P"
    assert {str(obx[11]) for obx in parsed.segments("OBX")} == {"P"}
    assert str(parsed["OBR.F18"]) == exam.accession_number


@pytest.mark.parametrize("kind", ["order", "imaging_order"])
def test_an_end_may_say_when_the_examination_was(exam: Exam, kind: str) -> None:
    begun, ended = NOW + timedelta(minutes=3), NOW + timedelta(minutes=12)
    parsed = hl7.parse(getattr(Scribe(), kind)(exam, ended, COMPLETED, begun, ended).text)
    assert (str(parsed["OBR.F7"]), str(parsed["OBR.F8"])) == ("20261122143300+0100", "20261122144200+0100")
    assert str(parsed["ORC.F5"]) == "CM"


def test_an_arrival_names_the_order_and_says_so_in_sch_25(exam: Exam) -> None:
    parsed = hl7.parse(Scribe().arrival(exam, NOW).text)
    assert str(parsed.segment("MSH")[9]) == "SIU^S14"
    assert str(parsed["SCH.F27.R1.C1"]) == exam.filler_order_number
    assert str(parsed["SCH.F25"]) == "Arrived"
