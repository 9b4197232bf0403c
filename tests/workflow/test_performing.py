from __future__ import annotations

import random

import pytest
from pydicom.sequence import Sequence

from radrecon.model.errors import ContentError
from radrecon.model.performed import PerformedStatus, Refusal
from radrecon.store import listings
from radrecon.workflow import performing
from radrecon.workflow.performing import N_CREATE, N_SET, Said
from tests.builders import demographics, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import WRONG_ENTRY, completion, creation, discontinuation, item, scheduled, unscheduled
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import cancel, merge, order, pid
from tests.workflow.modality import Modality

KARLS = pid("2000002", "BAUER^KARL", "19851224", "M")
KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
OF_KARL = {"PatientID": "2000002", "PatientName": "BAUER^KARL", "PatientBirthDate": "19851224", "PatientSex": "M"}


@pytest.fixture
def ct(hospital: Hospital) -> Modality:
    hospital.hears(order("A100", uid="1.2.3"))
    return Modality(hospital)


# -- the plain way ----------------------------------------------------------------------------------------------------


@on_both
def test_a_step_is_started_and_completed_and_leaves_the_worklist(hospital: Hospital, ct: Modality) -> None:
    assert hospital.worklist() == ["A100"]
    ct.begins("9.1", creation())
    assert ct.stands() == ("STARTED", ["STARTED"])
    assert hospital.worklist() == []
    ct.goes_on("9.1", completion(sets.series("1.2.3.1", 4)))
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    row = ct.row("9.1")
    assert (row.status, row.series, row.instances, row.flags) == ("COMPLETED", 1, 4, ())
    assert (row.accession_number, row.order_ids) == ("A100", (hospital.order().id,))
    assert row.started_at == "2026-11-22T14:34:00+00:00"
    assert [(one.operation, one.state, one.performed_status) for one in ct.journal()] == [
        ("N-CREATE", "applied", "IN PROGRESS"), ("N-SET", "applied", "COMPLETED"),
    ]  # fmt: skip
    assert ct.journal()[0].raw == sets.encoded(creation())


@on_both
def test_a_step_that_is_broken_off_is_discontinued_and_keeps_its_images(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(sets.series(), reason=("110513", "DCM", "Discontinued for unspecified reason")))
    assert ct.stands() == ("DISCONTINUED", ["DISCONTINUED"])
    hospital.sees(study())
    assert hospital.linked() == "A100"
    assert hospital.cases() == []
    assert ct.stands() == ("DISCONTINUED", ["DISCONTINUED"])


def test_a_set_with_hardly_any_attributes_leaves_everything_alone(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    before = ct.known("9.1").step
    ct.goes_on("9.1", item(PerformedProcedureStepStatus="IN PROGRESS"))
    ct.goes_on("9.1", item())
    ct.goes_on("9.1", item(PerformedSeriesSequence=Sequence(), PerformedProcedureStepDescription=""))
    assert ct.known("9.1").step == before
    assert ct.stands() == ("STARTED", ["STARTED"])


def test_a_step_that_states_no_status_is_in_progress(hospital: Hospital, ct: Modality) -> None:
    begun = creation()
    del begun.PerformedProcedureStepStatus
    ct.begins("9.1", begun)
    assert ct.known("9.1").step.status is PerformedStatus.IN_PROGRESS


# -- what is refused, and kept ----------------------------------------------------------------------------------------


@on_both
def test_what_is_refused_is_kept_and_changes_nothing(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    assert ct.says(N_CREATE, "9.1", creation()) is Refusal.DUPLICATE
    assert ct.says(N_SET, "9.2", completion()) is Refusal.UNKNOWN
    assert ct.says(N_CREATE, "9.3", creation(PerformedProcedureStepStatus="COMPLETED")) is Refusal.NOT_IN_PROGRESS
    assert ct.says(N_CREATE, "9.4", item(Modality="CT")) is Refusal.EMPTY
    assert [one.state for one in ct.journal()] == ["applied"] + ["refused"] * 4
    assert ct.journal()[2].raw == sets.encoded(completion())
    assert (ct.journal()[2].performed_id, ct.journal()[2].sop_instance_uid) == (0, "9.2")
    assert ct.stands() == ("STARTED", ["STARTED"])


@on_both
def test_after_the_end_only_a_repetition_is_taken(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    ct.goes_on("9.1", completion())
    before = ct.known("9.1")
    ct.goes_on("9.1", completion())
    ct.goes_on("9.1", item(PerformedProcedureStepStatus="COMPLETED"))
    assert ct.known("9.1") == before
    assert ct.says(N_SET, "9.1", discontinuation(reason=WRONG_ENTRY)) is Refusal.ENDED
    assert ct.says(N_SET, "9.1", completion(sets.series("1.2.3.9"))) is Refusal.ENDED
    assert ct.known("9.1") == before
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    assert [one.state for one in ct.journal()][1:] == ["applied", "repeated", "repeated", "refused", "refused"]


def test_bytes_that_are_no_data_set_are_kept(hospital: Hospital) -> None:
    assert isinstance(performing.read(b"\x10\x00\x10\x00PN\xff\xffX", sets.EXPLICIT), ContentError)
    said = Said(N_SET, "9.9", b"\x10\x00", sets.EXPLICIT, "CT1", "10.0.0.9", hospital.now)
    performing.keep(hospital.store, said, "not a data set")
    (row,) = Modality(hospital).journal()
    assert (row.raw, row.state, row.reason) == (b"\x10\x00", "refused", "not a data set")


@on_both
def test_whatever_a_modality_sends_is_taken_or_refused(hospital: Hospital, ct: Modality) -> None:
    chance, plain = random.Random(7), [sets.encoded(one) for one in (creation(), completion())]
    for number in range(150):
        raw = bytearray(plain[number % 2])
        for _ in range(chance.randint(1, 6)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        content = performing.read(bytes(raw), sets.EXPLICIT)
        said = Said(
            (N_CREATE, N_SET)[number % 2], f"8.{number // 2}", bytes(raw), sets.EXPLICIT, "CT1", "", hospital.now
        )
        if isinstance(content, ContentError):
            performing.keep(hospital.store, said, str(content))
        else:
            performing.take(hospital.store, said, content, hospital.config)
    hospital.reconcile()
    assert len(ct.journal()) == 150


# -- which step -------------------------------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize(
    "named",
    [
        scheduled(uid="1.2.3", accession="", sps="", procedure=""),
        scheduled(uid="7.7", sps="", procedure=""),
        scheduled("", "7.7", sps="S-A100-1", procedure="RP-A100"),
        scheduled("", "7.7", sps="S-A100-1", procedure=""),
    ],
    ids=["study", "accession", "step and procedure", "step id alone"],
)
def test_a_step_is_found_by_what_the_modality_kept_of_it(hospital: Hospital, ct: Modality, named: object) -> None:
    ct.begins("9.1", creation(named))  # type: ignore[arg-type]
    assert ct.stands() == ("STARTED", ["STARTED"])


def test_a_step_that_the_ris_gave_no_id_is_found_by_the_one_that_the_worklist_told(hospital: Hospital) -> None:
    ct = Modality(hospital)
    hospital.hears(order("A100", uid="1.2.3").replace(b"S-A100-1", b""))
    step = hospital.order().steps[0]
    assert step.scheduled_procedure_step_id == ""
    ct.begins("9.1", creation(scheduled("", "", sps=f"SPS{step.id}", procedure=""), PatientID="", PatientName=""))
    assert ct.stands() == ("STARTED", ["STARTED"])


@on_both
def test_one_examination_for_two_orders_moves_both(hospital: Hospital, ct: Modality) -> None:
    hospital.hears(order("A200", uid="1.2.4"))
    ct.begins("9.1", creation(scheduled("A100", "1.2.3"), scheduled("A200", "1.2.3")))
    assert (ct.stands("A100"), ct.stands("A200")) == (("STARTED", ["STARTED"]), ("STARTED", ["STARTED"]))
    ct.goes_on("9.1", completion())
    assert (ct.stands("A100")[0], ct.stands("A200")[0]) == ("COMPLETED", "COMPLETED")


@on_both
def test_the_steps_of_one_order_are_done_one_by_one(hospital: Hospital) -> None:
    ct = Modality(hospital)
    hospital.hears(order("A100", uid="1.2.3", steps="2"))
    ct.begins("9.1", creation(scheduled(sps="S-A100-2")))
    assert ct.stands() == ("STARTED", ["SCHEDULED", "STARTED"])
    ct.goes_on("9.1", completion())
    assert ct.stands() == ("SCHEDULED", ["SCHEDULED", "COMPLETED"])
    assert hospital.worklist() == ["A100"]
    hospital.sees(study())
    assert ct.stands() == ("SCHEDULED", ["SCHEDULED", "COMPLETED"]), "images of one step do not end the other"
    ct.begins("9.2", creation(scheduled(sps="S-A100-1")))
    ct.goes_on("9.2", completion(sets.series("1.2.3.2")))
    assert ct.stands() == ("COMPLETED", ["COMPLETED", "COMPLETED"])


def test_a_step_performed_in_several_goes_is_done_when_all_are(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    ct.begins("9.2", creation(PerformedProcedureStepID="PPS2"))
    ct.goes_on("9.1", completion())
    assert ct.stands() == ("STARTED", ["STARTED"])
    ct.goes_on("9.2", discontinuation())
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])


@on_both
def test_another_patients_step_is_never_moved(hospital: Hospital, ct: Modality) -> None:
    hospital.hears(order("B200", KARLS, uid="5.5"))
    ct.begins("9.1", creation(**OF_KARL))
    assert ct.stands() == ("SCHEDULED", ["SCHEDULED"])
    row = ct.row("9.1")
    assert row.flags == ("patient_conflict",)
    assert row.order_ids == (hospital.order().id,)
    ct.begins("9.2", creation(scheduled("B200", "1.2.3"), **OF_KARL))
    assert (ct.stands("A100")[0], ct.stands("B200")[0]) == ("SCHEDULED", "STARTED")


def test_a_conflict_ends_when_registration_merges_the_two(hospital: Hospital, ct: Modality) -> None:
    hospital.hears(order("B200", pid("T9", "FISCHER^ANNA"), uid="5.5"))
    ct.begins("9.1", creation(PatientID="T9"))
    assert ct.row("9.1").flags == ("patient_conflict",)
    hospital.hears(merge("1000001", "T9"), order("A100", uid="1.2.3", control="XO"))
    assert ct.stands()[0] == "STARTED"
    assert ct.row("9.1").person_id == hospital.person().id


def test_a_cancelled_order_stays_cancelled(hospital: Hospital, ct: Modality) -> None:
    hospital.hears(cancel())
    ct.begins("9.1", creation())
    assert ct.stands()[0] == "CANCELLED"
    assert ct.row("9.1").flags == ("step_cancelled",)


def test_what_the_ris_has_completed_stays_so(hospital: Hospital, ct: Modality) -> None:
    hospital.hears(order("A100", uid="1.2.3", control="SC", status="CM"))
    ct.begins("9.1", creation())
    assert ct.stands()[0] == "COMPLETED"


def test_an_update_of_the_order_does_not_bring_back_what_is_done(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    ct.goes_on("9.1", completion())
    hospital.hears(order("A100", uid="1.2.3", control="XO"))
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    assert hospital.worklist() == []


# -- unscheduled ------------------------------------------------------------------------------------------------------


@on_both
def test_an_unscheduled_step_is_kept_shown_and_placed_when_its_order_comes(hospital: Hospital) -> None:
    ct = Modality(hospital)
    hospital.hears_an_early_order()
    ct.begins("9.1", unscheduled("1.2.3"))
    ct.goes_on("9.1", completion())
    assert (ct.row("9.1").flags, ct.row("9.1").order_ids) == (("unscheduled",), ())
    hospital.sees(study(accession=""))
    assert hospital.kinds() == ["unassigned_study"]
    hospital.hears(order("A100", uid="1.2.3"))
    assert ct.stands() == ("COMPLETED", ["COMPLETED"])
    assert (ct.row("9.1").flags, ct.row("9.1").order_ids) == ((), (hospital.order().id,))
    assert hospital.worklist() == ["Z900"]


def test_an_unscheduled_step_without_any_reference_is_kept(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation(ScheduledStepAttributesSequence=Sequence()))
    ct.goes_on("9.1", completion())
    assert ct.row("9.1").flags == ("unscheduled",)
    assert ct.stands()[0] == "SCHEDULED"


# -- what people see --------------------------------------------------------------------------------------------------


def test_an_orders_timeline_tells_what_its_modality_said(hospital: Hospital, ct: Modality) -> None:
    ct.begins("9.1", creation())
    ct.goes_on("9.1", discontinuation(sets.series(), reason=WRONG_ENTRY))
    ct.says(N_SET, "9.1", completion())
    with hospital.store.reading() as conn:
        found = listings.timeline(conn, listings.Subjects(orders=(hospital.order().id,)))
        by_person = listings.timeline(conn, listings.Subjects(persons=(hospital.person().id,)))
    told = [row.text for row in found if row.what == "performed"]
    assert told == [
        "CT1 in progress",
        "CT1 discontinued: wrong worklist entry",
        "CT1 N-SET refused: Performed Procedure Step Object may no longer be updated",
    ]
    assert [row.text for row in by_person if row.what == "performed"] == told
