"""Five fields of a typical order (ORM^O01) and report (ORU^R01): ours from the bytes to the values, beside `hl7.parse`.

Theirs is the parse of text that is already decoded, and no field is read; ours decodes, parses and reads five fields.
Both run in turns in one process, so that a busy machine slows both, and the fastest of many rounds of each counts.
Below, for the record: the full reading into the model, and the acknowledgement, of the same messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import hl7

from radrecon.hl7v2.ack import ack
from radrecon.hl7v2.adt import read_adt_events
from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports

GOAL = 60
ROUNDS = 500
FIELDS = {
    "ORM": ("PID-3", "PID-5", "ORC-2", "ORC-3", "OBR-4"),
    "ORU": ("PID-3", "PID-5", "OBR-3", "OBR-4", "OBR-25"),
}
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)

_PATIENT = (
    "PID|1||0012345678^^^GENERAL^MR~987654321^^^NATIONAL^NI||MÜLLER^ANNA MARIA^S^^FRAU^^L|SCHMIDT^^^^^^M|19600517|F"
    "|||HAUPTSTRASSE 12^^BERLIN^^10115^DE^H||^PRN^PH^^49^30^5550123|^WPN^PH^^49^30^5550199|D|M|EV"
    "|V00998877^^^GENERAL^VN\r"
    "PV1|1|O|RAD^CT1^01^GENERAL||||1234^HOUSE^GREGORY^^^DR^^^HIS|2345^WILSON^JAMES^^^DR^^^HIS"
    "|3456^CUDDY^LISA^^^DR^^^HIS|RAD||||1|A0||1234^HOUSE^GREGORY^^^DR^^^HIS|O|V00998877^^^GENERAL^VN|SELF"
    "|||||||||||||||||||||||||20261122090000\r"
)


def order() -> str:
    """1.2 kB, 9 segments."""
    return (
        "MSH|^~\\&|HIS|GENERAL|RIS|RAD|20261122091512+0100||ORM^O01^ORM_O01|HIS00000042|P|2.3.1|||AL|NE"
        "||UNICODE UTF-8\r" + _PATIENT + "AL1|1|DA|IODINE^CONTRAST MEDIA, IODINATED^L|MO|RASH\r"
        "ORC|NW|P20261122-17^HIS|F20261122-99^RIS||SC||1^once^^20261122100000^^R||20261122091500"
        "|NURSE1^RATCHED^MILDRED||1234^HOUSE^GREGORY^^^DR|RAD^CT1\r"
        "OBR|1|P20261122-17^HIS|F20261122-99^RIS|CTCHEST^CT CHEST WITH CONTRAST^L^P-CTCH^CT CHEST ROUTINE^L|||||||||"
        "COUGH FOR SIX WEEKS|||1234^HOUSE^GREGORY^^^DR||A20261122001|RP4711|SPS4711||||CT|||1^once^^20261122100000^^R"
        "||||R05^COUGH^I10\r"
        "NTE|1||PATIENT NEEDS A WHEELCHAIR, PLEASE CALL THE WARD ONE HOUR BEFORE\r"
        "DG1|1|I10|R05^COUGH^I10||20261122|W\r"
        "ZDS|1.2.276.0.7230010.3.1.2.1787205428.2345.1071048149.42^RIS^Application^DICOM\r"
    )


def report() -> str:
    """3.2 kB, 27 segments."""
    sentences = (
        "FINDINGS: THE LUNGS ARE CLEAR; NO EFFUSION OR PNEUMOTHORAX.",
        "HEART AND MEDIASTINUM ARE OF NORMAL SIZE.",
        "NO ENLARGED MEDIASTINAL, HILAR OR AXILLARY LYMPH NODES.",
        "DEGENERATIVE CHANGES OF THE THORACIC SPINE; NO FRACTURE.",
    )
    lines = [sentences[number % len(sentences)] for number in range(22)]
    return (
        "MSH|^~\\&|RIS|RAD|EHR|GENERAL|20261122143000+0100||ORU^R01^ORU_R01|RIS00000099|P|2.3.1||||||UNICODE UTF-8\r"
        + _PATIENT
        + "ORC|RE|P20261122-17^HIS|F20261122-99^RIS||CM||||20261122142900\r"
        "OBR|1|P20261122-17^HIS|F20261122-99^RIS|CTCHEST^CT CHEST WITH CONTRAST^L|||20261122101500|||||||||"
        "1234^HOUSE^GREGORY^^^DR||A20261122001|RP4711|SPS4711||20261122142900||CT|F||1^once^^20261122100000^^R"
        "|||||7788&GREY&MEREDITH\r"
        + "".join(
            f"OBX|{number}|TX|CTCHEST&GDT^CT CHEST WITH CONTRAST^L||{line}||||||F\r"
            for number, line in enumerate(lines, 1)
        )
    )


def five(raw: bytes, fields: tuple[str, ...]) -> list[str]:
    message = Message.parse(raw)
    return [message.get(path) for path in fields]


def main() -> None:
    print(f"{'message':24}{'bytes':>7}{'segments':>10}{'hl7.parse µs':>14}{'ours µs':>9}{'ratio':>8}{'goal':>7}")
    for name, text in (("ORM", order()), ("ORU", report())):
        compare(name, text)
    print("\nnothing beside it:")
    for name, work in whole().items():
        (spent,) = in_turns((work, 5))
        print(f"{name:55}{spent:9.1f}")


def compare(name: str, text: str) -> None:
    raw, fields = text.encode(), FIELDS[name]
    assert all(five(raw, fields)), five(raw, fields)
    theirs, ours = in_turns((lambda: hl7.parse(text), 1), (lambda: five(raw, fields), 60))
    ratio, segments = theirs / ours, text.count("\r")
    print(
        f"{name + ', five fields':24}{len(raw):7}{segments:10}{theirs:14.0f}{ours:9.1f}{ratio:8.0f}"
        f"{f'{GOAL}×':>7} {'met' if ratio >= GOAL else 'missed'}"
    )


def whole() -> dict[str, Callable[[], object]]:
    orm, oru, adt = order().encode(), report().encode(), order().replace("ORM^O01^ORM_O01", "ADT^A08^ADT_A01").encode()
    message = Message.parse(orm)
    return {
        "order into the model": lambda: read_orders(Message.parse(orm)),
        "report into the model": lambda: read_reports(Message.parse(oru)),
        "ADT into the model": lambda: read_adt_events(Message.parse(adt)),
        "acknowledgement (AA)": lambda: ack(message, "AA", now=NOW, control_id="42"),
    }


def in_turns(*works: tuple[Callable[[], object], int]) -> list[float]:
    """The fastest round of each, in microseconds a call; each round of a work makes its number of calls."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, (work, calls) in enumerate(works):
            started = time.perf_counter()
            for _ in range(calls):
                work()
            best[at] = min(best[at], (time.perf_counter() - started) / calls * 1e6)
    return best
