from __future__ import annotations

from radrecon.store import journal, message_detail, pairs
from radrecon.store.database import Store
from tests.builders import NOW
from tests.store.hospital import build, correct, open_cases
from tests.store.test_journal import entry


def test_a_delivery_and_its_correction_are_named(store: Store) -> None:
    hospital = build(store)
    open_cases(hospital)
    number = correct(hospital, 1)
    with store.transaction() as conn:
        journal.add(conn, journal.Entry("out", NOW, b"MSH|", state="acknowledged", delivery_id=2))
        journal.add(conn, entry(state="echo", delivery_id=2))
        lines = [
            [one.text for one in message_detail.related(conn, message_detail.journalled(conn, at))] for at in (1, 2)
        ]
    assert lines[0] == ["delivery to ehr · ADT^A08 · queued", f"correction {number}"]
    assert lines[1] == ["echo of the delivery to ehr · ADT^A08 · queued", f"correction {number}"]


def test_pairs_are_named_from_both_sides(store: Store) -> None:
    with store.transaction() as conn:
        for _ in range(3):
            journal.add(conn, entry())
        pairs.add(conn, pairs.HOP, 1, 2, [("PID-3", "1", "01")], NOW)
        pairs.add(conn, pairs.ACK, 1, 3, [], NOW)
        told = {
            at: [one.text for one in message_detail.related(conn, message_detail.journalled(conn, at))]
            for at in (1, 2, 3)
        }
    assert told == {
        1: ["behind the interface engine: message 2 · PID-3 '1' → '01'", "answered by message 3"],
        2: ["before the interface engine: message 1 · PID-3 '1' → '01'"],
        3: ["answers message 1"],
    }


def test_bytes_come_back_from_what_is_shown(store: Store) -> None:
    with store.transaction() as conn:
        for raw in (bytes(range(256)), "Müller".encode()):
            found = message_detail.journalled(conn, journal.add(conn, entry(raw)))
            assert found.row.raw.encode(found.raw_encoding) == raw == found.raw
