"""What a comparison says, whatever came first. The whole flow is in tests/workflow/test_ris_judging.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

from radrecon.config import ModalityConfig
from radrecon.model.case import CaseKind
from radrecon.model.patient import PatientId
from radrecon.model.person import Person, Watch
from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry
from radrecon.recon.ris_worklist import Judgement, RisView, classify_lists
from tests.builders import ISSUER, NOW, demographics, order

LONG_AGO = NOW - timedelta(days=90)
CT1 = ModalityConfig(ae_title="CT1", modalities=["CT"])
WATCH = Watch(date(2026, 11, 20), LONG_AGO, "UTC", ISSUER)
UP = ListState("RIS", "CT1", NOW, NOW, LONG_AGO, 1)
ANNA = Person(5, demographics(), (PatientId("1000001", ISSUER),), updated_at=LONG_AGO)
ORDER = replace(order(), id=1, person_id=5)


def listed(accession: str = "A100", key: str = "k", **more: Any) -> Listed:
    entry = WorklistEntry(accession, modality="CT", start="2026-11-22T14:30", patient=demographics())
    return Listed("RIS", "CT1", key, entry, more.pop("first_seen", LONG_AGO), **more)


def judged(*, watch: Watch = WATCH, **view: Any) -> Judgement:
    plain = RisView(
        "RIS", (CT1,), {"CT1": UP}, (), (ORDER,), {5: ANNA}, frozenset((1,)), {1: LONG_AGO},
    )  # fmt: skip
    return classify_lists(replace(plain, **view), watch)


def kinds(found: Judgement) -> list[CaseKind]:
    return [one.kind for one in found.findings]


def test_on_both_sides_is_nothing_to_say() -> None:
    assert judged(listed=(listed(),)) == Judgement()


def test_each_side_alone() -> None:
    alone = judged(listed=(listed("B7", fresh=True),))
    assert kinds(alone) == [CaseKind.NOT_ON_RIS_WORKLIST, CaseKind.NEVER_ORDERED]
    assert "order A100 of the same patient waits" in alone.findings[1].cause
    assert [one.subject for one in alone.findings] == ["ris:RIS/order:1", "ris:RIS/entry:k"]


def test_a_list_that_is_not_current_keeps_what_is() -> None:
    down = {"CT1": replace(UP, error="down")}
    assert judged(states=down, listed=(listed("B7"),)) == Judgement(
        kept=frozenset(("ris:RIS/order:1", "ris:RIS/entry:k"))
    )
    assert judged(states={}).kept == {"ris:RIS/order:1"}
    assert judged(states=down, listed=(listed(),)).kept == {"ris:RIS/order:1"}


def test_an_exam_from_before_the_watch_is_not_judged() -> None:
    later = replace(WATCH, watch_from=date(2026, 11, 23))
    assert judged(watch=later) == Judgement()
    assert judged(watch=later, orders=(), listed=(listed("B7"),)) == Judgement()


def test_a_stat_order_is_graver() -> None:
    assert judged(orders=(replace(ORDER, priority="S"),)).findings[0].severity == 3


def test_a_done_order_may_leave_the_list_and_one_that_was_done_elsewhere_too() -> None:
    assert judged(performed=frozenset((1,))) == Judgement()
    assert judged(waiting=frozenset()) == Judgement()


def test_what_left_the_list_has_the_grace_as_well() -> None:
    just_now = listed(gone_at=NOW - timedelta(minutes=4), id=3)
    assert judged(gone=(just_now,)) == Judgement()
    assert kinds(judged(gone=(replace(just_now, gone_at=NOW - timedelta(minutes=5)),))) == [
        CaseKind.NOT_ON_RIS_WORKLIST
    ]


def test_one_of_several_orders_under_a_number_is_enough() -> None:
    other = replace(ORDER, id=2, person_id=6, patient=demographics("9", "ZORN^EVA", birth_date="1970-01-01"))
    zorn = Person(6, other.patient, (PatientId("9", ISSUER),))
    assert judged(orders=(ORDER, other), people={5: ANNA, 6: zorn}, listed=(listed(),)) == Judgement()


def test_a_suspected_overlay_is_not_called_a_mismatch() -> None:
    quarantined = replace(ANNA, quarantined=True)
    strange = replace(listed(), entry=replace(listed().entry, patient=demographics(name="WAGNER^ANNA")))
    assert kinds(judged(listed=(strange,))) == [CaseKind.WORKLIST_MISMATCH]
    assert judged(listed=(strange,), people={5: quarantined}) == Judgement()


def test_the_order_of_arrival_makes_no_difference() -> None:
    orders = tuple(replace(order(f"A{n}"), id=n, person_id=5) for n in (1, 2, 3))
    entries = tuple(listed(f"A{n}", f"k{n}", id=n) for n in (2, 3, 4))
    told = {
        tuple(sorted((one.subject, one.cause) for one in judged(
            orders=some, waiting=frozenset((1, 2, 3)), listed=others
        ).findings))
        for some in permutations(orders) for others in permutations(entries)
    }  # fmt: skip
    assert len(told) == 1
