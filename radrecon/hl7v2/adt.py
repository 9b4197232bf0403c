"""ADT messages (chapter 3) → what happened to whom.

A merge names its survivor in PID-3 and its loser in MRG-1; one A40 may hold several such pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.patient import Demographics, Visit
from radrecon.model.when import When

MERGES = frozenset({"A18", "A30", "A34", "A36", "A39", "A40"})
"""Patient merges: MRG-1 is the loser."""

ID_CHANGES = frozenset({"A46", "A47"})
"""MRG-1 is the old identifier of the same patient."""


@dataclass(frozen=True)
class AdtEvent:
    """One event. `deletes` names the fields of Demographics that were sent as `""`; an empty one means no change.

    `non_survivor` is only set for merges and identifier changes. Flags: self_merge, guessed_charset, bad_birth_date.
    """

    event: str
    patient: Demographics
    visit: Visit = Visit()
    non_survivor: Demographics | None = None
    deletes: frozenset[str] = frozenset()
    occurred: When | None = None
    flags: tuple[str, ...] = ()


def read_adt(message: Message, rules: SenderRules = USUAL) -> AdtEvent:
    """The event, the first one of several. Raises ContentError at PID-3 or MRG-1."""
    return read_adt_events(message, rules)[0]


def read_adt_events(message: Message, rules: SenderRules = USUAL) -> list[AdtEvent]:
    """Every event: one, or one per PID/MRG pair of a merge."""
    if message.event not in MERGES:
        return [_event(message, message.segments, message.first("MRG"), rules)]
    groups = message.groups("PID") or [[]]
    pairs = [(group, mrg) for group in groups for mrg in _losers(group)]
    return [_event(message, group, mrg, rules) for group, mrg in pairs]


def _losers(group: Sequence[Segment]) -> Sequence[Segment | None]:
    return [segment for segment in group if segment.name == "MRG"] or [None]


def _event(message: Message, group: Sequence[Segment], mrg: Segment | None, rules: SenderRules) -> AdtEvent:
    pid = next((segment for segment in group if segment.name == "PID"), None)
    patient = pid_group.demographics(pid, rules)
    loser = _non_survivor(message.event, mrg, patient, rules)
    itself = loser is not None and loser.patient_id == patient.patient_id
    return AdtEvent(
        event=message.event,
        patient=patient,
        visit=pid_group.visit(group),
        non_survivor=loser,
        deletes=pid_group.deletes(pid) if pid else frozenset(),
        occurred=_occurred(message),
        flags=pid_group.flags(message, patient) + (("self_merge",) if itself else ()),
    )


def _non_survivor(event: str, mrg: Segment | None, survivor: Demographics, rules: SenderRules) -> Demographics | None:
    if event not in MERGES | ID_CHANGES:
        return None
    found = pid_group.identifiers_of(mrg.repeats(1), rules, survivor.patient_id.issuer) if mrg else []
    if mrg is None or not found:
        raise ContentError("a merge without the prior patient identifier", "MRG-1")
    return Demographics(found[0], values.person_name(mrg.repeats(7)), other_ids=tuple(found[1:]))


def _occurred(message: Message) -> When | None:
    """EVN-6 (occurred), else EVN-2 (recorded), else MSH-7."""
    texts = (message.get(path) for path in ("EVN-6", "EVN-2", "MSH-7"))
    return next((point for point in map(values.when, texts) if point), None)
