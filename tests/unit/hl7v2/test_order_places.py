from __future__ import annotations

import pytest

from radrecon.hl7v2.order_places import assigner, control_of, deleted, found, patients_of, places_of
from radrecon.hl7v2.reader import Message

HEAD = "MSH|^~\\&|RIS|H|||20261128||ORM^O01|1|P|2.5\rPID|1||77\r"


def cut(*lines: str) -> list[str]:
    """Per place: what ORC-2, OBR-1 and IPC-1 say, and whether a ZDS stands there."""
    message = Message.parse((HEAD + "\r".join(lines)).encode())
    return [
        ":".join(
            (found(one, ("ORC-2",))[0], found(one, ("OBR-1",))[0], found(one, ("IPC-1",))[0], "Z" * ("ZDS" in one))
        )
        for one in places_of(message.segments)
    ]


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        (["ORC|NW|A", "OBR|1"], ["A:1::"]),
        (["ORC|NW|A", "OBR|1", "ORC|NW|B", "OBR|2"], ["A:1::", "B:2::"]),
        (["ORC|NW|A", "OBR|1", "OBR|2"], ["A:1::", "A:2::"]),
        (["OBR|1", "OBR|2"], [":1::", ":2::"]),
        (["ORC|NW|A", "OBR|1", "IPC|X", "IPC|Y"], ["A:1:X:", "A:1:Y:"]),
        (["ORC|CA|A"], ["A:::"]),
        (["ORC|NW|A", "OBR|1", "ZDS|1.2"], ["A:1::Z"]),
        (["ZDS|1.2", "ORC|NW|A", "OBR|1"], ["A:1::Z"]),
        (["ORC|NW|A", "OBR|1", "ORC|PR|B", "OBR|2"], ["A:1::"]),
        (["NTE|1||no order"], []),
    ],
)
def test_a_message_is_cut_at_each_order(lines: list[str], places: list[str]) -> None:
    assert cut(*lines) == places


def place(*lines: str):  # type: ignore[no-untyped-def]
    return places_of(Message.parse((HEAD + "\r".join(lines)).encode()).segments)[0]


def test_the_first_path_with_a_value_counts_and_is_named() -> None:
    one = place("ORC|nw|P1^HIS", 'OBR|1|P2|""||||||||||||||||A1')
    assert control_of(one) == "NW"
    assert found(one, ("ORC-3.1", "ORC-2.1", "OBR-2.1")) == ("P1", "ORC-2.1")
    assert found(one, ("OBR-3.1", "ZDS-1.1")) == ("", "")
    assert (assigner(one, "ORC-2.1"), assigner(one, "OBR-2.1"), assigner(one, "")) == ("HIS", "", "")


def test_null_deletes_only_where_nothing_else_is_said() -> None:
    one = place('ORC|XO|""', 'OBR|1|P2|""')
    fields = {"placer": ("ORC-2", "OBR-2"), "filler": ("ORC-3", "OBR-3"), "other": ("OBR-4",)}
    assert deleted(one, fields) == {"filler"}


EVA, URS = "PID|1||1^^^H||MEIER^EVA", "PID|2||2^^^H||KOCH^URS"


@pytest.mark.parametrize(
    ("lines", "runs"),
    [
        (["ORC|NW|A", "OBR|1"], ["77:A"]),
        (["ORC|NW|A", "OBR|1", URS, "ORC|NW|B", "OBR|2"], ["77:A", "2:B"]),
        (["ORC|NW|A", "OBR|1", EVA, "ORC|NW|B", URS, "ORC|NW|C"], ["77:A", "1:B", "2:C"]),
        (["OBR|1|A", URS, "OBR|2|B"], ["77:A", "2:B"]),
        (["ORC|NW|A", "OBR|1", URS, "ORC|PR|B", "OBR|2|B", "ORC|NW|C", "OBR|3"], ["77:AC"]),
        (["ORC|NW|A", "OBR|1", URS, "OBR|2|B", "OBX|1", "ORC|NW|C", "OBR|3"], ["77:AC"]),
        (["ORC|NW|A", "OBR|1", URS, "PV1|1|O", "OBR|2|B"], ["77:A"]),
    ],
)
def test_each_patient_has_their_own_orders_and_prior_results_are_nobodys(lines: list[str], runs: list[str]) -> None:
    message = Message.parse((HEAD + "\r".join(lines)).encode())
    found = []
    for run in patients_of(message.segments):
        number = next(segment for segment in run if segment.name == "PID").get("3")
        orders = [one.get("ORC", one.get("OBR")) for one in places_of(run)]
        found.append(f"{number}:{''.join(one.get('2') for one in orders if one)}")
    assert found == runs
