from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.config import PacsConfig
from radrecon.model.correction import EditReason, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.order import StepStatus
from radrecon.model.patient import PatientId
from radrecon.model.study import Inventory
from radrecon.recon.edit import StudyContext
from radrecon.recon.link import plan_link
from radrecon.recon.need import Planned

from .people import PACS, WATCH, facts, order, person, study, who


def link(ctx: StudyContext, ordered: Any = None, taken: bool = False, pacs: PacsConfig = PACS) -> Planned:
    return plan_link(5, ctx, ordered or order(), person(), taken, pacs, WATCH)


def context(accession: str = "A1024", patient: Any = None, **more: Any) -> StudyContext:
    found = facts(accession, patient or who(name="MEIER^ANA"))
    return StudyContext(replace(study(), facts=found), found, **more)


def actions(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    return [(change.action, change.values) for change in plan.index_changes]


def test_accession_identity_and_request_attributes_go_into_the_images() -> None:
    plan, needs = link(context())
    (delivery,) = plan.deliveries
    assert delivery.edit is not None
    assert plan.verb is Verb.LINK
    assert delivery.edit.values == {
        "PatientID": "4711001",
        "PatientName": "MEYER^ANNA",
        "PatientBirthDate": "19600517",
        "PatientSex": "F",
        "AccessionNumber": "A1042",
        "StudyDescription": "CT HEAD",
        "StudyID": "RP1",
    }
    assert delivery.edit.request_attributes is not None
    assert delivery.edit.request_attributes[0]["ScheduledProcedureStepID"] == "SPS1"
    assert delivery.edit.reason is EditReason.CORRECT
    assert {change.where: (change.old, change.new) for change in delivery.changes}["PatientName"] == (
        "MEIER^ANA",
        "MEYER^ANNA",
    )
    assert (delivery.destination, delivery.proof) == ("PACS", "PACS")
    assert delivery.expect["1.2.3"]["AccessionNumber"] == "A1042"
    assert [need.event for need in needs] == ["O01"]
    assert plan.inventory == (Inventory.of(context().facts),)
    assert plan.touches == {"patients": 1, "studies": 1, "instances": 4, "orders": 1}


def test_the_order_takes_over_the_images_study_uid() -> None:
    plan, needs = link(context(), order(study_instance_uid="9.9"))
    assert actions(plan) == [
        ("link", {"study_id": 17, "order_id": 10}),
        ("take_uid", {"order_id": 10, "study_instance_uid": "1.2.3", "prior": "9.9"}),
    ]
    assert needs[0].order is not None
    assert needs[0].order.study_instance_uid == "1.2.3"


def test_a_relink_frees_the_old_order() -> None:
    old = order(9, "A1000", study_instance_uid="1.2.3", requested_procedure_description="CT CHEST")
    ctx = context("A1000", order=old)
    ctx = replace(ctx, facts=replace(ctx.facts, description="CT CHEST"))
    plan, _ = link(ctx, order(study_instance_uid="1.2.3"))
    assert actions(plan) == [
        ("unlink", {"study_id": 17, "order_id": 9}),
        ("take_uid", {"order_id": 9, "study_instance_uid": "", "prior": "1.2.3"}),
        ("link", {"study_id": 17, "order_id": 10}),
    ]
    assert plan.summary == "Link the study to order A1042 instead of A1000"
    edit = plan.deliveries[0].edit
    assert edit is not None
    assert edit.values["StudyDescription"] == "CT HEAD"
    assert plan.touches["orders"] == 2


def test_a_description_that_somebody_wrote_stays() -> None:
    ctx = context()
    plan, _ = link(replace(ctx, facts=replace(ctx.facts, description="Schädel nativ", study_id="7")))
    edit = plan.deliveries[0].edit
    assert edit is not None
    assert not {"StudyDescription", "StudyID"} & set(edit.values)


def test_where_nothing_differs_only_the_index_changes() -> None:
    plan, _ = link(context("A1042", who()))
    assert plan.deliveries == ()
    assert actions(plan)[0][0] == "link"


def test_an_order_without_an_accession_leaves_the_images_theirs() -> None:
    plan, _ = link(context(), order(accession=""))
    assert "AccessionNumber" not in plan.deliveries[0].expect["1.2.3"]
    assert any("no accession number yet" in warning for warning in plan.warnings)


@pytest.mark.parametrize(
    ("ctx", "ordered", "taken", "words"),
    [
        (context(person=person(2)), None, False, "move"),
        (context(), None, True, "already has images"),
        (context(), order(status=StepStatus.CANCELLED), False, "cancelled"),
        (context(), order(status=StepStatus.DISCONTINUED), False, "discontinued"),
        (context(), order(person_id=3), False, "not this patient's"),
        (replace(context(), study=study(gone=True)), None, False, "gone"),
    ],
)
def test_refused(ctx: StudyContext, ordered: Any, taken: bool, words: str) -> None:
    with pytest.raises(Refused, match=words):
        link(ctx, ordered, taken)


def test_a_quarantined_or_merged_patient_gets_no_images() -> None:
    for suspect in (person(quarantined=True), person(merged_into=4)):
        with pytest.raises(Refused):
            plan_link(5, context(), order(), suspect, False, PACS, WATCH)


def test_the_id_of_a_merged_patient_may_come_home() -> None:
    plan, _ = link(context(patient=who("OLD7"), person=person(2, who("OLD7"), merged_into=1)))
    assert plan.deliveries[0].keys == ("patient:OLD7^^^", "patient:4711001^^^", "study:1.2.3")


def test_contradictions_are_read_before_sending() -> None:
    other = facts("A1024", who("9999999", "SCHULZ^BERTA", "1988-01-02", "M"), modalities=("MR",), series=())
    ctx = StudyContext(study(), replace(other, performed="2026-12-24"), complete=False)
    text = "\n".join(link(ctx, pacs=PACS.model_copy(update={"send": False}))[0].warnings)
    for words in ("another name", "another birth date", "another sex", "another modality", "seven days"):
        assert words in text
    assert "still arriving" in text
    assert "switched off" in text


def test_identity_comes_whole_from_the_index_and_not_from_the_order() -> None:
    plan, _ = link(context(), order(patient=who("4711001", "OLD^NAME", "1900-01-01")))
    assert plan.target.patient_id == PatientId("4711001")
    assert plan.deliveries[0].expect["1.2.3"]["PatientName"] == "MEYER^ANNA"
