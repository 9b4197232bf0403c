"""Pairs of messages in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from radrecon.store import journal, pairs
from radrecon.store.database import Connection, Store
from tests.builders import NOW


def add(conn: Connection, control: str, sender: str = "RIS", seconds: float = 0, **more: Any) -> int:
    keys = more.pop("keys", ())
    more = {"direction": "in", "message_type": "ORM^O01", "state": "applied"} | more
    raw = f"raw of {control}".encode()
    return journal.add(
        conn,
        journal.Entry(
            at=NOW + timedelta(seconds=seconds),
            raw=raw,
            sending_application=sender,
            control_id=control,
            keys=keys,
            **more,
        ),
    )


def test_the_journal_is_read_from_a_mark_up_to_what_is_still_young(store: Store) -> None:
    with store.transaction() as conn:
        ids = [add(conn, f"C{at}", seconds=at) for at in range(4)]
        assert pairs.mark(conn) is None
        pairs.put_mark(conn, ids[0])
        pairs.put_mark(conn, ids[1])
    with store.reading() as conn:
        assert pairs.mark(conn) == ids[1]
        found = pairs.since(conn, ids[0], NOW + timedelta(seconds=2), 10)
        assert [(one.id, one.control_id, one.raw) for one in found] == [
            (ids[1], "C1", b"raw of C1"), (ids[2], "C2", b"raw of C2")
        ]  # fmt: skip
        assert [one.id for one in pairs.since(conn, 0, NOW + timedelta(days=1), 2)] == ids[:2]
        assert pairs.newest(conn) == ids[3]


def test_candidates_are_found_by_control_id_and_by_business_keys(store: Store) -> None:
    with store.transaction() as conn:
        one = add(conn, "C1", keys=(("patient_id", "M1"), ("order_number", "P1")))
        two = add(conn, "C1", "ENGINE", keys=(("patient_id", "M2"),))
        three = add(conn, "C3", keys=(("order_number", "M1"),))
    with store.reading() as conn:
        assert [row.id for row in pairs.by_control(conn, "C1")] == [two, one]
        assert pairs.by_control(conn, "") == []
        found = pairs.by_keys(conn, {"patient_id": ["m1", ""], "order_number": ["M1"]}, two)
        assert [row.id for row in found] == [one, three]
        assert pairs.by_keys(conn, {"patient_id": ["m1"]}, one) == []
        assert pairs.by_keys(conn, {"patient_id": []}, one) == []


def test_a_message_shows_its_pairs_and_what_changed(store: Store) -> None:
    with store.transaction() as conn:
        one, two, three = add(conn, "C1"), add(conn, "C1", "ENGINE"), add(conn, "K1")
        pairs.add(conn, "hop", one, two, [("MSH-3", "RIS", "ENGINE")], NOW)
        pairs.add(conn, "ack", two, three, [("MSA-1", "", "AA")], NOW)
        assert pairs.paired(conn, [one, two, three]) == {one, two}
        (hop,) = pairs.of_message(conn, one)
        assert (hop.kind, hop.first_id, hop.second_id, hop.changes) == ("hop", one, two, (("MSH-3", "RIS", "ENGINE"),))
        assert [pair.kind for pair in pairs.of_message(conn, two)] == ["hop", "ack"]
        (found,) = pairs.hops(conn)
        assert (found.before, found.behind) == (("RIS", ""), ("ENGINE", ""))


def test_what_was_never_heard_behind_the_engine_is_counted(store: Store) -> None:
    with store.transaction() as conn:
        one, two, three = add(conn, "C1"), add(conn, "C1", "ENGINE"), add(conn, "C3")
        add(conn, "C4", seconds=100)
        add(conn, "C5", state="resend")
        pairs.add(conn, "hop", one, two, [], NOW)
        then = NOW + timedelta(seconds=50)
        assert pairs.unpaired(conn, [("RIS", "")], up_to=99, older_than=then) == [three]
        assert pairs.unpaired(conn, [("RIS", "")], up_to=two, older_than=then) == []
        assert pairs.unpaired(conn, [], up_to=99, older_than=then) == []
