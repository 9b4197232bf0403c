"""What is kept of several messages about one examination's times."""

from __future__ import annotations

from itertools import permutations

import pytest

from radrecon.model.order import Order, OrderRequest, StepStatus
from radrecon.recon.order_update import updated
from radrecon.recon.replayed import not_reopened

SCHEDULED, STARTED, COMPLETED = StepStatus.SCHEDULED, StepStatus.STARTED, StepStatus.COMPLETED


def at(clock: str) -> str:
    return f"2026-11-22T{clock}:00" if clock else ""


def said(status: StepStatus, *, begun: str = "", ended: str = "", arrived: str = "") -> Order:
    times = {"begun": at(begun), "ended": at(ended), "arrived": at(arrived)}
    sources = {name: f"{name} {text[11:16]}" for name, text in times.items() if text}
    return Order(filler_order_number="F1", status=status, control="SC", sources=sources, **times)


def after(*orders: Order, keeps_status: bool = False) -> Order:
    known, *later = orders
    for one in later:
        known = updated(known, OrderRequest(one, keeps_status))
    return known


def clocks(order: Order) -> tuple[str, str, str]:
    return order.arrived[11:16], order.begun[11:16], order.ended[11:16]


NEW = said(SCHEDULED)
CAME = said(SCHEDULED, arrived="08:30")


def test_an_update_keeps_what_was_known_and_where_from() -> None:
    order = after(CAME, said(STARTED, begun="09:00"), said(COMPLETED, ended="09:20"))
    assert clocks(order) == ("08:30", "09:00", "09:20")
    assert order.sources == {"arrived": "arrived 08:30", "begun": "begun 09:00", "ended": "ended 09:20"}


def test_the_first_arrival_and_the_last_end_count() -> None:
    order = after(
        CAME, said(SCHEDULED, arrived="08:40"), said(COMPLETED, ended="09:20"), said(COMPLETED, ended="09:35")
    )
    assert clocks(order) == ("08:30", "", "09:35")
    assert order.sources["ended"] == "ended 09:35"


@pytest.mark.parametrize("order", list(permutations((said(STARTED, begun="09:00"), said(COMPLETED, ended="09:20")))))
def test_the_order_in_which_messages_come_does_not_matter(order: tuple[Order, ...]) -> None:
    assert clocks(after(NEW, *order)) == ("", "09:00", "09:20")


def test_an_examination_begun_again_has_not_ended() -> None:
    order = after(NEW, said(STARTED, begun="09:00"), said(COMPLETED, ended="09:20"), said(STARTED, begun="09:40"))
    assert clocks(order) == ("", "09:40", "")
    assert order.sources == {"begun": "begun 09:40"}


@pytest.mark.parametrize("status", [SCHEDULED, StepStatus.CANCELLED])
def test_an_order_that_is_scheduled_again_or_replaced_has_neither_begun_nor_ended(status: StepStatus) -> None:
    assert clocks(after(CAME, said(COMPLETED, begun="09:00", ended="09:20"), said(status))) == ("08:30", "", "")


def test_a_message_that_says_nothing_of_the_state_leaves_the_times() -> None:
    ended = after(NEW, said(COMPLETED, ended="09:20"))
    assert clocks(after(ended, NEW, keeps_status=True)) == ("", "", "09:20")


def test_a_replayed_message_opens_nothing_and_ends_stay() -> None:
    ended = after(NEW, said(COMPLETED, ended="09:20"))
    replayed = not_reopened(ended, after(ended, NEW))
    assert (clocks(replayed), replayed.sources) == (("", "", "09:20"), ended.sources)
