"""The versions of one report in order of arrival: what each is, and the text that stands (chapter 7, IHE RAD-28).

OBR-25 is table 0123, OBX-11 table 0085. A final result after a final one is an addendum, a correction a new version,
and neither ever overwrites. A preliminary one after a final one is an anomaly: it was overtaken, or the result was
taken back without anybody saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

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


# -- several results of one message and order -------------------------------------------------------------------------

_OUTRANKS = ("C", "K", "F", "V", "B", "U", "A", "R", "P", "I", "S", "O", "X")
_TEXT_MISSING = "text_not_sent"


def apart(version: ReportVersion) -> ReportKind | None:
    """What no other result of its message is one version with: what takes back, and what a rule calls an addendum."""
    if ADDENDUM in version.flags:
        return ReportKind.ADDENDUM
    kind = _BY_STATUS.get(version.status.upper())
    return kind if kind in _TAKEN_BACK else None


def as_one(parts: Sequence[ReportVersion]) -> ReportVersion:
    """Results that a message has of one order: all their texts, each once."""
    if len(parts) == 1:
        return parts[0]
    texts = tuple(dict.fromkeys(part.text for part in parts if part.text))
    flags = dict.fromkeys(flag for part in parts for flag in part.flags if not (texts and flag == _TEXT_MISSING))
    uid = next((part for part in parts if part.study_instance_uid), parts[0])
    return replace(
        parts[0],
        status=_of_all([part.status.upper() for part in parts]),
        text="\n\n".join(texts),
        observed=max(part.observed for part in parts),
        study_instance_uid=uid.study_instance_uid,
        sources=uid.sources | parts[0].sources,
        flags=tuple(flags),
        **_numbers(parts),
    )


def _numbers(parts: Sequence[ReportVersion]) -> dict[str, Any]:
    """Order numbers that all have; those of one examination would stand for that one alone."""
    of_all = parts[0].accession_number
    names = ("placer_order_number", "filler_order_number")
    return {name: "" for name in names if of_all and len({getattr(part, name) for part in parts}) > 1}


def _of_all(statuses: Sequence[str]) -> str:
    """Some final and some not is "some, not all, results available" (A)."""
    kinds = {_BY_STATUS.get(status) for status in statuses}
    if kinds & FINISHED and kinds & set(_BEFORE_FINAL):
        return "A"
    return min(statuses, key=lambda status: _OUTRANKS.index(status) if status in _OUTRANKS else len(_OUTRANKS))
