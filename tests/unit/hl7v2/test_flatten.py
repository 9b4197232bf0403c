"""Messages as places and values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2.flatten import flatten, flatten_orders
from radrecon.hl7v2.reader import Message

HEAD = "MSH|^~\\&|RIS|H|||20261122||ORM^O01|C1|P|2.5"


def read(*segments: str) -> Message:
    return Message.parse(("\r".join((HEAD, *segments)) + "\r").encode())


def test_every_component_has_its_place_and_empty_ones_have_none() -> None:
    flat = dict(flatten(read("PID|||1^^^HOSP~R2^^^RIS||DOE^JOHN", "NTE|1", "NTE|2||b\\T\\c")))
    assert flat["MSH-2.1"] == "^~\\&"
    assert (flat["MSH-9.1"], flat["MSH-9.2"], flat["MSH-10.1"]) == ("ORM", "O01", "C1")
    assert (flat["PID-3.1"], flat["PID-3.4"]) == ("1", "HOSP")
    assert (flat["PID-3[2].1"], flat["PID-3[2].4"]) == ("R2", "RIS")
    assert (flat["NTE-1.1"], flat["NTE[2]-1.1"], flat["NTE[2]-3.1"]) == ("1", "2", "b&c")
    assert "PID-3.2" not in flat
    assert "PID-1.1" not in flat


def test_each_order_is_flattened_by_itself_with_what_all_share() -> None:
    orders = flatten_orders(
        read("PID|||1", "ORC|NW|P1", "OBR|1|P1", "IPC|A1", "IPC|A1", "OBR|2|P2", "ZDS|1.2", "ORC|NW|P3", "OBR|1|P3")
    )
    assert [dict(order)["OBR-2.1"] for order in orders] == ["P1", "P2", "P3"]
    assert [dict(order)["PID-3.1"] for order in orders] == ["1", "1", "1"]
    assert [dict(order).get("ZDS-1.1", "") for order in orders] == ["", "1.2", ""]
    assert dict(orders[0])["IPC[2]-1.1"] == "A1"


def test_an_order_without_obr_and_one_without_orc_are_orders() -> None:
    assert len(flatten_orders(read("PID|||1", "ORC|CA|P1"))) == 1
    assert len(flatten_orders(read("PID|||1", "OBR|1|P1", "OBR|2|P2"))) == 2
    assert flatten_orders(read("PID|||1")) == []


@given(st.text(max_size=200))
def test_no_body_breaks_it(body: str) -> None:
    message = Message.parse((HEAD + "\r" + body).encode("utf-8", "replace"))
    assert all(path and value for path, value in flatten(message))
    flatten_orders(message)
