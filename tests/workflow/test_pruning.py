from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.errors import NotFound
from radrecon.model.order import ReportVersion
from radrecon.store import cases, corrections, journal, listings, orders, persons, reports
from radrecon.store import tables as t
from radrecon.store.list_messages import PRUNED
from radrecon.store.notices import Notice
from radrecon.store.notices import add as add_notice
from radrecon.workflow import pruning
from radrecon.workflow.journal_search import search
from tests.builders import NOW, demographics, order, step
from tests.workflow.hospital import Hospital, on_both

OLD = NOW - timedelta(days=400)
BEFORE = NOW - timedelta(days=365)


def heard(hospital: Hospital, **more: Any) -> int:
    """An old message that is settled, unless a test says otherwise."""
    values: dict[str, Any] = {"at": OLD, "raw": b"MSH|old", "direction": "in", "state": "applied"} | more
    with hospital.store.transaction() as conn:
        return journal.add(conn, journal.Entry(**values))


def prune(hospital: Hospital, **more: Any) -> pruning.Step:
    heard(hospital, at=NOW)
    return pruning.prune_all(hospital.store, BEFORE, who="ann", now=NOW, **more)


def left(hospital: Hospital) -> list[int]:
    return [row.id for row in hospital.journal()][:-1]


@on_both
def test_what_is_old_and_settled_goes_with_all_that_finds_it(hospital: Hospital) -> None:
    for number in range(120):
        heard(hospital, keys=(("patient_id", f"P{number}"), ("control_id", f"C{number}")))
    young = heard(hospital, at=NOW - timedelta(days=3), keys=(("patient_id", "P1"),))
    done = prune(hospital)
    assert (done.pruned, done.kept, done.size) == (120, 0, 120 * len(b"MSH|old"))
    assert left(hospital) == [young]
    with hospital.store.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(t.message_key)).scalar() == 0
        assert conn.execute(sa.select(sa.func.count()).select_from(t.message_fresh)).scalar() == 1
        audit = conn.execute(t.audit.select().where(t.audit.c.what == PRUNED)).one()
    assert (audit.who, audit.detail["messages"], audit.detail["kept"]) == ("ann", 120, 0)
    assert [row.id for row in search(hospital.store, "mrn:P1").rows] == [young]


def test_a_dry_run_counts_and_keeps_everything(hospital: Hospital) -> None:
    heard(hospital)
    heard(hospital, state="refused")
    assert prune(hospital, dry=True) == pruning.Step(None, 1, 1, 7)
    assert len(left(hospital)) == 2


@pytest.mark.parametrize("state", ["refused", "", "sending", "uncertain"])
def test_what_nobody_has_settled_stays(hospital: Hospital, state: str) -> None:
    heard(hospital, state=state)
    assert prune(hospital).kept == 1
    assert left(hospital) == [1]


@pytest.mark.parametrize("state", ["replayed", "resend", "echo"])
def test_what_another_row_stands_for_goes(hospital: Hospital, state: str) -> None:
    heard(hospital, state=state)
    assert prune(hospital).pruned == 1


def test_the_newest_stays_so_that_no_id_is_given_twice(hospital: Hospital) -> None:
    heard(hospital)
    heard(hospital)
    pruning.prune_all(hospital.store, BEFORE, who="ann", now=NOW)
    assert [row.id for row in hospital.journal()] == [2]


@pytest.mark.parametrize(
    ("status", "stays"),
    [("SCHEDULED", True), ("STARTED", True), ("HELD", True), ("COMPLETED", False), ("CANCELLED", False)],
)
def test_the_messages_of_an_order_that_waits_stay(hospital: Hospital, status: str, stays: bool) -> None:
    with hospital.store.transaction() as conn:
        person = persons.insert(conn, demographics("1"))
        made = order("A100", demographics("1"), person_id=person, status=status, steps=(step(status=status),))  # type: ignore[arg-type]
        order_id = orders.save(conn, made, at=OLD)
    heard(hospital, effect={"orders": [order_id]})
    prune(hospital)
    assert bool(left(hospital)) is stays


@on_both
def test_the_messages_of_an_open_case_stay_until_it_is_closed(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        anna = persons.insert(conn, demographics("1"))
        finding = Finding(CaseKind.SUSPECTED_OVERLAY, f"person:{anna}", "x", CaseOwner.REGISTRATION, person_id=anna)
        case_id = cases.open_case(conn, finding, NOW)
    mine = heard(hospital, effect={"persons": [anna]})
    heard(hospital, effect={"persons": [999]})
    prune(hospital)
    assert left(hospital) == [mine]
    with hospital.store.transaction() as conn:
        cases.close(conn, cases.load_one(conn, case_id), NOW, "done")
    prune(hospital)
    assert mine not in [row.id for row in hospital.journal()]


def test_the_messages_of_a_candidate_stay(hospital: Hospital) -> None:
    from radrecon.model.case import Candidate

    with hospital.store.transaction() as conn:
        candidate = Candidate(77, "A1", 0.9, 4.0, (), ())
        kind, owner = CaseKind.UNASSIGNED_STUDY, CaseOwner.TECHNOLOGIST
        cases.open_case(conn, Finding(kind, "study:5", "x", owner, study_id=5, candidates=(candidate,)), NOW)
    heard(hospital, effect={"orders": [77]})
    assert prune(hospital).kept == 1


def test_the_message_of_a_notice_that_is_not_settled_stays(hospital: Hospital) -> None:
    mine = heard(hospital)
    with hospital.store.transaction() as conn:
        add_notice(conn, Notice("deletion_announced", NOW, person_id=1, message_id=mine))
    assert prune(hospital).kept == 1
    with hospital.store.transaction() as conn:
        conn.execute(t.notice.update().values(settled_at=NOW))
    assert prune(hospital).pruned == 1


@pytest.mark.parametrize(("text", "stays"), [("", True), ("No finding.", False)])
def test_the_only_source_of_a_reports_text_stays(hospital: Hospital, text: str, stays: bool) -> None:
    with hospital.store.transaction() as conn:
        version = ReportVersion("A100", status="F", text=text)
        report_id = reports.add(conn, version, order_id=0, at=OLD, message_id=1)
    heard(hospital, effect={"reports": [report_id]})
    prune(hospital)
    assert bool(left(hospital)) is stays


@pytest.mark.parametrize(
    ("state", "stays"), [("queued", True), ("failed", True), ("uncertain", True), ("filed", False)]
)
def test_what_was_sent_stays_until_its_delivery_is_through(hospital: Hospital, state: str, stays: bool) -> None:
    from radrecon.model.correction import Plan, PlannedDelivery, Verb

    with hospital.store.transaction() as conn:
        number = corrections.insert_correction(conn, Plan(Verb.FIX, 1, "x"), reason="", ticket="", who="ann", at=OLD)
        delivery = corrections.insert_delivery(conn, number, 0, PlannedDelivery("ehr", (), message="MSH|"), OLD)
        conn.execute(t.delivery.update().values(state=state))
    heard(hospital, direction="out", state="failed", delivery_id=delivery)
    prune(hospital)
    assert bool(left(hospital)) is stays


def test_a_commit_is_small(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "COMMIT_BYTES", 1000)
    for size in (400, 400, 400, 5000, 10):
        heard(hospital, raw=b"x" * size)
    assert len(hospital.journal()) == 5
    sizes: list[int] = []
    real = pruning.prune.delete
    monkeypatch.setattr(pruning.prune, "delete", lambda conn, ids: sizes.append(len(ids)) or real(conn, ids))
    assert prune(hospital).pruned == 5
    assert sizes == [2, 1, 1, 1]


@on_both
def test_who_asks_for_a_pruned_message_is_told_so(hospital: Hospital) -> None:
    heard(hospital)
    prune(hospital)
    with hospital.store.reading() as conn, pytest.raises(NotFound, match="message 1 has been pruned by its age"):
        listings.message(conn, 1)
    with hospital.store.reading() as conn, pytest.raises(NotFound, match="no message 999"):
        listings.message(conn, 999)
