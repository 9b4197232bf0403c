from __future__ import annotations

from datetime import timedelta

from radrecon.store import queue
from radrecon.store.database import Store
from tests.builders import NOW


def test_what_was_touched_is_due_and_a_wake_only_later(store: Store) -> None:
    later = NOW + timedelta(hours=1)
    with store.transaction() as conn:
        queue.touch(conn, "study", [2], later)
        queue.touch(conn, "key", [-5, 7], NOW)
        queue.touch(conn, "key", [], NOW)
    with store.reading() as conn:
        assert [(one.kind, one.value) for one in queue.due(conn, NOW)] == [("key", "-5"), ("key", "7")]
        assert queue.size(conn, NOW) == 2
        assert queue.next_due(conn) == NOW
        assert len(queue.due(conn, later)) == 3
        assert len(queue.due(conn, later, limit=1)) == 1


def test_what_is_done_is_gone(store: Store) -> None:
    with store.transaction() as conn:
        queue.touch(conn, "study", [1, 2], NOW)
    with store.transaction() as conn:
        queue.done(conn, [queue.due(conn, NOW)[0].id])
        assert [one.value for one in queue.due(conn, NOW)] == ["2"]
        queue.done(conn, [one.id for one in queue.due(conn, NOW)])
        assert queue.next_due(conn) is None


def test_a_wake_is_known_by_its_moment(store: Store) -> None:
    later = NOW + timedelta(hours=1)
    with store.transaction() as conn:
        queue.touch(conn, "study", [2], later)
    with store.reading() as conn:
        assert queue.is_due(conn, "study", 2, later)
        assert not queue.is_due(conn, "study", 2, NOW)
        assert not queue.is_due(conn, "study", 3, later)
