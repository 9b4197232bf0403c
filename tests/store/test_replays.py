from __future__ import annotations

import sqlalchemy as sa

from radrecon.store import journal, replays
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.store.test_journal import entry


def states(store: Store) -> list[tuple[str, int]]:
    with store.reading() as conn:
        m = t.message.c
        return [tuple(row) for row in conn.execute(sa.select(m.state, m.first_id).order_by(m.id))]


def test_a_replay_of_a_replay_is_one_of_the_original(store: Store) -> None:
    with store.transaction() as conn:
        journal.add(conn, entry(state="refused"))
        journal.add(conn, entry(state="refused", flags=("edited",), first_id=1))
        journal.add(conn, entry(state="resend", first_id=1))
        found = replays.originals(conn, [1, 2, 3, 9])
        assert {key: one.origin for key, one in found.items()} == {1: 1, 2: 1, 3: 3}
        assert replays.present(conn, [1, 9]) == {1}


def test_what_is_applied_closes_the_original_and_the_attempts_before(store: Store) -> None:
    with store.transaction() as conn:
        journal.add(conn, entry(state="refused"))
        journal.add(conn, entry(state="refused", flags=("replayed",), first_id=1))
        journal.add(conn, entry(state="refused"))
        journal.add(conn, entry(state="applied", flags=("edited",), first_id=1))
        replays.close(conn, 1, 4)
    assert states(store) == [("replayed", 4), ("replayed", 1), ("refused", 0), ("applied", 1)]


def test_an_applied_message_stays_applied(store: Store) -> None:
    with store.transaction() as conn:
        journal.add(conn, entry(state="applied"))
        journal.add(conn, entry(state="applied", flags=("replayed",), first_id=1))
        replays.close(conn, 1, 2)
    assert states(store) == [("applied", 0), ("applied", 1)]
