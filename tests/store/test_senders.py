"""Senders in the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.store import journal, senders, studies
from radrecon.store.database import Store
from radrecon.store.senders import Heard
from tests.builders import NOW, demographics, study


def hear(store: Store, *heard: Heard, seconds: float = 0) -> None:
    with store.transaction() as conn:
        senders.heard(conn, heard, NOW + timedelta(seconds=seconds))


def one(store: Store) -> senders.Sender:
    with store.reading() as conn:
        (found,) = senders.load_all(conn)
    return found


def test_a_sender_is_one_row_however_often_it_is_heard(store: Store) -> None:
    hear(store, Heard("RIS", "H", 1.0), Heard("RIS", "H", 3.0, refused=True), Heard("RIS", "H"))
    hear(store, Heard("RIS", "H", None, late=True), seconds=60)
    found = one(store)
    assert (found.application, found.facility) == ("RIS", "H")
    assert (found.messages, found.refused, found.late) == (4, 1, 1)
    assert (found.first_heard, found.last_heard) == (NOW, NOW + timedelta(seconds=60))
    assert (found.skew, found.skew_least, found.skew_most) == (2.0, 1.0, 3.0)


def test_senders_of_one_group_are_kept_apart(store: Store) -> None:
    hear(store, Heard("RIS", "A"), Heard("RIS", "B"), Heard("HIS", ""), Heard("RIS", "A"))
    with store.reading() as conn:
        rows = [(row.application, row.facility, row.messages) for row in senders.load_all(conn)]
    assert rows == [("HIS", "", 1), ("RIS", "A", 2), ("RIS", "B", 1)]


def test_a_single_odd_time_hardly_moves_the_skew_and_a_clock_that_was_set_is_followed(store: Store) -> None:
    hear(store, Heard("RIS", "H", 1.0))
    hear(store, Heard("RIS", "H", -80000.0))
    assert one(store).skew == pytest.approx(-5.0)
    for _ in range(60):
        hear(store, Heard("RIS", "H", -240.0))
    assert one(store).skew == pytest.approx(-240.0, abs=2)
    assert one(store).skew_least == -80000.0


def test_what_came_late_says_nothing_of_the_clock(store: Store) -> None:
    hear(store, Heard("RIS", "H", late=True), Heard("RIS", "H"))
    assert (one(store).skew, one(store).late) == (None, 1)
    hear(store, Heard("RIS", "H", 2.0))
    assert (one(store).skew, one(store).skew_least) == (2.0, 2.0)


def test_samples_are_the_latest_orders_of_that_sender(store: Store) -> None:
    with store.transaction() as conn:
        for number, (kind, name) in enumerate(
            [("ORM^O01", "RIS"), ("ADT^A08", "RIS"), ("OMI^O23", "RIS"), ("ORM^O01", "X")]
        ):
            journal.add(
                conn,
                journal.Entry("in", NOW, f"m{number}".encode(), "", name, "H", f"C{number}", kind, state="applied"),
            )
    with store.reading() as conn:
        assert senders.orders_of(conn, "RIS", None) == [b"m2", b"m0"]
        assert senders.orders_of(conn, "RIS", "H", limit=1) == [b"m2"]
        assert senders.orders_of(conn, "RIS", "other") == []


def test_accession_numbers_are_known_with_whose_they_are(store: Store) -> None:
    with store.transaction() as conn:
        for uid, number, mrn in (("1.1", "A1", "7"), ("1.2", "A1", "8"), ("1.3", "A2", "9"), ("1.4", "", "9")):
            studies.insert(conn, study(uid, number, demographics(mrn)), at=NOW, baseline=False)
    with store.reading() as conn:
        assert senders.known_accessions(conn, ["A1", "A9"]) == {"A1": frozenset({"7", "8"})}
        assert senders.recent_accessions(conn) == {"A1": frozenset({"7", "8"}), "A2": frozenset({"9"})}
        assert senders.recent_accessions(conn, limit=1) == {"A2": frozenset({"9"})}
