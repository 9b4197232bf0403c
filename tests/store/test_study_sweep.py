"""What a look at the PACS should have shown, and what wants another look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from radrecon.store import studies, study_sweep
from radrecon.store.database import Connection, Store
from tests.builders import NOW, study

LATER = NOW + timedelta(minutes=5)


def known(conn: Connection, uid: str, at: datetime = NOW, **more: Any) -> int:
    return studies.insert(conn, study(uid, **more), at=at, baseline=False)


def test_what_a_look_did_not_list_comes_longest_unseen_first(store: Store) -> None:
    with store.transaction() as conn:
        first, second = known(conn, "1.1"), known(conn, "1.2")
        known(conn, "1.3")
        known(conn, "1.4", pacs="vna")
        studies.mark_gone(conn, known(conn, "1.5"), NOW)
        studies.seen_again(conn, [second], NOW, NOW)
        studies.seen_again(conn, [first], LATER, LATER)
        assert study_sweep.not_listed(conn, "main", {"1.3"}, "", 9) == ["1.2", "1.1"]
        assert study_sweep.not_listed(conn, "main", {"1.3"}, "", 1) == ["1.2"]


def test_a_look_over_some_days_misses_nothing_of_other_days(store: Store) -> None:
    with store.transaction() as conn:
        known(conn, "1.1", performed="2026-11-20T08:00:00")
        known(conn, "1.2", performed="2026-11-21T23:59:00")
        known(conn, "1.3", performed="2026-11-22")
        known(conn, "1.4", performed="")
        assert study_sweep.not_listed(conn, "main", set(), "2026-11-21", 9, "2026-11-21") == ["1.2"]
        assert study_sweep.not_listed(conn, "main", set(), "", 9, "2026-11-21") == ["1.2", "1.1"]


def test_undated_studies_are_those_that_no_look_since_has_seen(store: Store) -> None:
    with store.transaction() as conn:
        known(conn, "1.1", performed="")
        seen = known(conn, "1.2", performed="")
        known(conn, "1.3")
        studies.seen_again(conn, [seen], LATER, LATER)
        assert study_sweep.undated_before(conn, "main", LATER, 9) == ["1.1"]
        assert study_sweep.undated_before(conn, "main", LATER + timedelta(seconds=1), 9) == ["1.1", "1.2"]


def test_a_study_that_has_been_quiet_wants_a_second_look(store: Store) -> None:
    with store.transaction() as conn:
        known(conn, "1.1")
        known(conn, "1.2", at=LATER)
        studies.seen_again(conn, [known(conn, "1.3")], NOW)
        assert study_sweep.unsteady(conn, "main", NOW, 9) == ["1.1"]
        assert study_sweep.unsteady(conn, "main", LATER, 9) == ["1.1", "1.2"]
