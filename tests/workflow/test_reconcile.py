from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.order import StepStatus
from radrecon.model.person import LinkState
from radrecon.store import queue
from radrecon.store.database import open_store
from radrecon.workflow import feed, reconcile
from radrecon.workflow.dismissal import dismiss
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, cancel, merge, order, pid

S = StepStatus
KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")
KARLS_PID = pid("2000002", "BAUER^KARL", "19851224", "M")


@on_both
def test_a_study_with_its_orders_number_and_patient_is_linked_without_a_case(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    link = hospital.link()
    assert link is not None
    assert (hospital.linked(), link.state) == ("A100", LinkState.AUTO)
    assert hospital.cases() == []
    assert hospital.study().judged


@on_both
def test_a_mistyped_accession_number_is_a_case_with_the_right_order_first(hospital: Hospital) -> None:
    hospital.hears(order("A1042"), order("A1043", KARLS_PID))
    hospital.sees(study(accession="A1024"))
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert case.finding.candidates[0].accession_number == "A1042"
    assert hospital.link() is None


def test_an_unassigned_study_closes_when_its_order_arrives(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study())
    assert hospital.kinds() == ["unassigned_study"]
    hospital.hears(order("A100"))
    assert hospital.cases() == []
    assert hospital.cases("closed")[0].kind is CaseKind.UNASSIGNED_STUDY
    assert hospital.linked() == "A100"


@on_both
def test_a_demographic_mismatch_opens_updates_and_closes(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    case = hospital.case(CaseKind.DEMOGRAPHIC_MISMATCH)
    assert [one.field for one in case.finding.differences if one.truth != one.found] == ["patient_name"]
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA", born="19600518"))
    again = hospital.case()
    assert again.id == case.id
    assert again.digest != case.digest
    hospital.looks(study(patient=demographics(name="ZIMMERMANN^ANNA", birth_date="1960-05-18")))
    assert hospital.cases() == []


def test_a_collision_of_study_and_order_opens_and_closes(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.looks(study(patient=KARL))
    assert CaseKind.ACCESSION_COLLISION in {case.kind for case in hospital.cases()}
    hospital.looks(study())
    assert hospital.cases() == []


def test_studies_of_two_patients_are_no_collision_once_the_two_are_one(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A04", "2000002", "BAUER^KARL", "19851224", "M"))
    hospital.hears_an_early_order()
    hospital.looks(study("1", "X1"), study("2", "X1", KARL))
    assert "accession_collision" in hospital.kinds()
    hospital.hears(merge("1000001", "2000002"))
    assert "accession_collision" not in hospital.kinds()


def test_two_studies_of_one_order_are_both_a_persons_decision_whichever_came_first(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.looks(study("1"))
    assert hospital.linked("1") == "A100"
    hospital.looks(study("2"))
    assert (hospital.linked("1"), hospital.linked("2")) == ("", "")
    hospital.loses("2")
    assert hospital.linked("1") == "A100"


HISTORY: dict[str, Any] = {
    "order": order("A100", pid("2000002", "FISCHER^A")),
    "study": study("1.2.3", "A100", demographics("2000002", "FISCHER^A")),
    "update": adt("A08", name="ZIMMERMANN^ANNA"),
    "merge": merge("1000001", "2000002", "ZIMMERMANN^ANNA"),
}


def test_the_order_of_arrival_does_not_matter(tmp_path: Path, template: Path) -> None:
    found = {}
    for turn, names in enumerate(permutations(HISTORY)):
        hospital = fresh(tmp_path / f"{turn}.sqlite3", template)
        hospital.hears(adt("A04"), adt("A04", "2000002", "FISCHER^A"))
        hospital.hears_an_early_order()
        for name in names:
            plays(hospital, HISTORY[name])
        found[names] = hospital.state()
        hospital.store.close()
    assert len({repr(state) for state in found.values()}) == 1, found
    assert next(iter(found.values()))[1] == [("1.2.3", "A100", "auto")]


def fresh(path: Path, template: Path) -> Hospital:
    shutil.copy(template, path)
    return Hospital(open_store(f"sqlite:///{path}"))


def plays(hospital: Hospital, event: Any) -> None:
    if isinstance(event, bytes):
        hospital.takes(event)
        hospital.reconcile()
    else:
        hospital.looks(event)


NUMBERS, ACCESSIONS = ("1000001", "2000002"), ("A100", "A101")
NAMES = {"1000001": ("FISCHER^ANNA", "ZIMMERMANN^ANNA"), "2000002": ("BAUER^KARL", "FISCHER^ANNA")}
BORN = {"1000001": "19600517", "2000002": "19851224"}
mrns, accessions = st.sampled_from(NUMBERS), st.sampled_from(ACCESSIONS)
which = st.integers(0, 1)


def _pid(mrn: str, name: int) -> str:
    return pid(mrn, NAMES[mrn][name], BORN[mrn], "F")


def _images(uid: str, accession: str, mrn: str, name: int) -> Any:
    born = f"{BORN[mrn][:4]}-{BORN[mrn][4:6]}-{BORN[mrn][6:]}"
    return study(uid, accession, demographics(mrn, NAMES[mrn][name], birth_date=born))


events = st.one_of(
    st.builds(lambda accession, mrn, name: order(accession, _pid(mrn, name)), accessions, mrns, which),
    st.builds(lambda accession, mrn: cancel(accession, patient=f"PID|1||{mrn}^^^HOSP"), accessions, mrns),
    st.builds(lambda mrn, name: adt("A08", mrn, NAMES[mrn][name], BORN[mrn]), mrns, which),
    st.builds(lambda first: merge(NUMBERS[first], NUMBERS[1 - first]), which),
    st.builds(_images, st.sampled_from(("1.1", "1.2")), st.sampled_from((*ACCESSIONS, "A1O0", "")), mrns, which),
    st.builds(lambda uid: uid, st.sampled_from(("1.1", "1.2"))),  # gone
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(events, min_size=2, max_size=7))
def test_looking_again_at_everything_changes_nothing(tmp_path: Path, template: Path, history: list[Any]) -> None:
    hospital = fresh(tmp_path / "again.sqlite3", template)
    hospital.hears_an_early_order()
    for event in history:
        if isinstance(event, str):
            hospital.loses(event)
        else:
            plays(hospital, event)
    before, state = hospital.dump(), hospital.state()
    hospital.recheck()
    assert hospital.state() == state
    assert hospital.dump() == before
    hospital.store.close()
    (tmp_path / "again.sqlite3").unlink()


def test_a_namesake_who_is_registered_later_speaks_against_a_link_all_the_same(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.looks(study(patient=demographics(name="FISCHRE^ANNA")))
    assert hospital.linked() == "A100"
    hospital.hears(adt("A04", "5555555"))
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before
    assert hospital.link() is None


@on_both
def test_a_dismissed_case_returns_only_with_new_evidence(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study(accession="OUTSIDE1"))
    case = hospital.case()
    dismiss(hospital.store, case.id, reason="an outside study", who="ann", now=hospital.now)
    hospital.recheck()
    assert hospital.cases() == []
    hospital.looks(study(accession="OUTSIDE2"))
    again = hospital.case()
    assert again.id != case.id


def test_there_is_one_live_case_per_kind_and_subject(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study(accession="A777"))
    for _ in range(3):
        hospital.looks(study(accession="A777", description=f"words {hospital.now}"))
        hospital.recheck()
    assert len(hospital.cases()) == 1


@on_both
def test_a_step_is_done_when_its_study_is_linked_and_complete(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="2"))
    hospital.looks(study())
    assert hospital.order("A100").status is S.SCHEDULED
    hospital.sees(study())
    found = hospital.order("A100")
    assert [found.status, *(step.status for step in found.steps)] == [S.COMPLETED] * 3


def test_a_step_waits_again_when_its_study_is_linked_to_another_order(hospital: Hospital) -> None:
    hospital.hears(order("A100", steps="2"))
    hospital.hears(order("A100", control="XO", status="SC"), order("A200"))
    hospital.sees(study())
    steps = {step.scheduled_procedure_step_id: step.status for step in hospital.order("A100").steps}
    assert steps == {"S-A100-1": S.COMPLETED, "S-A100-2": S.CANCELLED}
    hospital.looks(study(accession="A200"))
    steps = {step.scheduled_procedure_step_id: step.status for step in hospital.order("A100").steps}
    assert steps == {"S-A100-1": S.SCHEDULED, "S-A100-2": S.CANCELLED}
    assert hospital.order("A200").status is S.COMPLETED


def test_an_order_that_its_ris_completed_does_not_wait_again(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200"))
    hospital.looks(study())
    hospital.hears(order("A100", control="SC", status="CM"))
    hospital.looks(study(accession="A200"))
    assert hospital.order("A100").status is S.COMPLETED


def test_a_case_whose_correction_is_under_way_is_left_alone(hospital: Hospital) -> None:
    hospital.hears(order("A1042"))
    hospital.sees(study(accession="A1024"))
    hospital.approves(hospital.plans("link"))
    hospital.recheck()
    assert hospital.case().state is CaseState.CORRECTING


def test_a_case_that_a_correction_did_not_solve_is_open_again(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    correction = hospital.approves(hospital.plans("fix"))
    hospital.hears(adt("A08", name="ZIMMER^ANNA"))  # the owner changes it again meanwhile
    hospital.carries_out(correction)
    case = hospital.case()
    assert case.state is CaseState.OPEN
    assert {one.truth for one in case.finding.differences if one.field == "patient_name"} == {"ZIMMER^ANNA"}


def test_what_is_touched_while_it_is_examined_is_examined_again(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital.hears_an_early_order()
    real = reconcile.decide
    changes = [lambda: hospital.takes(order("A100"))]

    def meanwhile(*args: Any) -> Any:
        verdict = real(*args)
        if changes:
            changes.pop()()
        return verdict

    monkeypatch.setattr(reconcile, "decide", meanwhile)
    hospital.looks(study())
    hospital.reconcile()
    assert hospital.linked() == "A100"
    assert hospital.cases() == []


def test_a_study_that_changes_while_it_is_decided_is_decided_again(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    hospital.hears(order("A100"))
    real = reconcile.decide
    left = [study(accession="A999")]

    def meanwhile(*args: Any) -> Any:
        verdict = real(*args)
        if left:
            feed_one(hospital, left.pop())
        return verdict

    hospital.looks(study())
    with hospital.store.transaction() as conn:
        queue.touch(conn, "study", [hospital.study().id], hospital.now)
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    monkeypatch.setattr(reconcile, "decide", meanwhile)
    hospital.recheck()
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before
    assert hospital.linked() == ""


def feed_one(hospital: Hospital, facts: Any) -> None:
    feed.record(hospital.store, "main", [facts], at=hospital.now, baseline=False, stable=60)


def test_looking_in_bites_comes_to_the_same(hospital: Hospital) -> None:
    hospital.takes(order("A100"), order("A200"), adt("A08", name="ZIMMERMANN^ANNA"))
    bites = 0
    while reconcile.drain_some(hospital.store, hospital.now, 1)[1]:
        bites += 1
    assert bites > 3
    assert hospital.touched() == []


def test_a_change_of_name_after_the_exam_keeps_the_link_and_the_step_done(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    assert hospital.linked() == "A100"
    assert hospital.order("A100").status is S.COMPLETED
    assert hospital.kinds() == ["demographic_mismatch"]


def test_images_of_an_order_that_contradicts_its_patient_are_not_linked_by_themselves(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100", pid(name="BAUER^KARL", born="19851224", sex="M")))
    hospital.sees(study(patient=demographics(name="BAUER^KARL", birth_date="1985-12-24", sex="M")))
    assert hospital.link() is None
