"""Remembered decisions in the database: found by key while they stand, listed with who follows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.correction import AttributeChange, Plan, Verb
from radrecon.model.decision import Before, Decision, Scope
from radrecon.model.errors import NotFound
from radrecon.store import cases, corrections, decisions
from radrecon.store.database import Store
from tests.builders import NOW, demographics
from tests.store.hospital import build, orphan_finding

LATER = NOW + timedelta(days=1)


def decision(**more: Any) -> Decision:
    made = Decision(
        "link", Scope.ACCESSION, "accession:/X/1/ct1/2026-11-22",
        Before(demographics(), "X", "", "ct1", "2026-11-22", 2),
        demographics(), (AttributeChange("AccessionNumber", "X", "A100"),), 7, 8, 9, 0, 0, "ann", "typo", NOW,
        NOW + timedelta(days=14),
    )  # fmt: skip
    return replace(made, **more)


def found(store: Store, key: str = decision().key, at: Any = LATER) -> list[int]:
    with store.reading() as conn:
        return [one.id for one in decisions.of_keys(conn, [key], at)]


def test_what_is_saved_is_found_by_its_key_as_it_was(store: Store) -> None:
    with store.transaction() as conn:
        number = decisions.save(conn, decision())
        assert decisions.load_one(conn, number) == decision(id=number)
        assert decisions.of_keys(conn, [decision().key], LATER) == [decision(id=number)]
        assert decisions.of_keys(conn, ["other"], LATER) == decisions.of_keys(conn, [], LATER) == []
        assert decisions.any_at(conn, LATER)
        assert not decisions.any_at(conn, NOW + timedelta(days=15))
        with pytest.raises(NotFound):
            decisions.load_one(conn, 999)


def test_neither_before_it_was_made_nor_after_it_expired(store: Store) -> None:
    with store.transaction() as conn:
        number = decisions.save(conn, decision())
        assert [one.id for one in decisions.past(conn, [decision().key], LATER)] == [number]
    assert found(store, at=NOW - timedelta(seconds=1)) == found(store, at=NOW + timedelta(days=14)) == []


def test_a_revoked_one_is_found_no_longer_but_listed(store: Store) -> None:
    with store.transaction() as conn:
        number = decisions.save(conn, decision())
        decisions.revoke(conn, number, at=LATER, who="eve", reason="wrong")
        assert decisions.rows(conn, LATER) == []
        (row,) = decisions.rows(conn, LATER, everything=True)
    assert found(store) == []
    assert (row.state, row.revoked_by, row.revoke_reason) == ("revoked", "eve", "wrong")


def test_it_stands_as_long_as_the_correction_does(store: Store) -> None:
    with store.transaction() as conn:
        correction = corrections.insert_correction(
            conn, Plan(Verb.LINK, 0, "link"), reason="r", ticket="", who="ann", at=NOW
        )
        number = decisions.save(conn, decision(correction_id=correction))
    assert found(store) == [number]
    with store.transaction() as conn:
        corrections.update_correction(conn, correction, state="stale")
    assert found(store) == []
    with store.transaction() as conn:
        corrections.update_correction(conn, correction, state="done", undone_by=99)
        (row,) = decisions.rows(conn, LATER, everything=True)
    assert (found(store), row.state) == ([], "undone")


def test_a_dismissal_stands_as_long_as_the_case_is_dismissed(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        case_id = cases.open_case(conn, orphan_finding(h), NOW)
        cases.update(conn, case_id, state="dismissed")
        number = decisions.save(conn, decision(verb="dismiss", case_id=case_id))
    assert found(store) == [number]
    with store.transaction() as conn:
        cases.update(conn, case_id, state="open")
    assert found(store) == []


def test_who_follows_is_counted_once_each(store: Store) -> None:
    with store.transaction() as conn:
        number = decisions.save(conn, decision())
        for study_id in (21, 22, 21):
            decisions.used(conn, number, study_id, LATER)
        assert decisions.users(conn, [number]) == [21, 22]
        (row,) = decisions.rows(conn, LATER)
    assert (row.used, row.used_by, row.state) == (2, (21, 22), "standing")
    assert (row.accession_number, row.station_name, row.decided_patient_id) == ("X", "ct1", "1000001")


def test_what_a_rule_did_again_is_no_decision_of_a_person(store: Store) -> None:
    with store.transaction() as conn:
        mine = decisions.save(conn, decision(scope=Scope.STUDY))
        decisions.save(conn, decision(scope=Scope.STUDY, by_rule="correct_late_images"))
        assert [one.id for one in decisions.of_studies(conn, {7})] == [mine]
