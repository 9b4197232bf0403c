"""An order for several examinations: CT and ultrasound under one accession number, a perfusion study of two days."""

from __future__ import annotations

from radrecon.model.study import StudyFacts
from tests.builders import series, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import message, msh, orc, order, pid
from tests.workflow.modality import Modality

SLOT, NEXT_DAY = "20261122143000", "20261123143000"


def several(*steps: tuple[str, str], control: str = "NW") -> bytes:
    """OMI^O23: a step per modality and time."""
    requests = [
        segment
        for at, (modality, start) in enumerate(steps, 1)
        for segment in (
            orc(control=control),
            f"TQ1|1||||||{start}||R",
            f"OBR|{at}|P-A100|F-A100|X{at}^EXAM {at}^L",
            f"IPC|A100^RIS|RP-A100||S{at}|{modality}|X{at}^EXAM {at}^L",
        )
    ]
    return message(msh("OMI^O23^OMI_O23"), pid(), "PV1|1|O|CT", *requests)


CT_AND_US = several(("CT", SLOT), ("US", SLOT))


def ultrasound(accession: str = "A100") -> StudyFacts:
    made = series("1.2.4", modality="US", station_name="US1")
    return study("1.2.4", accession, modalities=("US",), series=(made,), description="US abdomen")


def perfusion(uid: str, *times: str) -> StudyFacts:
    made = tuple(series(uid, at, modality="NM", performed=time) for at, time in enumerate(times))
    return study(uid, modalities=("NM",), performed=times[0], series=made, description="Perfusion")


def stands(hospital: Hospital) -> tuple[str, list[str]]:
    return Modality(hospital).stands()


@on_both
def test_each_modality_ends_its_own_step_and_the_other_stays_on_the_worklist(hospital: Hospital) -> None:
    hospital.hears(CT_AND_US)
    hospital.sees(study())
    assert stands(hospital) == ("SCHEDULED", ["COMPLETED", "SCHEDULED"])
    assert hospital.worklist() == ["A100"]
    hospital.sees(ultrasound())
    assert stands(hospital) == ("COMPLETED", ["COMPLETED", "COMPLETED"])
    assert (hospital.linked(), hospital.linked("1.2.4"), hospital.cases()) == ("A100", "A100", [])
    before = hospital.dump()
    hospital.recheck()
    assert (hospital.dump(), hospital.touched()) == (before, [])


@on_both
def test_whatever_comes_first(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(ultrasound())
    hospital.hears(CT_AND_US)
    hospital.sees(study())
    assert stands(hospital) == ("COMPLETED", ["COMPLETED", "COMPLETED"])
    assert hospital.cases() == []


def test_images_that_go_give_back_their_own_step_only(hospital: Hospital) -> None:
    hospital.hears(CT_AND_US)
    hospital.sees(study(), ultrasound())
    hospital.loses("1.2.4")
    assert stands(hospital) == ("SCHEDULED", ["COMPLETED", "SCHEDULED"])
    hospital.loses("1.2.3")
    assert stands(hospital) == ("SCHEDULED", ["SCHEDULED", "SCHEDULED"])


def test_what_the_ris_changes_meanwhile_does_not_bring_back_what_is_done(hospital: Hospital) -> None:
    hospital.hears(CT_AND_US)
    hospital.sees(study())
    hospital.hears(several(("CT", SLOT), ("US", NEXT_DAY), control="XO"))
    hospital.recheck()
    assert stands(hospital) == ("SCHEDULED", ["COMPLETED", "SCHEDULED"])


def test_the_second_day_of_a_study_is_still_to_be_done_after_the_first(hospital: Hospital) -> None:
    hospital.hears(several(("NM", SLOT), ("NM", NEXT_DAY)))
    hospital.sees(perfusion("1.2.3", "2026-11-22T14:34:00"))
    assert stands(hospital) == ("SCHEDULED", ["COMPLETED", "SCHEDULED"])
    hospital.sees(perfusion("1.2.3", "2026-11-22T14:34:00", "2026-11-23T14:40:00"))
    assert stands(hospital) == ("COMPLETED", ["COMPLETED", "COMPLETED"])


def test_the_second_day_may_be_a_study_of_its_own(hospital: Hospital) -> None:
    hospital.hears(several(("NM", SLOT), ("NM", NEXT_DAY)))
    hospital.sees(perfusion("1.2.3", "2026-11-22T14:34:00"))
    hospital.sees(perfusion("1.2.4", "2026-11-23T14:34:00"))
    assert (hospital.linked(), hospital.linked("1.2.4"), hospital.cases()) == ("A100", "A100", [])


def test_two_studies_of_one_modality_at_one_time_are_for_a_person(hospital: Hospital) -> None:
    hospital.hears(several(("CT", SLOT), ("CT", SLOT)))
    hospital.sees(study())
    assert stands(hospital) == ("COMPLETED", ["COMPLETED", "COMPLETED"])
    hospital.sees(study("1.2.4", series=(series("1.2.4"),)))
    assert all("already has images" in one.finding.cause for one in hospital.cases())
    assert len(hospital.cases()) == 2


@on_both
def test_a_person_links_what_was_typed_wrong_beside_the_other_step(hospital: Hospital) -> None:
    hospital.hears(CT_AND_US)
    hospital.sees(study())
    uid = hospital.order().study_instance_uid
    hospital.sees(ultrasound("X77"))
    hospital.corrects("link", order_id=hospital.order().id)
    assert (hospital.linked(), hospital.linked("1.2.4"), hospital.cases()) == ("A100", "A100", [])
    assert stands(hospital) == ("COMPLETED", ["COMPLETED", "COMPLETED"])
    assert hospital.order().study_instance_uid == uid


@on_both
def test_a_scanned_request_is_not_the_examination(hospital: Hospital) -> None:
    hospital.hears(order())
    scanned = study("1.2.9", modalities=("DOC",), series=(series("1.2.9", modality="DOC"),))
    hospital.sees(scanned)
    assert (stands(hospital), hospital.worklist()) == (("SCHEDULED", ["SCHEDULED"]), ["A100"])
    hospital.sees(study())
    assert (hospital.linked(), hospital.linked("1.2.9"), hospital.cases()) == ("A100", "A100", [])
    assert stands(hospital) == ("COMPLETED", ["COMPLETED"])
    hospital.loses("1.2.3")
    assert stands(hospital) == ("SCHEDULED", ["SCHEDULED"])
