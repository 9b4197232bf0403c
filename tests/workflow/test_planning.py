from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.config import Config
from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import DeliveryState, Plan
from radrecon.model.errors import NotFound, Refused, Stale
from radrecon.model.person import LinkState
from radrecon.model.study import StudyFacts
from radrecon.store import studies
from radrecon.store.cases import StoredCase
from radrecon.workflow import feed, outbox
from radrecon.workflow.approval import approve
from radrecon.workflow.investigation import investigate
from tests.builders import demographics, series, study
from tests.workflow.hospital import ARCHIVE, CONFIG, STABLE, Hospital, destination, on_both
from tests.workflow.messages import adt, cancel, merge, order, pid

KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
KARLS_PID = pid("2000002", "BAUER^KARL", "19851224", "M")


def tells(hospital: Hospital, **more: Any) -> None:
    """A destination that takes ADT and ORM."""
    viewer = destination(receiving_application="VIEWER", receiving_facility="RAD", **more)
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [viewer]}))


def mistyped(hospital: Hospital, accession: str = "A1024", **more: Any) -> None:
    """A study whose accession number was typed wrong."""
    hospital.hears(order("A1042", uid="1.9.9"))
    hospital.sees(study(accession=accession, patient=demographics(name="FISCHER^ANA"), **more))


def married(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))


def merged_in_the_index_only(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A200", pid("2000002", "FISCHER^A")))
    hospital.sees(study("1.2.200", "A200", demographics("2000002", "FISCHER^A")))


def fields(plan: Plan, position: int = -1) -> dict[str, str]:
    """An HL7 delivery's segments by name."""
    text = plan.deliveries[position].message
    return {line[:3]: line for line in text.split("\r") if line}


def report_of(uid: str, accession: str) -> StudyFacts:
    """A dose report, as a study of its own."""
    return study(uid, accession, modalities=("SR",), series=(series(uid, modality="SR"),))


@on_both
def test_a_dose_report_that_came_first_does_not_keep_the_images_from_their_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(report_of("1.2.9", "A100"))
    hospital.sees(study(accession="X77"))
    hospital.corrects("link", order_id=hospital.order().id)
    assert (hospital.linked(), hospital.linked("1.2.9"), hospital.cases()) == ("A100", "A100", [])
    assert hospital.order().study_instance_uid == "1.2.3"


@on_both
def test_a_mistyped_dose_report_is_linked_beside_the_images(hospital: Hospital) -> None:
    hospital.hears(order("A100", uid="1.2.3"))
    hospital.sees(study())
    hospital.sees(report_of("1.2.9", "X77"))
    hospital.corrects("link", order_id=hospital.order().id)
    assert (hospital.linked(), hospital.linked("1.2.9"), hospital.cases()) == ("A100", "A100", [])
    assert hospital.order().study_instance_uid == "1.2.3"


@on_both
def test_a_link_edits_accession_and_identity_and_takes_the_uid_over(hospital: Hospital) -> None:
    tells(hospital)
    mistyped(hospital)
    plan = hospital.plans("link")
    edit = plan.deliveries[0].edit
    assert edit is not None
    assert edit.values["AccessionNumber"] == "A1042"
    assert edit.values["PatientName"] == "FISCHER^ANNA"
    assert edit.request_attributes is not None
    assert edit.request_attributes[0]["StudyInstanceUID"] == "1.2.3"
    assert [change.action for change in plan.index_changes] == ["link", "take_uid"]
    assert fields(plan)["ORC"].startswith("ORC|SC|P-A1042|F-A1042||CM")
    assert fields(plan)["ZDS"].startswith("ZDS|1.2.3^")
    assert "|VIEWER|RAD|" in fields(plan)["MSH"]


def test_a_fix_writes_the_owners_block_and_tells_it_by_a08(hospital: Hospital) -> None:
    tells(hospital)
    married(hospital)
    plan = hospital.plans("fix")
    assert plan.deliveries[0].edit is not None
    assert plan.deliveries[0].expect["1.2.3"]["PatientName"] == "ZIMMERMANN^ANNA"
    assert plan.deliveries[0].edit.values["PatientName"] == "ZIMMERMANN^ANNA"
    assert "ADT^A08^ADT_A01" in fields(plan)["MSH"]
    assert "ZIMMERMANN^ANNA" in fields(plan)["PID"]
    assert plan.touches["studies"] == 1


def test_a_fix_corrects_every_study_under_the_same_number(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200"))
    hospital.sees(study("1"), study("2", "A200"))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    plan = hospital.plans("fix", hospital.cases()[0])
    assert {one.study_instance_uid for one in plan.inventory} == {"1", "2"}


BOB = {"name": "SMITH^BOB", "birth_date": "1950-01-01", "sex": "M"}


@pytest.mark.parametrize("issuer", ["OTHER", "", "HOSP"])
def test_a_fix_leaves_another_patient_alone_who_has_the_same_number(hospital: Hospital, issuer: str) -> None:
    hospital.hears(order("A100"), order("A200"))
    hospital.sees(study("1"), study("2", "A200"), study("3", "Z9", demographics("1000001", issuer=issuer, **BOB)))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    case = next(one for one in hospital.cases() if one.finding.study_id == hospital.study("1").id)
    plan = hospital.plans("fix", case)
    assert {one.study_instance_uid for one in plan.inventory} == {"1", "2"}
    assert "another patient's by name: 1 study" in plan.warnings[0]


@pytest.mark.parametrize("issuer", ["OTHER", "", "HOSP"])
def test_a_merge_leaves_another_patient_alone_who_has_the_same_number(hospital: Hospital, issuer: str) -> None:
    hospital.hears(adt("A04"), adt("A04", "2000002"))
    hospital.hears_an_early_order()
    hospital.sees(
        study("1", "X1", demographics("2000002")),
        study("2", "X2", demographics("2000002", "MILLER^ANNA")),  # a former name of hers
        study("3", "Z9", demographics("2000002", issuer=issuer, **BOB)),
    )
    plan = hospital.plans("merge", hospital.cases()[0], values={"survivor": "1000001", "non_survivor": "2000002"})
    assert {one.study_instance_uid for one in plan.inventory} == {"1", "2"}
    assert "another patient's by name: 1 study" in plan.warnings[0]


def test_studies_that_say_what_the_corrected_one_says_go_along(hospital: Hospital) -> None:
    """An alias under the number is hers in every study, though it contradicts her name and birth date."""
    alias = demographics("1000001", "TRAUMA^ALPHA", birth_date="1900-01-01", sex="O")
    hospital.hears(order("A100"))
    hospital.sees(study("1", "A100", alias), study("2", "X2", alias))
    case = next(one for one in hospital.cases() if one.finding.study_id == hospital.study("1").id)
    assert {one.study_instance_uid for one in hospital.plans("fix", case).inventory} == {"1", "2"}


def test_a_merge_names_the_survivor_first_and_the_other_in_mrg(hospital: Hospital) -> None:
    tells(hospital)
    merged_in_the_index_only(hospital)
    hospital.hears(merge("1000001", "2000002"))
    plan = hospital.plans("merge")
    assert plan.index_changes == ()
    assert "ADT^A40^ADT_A39" in fields(plan)["MSH"]
    assert fields(plan)["PID"].split("|")[3] == "1000001^^^HOSP^MR"
    assert fields(plan)["MRG"].split("|")[1] == "2000002^^^HOSP^MR"
    assert plan.deliveries[0].expect["1.2.200"]["PatientID"] == "1000001"


def two_records(hospital: Hospital) -> Plan:
    """One woman under two numbers; nobody has merged them yet."""
    hospital.hears(adt("A04"), adt("A04", "2000002"), order("A200", pid("2000002")))
    hospital.hears_an_early_order()
    hospital.sees(study("1.2.200", "A2O0", demographics("2000002")))
    return hospital.plans("merge", values={"survivor": "1000001", "non_survivor": "2000002"})


@on_both
def test_an_approved_merge_moves_orders_and_studies_in_the_same_commit(hospital: Hospital) -> None:
    tells(hospital)
    plan = two_records(hospital)
    hospital.approves(plan)
    assert hospital.person("2000002").id == hospital.person("1000001").id
    assert hospital.order("A200").person_id == hospital.person("1000001").id
    assert hospital.study("1.2.200").person_id == hospital.person("1000001").id


@on_both
def test_undoing_a_merge_restores_the_person_and_tells_it_by_a28(hospital: Hospital) -> None:
    tells(hospital)
    restored = two_records(hospital)
    former = hospital.person("2000002").id
    correction = hospital.approves(restored)
    hospital.carries_out(correction)
    assert hospital.study("1.2.200").facts.patient.patient_id.value == "1000001"
    undo = hospital.plans_undo(correction)
    assert "ADT^A28^ADT_A05" in fields(undo)["MSH"]
    assert fields(undo)["PID"].split("|")[3] == "2000002^^^HOSP^MR"
    hospital.carries_out(hospital.approves(undo))
    assert hospital.person("2000002").id == former
    assert hospital.order("A200").person_id == former
    assert hospital.study("1.2.200").person_id == former
    assert hospital.study("1.2.200").facts.patient.patient_id.value == "2000002"
    assert hospital.correction(correction).state == "undone"


def test_messages_go_only_where_they_are_taken(hospital: Hospital) -> None:
    only_adt = destination().model_copy(update={"messages": ["ADT"]})
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [only_adt]}))
    mistyped(hospital)
    assert [one.message for one in hospital.plans("link").deliveries] == [""]


# -- refusals --------------------------------------------------------------------------------------------------------


def test_another_known_persons_images_are_not_linked(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200", KARLS_PID))
    hospital.sees(study(accession="A100", patient=KARL))
    case = hospital.case(CaseKind.UNASSIGNED_STUDY)
    assert "move" in hospital.refused(Refused, "link", case, order_id=hospital.order("A100").id)


def test_a_cancelled_order_takes_no_study(hospital: Hospital) -> None:
    mistyped(hospital)
    hospital.hears(cancel("A1042"))
    assert "cancelled" in hospital.refused(Refused, "link", order_id=hospital.order("A1042").id)


def test_an_order_with_images_takes_no_second_study(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study("1"))
    hospital.sees(study("2", "A1000"))
    assert hospital.linked("1") == "A100"
    assert "already has images" in hospital.refused(Refused, "link", order_id=hospital.order("A100").id)


def test_a_study_that_is_gone_is_not_linked(hospital: Hospital) -> None:
    mistyped(hospital)
    case = hospital.case()
    with hospital.store.transaction() as conn:
        studies.mark_gone(conn, hospital.study().id, hospital.now)
    assert "gone" in hospital.refused(Refused, "link", case)


def test_identity_is_never_typed_by_hand(hospital: Hospital) -> None:
    married(hospital)
    assert "owner" in hospital.refused(Refused, "fix", values={"patient_name": "X^Y"})


@on_both
def test_a_link_takes_no_values_of_its_own(hospital: Hospital) -> None:
    mistyped(hospital)
    assert "none besides" in hospital.refused(Refused, "link", values={"accession_number": "A9"})


def test_words_that_are_no_correction_and_orders_that_are_none_are_refused(hospital: Hospital) -> None:
    mistyped(hospital)
    assert "no correction" in hospital.refused(Refused, "teleport")
    hospital.refused(NotFound, "link", order_id=99)
    with pytest.raises(NotFound):
        hospital.plans("merge", values={"survivor": "77", "non_survivor": "88"})


def test_sending_that_is_switched_off_is_a_warning_not_a_refusal(hospital: Hospital) -> None:
    quiet = ARCHIVE.model_copy(update={"send": False})
    hospital.configure(CONFIG.model_copy(update={"pacs": [quiet]}))
    mistyped(hospital)
    assert any("switched off" in warning for warning in hospital.plans("link").warnings)


def test_a_study_that_still_arrives_is_a_warning(hospital: Hospital) -> None:
    hospital.hears(order("A1042"))
    hospital.looks(study(accession="A1024"))
    assert any("arriving" in warning for warning in hospital.plans("link").warnings)
    hospital.looks(study(accession="A1024"))
    hospital.later(STABLE)
    assert not any("arriving" in warning for warning in hospital.plans("link").warnings)


def test_an_archive_that_is_not_configured_any_more_is_refused(hospital: Hospital) -> None:
    mistyped(hospital)
    hospital.configure(Config(site=CONFIG.site))
    assert "not configured" in hospital.refused(Refused, "link")


# -- approval --------------------------------------------------------------------------------------------------------


def test_a_correction_needs_a_reason(hospital: Hospital) -> None:
    mistyped(hospital)
    with pytest.raises(Refused):
        approve(hospital.store, hospital.plans("link"), reason="  ", who="ann", now=hospital.now)


def test_a_plan_is_stale_when_its_study_has_changed(hospital: Hospital) -> None:
    mistyped(hospital)
    plan = hospital.plans("link")
    hospital.looks(study(accession="A1025", patient=demographics(name="FISCHER^ANA")))
    with pytest.raises(Stale):
        hospital.approves(plan)
    assert hospital.case().state is CaseState.OPEN


def test_a_plan_is_stale_when_its_case_is_closed(hospital: Hospital) -> None:
    mistyped(hospital)
    plan = hospital.plans("link")
    hospital.looks(study(accession="A1042"))
    with pytest.raises(Stale):
        hospital.approves(plan)


def test_a_plan_is_stale_when_the_patient_was_registered_anew_since(hospital: Hospital) -> None:
    """What the owner has said since would be overwritten by what was said before."""
    tells(hospital)
    married(hospital)
    plan = hospital.plans("fix")
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNE"))
    with pytest.raises(Stale, match="has changed since the plan was made"):
        hospital.approves(plan)
    assert hospital.case().state is CaseState.OPEN
    assert hospital.deliveries(1) == []
    hospital.approves(hospital.plans("fix"))


def test_a_plan_is_refused_when_its_order_was_cancelled_since(hospital: Hospital) -> None:
    mistyped(hospital)
    plan = hospital.plans("link")
    hospital.hears(cancel("A1042"))
    with pytest.raises((Refused, Stale)):
        hospital.approves(plan)


def test_two_people_do_not_give_one_order_to_two_studies(hospital: Hospital) -> None:
    hospital.hears(order("A1042", uid="1.9.9"))
    ana = demographics(name="FISCHER^ANA")
    hospital.sees(study("1", "A1024", ana), study("2", "A1O42", ana))
    wanted = hospital.order("A1042").id
    one, other = (hospital.plans("link", case, order_id=wanted) for case in hospital.cases())
    hospital.approves(one)
    with pytest.raises(Refused, match="already has images"):
        hospital.approves(other)


def test_an_older_link_is_not_undone_under_a_later_one(hospital: Hospital) -> None:
    """The first one changed no image, so the images do not tell."""
    hospital.hears(order("A100"), order("A2000", uid="1.8.8"))
    hospital.sees(study())
    first, second = [
        hospital.corrects("link", flagged(hospital), order_id=hospital.order(accession).id)
        for accession in ("A100", "A2000")
    ]
    with pytest.raises(Refused, match="later change first"):
        hospital.plans_undo(first)
    assert hospital.linked() == "A2000"
    hospital.undoes(second)
    hospital.undoes(first)


def flagged(hospital: Hospital) -> StoredCase:
    """A case that a person opens on the study."""
    study_id = hospital.study().id
    number = investigate(hospital.store, study_id, reason="wrong pick?", who="ann", now=hospital.now)
    return next(one for one in hospital.cases() if one.id == number)


def test_each_copy_of_a_study_in_two_archives_is_held_against_its_own_inventory(hospital: Hospital) -> None:
    second = ARCHIVE.model_copy(update={"name": "second"})
    hospital.configure(CONFIG.model_copy(update={"pacs": [ARCHIVE, second]}))
    hospital.hears(adt("A04"), adt("A04", "2000002"))
    hospital.hears_an_early_order()
    facts = study("1", "X1", demographics("2000002"))
    hospital.sees(facts)
    copy = replace(facts, pacs="second", instances=1, series=(series("1", instances=1),))
    for _ in range(2):
        feed.record(hospital.store, "second", [copy], at=hospital.now, baseline=False, stable=STABLE)
        hospital.later(STABLE + 2)
    hospital.reconcile()
    case = hospital.cases()[0]
    correction = hospital.approves(
        hospital.plans("merge", case, values={"survivor": "1000001", "non_survivor": "2000002"})
    )
    deliveries = hospital.deliveries(correction)
    found = {one.destination: outbox.inventory_of(hospital.store, one) for one in deliveries}
    assert {name: one and one.instances for name, one in found.items()} == {"main": 2, "second": 1}
    for one in deliveries:
        hospital.sends(one.id, DeliveryState.FILED)
    undo = hospital.plans_undo(correction)
    assert {one.pacs: one.instances for one in undo.inventory} == {"main": 2, "second": 1}
    feed.vanished(hospital.store, "second", [copy.study_instance_uid], at=hospital.now)
    undo = hospital.plans_undo(correction)
    assert [one.destination for one in undo.deliveries if one.edit] == ["main"]
    assert any("no longer at second" in warning for warning in undo.warnings)


def test_the_same_plan_is_not_approved_twice(hospital: Hospital) -> None:
    mistyped(hospital)
    plan = hospital.plans("link")
    hospital.approves(plan)
    with pytest.raises(Stale):
        hospital.approves(plan)


def test_two_corrections_of_one_study_do_not_run_at_once(hospital: Hospital) -> None:
    """The fix of one study takes along another one of the same number, which has a case of its own."""
    hospital.hears(order("A100"), order("A200"))
    hospital.sees(study("1"), study("2", "A200"))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    first, second = (hospital.plans("fix", case) for case in hospital.cases())
    hospital.approves(first)
    with pytest.raises(Refused):
        hospital.approves(second)


@on_both
def test_link_and_uid_change_in_the_commit_that_approves(hospital: Hospital) -> None:
    mistyped(hospital)
    hospital.approves(hospital.plans("link"))
    link = hospital.link()
    assert link is not None
    assert link.state is LinkState.PENDING
    assert hospital.order("A1042").study_instance_uid == "1.2.3"
    assert hospital.case().state is CaseState.CORRECTING


@on_both
def test_a_correction_that_all_peers_carry_out_closes_its_case(hospital: Hospital) -> None:
    tells(hospital)
    mistyped(hospital)
    correction = hospital.corrects("link")
    assert hospital.correction(correction).state == "done"
    link = hospital.link()
    assert link is not None
    assert link.state is LinkState.CONFIRMED
    assert hospital.cases() == []
    assert hospital.study().facts.accession_number == "A1042"
    (closed,) = hospital.cases("closed")
    assert closed.correction_id == correction


@on_both
def test_undoing_a_link_restores_link_uid_and_images(hospital: Hospital) -> None:
    mistyped(hospital)
    correction = hospital.corrects("link")
    hospital.undoes(correction)
    assert hospital.link() is None
    assert hospital.order("A1042").study_instance_uid == "1.9.9"
    assert hospital.study().facts.accession_number == "A1024"
    assert hospital.correction(correction).state == "undone"
    assert hospital.kinds() == ["unassigned_study"]


def test_undoing_a_re_link_brings_the_former_order_its_uid_and_its_link_back(hospital: Hospital) -> None:
    mistyped(hospital)
    first = hospital.corrects("link")
    hospital.hears(order("A2000", uid="1.8.8"), adt("A08", name="ZIMMERMANN^ANNA"))
    correction = hospital.corrects("link", order_id=hospital.order("A2000").id)
    assert hospital.linked() == "A2000"
    assert hospital.order("A1042").study_instance_uid != "1.2.3"
    hospital.undoes(correction)
    link = hospital.link()
    assert link is not None
    assert (hospital.linked(), link.state, link.correction_id) == ("A1042", LinkState.CONFIRMED, first)
    assert hospital.order("A1042").study_instance_uid == "1.2.3"
    hospital.hears(order("A1042", control="XO", status="SC", uid="1.9.9"))
    assert hospital.order("A1042").study_instance_uid == "1.2.3"


def test_undoing_a_fix_tells_the_former_identity(hospital: Hospital) -> None:
    tells(hospital)
    married(hospital)
    correction = hospital.corrects("fix")
    assert hospital.cases() == []
    undo = hospital.plans_undo(correction)
    assert "FISCHER^ANNA" in fields(undo)["PID"]
    hospital.carries_out(hospital.approves(undo))
    assert str(hospital.study().facts.patient.name) == "FISCHER^ANNA"
    assert hospital.kinds() == ["demographic_mismatch"]


def test_an_undo_is_made_once(hospital: Hospital) -> None:
    tells(hospital)
    hospital.hears(adt("A04"), adt("A04", "2000002"))
    hospital.hears_an_early_order()
    hospital.sees(study("1", "X1"))
    correction = hospital.corrects("merge", values={"survivor": "1000001", "non_survivor": "2000002"})
    undo = hospital.plans_undo(correction)
    hospital.approves(undo)
    with pytest.raises(Refused):
        hospital.approves(undo)
    with pytest.raises(Refused):
        hospital.plans_undo(correction)


def test_what_is_under_way_is_not_undone(hospital: Hospital) -> None:
    mistyped(hospital)
    correction = hospital.approves(hospital.plans("link"))
    with pytest.raises(Refused):
        hospital.plans_undo(correction)


@on_both
def test_a_correction_that_the_archive_no_longer_fits_takes_its_changes_back(hospital: Hospital) -> None:
    mistyped(hospital)
    correction = hospital.approves(hospital.plans("link"))
    (delivery,) = hospital.deliveries(correction)
    hospital.sends(delivery.id, DeliveryState.STALE, "the study changed since the plan")
    hospital.reconcile()
    assert hospital.correction(correction).state == "stale"
    assert hospital.link() is None
    assert hospital.order("A1042").study_instance_uid == "1.9.9"
    assert hospital.case().state is CaseState.OPEN
    hospital.approves(hospital.plans("link"))
