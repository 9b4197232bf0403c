from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry
from radrecon.recon.ris_words import answer_sentence, clock, never_ordered_cause
from tests.builders import NOW, order

STATE = ListState("RIS", "CT2", NOW, NOW, NOW, 14)
EARLIER = NOW - timedelta(minutes=20)
HERE = Listed("RIS", "CT2", "k", WorklistEntry("A100", flags=("no patient id",)), EARLIER)


def said(state: ListState, *stays: Listed, asks: bool = True) -> str:
    return answer_sentence("RIS", "CT2", state, stays, asks=asks, now=NOW, zone="Europe/Berlin")


def test_each_state_has_its_sentence() -> None:
    elsewhere, gone = replace(HERE, station="CT1"), replace(HERE, gone_at=NOW, last_seen=EARLIER)
    never, cut = ListState("RIS", "CT2"), replace(STATE, error="RIS answered A700", complete_at=EARLIER)
    assert [
        said(STATE, HERE), said(STATE, elsewhere), said(STATE, gone), said(STATE, replace(elsewhere, gone_at=NOW)),
        said(STATE), said(cut), said(never), said(never, asks=False), said(replace(cut, complete_at=None)),
    ] == [
        "On the list that RIS gives to CT2, since 14:40 (asked 15:00, got 14). Its entry is not in order: "
        "no patient id.",
        "On the list that RIS gives to CT1, not CT2 (asked 15:00, got 14).",
        "Not on the list of RIS since 15:00 (asked 15:00, got 14).",
        "Not on the list of RIS since 15:00, where it stood for CT1 (asked 15:00, got 14).",
        "Not on the list that RIS gives to CT2 (asked 15:00, got 14).",
        "Not on the list that RIS gives to CT2 (asked 14:40, got 14; asked again 15:00, no whole answer: "
        "RIS answered A700).",
        "Not known whether it is on the list of RIS: never asked.",
        "Not known whether it is on the list of RIS: never asked as CT2.",
        "Not known whether it is on the list of RIS: asked 15:00, no whole answer: RIS answered A700.",
    ]  # fmt: skip


def test_another_day_is_named() -> None:
    assert clock(NOW - timedelta(days=2), NOW, "UTC") == "2026-11-20 14:00"


def test_an_order_of_the_same_patient_is_named() -> None:
    cause = never_ordered_cause(WorklistEntry(), "RIS", ["CT1"], [order()])
    assert cause == (
        "an exam without accession number is on the worklist of RIS for CT1 (no time given), but was never ordered "
        "here; order A100 of the same patient waits. Ask the RIS whether its order was sent."
    )
