"""Report versions."""

from __future__ import annotations

import pytest

from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports
from radrecon.hl7v2.rules import USUAL, SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.order import ReportVersion
from radrecon.model.patient import PatientId

PID = "PID|1||123^^^HIS"


def obr(status: str, accession: str = "A100") -> str:
    fields = {2: "P1", 3: "F1", 18: accession, 22: "202611221430+0100", 25: status}
    return "|".join(("OBR", *(fields.get(at, "") for at in range(1, 26))))


def read(*segments: str, rules: SenderRules = USUAL) -> list[ReportVersion]:
    return read_reports(Message.parse("\r".join(("MSH|^~\\&|RIS||||||ORU^R01|1|P|2.5", *segments)).encode()), rules)


def obx(value: str, status: str = "F", kind: str = "TX") -> str:
    return f"OBX|1|{kind}|R^Report||{value}||||||{status}"


def test_a_report_is_read_with_its_text() -> None:
    [report] = read(
        PID, "ORC|RE|P1|F1", obr("F"), obx("No fracture.~Heart & lungs^normal."), obx(r"a\.br\b\H\!\N\ ", kind="FT")
    )
    assert report == ReportVersion(
        accession_number="A100",
        placer_order_number="P1",
        filler_order_number="F1",
        status="F",
        text="No fracture.\nHeart & lungs^normal.\na\nb!",
        observed="2026-11-22T14:30:00+01:00",
        patient=report.patient,
        sources={
            "accession_number": "OBR-18",
            "placer_order_number": "ORC-2.1",
            "filler_order_number": "ORC-3.1",
        },
    )
    assert report.patient.patient_id == PatientId("123", "HIS")


def test_a_status_without_text_does_not_blank_the_report() -> None:
    for result in (obx("", "U"), obx('""', "U"), "NTE|1"):
        [report] = read(PID, obr("F"), result)
        assert (report.status, report.text, report.flags) == ("F", "", ("text_not_sent",))


@pytest.mark.parametrize(
    ("stated", "each", "status"),
    [
        ("P", ["P"], "P"), ("F", ["F"], "F"), ("C", ["C"], "C"), ("A", ["F"], "A"), ("F", ["F", "C"], "C"),
        ("", ["F"], "F"), ("", ["U"], "F"), ("", [], ""), ("F", ["D"], "D"), ("F", ["W", "W"], "W"),
        ("F", ["D", "F"], "F"),
    ],
)  # fmt: skip
def test_the_status_is_the_obrs_unless_the_results_say_more(stated: str, each: list[str], status: str) -> None:
    assert read(PID, obr(stated), *(obx("text", one) for one in each))[0].status == status


def test_withdrawn_results_leave_the_text_and_are_flagged() -> None:
    [report] = read(PID, obr("F"), obx("wrong", "W"), obx("gone", "D"), obx("right"))
    assert (report.text, report.flags) == ("right", ("deleted", "wrong_patient"))


def test_each_obr_is_a_report_of_its_own_order() -> None:
    reports = read(PID, "ORC|RE|P1|F1", obr("F"), obx("one"), "ORC|RE|P2|F2", obr("P", "A101"), obx("two"))
    assert [(one.accession_number, one.placer_order_number, one.text) for one in reports] == [
        ("A100", "P1", "one"), ("A101", "P2", "two"),
    ]  # fmt: skip


def test_a_senders_own_status_may_mean_an_addendum() -> None:
    rules = SenderRules(addendum_status="A")
    assert read(PID, obr("A"), obx("more"), rules=rules)[0].flags == ("addendum",)
    assert read(PID, obr("F"), obx("more"), rules=rules)[0].flags == ()
    assert read(PID, obr("A"), obx("more"))[0].flags == ()


def test_a_study_that_is_named_by_a_result_says_so() -> None:
    uid = "OBX|1|HD|113014^DICOM Study^DCM||1.2.4||||||F"
    assert read(PID, obr("F"), uid)[0].sources["study_instance_uid"] == "OBX-5"


def test_an_embedded_document_is_flagged_and_not_text() -> None:
    [report] = read(PID, obr("F"), obx("^application^pdf^Base64^JVBERi0x", kind="ED"))
    assert (report.text, report.flags) == ("", ("text_not_sent", "embedded_document"))


def test_the_study_is_named_by_zds_or_by_a_result() -> None:
    assert read(PID, obr("F"), obx("x"), "ZDS|1.2.3^X")[0].study_instance_uid == "1.2.3"
    uid = "OBX|1|HD|113014^DICOM Study^DCM||1.2.4||||||F"
    assert read(PID, obr("F"), uid)[0].study_instance_uid == "1.2.4"


def test_what_has_no_patient_or_no_result_is_wrong() -> None:
    for segments, location in (((obr("F"),), "PID-3"), ((PID,), "OBR")):
        with pytest.raises(ContentError) as caught:
            read(*segments)
        assert caught.value.location == location


def test_what_is_no_study_uid_is_left_out() -> None:
    lines = "OBR|1|P|F|CT", "OBX|1|HD|113014^Study Instance UID^DCM||1.2.3||||||F", "ZDS|1"
    raw = "MSH|^~\\&|RIS|H|||20261122||ORU^R01|1|P|2.5.1\rPID|1||7\r" + "\r".join(lines)
    (found,) = read_reports(Message.parse(raw.encode()))
    assert (found.study_instance_uid, found.sources["study_instance_uid"]) == ("1.2.3", "OBX-5")
