"""ADT messages with numbers of patients, visits and accounts, each written at a minute of its own."""

from __future__ import annotations

from itertools import count

from tests.workflow.messages import ANNA, message

_numbers = count(1)


def clock(minute: int) -> str:
    """MSH-7, `minute` minutes past one o'clock: before everything that the plain messages say."""
    return f"202611221{3 + minute // 60}{minute % 60:02}00"


def head(kind: str, minute: int, sender: str = "HIS", control: str = "") -> str:
    control = control or f"T{next(_numbers)}"
    return f"MSH|^~\\&|{sender}|HOSP|RADRECON||{clock(minute)}||{kind}|{control}|P|2.5.1"


def cx(number: str, issuer: str = "HOSP") -> str:
    """`1` → `1^^^HOSP`; several parted by a blank; one that names its authority itself stays."""
    return "~".join(one if "^" in one else f"{one}^^^{issuer}" for one in number.split())


def patient(mrn: str, name: str = ANNA, born: str = "19600517", sex: str = "F", account: str = "", **more: str) -> str:
    return f"PID|1|{more.get('pid2', '')}|{cx(mrn)}||{name}||{born}|{sex}" + "|" * 10 + account


def mrg(prior: str = "", *, account: str = "", visit: str = "", alternate: str = "", name: str = "") -> str:
    return f"MRG|{cx(prior) if prior else ''}||{account}||{visit}|{alternate}|{name}"


def pv1(visit: str = "", *, place: str = "", of_class: str = "I", alternate: str = "") -> str:
    fields = [""] * 51
    fields[1], fields[2], fields[3], fields[19], fields[50] = "1", of_class, place, visit, alternate
    return "|".join(["PV1", *fields[1:]]).rstrip("|")


def said(event: str, *segments: str, minute: int = 0, sender: str = "HIS", control: str = "") -> bytes:
    """An ADT message of these segments."""
    opening = head(f"ADT^{event}", minute, sender, control)
    return message(opening, f"EVN|{event}|{clock(minute)}", *segments)


def ordered(accession: str, mrn: str, *, minute: int = 0, visit: str = "", name: str = ANNA) -> bytes:
    """ORM^O01 of a patient, under a visit."""
    return message(
        head("ORM^O01", minute, "RIS"),
        patient(mrn, name),
        pv1(visit),
        f"ORC|NW|P-{accession}|F-{accession}",
        f"OBR|1|P-{accession}|F-{accession}|CTCHEST^CT chest^L|" + "|" * 13 + f"{accession}||S-{accession}||||CT",
    )
