"""What a hospital's interface engine sends, as frames: orders of 1.2 kB, patients' changes, reports of 3.2 kB.

Five thousand people, each with one identity for ever, so that nothing looks like an overlay. The `at`-th message of a
batch is the same in every run; another batch shares none of its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from benchmarks.reading import order, report
from radrecon.hl7v2.framing import frame

PEOPLE = 5_000
FAMILIES = (
    "MILLER",
    "FISCHER",
    "SMITH",
    "GARCIA",
    "NGUYEN",
    "KOWALSKI",
    "ROSSI",
    "JANSEN",
    "DUBOIS",
    "HANSEN",
    "OKAFOR",
)
GIVEN = ("ANNA", "JONATHAN", "MARIA", "PETER", "LINH", "PIOTR", "GIULIA", "SANNE", "CLAIRE", "LARS", "CHIOMA", "TOM")
MIX = "OOAOROAOOAOROAOOAORO"
"""Orders 60 %, patients' changes 25 %, reports 15 %."""


@cache
def person(number: int) -> dict[str, str]:
    """Their values in the texts of `reading` → those of this person."""
    number %= PEOPLE
    day, syllable = number % 20_000, f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"
    name = f"{FAMILIES[number % 11]}{syllable}^{GIVEN[number // 11 % 12]} {chr(65 + number // 132 % 26)}"
    return {
        "0012345678": f"{number:010}",
        "987654321": f"{900_000_000 + number}",
        "MÜLLER^ANNA MARIA^S": name,
        "19600517": f"19{20 + day % 80:02}{1 + day % 12:02}{1 + day % 28:02}",
        "|F|||HAUPTSTRASSE": f"|{'FM'[number % 2]}|||HAUPTSTRASSE",
        "V00998877": f"V{number:08}",
    }


def _filled(text: str, values: dict[str, str]) -> str:
    for old, new in values.items():
        text = text.replace(old, new)
    return text


def _numbers(batch: str, at: int) -> dict[str, str]:
    """One examination's numbers; at most 16 characters each."""
    number, uid = f"{batch}{at:06}", f"{int.from_bytes(batch.encode())}.{at}"
    return {
        "20261122-17": number, "20261122-99": number, "A20261122001": f"A{number}", "RP4711": f"R{number}",
        "SPS4711": f"S{number}", "1071048149.42": uid, "HIS00000042": f"O{number}", "RIS00000099": f"R{number}",
    }  # fmt: skip


@cache
def _original(make: Callable[[], str]) -> str:
    """In original mode: one answer, AA when all is done."""
    return make().replace("|||AL|NE||", "||||||")


def an_order(batch: str, at: int, who: int) -> bytes:
    return frame(_filled(_original(order), person(who) | _numbers(batch, at)).encode())


def a_report(batch: str, at: int, who: int) -> bytes:
    """Of the order with the same number."""
    return frame(_filled(_original(report), person(who) | _numbers(batch, at)).encode())


def a_change(batch: str, at: int, who: int) -> bytes:
    """ADT^A08 or A04: the patient as before, with a new telephone number."""
    head, pid, visit = _original(order).split("\r")[:3]
    event = "A08" if at % 3 else "A04"
    head = head.replace("ORM^O01^ORM_O01", f"ADT^{event}^ADT_A01").replace("HIS00000042", f"P{batch}{at:06}")
    text = "\r".join((head, f"EVN|{event}|20261122091500", pid.replace("5550123", f"{at % 10_000_000:07}"), visit, ""))
    return frame(_filled(text, person(who)).encode())


def orders(batch: str, connections: int, count: int) -> list[list[bytes]]:
    """`count` orders, dealt out to the connections."""
    return [[an_order(batch, at, at * 7) for at in range(one, count, connections)] for one in range(connections)]


def mixed(batch: str, connections: int, count: int) -> list[list[bytes]]:
    """Orders, changes and reports of earlier orders, dealt out to the connections."""
    return [
        list(_mix(f"{batch}{one:02}", count // connections + (one < count % connections))) for one in range(connections)
    ]


def _mix(batch: str, count: int) -> Iterator[bytes]:
    ordered = reported = 0
    for at in range(count):
        kind = MIX[at % len(MIX)]
        if kind == "O":
            yield an_order(batch, ordered, ordered * 7)
            ordered += 1
        elif kind == "A":
            yield a_change(batch, at, at * 3)
        else:
            yield a_report(batch, reported, reported * 7)
            reported += 1
