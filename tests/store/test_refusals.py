"""Refused peers, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.services.refusals import MOST_AT_ONCE, Refusals
from radrecon.store import refusals
from radrecon.store.database import Store
from tests.builders import NOW


def rows(store: Store) -> list[refusals.Refusal]:
    with store.reading() as conn:
        return refusals.listed(conn, 1000)


def test_the_same_refusal_is_one_row_an_hour(store: Store) -> None:
    for minutes in (0, 1, 61):
        with store.transaction() as conn:
            refusals.note(conn, {("10.0.0.1", "CT1", "busy"): 2}, NOW + timedelta(minutes=minutes))
    found = rows(store)
    assert sorted(row.count for row in found) == [2, 4]
    assert {(row.address, row.ae_title, row.reason) for row in found} == {("10.0.0.1", "CT1", "busy")}


def test_no_more_rows_are_kept_than_are_worth_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_ROWS", 5)
    for number in range(12):
        with store.transaction() as conn:
            refusals.note(conn, {(f"10.0.0.{number}", "", "busy"): 1}, NOW)
    assert len(rows(store)) == 5


def test_a_flood_is_counted_in_few_rows(store: Store) -> None:
    one = Refusals(store)
    for number in range(5000):
        one.refused("10.0.0.1", "busy", f"AE{number}")
    one.flush()
    found = rows(store)
    assert len(found) == MOST_AT_ONCE + 1
    assert sum(row.count for row in found) == 5000


def test_what_no_terminal_should_be_sent_is_not_kept(store: Store) -> None:
    one = Refusals(store)
    one.refused("10.0.0.1", "x\x00y", "\x1b[2J")
    one.flush()
    (row,) = rows(store)
    assert (row.ae_title, row.reason) == ("?[2J", "x?y")
