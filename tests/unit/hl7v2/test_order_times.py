"""When the RIS says that an examination began and ended."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import SenderRules
from radrecon.model.order import Order

BERLIN = ZoneInfo("Europe/Berlin")
DAY = "20261122"


def segment(name: str, fields: dict[int, str]) -> str:
    return "|".join((name, *(fields.get(at, "") for at in range(1, max(fields) + 1))))


def told(
    orc: dict[int, str],
    obr: dict[int, str] | None = None,
    kind: str = "ORM^O01",
    written: str = "20261122101205",
    rules: SenderRules | None = None,
) -> Order:
    message = (
        f"MSH|^~\\&|RIS|NORTH|||{written}||{kind}|1|P|2.5",
        "PID|1||123^^^HIS^MR||DOE^JOHN||19600517|M",
        segment("ORC", {2: "P1", 3: "F1", 7: f"1^^^{DAY}0930", **orc}),
        segment("OBR", {1: "1", 2: "P1", 3: "F1", 4: "C^CT", 18: "A1", 24: "CT", **(obr or {})}),
    )
    return read_orders(Message.parse("\r".join(message).encode()), rules or SenderRules(), BERLIN)[0]


def times(order: Order) -> dict[str, tuple[str, str]]:
    found = {"begun": order.begun, "ended": order.ended}
    return {name: (text[11:], order.sources[name]) for name, text in found.items() if text}


@pytest.mark.parametrize("kind", ["ORM^O01", "OMG^O19", "OMI^O23"])
def test_the_observations_own_times_come_first(kind: str) -> None:
    order = told({1: "SC", 5: "CM", 9: f"{DAY}1011"}, {7: f"{DAY}095930", 8: f"{DAY}1008"}, kind)
    assert times(order) == {"begun": ("09:59:30", "OBR-7"), "ended": ("10:08:00", "OBR-8")}


@pytest.mark.parametrize(
    ("orc", "obr", "expected"),
    [
        ({9: f"{DAY}1011"}, {22: f"{DAY}1010"}, ("10:11:00", "ORC-9")),
        ({}, {22: f"{DAY}1010"}, ("10:10:00", "OBR-22")),
        ({}, {}, ("10:12:05", "MSH-7")),
        ({9: f"{DAY}0800"}, {22: f"{DAY}1010"}, ("10:10:00", "OBR-22")),
        ({9: "20261120"}, {}, ("10:12:05", "MSH-7")),
        ({9: f"{DAY}2359"}, {}, ("10:12:05", "MSH-7")),
        ({9: "yesterday"}, {22: "F"}, ("10:12:05", "MSH-7")),
        ({9: '""'}, {22: '""'}, ("10:12:05", "MSH-7")),
    ],
    ids=["ORC-9", "OBR-22", "MSH-7", "the order's own time", "a day", "to come", "no time", "deleted"],
)
@pytest.mark.parametrize(("status", "name"), [("IP", "begun"), ("CM", "ended")])
def test_when_the_status_changed(
    orc: dict[int, str], obr: dict[int, str], expected: tuple[str, str], status: str, name: str
) -> None:
    assert times(told({1: "SC", 5: status, **orc}, obr)) == {name: expected}


@pytest.mark.parametrize(
    "obr",
    [{7: f"{DAY}0930"}, {6: f"{DAY}0940", 7: f"{DAY}0940"}, {7: f"{DAY}1400", 8: f"{DAY}1420"}, {7: DAY, 8: DAY}],
    ids=["the slot", "as requested", "to come", "a day"],
)
def test_what_was_only_planned_is_no_time_of_the_examination(obr: dict[int, str]) -> None:
    assert times(told({1: "SC", 5: "CM"}, obr)) == {"ended": ("10:12:05", "MSH-7")}


def test_an_end_before_the_beginning_is_none() -> None:
    order = told({1: "XO", 5: "CM"}, {7: f"{DAY}1000", 8: f"{DAY}0950"})
    assert times(order) == {"begun": ("10:00:00", "OBR-7"), "ended": ("10:12:05", "MSH-7")}


@pytest.mark.parametrize(
    ("orc", "obr"),
    [
        ({1: "NW", 5: "SC", 9: f"{DAY}0800"}, {7: f"{DAY}0959"}),
        ({1: "NW", 5: "IP", 9: f"{DAY}0800"}, {}),
        ({1: "SC", 5: "A"}, {}),
        ({1: "SC"}, {25: "F", 22: f"{DAY}1100"}),
        ({1: "SC", 5: "CA"}, {}),
        ({1: "OK", 5: "CM"}, {}),
    ],
    ids=["new", "new and in process", "results", "a report", "cancelled", "an answer"],
)
def test_other_words_say_nothing_of_when(orc: dict[int, str], obr: dict[int, str]) -> None:
    assert times(told(orc, obr)) == {}


def test_results_say_when_it_ended_where_the_observation_does() -> None:
    order = told({1: "SC", 5: "A", 9: f"{DAY}1011"}, {7: f"{DAY}0959", 8: f"{DAY}1008"})
    assert times(order)["ended"] == ("10:08:00", "OBR-8")


def test_the_senders_zone_counts_and_a_stated_one_more() -> None:
    london = SenderRules(zone=ZoneInfo("Europe/London"))
    assert told({1: "SC", 5: "CM"}, rules=london).ended == "2026-11-22T11:12:05"
    assert told({1: "SC", 5: "CM"}, written="20261122101205+0000").ended == "2026-11-22T11:12:05"


@pytest.mark.parametrize("written", ["", "20261122", "soon"])
def test_a_message_without_a_time_tells_none(written: str) -> None:
    assert times(told({1: "SC", 5: "CM"}, written=written)) == {}


def test_of_two_requests_of_one_order_the_last_end_counts_once_both_have_one() -> None:
    orc = "ORC|SC|P1|F1||{}"
    obr = segment("OBR", {1: "1", 4: "C^CT", 8: "{}", 18: "A1", 24: "CT"})

    def both(*parts: tuple[str, str]) -> Order:
        head = (f"MSH|^~\\&|RIS|NORTH|||{DAY}1012||ORM^O01|1|P|2.5", "PID|1||123^^^HIS^MR||DOE^JOHN||19600517|M")
        body = [text for status, end in parts for text in (orc.format(status), obr.format(end))]
        (order,) = read_orders(Message.parse("\r".join((*head, *body)).encode()), SenderRules(), BERLIN)
        return order

    assert both(("CM", f"{DAY}1005"), ("CM", f"{DAY}1001")).ended == "2026-11-22T10:05:00"
    assert both(("CM", f"{DAY}1005"), ("SC", "")).ended == ""
