from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry
from radrecon.store import ris_lists
from radrecon.store.database import Store
from tests.builders import NOW, demographics

ENTRY = WorklistEntry("A100", modality="CT", patient=demographics(name="山田^太郎"), flags=("x",))
LISTED = Listed("RIS", "CT1", "k", ENTRY, NOW, fresh=True)


def test_a_state_is_kept_as_it_was(store: Store) -> None:
    state = ListState("RIS", "CT1", NOW, NOW, NOW, 14, "", "2026-11-22", "2026-11-24", 12.5)
    with store.transaction() as conn:
        ris_lists.save_state(conn, state)
        known = ris_lists.state(conn, "RIS", "CT1")
        ris_lists.save_state(conn, replace(known, error="down", answers=3))
    with store.reading() as conn:
        (found,) = ris_lists.states(conn)
        never = ris_lists.state(conn, "RIS", "CT2")
    assert replace(found, id=0) == replace(state, error="down", answers=3)
    assert (never.asked_at, never.is_current, found.is_current) == (None, False, False)


def test_a_stay_begins_ends_and_is_found_by_its_number(store: Store) -> None:
    with store.transaction() as conn:
        ris_lists.add(conn, ris_lists.as_rows([(LISTED, "A100"), (replace(LISTED, station="CT2"), "A100")]))
        first, second = ris_lists.listed(conn, "RIS")
        ris_lists.end(conn, [first.id], last_seen=NOW, gone_at=NOW + timedelta(minutes=2))
    with store.reading() as conn:
        assert ris_lists.listed(conn, "RIS") == [second]
        assert replace(second, id=0) == replace(LISTED, station="CT2")
        (gone,) = ris_lists.gone(conn, "RIS", ["A100"])
        assert ris_lists.stays(conn, "RIS", ["k"]) == [second, gone]
        assert ris_lists.listed(conn, "RIS", "CT2") == [second]
        assert [one.station for one in ris_lists.by_accession(conn, "RIS", "A100")] == ["CT2", "CT1"]
        assert ris_lists.by_accession(conn, "RIS", "") == ris_lists.gone(conn, "RIS", []) == []
    assert (gone.last_seen, gone.gone_at) == (NOW, NOW + timedelta(minutes=2))


def test_what_is_gone_is_let_go_after_its_days_and_beyond_its_number(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ris_lists, "MOST_GONE", 2)
    with store.transaction() as conn:
        ris_lists.add(conn, ris_lists.as_rows([(replace(LISTED, key=f"k{n}"), "A100") for n in range(6)]))
        rows = ris_lists.listed(conn, "RIS")
        ris_lists.end(conn, [rows[0].id], last_seen=None, gone_at=NOW - timedelta(days=15))
        ris_lists.end(conn, [one.id for one in rows[1:5]], last_seen=None, gone_at=NOW)
        ris_lists.trim(conn, "RIS", NOW)
        left = ris_lists.gone(conn, "RIS", ["A100"])
        assert sorted(one.key for one in left) == ["k3", "k4"]
        assert [one.key for one in ris_lists.listed(conn, "RIS")] == ["k5"]


def test_a_source_is_forgotten(store: Store) -> None:
    with store.transaction() as conn:
        ris_lists.save_state(conn, ListState("RIS", "CT1", NOW))
        ris_lists.add(conn, ris_lists.as_rows([(LISTED, "")]))
        ris_lists.forget(conn, "RIS", ["CT1"])
        assert ris_lists.states(conn) == ris_lists.listed(conn, "RIS") == []
