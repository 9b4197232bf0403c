from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseState
from radrecon.store import listings
from radrecon.store import tables as t
from radrecon.workflow.dismissal import dismiss
from tests.builders import demographics, study
from tests.workflow.adt_messages import mrg, ordered, patient, pv1, said
from tests.workflow.hospital import Hospital, on_both


def gone(event: str, minute: int, visit: str = "V1") -> bytes:
    return said(event, patient("1"), pv1(visit), minute=minute, control=f"DEL{minute}")


@on_both
@pytest.mark.parametrize("event", ["A23", "A29"])
def test_a_deletion_deletes_nothing_and_is_registrations_case(hospital: Hospital, event: str) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), ordered("A100", "1", minute=2), gone(event, 3))
    assert hospital.order().person_id == hospital.person("1").id
    case = hospital.case(CaseKind.DELETION_ANNOUNCED)
    assert str(case.finding.owner) == "registration"
    what = "visit V1" if event == "A23" else "this patient"
    assert f"ADT^{event} from HIS (control id DEL3) says that {what} is deleted; 1 order here" in case.finding.cause


def test_the_list_of_cases_shows_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), gone("A29", 3))
    with hospital.store.reading() as conn:
        (row,) = listings.cases(conn)
    assert (row.kind, row.owner, row.patient_id) == ("deletion_announced", "registration", "1")


def test_what_hangs_on_a_deleted_patient_makes_it_graver(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), gone("A29", 3))
    assert hospital.case().finding.severity == 1
    hospital.hears_an_early_order()
    hospital.sees(study("1.2.3", "A1", demographics("1")))
    hospital.recheck()
    assert hospital.case(CaseKind.DELETION_ANNOUNCED).finding.severity == 3


@on_both
@pytest.mark.parametrize("event", ["A28", "A01", "A04"])
def test_registered_again_is_settled(hospital: Hospital, event: str) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), gone("A29", 3))
    hospital.hears(said(event, patient("1"), minute=4))
    assert hospital.cases() == []
    assert [case.state for case in hospital.cases("closed")] == [CaseState.CLOSED]


def test_another_visit_does_not_settle_the_deletion_of_one(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), gone("A23", 3))
    hospital.hears(said("A01", patient("1"), pv1("V2"), minute=4))
    assert hospital.kinds() == ["deletion_announced"]
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=5))
    assert hospital.cases() == []


def test_a_registration_from_before_the_deletion_settles_nothing(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), gone("A29", 3), said("A28", patient("1"), minute=2))
    assert hospital.kinds() == ["deletion_announced"]


def test_a_deletion_that_comes_after_its_own_taking_back_is_no_case(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), said("A28", patient("1"), minute=4), gone("A29", 3))
    assert hospital.cases() == []


def test_nobody_known_cannot_be_deleted(hospital: Hospital) -> None:
    hospital.hears(gone("A29", 3))
    assert hospital.people() == 0
    assert "nothing to delete" in hospital.journal()[-1].reason


def test_the_deletion_of_a_loser_after_the_merge_is_expected(hospital: Hospital) -> None:
    hospital.hears(said("A40", patient("2"), mrg("1"), minute=2), gone("A29", 3))
    assert hospital.cases() == []


@on_both
def test_put_aside_it_stays_aside_until_it_is_said_again(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), gone("A29", 3))
    dismiss(hospital.store, hospital.case().id, reason="a test patient", who="ann", now=hospital.now)
    hospital.recheck()
    assert hospital.cases() == []
    with hospital.store.reading() as conn:
        assert all(row.settled_at for row in conn.execute(t.notice.select()))
    hospital.hears(gone("A29", 5))
    assert hospital.kinds() == ["deletion_announced"]


def test_a_retired_number_put_aside_comes_back_only_with_another_use(hospital: Hospital) -> None:
    hospital.hears(said("A40", patient("2"), mrg("1"), minute=2), ordered("A1", "1", minute=3))
    dismiss(hospital.store, hospital.case().id, reason="the ward knows", who="ann", now=hospital.now)
    hospital.hears(ordered("A2", "1", minute=4))
    assert hospital.cases() == []
    hospital.hears(said("A08", patient("1"), minute=5, sender="ANOTHER"))
    assert hospital.kinds() == ["retired_identifier"]


def test_a_merge_of_the_deleted_patient_settles_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), minute=1), gone("A29", 3), said("A40", patient("2"), mrg("1"), minute=4))
    assert hospital.cases() == []


@on_both
@pytest.mark.parametrize("event", ["A23", "A29"])
def test_a_deletion_under_a_further_number_is_of_the_same_patient(hospital: Hospital, event: str) -> None:
    hospital.hears(said("A01", patient("1 E9^^^ENT"), pv1("V1"), minute=1), ordered("A100", "1", minute=2))
    hospital.hears(said(event, patient("X5^^^NEW E9^^^ENT"), pv1("V1"), minute=3))
    assert hospital.case(CaseKind.DELETION_ANNOUNCED).finding.person_id == hospital.person("1").id
    hospital.hears(said("A28", patient("E9^^^ENT 1"), pv1("V1"), minute=4))
    assert hospital.cases() == [], "registered again"


def test_a_deletion_is_settled_by_a_registration_that_came_before_under_another_number(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1 E9^^^ENT"), minute=1), said("A28", patient("E9^^^ENT"), minute=4))
    hospital.hears(said("A29", patient("1"), minute=3))
    assert hospital.cases() == []


def test_a_deletion_that_names_several_patients_says_so(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("8^^^ENT"), minute=1), said("A01", patient("7^^^RIS", "BAUER^KARL"), minute=1))
    hospital.hears(said("A29", patient("X5^^^NEW 8^^^ENT 7^^^RIS"), minute=3))
    assert hospital.cases() == []
    assert "which of them is meant is not said" in hospital.journal()[-1].reason
