from __future__ import annotations

from radrecon.store import journal, journal_texts
from radrecon.store.database import Store
from tests.store.test_journal import entry


def test_messages_come_in_the_order_of_arrival_and_not_too_many_bytes(store: Store) -> None:
    with store.transaction() as conn:
        for size in (10, 500, 500, 10):
            journal.add(conn, entry(b"x" * size))
        assert [one.id for one in journal_texts.after(conn, 0, 10, 600)] == [1, 2]
        assert [one.id for one in journal_texts.after(conn, 2, 10, 100)] == [3]
        assert [one.id for one in journal_texts.after(conn, 0, 3, 10_000)] == [1, 2, 3]
        assert journal_texts.after(conn, 4, 10, 600) == []


def test_bytes_and_fingerprint_are_those_of_the_message(store: Store) -> None:
    with store.transaction() as conn:
        journal.add(conn, entry(b"\x00\xff", peer="10.0.0.1:4000"))
        (one,) = journal_texts.of(conn, [1, 99])
        assert (one.raw, one.peer) == (b"\x00\xff", "10.0.0.1:4000")
        assert one.digest == journal_texts.digest_of(conn, 1) == journal.fingerprint(b"\x00\xff")
        assert journal_texts.digest_of(conn, 99) == b""
        assert journal_texts.count(conn) == 1
