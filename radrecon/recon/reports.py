"""The versions of one report in order of arrival: what each is, and the text that stands (chapter 7, IHE RAD-28).

OBR-25 is table 0123, OBX-11 table 0085. A final result after a final one is an addendum, a correction a new version,
and neither ever overwrites. A preliminary one after a final one is an anomaly: it was overtaken, or the result was
taken back without anybody saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from radrecon.model.order import ReportVersion


class ReportKind(StrEnum):
    """What a version is, seen from those before it."""

    PENDING = "pending"  # no result yet: ordered, scheduled, under way
    PRELIMINARY = "preliminary"
    PARTIAL = "partial"
    FINAL = "final"
    ADDENDUM = "addendum"
    CORRECTED = "corrected"
    CONFIRMED = "confirmed"  # final now, or again, with no text sent along
    CANCELLED = "cancelled"  # no result will come
    WITHDRAWN = "withdrawn"
    WRONG_PATIENT = "wrong_patient"
    ANOMALY = "anomaly"
    UNSTATED = "unstated"


_BY_STATUS = {
    **dict.fromkeys(("O", "S", "I", "N", "Z", "Y"), ReportKind.PENDING),
    **dict.fromkeys(("P", "R"), ReportKind.PRELIMINARY),
    "A": ReportKind.PARTIAL,
    **dict.fromkeys(("F", "V"), ReportKind.FINAL),
    **dict.fromkeys(("C", "K"), ReportKind.CORRECTED),
    "B": ReportKind.ADDENDUM,
    "U": ReportKind.CONFIRMED,
    "X": ReportKind.CANCELLED,
    "D": ReportKind.WITHDRAWN,
    "W": ReportKind.WRONG_PATIENT,
}
FINISHED = frozenset((
    ReportKind.FINAL, ReportKind.ADDENDUM, ReportKind.CORRECTED, ReportKind.CONFIRMED,
))  # fmt: skip
"""Kinds that mean that the exam was done and read."""

_BEFORE_FINAL = (ReportKind.PENDING, ReportKind.PRELIMINARY, ReportKind.PARTIAL)
_TAKEN_BACK = (ReportKind.WITHDRAWN, ReportKind.WRONG_PATIENT)
ADDENDUM = "addendum"  # flag of a version that its sender's rule calls an addendum


@dataclass(frozen=True)
class Chained:
    """A version with its place in the chain. `text` is what stands after it, `own_text` whether it brought that."""

    version: ReportVersion
    number: int
    kind: ReportKind
    text: str
    own_text: bool


def chain(versions: Sequence[ReportVersion]) -> tuple[Chained, ...]:
    """Versions of one report, in order of arrival."""
    found: list[Chained] = []
    text, finished = "", False
    for number, version in enumerate(versions, 1):
        kind = kind_of(version, finished, text)
        text = _stands(kind, version, text)
        found.append(Chained(version, number, kind, text, bool(version.text) and text == version.text))
        finished = kind in FINISHED or (finished and kind not in _TAKEN_BACK)
    return tuple(found)


def kind_of(version: ReportVersion, finished: bool, before: str = "") -> ReportKind:
    """What a version is; `finished`: a final one came before it and was not taken back; `before`: the text so far."""
    stated = _BY_STATUS.get(version.status.upper(), ReportKind.UNSTATED)
    if "wrong_patient" in version.flags and not version.text:
        return ReportKind.WRONG_PATIENT
    if ADDENDUM in version.flags:
        return ReportKind.ADDENDUM
    if stated is ReportKind.FINAL and before and version.text in ("", before):
        return ReportKind.CONFIRMED
    if stated is ReportKind.FINAL and finished:
        return ReportKind.ADDENDUM
    return ReportKind.ANOMALY if finished and stated in _BEFORE_FINAL else stated


def finished_before(statuses: Sequence[str]) -> bool:
    """Whether a final version stands after these, judged by their statuses alone."""
    finished = False
    for status in statuses:
        kind = _BY_STATUS.get(status.upper(), ReportKind.UNSTATED)
        finished = kind in FINISHED or (finished and kind not in _TAKEN_BACK)
    return finished


def _stands(kind: ReportKind, version: ReportVersion, before: str) -> str:
    """The text after a version: nothing sent blanks nothing, an anomaly stands beside, an addendum hides nothing."""
    if kind in _TAKEN_BACK:
        return version.text
    if kind is ReportKind.ANOMALY or not version.text:
        return before
    if kind is ReportKind.ADDENDUM and before and before not in version.text:
        return f"{before}\n\n{version.text}"
    return version.text
