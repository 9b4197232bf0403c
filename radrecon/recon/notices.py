"""What messages said of a person that only registration can settle → cases: a deletion, a retired number in use.

A delete event (HL7 A23, A29) deletes nothing here: images exist whatever a registration desk says. A number that was
merged away or changed leads to its survivor, and whoever still uses it has not heard of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.patient import PatientId
from radrecon.model.person import Person


@dataclass(frozen=True)
class Announced:
    """A message that says that a person (or, where `visit` is named, one visit) is deleted."""

    event: str
    sender: str
    control_id: str = ""
    visit: str = ""


@dataclass(frozen=True)
class Used:
    """Traffic of one type on a number that leads to somebody else's record."""

    number: PatientId
    sender: str
    message_type: str


def classify_deletions(person: Person, said: Sequence[Announced], *, orders: int, studies: int) -> tuple[Finding, ...]:
    """One case for all that was announced; it is graver where something hangs on the person."""
    if not said or person.merged_into:
        return ()
    first = said[0]
    what = f"visit {first.visit}" if first.visit else "this patient"
    words = f"ADT^{first.event}{_from(first.sender)}{_named(first.control_id)} says that {what} is deleted"
    return (
        Finding(
            CaseKind.DELETION_ANNOUNCED,
            f"person:{person.id}",
            f"{words}; {_hangs(orders, studies)}. Nothing was deleted here",
            CaseOwner.REGISTRATION,
            3 if studies else 2 if orders else 1,
            person_id=person.id,
            evidence={
                "deletions": sorted([one.event, one.visit, one.sender, one.control_id] for one in said),
                "orders": bool(orders),
                "studies": bool(studies),
            },
        ),
    )


def _hangs(orders: int, studies: int) -> str:
    counts = [f"{count} {word if count == 1 else words}" for count, word, words in _counted(orders, studies) if count]
    return f"{' and '.join(counts)} here" if counts else "no order and no study of theirs is here"


def _counted(orders: int, studies: int) -> Iterable[tuple[int, str, str]]:
    return (orders, "order", "orders"), (studies, "study", "studies")


def classify_retired(person: Person, used: Sequence[Used]) -> tuple[Finding, ...]:
    """One case for all retired numbers of one person that are still in use."""
    if not used or person.merged_into:
        return ()
    first = used[0]
    more = f" (and {len(used) - 1} more)" if len(used) > 1 else ""
    words = f"{first.message_type or 'a message'}{_from(first.sender)} uses the retired number {first.number}{more}"
    return (
        Finding(
            CaseKind.RETIRED_IDENTIFIER,
            f"person:{person.id}",
            f"{words}: it leads to {person.demographics.patient_id}",
            CaseOwner.REGISTRATION,
            2,
            person_id=person.id,
            evidence={"used": sorted([str(one.number), one.sender, one.message_type] for one in used)},
        ),
    )


def _from(sender: str) -> str:
    return f" from {sender}" if sender else ""


def _named(control_id: str) -> str:
    return f" (control id {control_id})" if control_id else ""
