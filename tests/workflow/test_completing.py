from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.workflow.investigation import investigate
from tests.builders import series, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import WRONG_ENTRY, completion, creation, discontinuation, item
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, merge, order, report
from tests.workflow.modality import Modality


@pytest.fixture
def ct(hospital: Hospital) -> Modality:
    hospital.hears(order("A100", uid="1.2.3"))
    return Modality(hospital)


# -- the wrong pick ---------------------------------------------------------------------------------------------------


@on_both
def test_a_wrong_pick_is_scheduled_again_and_its_images_wait_for_a_person(hospital: Hospital, ct: Modality) -> None:
    hospital.hears_an_early_order()
    ct.begins("9.1", creation())
    hospital.sees(study())
    ct.goes_on("9.1", discontinuation(sets.series("1.2.3.1"), reason=WRONG_ENTRY))
    assert ct.stands() == ("SCHEDULED", ["SCHEDULED"])
    assert "A100" in hospital.worklist()
    assert ct.row("9.1").flags == ("wrong_worklist_entry",)
    assert hospital.study().wrong_worklist_entry
    assert hospital.linked() == ""
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert case.finding.cause == (
        "the images name order A100, but the modality says that the wrong worklist entry was selected;"
        " a person has to decide"
    )
    assert case.finding.owner is CaseOwner.TECHNOLOGIST
    assert case.finding.evidence["wrong_worklist_entry"] is True


@on_both
def test_a_person_who_links_images_of_a_wrong_pick_ends_the_order(hospital: Hospital, ct: Modality) -> None:
    """What the modality and what the images say of the order do not take turns."""
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(sets.series("1.2.3.1"), reason=WRONG_ENTRY))
    hospital.sees(study())
    hospital.corrects("link")
    hospital.sees(study(), study())
    hospital.hears(adt("A04", "3000003"), merge("3000003", "1000001"))
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    assert hospital.touched() == []


@on_both
def test_images_that_come_after_the_wrong_pick_are_marked_too(hospital: Hospital, ct: Modality) -> None:
    hospital.hears_an_early_order()
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(sets.series("1.2.3.1"), reason=WRONG_ENTRY))
    hospital.sees(study())
    assert hospital.study().wrong_worklist_entry
    assert hospital.linked() == ""
    assert hospital.kinds() == ["unassigned_study"]
    assert ct.stands() == ("SCHEDULED", ["SCHEDULED"])


@on_both
def test_the_right_patients_own_images_are_linked_after_a_wrong_pick_without_images(
    hospital: Hospital, ct: Modality
) -> None:
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(reason=WRONG_ENTRY))
    ct.begins("9.2", creation())
    ct.goes_on("9.2", completion(sets.series("1.2.3.1")))
    hospital.sees(study())
    assert not hospital.study().wrong_worklist_entry
    assert hospital.linked() == "A100"
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])


def test_the_wrong_images_do_not_take_the_order(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    hospital.sees(study())
    ct.goes_on("9.1", discontinuation(sets.series("1.2.3.1"), reason=WRONG_ENTRY))
    hospital.sees(study("7.7.7", series=(series("7.7.7"),)))
    assert hospital.linked("7.7.7") == "A100"
    assert hospital.linked() == ""


def test_a_mixed_study_stays_marked_and_a_person_can_decide(hospital: Hospital, ct: Modality) -> None:
    hospital.hears_an_early_order()
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(sets.series("1.2.3.1"), reason=WRONG_ENTRY))
    ct.begins("9.2", creation())
    ct.goes_on("9.2", completion(sets.series("1.2.3.2")))
    hospital.sees(study(series=(series("1.2.3", 1), series("1.2.3", 2)), instances=4))
    assert hospital.linked() == ""
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    hospital.corrects("link", order_id=hospital.order().id)
    assert hospital.linked() == "A100"
    assert hospital.cases() == []


# -- never ended ------------------------------------------------------------------------------------------------------


@on_both
def test_a_step_that_nobody_ends_is_done_when_its_images_are_here_and_it_is_quiet(
    hospital: Hospital, ct: Modality
) -> None:
    ct.begins("9.1", creation())
    hospital.sees(study())
    assert hospital.linked() == "A100"
    assert ct.stands() == ("STARTED", ["STARTED"])
    hospital.later(57 * 60)
    hospital.reconcile()
    assert ct.stands() == ("STARTED", ["STARTED"])
    hospital.later(4 * 60)
    hospital.reconcile()
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    assert ct.row("9.1").flags == ("never_ended",)
    ct.goes_on("9.1", completion())
    assert (ct.stands(), ct.row("9.1").flags) == (("COMPLETED", ["COMPLETED"]), ())


def test_what_happens_meanwhile_is_waited_for(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    hospital.sees(study())
    hospital.later(50 * 60)
    ct.goes_on("9.1", item(PerformedProcedureStepStatus="IN PROGRESS"))
    hospital.later(50 * 60)
    hospital.reconcile()
    assert ct.stands() == ("STARTED", ["STARTED"])
    hospital.later(11 * 60)
    hospital.reconcile()
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])


# -- what a person decides --------------------------------------------------------------------------------------------


@on_both
def test_a_wrong_pick_that_only_a_person_finds_gives_the_step_back(hospital: Hospital, ct: Modality) -> None:
    """The modality completed Anna's step with images that are her other order's."""
    hospital.hears(order("A200", uid="1.2.4"))
    ct.begins("9.1", creation())
    ct.goes_on("9.1", completion(sets.series("1.2.3.1")))
    hospital.sees(study())
    assert (hospital.linked(), ct.stands()[0]) == ("A100", "COMPLETED")
    investigate(hospital.store, hospital.study().id, reason="the other was scanned", who="ann", now=hospital.now)
    hospital.corrects("link", order_id=hospital.order("A200").id)
    assert hospital.linked() == "A200"
    assert ct.stands("A100") == ("SCHEDULED", ["SCHEDULED"])
    assert ct.row("9.1").flags == ("taken_back",)
    hospital.hears(order("A100", uid="1.2.3", control="XO"))
    assert ct.stands("A100") == ("SCHEDULED", ["SCHEDULED"])
    assert "A100" in hospital.worklist()


# -- images that leave the archive ------------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("end", [report(), order("A100", control="SC", status="CM")], ids=["final report", "RIS"])
@pytest.mark.parametrize("first", ["images", "end"])
def test_what_is_known_to_be_done_does_not_wait_again(hospital: Hospital, end: bytes, first: str) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study()) if first == "images" else hospital.hears(end)
    hospital.hears(end) if first == "images" else hospital.sees(study())
    hospital.loses("1.2.3")
    assert Modality(hospital).stands() == ("COMPLETED", ["COMPLETED"])
    assert hospital.worklist() == []


def test_what_only_its_images_ended_waits_again_even_after_a_preliminary_report(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(report(status="P"))
    hospital.loses("1.2.3")
    assert Modality(hospital).stands() == ("SCHEDULED", ["SCHEDULED"])


@on_both
def test_a_person_who_finds_that_the_images_are_another_orders_gives_back_what_was_reported(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(report(), order("A200"))
    investigate(hospital.store, hospital.study().id, reason="looks like the other one", who="ann", now=hospital.now)
    hospital.corrects("link", order_id=hospital.order("A200").id)
    assert (hospital.linked(), Modality(hospital).stands()) == ("A200", ("SCHEDULED", ["SCHEDULED"]))
