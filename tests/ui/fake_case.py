"""One case of the small hospital with all that its page shows, and a plan for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from radrecon.model.case import Candidate, Difference, Reason, Weight
from radrecon.model.correction import AttributeChange, DatasetEdit, IndexChange, Plan, PlannedDelivery, Verb
from radrecon.model.rows import CaseDetail, CaseRow, OrderRow, StudyRow, TimelineRow
from tests.ui.fake_hospital import A08, UID, at, person


def detail_of(row: CaseRow, orders: list[OrderRow], studies: list[StudyRow]) -> CaseDetail:
    base = next(each for each in studies if each.id == row.study_id)
    shown = replace(
        base, patient_name=row.patient_name, accession_number=row.accession_number, patient_id=row.patient_id,
        patient_birth_date="1960-05-71" if row.id == 1 else base.patient_birth_date,
    )  # fmt: skip
    wanted = {each["order_id"] for each in row.candidates} | {row.order_id}
    found = {each.id: each for each in orders if each.id in wanted}
    people = {each.person_id: person(each.person_id) for each in found.values()}
    linkable = "" if row.candidates else "no order is a candidate"
    return CaseDetail(
        case=row,
        differences=(Difference("patient_name", "FISCHER^ANNA MARIE", row.patient_name, Weight.DIFFERS),),
        candidates=tuple(_candidate(each) for each in row.candidates),
        orders=found,
        study=shown,
        person=people.get(row.person_id),
        persons=people,
        timeline=(
            TimelineRow(at(90), "order", "ORM^O01 NW from RIS: A102001, CT HEAD W/O CONTRAST", 1),
            TimelineRow(at(62), "query", "CT2 asked for the worklist and got 14"),
            TimelineRow(at(50), "study", "first seen at ORTHANC: 1 series, 40 images"),
            TimelineRow(at(49), "case", row.cause),
        ),
        verbs={
            "link": linkable,
            "fix": "" if row.kind == "demographic_mismatch" else "no order or person is known yet: link first",
            "merge": "only one person is involved",
        },
    )


def _candidate(each: dict[str, Any]) -> Candidate:
    reasons = (
        Reason("patient_id", "equal", 11.2, "MRN equal, same issuer"),
        Reason("accession_number", "transposed", 4.1, "accession A102001 ↔ A102010: two digits transposed"),
        Reason("patient_birth_date", "transposed", 3.2, "birth date digits transposed (17 ↔ 71)"),
        Reason("time", "near", 2.4, "4 min after the slot at CT2"),
        Reason("patient_name", "near", -1.1, "name near: FISCHER / FISHER, second given name missing"),
    )
    far = (
        Reason("patient_id", "different", -6.0, "another MRN"),
        Reason("modality", "equal", 1.0, "modality equal"),
    )
    strong = float(each["probability"]) > 0.5
    return Candidate(
        each["order_id"], each["accession_number"], each["probability"], 19.8 if strong else -5.0,
        reasons if strong else far, () if strong else ("the images carry another known person's id",),
    )  # fmt: skip


def link_plan(detail: CaseDetail, order_id: int, verb: Verb = Verb.LINK) -> Plan:
    """A plan with an edit, a message and a change of the index."""
    changes = (
        AttributeChange("PatientName", detail.case.patient_name, "FISCHER^ANNA MARIE"),
        AttributeChange("PatientBirthDate", "19600571", "19600517"),
        AttributeChange("AccessionNumber", "A102010", "A102001"),
        AttributeChange("RequestAttributesSequence", "", "1 item: RP1, SPS1, A102001"),
    )
    hl7 = (
        AttributeChange("PID-5", detail.case.patient_name, "FISCHER^ANNA MARIE"),
        AttributeChange("PID-7", "19600571", "19600517"),
    )
    edit = DatasetEdit(
        "ORTHANC", f"{UID}.1",
        {"PatientID": "4471023", "PatientName": "FISCHER^ANNA MARIE", "PatientBirthDate": "19600517", "PatientSex": "F",
         "AccessionNumber": "A102001"},
        ({"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "SPS1", "AccessionNumber": "A102001"},),
    )  # fmt: skip
    return Plan(
        verb, detail.case.id, f"{str(verb).capitalize()} study of {detail.case.patient_name} to order {order_id}",
        index_changes=(IndexChange("link", f"study 101 belongs to order {order_id}"),),
        deliveries=(
            PlannedDelivery("PACS-HL7", ("patient:4471023",), hl7, A08, proof="ORTHANC", title="ADT^A08 demographics"),
            PlannedDelivery("ORTHANC", ("study:1",), changes, edit=edit, proof="ORTHANC", title="40 images in place"),
        ),
        touches={"patients": 1, "studies": 1, "instances": 40, "steps": 1},
        warnings=("The study was reported (F): tell the radiologist.", "VNA keeps its own copy: tell it by phone."),
        irrevocable=("ADT^A08 to PACS-HL7: the receiver may have shown it to others.",),
    )  # fmt: skip
