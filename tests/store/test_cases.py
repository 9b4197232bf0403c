from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from radrecon.model.case import Candidate, CaseKind, CaseOwner, CaseState, Finding
from radrecon.model.errors import NotFound
from radrecon.store import cases
from radrecon.store import tables as t
from radrecon.store.database import Store, insert
from tests.builders import NOW

KINDS = (CaseKind.UNASSIGNED_STUDY, CaseKind.DEMOGRAPHIC_MISMATCH)
LATER = NOW + timedelta(hours=1)
ORPHAN = Finding(
    CaseKind.UNASSIGNED_STUDY,
    "study:1",
    "no order fits",
    CaseOwner.TECHNOLOGIST,
    study_id=1,
    evidence={"candidates": [3]},
)


def settle(store: Store, *findings: Finding, why: str = "") -> None:
    with store.transaction() as conn:
        cases.settle(conn, "study:1", KINDS, findings, NOW, why)


def states(store: Store) -> list[str]:
    with store.reading() as conn:
        return list(conn.execute(sa.select(t.case.c.state).order_by(t.case.c.id)).scalars())


def test_a_finding_opens_one_case_however_often_it_is_found(store: Store) -> None:
    settle(store, ORPHAN)
    settle(store, ORPHAN)
    assert states(store) == ["open"]
    with store.reading() as conn:
        assert cases.load_one(conn, 1).finding == ORPHAN


def test_what_a_case_says_follows_the_facts_and_what_drifts_changes_nothing(store: Store) -> None:
    shown = Candidate(3, "A3", 0.9, 20.0, vetoes=("the order was cancelled",))
    unspoken = Candidate(7, "A7", 0.1, 1.0)
    settle(store, replace(ORPHAN, candidates=(shown,)))
    settle(store, replace(ORPHAN, candidates=(replace(shown, probability=0.8, bits=19.0), unspoken)))
    with store.reading() as conn:
        assert cases.load_one(conn, 1).version == 0
    settle(store, replace(ORPHAN, candidates=(replace(shown, vetoes=()),)))
    settle(store, replace(ORPHAN, cause="order 4 fits"))
    with store.reading() as conn:
        found = cases.load_one(conn, 1)
    assert (found.version, found.finding.cause) == (2, "order 4 fits")


def test_what_is_found_no_longer_is_closed_with_a_reason(store: Store) -> None:
    settle(store, ORPHAN)
    settle(store, why="an order came")
    assert states(store) == ["closed"]
    with store.reading() as conn:
        assert conn.execute(sa.select(t.case.c.close_reason)).scalar() == "an order came"


def test_one_kind_leaves_the_other_kinds_and_subjects_alone(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.settle(conn, "study:1", [CaseKind.DEMOGRAPHIC_MISMATCH], [], NOW)
        cases.settle(conn, "study:2", KINDS, [], NOW)
    assert states(store) == ["open"]


def test_a_dismissed_case_comes_back_only_on_new_evidence(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.set_state(conn, 1, CaseState.DISMISSED, NOW)
    settle(store, ORPHAN)
    assert states(store) == ["dismissed"]
    settle(store, replace(ORPHAN, evidence={"orders": [3, 4]}))
    assert states(store) == ["dismissed", "open"]


def test_a_dismissed_case_stays_away_after_the_finding_was_gone_for_a_while(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.set_state(conn, 1, CaseState.DISMISSED, NOW)
    settle(store)
    settle(store, ORPHAN)
    assert states(store) == ["dismissed"]


def test_the_database_itself_allows_one_live_case_per_kind_and_subject(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.set_state(conn, 1, CaseState.CORRECTING, NOW)
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as conn:
        insert(
            conn, t.case, kind="unassigned_study", subject="study:1", state="open", finding={}, opened_at=NOW,
            updated_at=NOW,
        )  # fmt: skip


def test_a_case_under_correction_is_closed_by_it(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.set_state(conn, 1, CaseState.CORRECTING, NOW, correction_id=9)
    settle(store)
    with store.reading() as conn:
        assert conn.execute(sa.select(t.case.c.close_reason)).scalar() == "solved by correction 9"


def test_a_closed_case_stays_closed(store: Store) -> None:
    settle(store, ORPHAN)
    settle(store)
    with store.transaction() as conn:
        cases.set_state(conn, 1, CaseState.OPEN, LATER)
    assert states(store) == ["closed"]


def test_a_case_that_does_not_exist_is_said_so(store: Store) -> None:
    with store.reading() as conn, pytest.raises(NotFound, match="no case 5"):
        cases.load_one(conn, 5)


def test_all_live_cases_of_a_kind_by_their_subjects(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        closed = cases.open_case(conn, replace(ORPHAN, subject="study:2"), NOW)
        cases.set_state(conn, closed, CaseState.CLOSED, NOW)
        assert set(cases.live_of_kind(conn, CaseKind.UNASSIGNED_STUDY)) == {"study:1"}
        assert cases.live_of_kind(conn, CaseKind.OVERDUE_ORDER) == {}


def test_a_case_is_said_in_other_words_and_stays_the_same(store: Store) -> None:
    settle(store, ORPHAN)
    with store.transaction() as conn:
        cases.restate(conn, 1, replace(ORPHAN, cause="several orders fit", severity=3), LATER)
        found = cases.load_one(conn, 1)
    assert (found.state, found.finding.cause, found.finding.severity) == (CaseState.OPEN, "several orders fit", 3)
    assert found.opened_at == NOW


def test_which_orders_are_likely_the_images_of_a_live_case(store: Store) -> None:
    def candidate(order_id: int, probability: float) -> Candidate:
        return Candidate(order_id, "", probability, 0.0)

    settle(store, replace(ORPHAN, candidates=(candidate(7, 0.9), candidate(8, 0.09))))
    with store.transaction() as conn:
        cases.open_case(conn, replace(ORPHAN, subject="study:2", candidates=(candidate(9, 0.4),)), NOW)
        assert cases.best_candidates(conn, CaseKind.UNASSIGNED_STUDY, 0.5) == {7}
        assert not cases.is_dismissed(conn, ORPHAN)
        cases.update(conn, 1, state=str(CaseState.DISMISSED))
        assert cases.best_candidates(conn, CaseKind.UNASSIGNED_STUDY, 0.5) == set()
        assert cases.is_dismissed(conn, ORPHAN)
        assert not cases.is_dismissed(conn, replace(ORPHAN, evidence={}))
