"""ADT messages (chapter 3) → what happened to whom.

A merge names its survivor in PID-3 and its loser in MRG-1; one A40 may hold several such pairs. Changes of account and
visit numbers name the new one in PID-18, PV1-19 or PV1-50 and the prior one in MRG-3, MRG-5 or MRG-6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from radrecon.hl7v2 import patient as pid_group
from radrecon.hl7v2 import values
from radrecon.hl7v2.reader import Field, Message, Segment
from radrecon.hl7v2.rules import USUAL, SenderRules
from radrecon.model.errors import ContentError
from radrecon.model.patient import Demographics, PatientId, Visit
from radrecon.model.visit import ACCOUNT, ALTERNATE, VISIT, Encounter
from radrecon.model.when import When

REGISTER = frozenset({"A01", "A04", "A05", "A28"})
UPDATE = frozenset({"A08", "A31"})
VISIT_EVENTS = frozenset({"A02", "A03", "A06", "A07", "A11", "A12", "A13", "A17", "A38"})
"""Transfer, discharge, change of class, swap of beds, and what takes them back: nothing of the identity."""

DELETIONS = frozenset({"A23", "A29"})
MERGES = frozenset({"A18", "A30", "A34", "A36", "A39", "A40"})
"""Patient merges: MRG-1 is the loser."""

ID_CHANGES = frozenset({"A46", "A47"})
"""MRG-1 is the old identifier of the same patient."""

NUMBER_CHANGES = {"A35": ACCOUNT, "A41": ACCOUNT, "A42": VISIT, "A49": ACCOUNT, "A50": VISIT, "A51": ALTERNATE}
"""Merges (A35, A41, A42) and changes of account and visit numbers, with the kind of number."""

MOVES = frozenset({"A43", "A44", "A45"})
"""An identifier, an account, a visit goes from the patient of MRG-1 to the patient of PID-3."""

LINKS = frozenset({"A24", "A37"})
"""Two PID, no MRG."""

NO_EFFECT = frozenset(
    {
        "A09", "A10", "A14", "A15", "A16", "A20", "A21", "A22", "A25", "A26", "A27", "A32", "A33", "A48", "A52", "A53",
        "A54", "A55", "A60", "A61", "A62",
    }
)  # fmt: skip
"""Tracking, pending moves, leave of absence, beds, doctors, allergies: they change nothing here."""

_PAIRED = MERGES | ID_CHANGES | MOVES | frozenset(NUMBER_CHANGES)  # a PID with its MRG, perhaps several of them
_TOLD_APART = MERGES | ID_CHANGES | {"A43"}
_PATIENTS = LINKS | {"A17"}  # several PID, each with its own PV1
_NUMBERS = ((VISIT, "PV1", 19, 5), (ACCOUNT, "PID", 18, 3), (ALTERNATE, "PV1", 50, 6))  # kind, where now, MRG before


@dataclass(frozen=True)
class AdtEvent:
    """One event. `deletes` names the fields of Demographics and Visit that were sent as `""`; empty means no change.

    `non_survivor` is only set for merges, identifier changes and moves. `encounters` are the visit and account numbers
    as they are now, `priors` those of MRG. Flags: self_merge, guessed_charset, bad_birth_date, patient_id_elsewhere.
    """

    event: str
    patient: Demographics
    visit: Visit = Visit()
    non_survivor: Demographics | None = None
    deletes: frozenset[str] = frozenset()
    occurred: When | None = None
    flags: tuple[str, ...] = ()
    encounters: tuple[Encounter, ...] = ()
    priors: tuple[Encounter, ...] = ()
    sent: When | None = None
    sender: str = ""
    control_id: str = ""


def read_adt(message: Message, rules: SenderRules = USUAL) -> AdtEvent:
    """The event, the first one of several. Raises ContentError at PID-3 or MRG-1."""
    return read_adt_events(message, rules)[0]


def read_adt_events(message: Message, rules: SenderRules = USUAL) -> list[AdtEvent]:
    """Every event: one, or one per patient of a link or swap, or one per PID/MRG pair."""
    if message.event in _PAIRED:
        return [_event(message, group, rules) for group in _pairs(message)]
    if message.event in _PATIENTS:
        return [_event(message, group, rules) for group in message.groups("PID") or [[]]]
    return [_event(message, message.segments, rules)]


def _pairs(message: Message) -> Iterator[Sequence[Segment]]:
    """One run of segments per MRG: what stands before the first MRG of a PID belongs to each of them."""
    for group in message.groups("PID") or [message.segments]:
        starts = [at for at, segment in enumerate(group) if segment.name == "MRG"]
        if len(starts) < 2:
            yield group
            continue
        for start, end in zip(starts, [*starts[1:], len(group)], strict=True):
            yield [*group[: starts[0]], *group[start:end]]


def _event(message: Message, group: Sequence[Segment], rules: SenderRules) -> AdtEvent:
    pid, mrg, pv1 = (_first(group, name) for name in ("PID", "MRG", "PV1"))
    patient = pid_group.demographics(pid, rules)
    prior = _prior(message.event, mrg, patient, rules)
    visit = pid_group.visit(group)
    found = AdtEvent(
        event=message.event,
        patient=patient,
        visit=visit,
        non_survivor=prior,
        deletes=pid_group.deletes(pid, pv1),
        occurred=_occurred(message),
        flags=pid_group.flags(message, patient, pid),
        encounters=tuple(_encounters(pid, pv1, visit)),
        priors=tuple(_priors(mrg)) if mrg else (),
        sent=values.when(message.timestamp),
        sender=message.sending_application,
        control_id=message.control_id,
    )
    return _told_apart(_with_target(found, pid, rules)) if prior and message.event in _TOLD_APART else found


def _first(group: Sequence[Segment], name: str) -> Segment | None:
    return next((segment for segment in group if segment.name == name), None)


def _prior(event: str, mrg: Segment | None, survivor: Demographics, rules: SenderRules) -> Demographics | None:
    """The patient of MRG-1: who is merged away, whose number changes, or from whom something moves."""
    required = event in MERGES | ID_CHANGES or event == "A43"
    if not required and event not in MOVES:
        return None
    found = pid_group.prior_identifiers(mrg, rules, survivor.patient_id.issuer) if mrg else []
    if mrg is None or not found:
        if not required:
            return None
        raise ContentError(f"an {event} without the prior patient identifier", "MRG-1")
    return Demographics(found[0], values.person_name(mrg.repeats(7)), other_ids=tuple(found[1:]))


def _with_target(event: AdtEvent, pid: Segment | None, rules: SenderRules) -> AdtEvent:
    """As the standard writes A43, PID-3 and MRG-1 both hold the number that moves, and PID-2 says to whom."""
    moving = event.non_survivor
    if event.event != "A43" or pid is None or moving is None or _numbers_of(event.patient) != _numbers_of(moving):
        return event
    target = pid_group.identifiers_of(pid.repeats(2), rules)
    return replace(event, patient=_with_numbers(event.patient, target)) if target else event


def _told_apart(event: AdtEvent) -> AdtEvent:
    """Who is who where both lists share a number: what stands in MRG-1 alone is the prior one's, in PID-3 alone not.

    Senders repeat the old number in PID-3, or an enterprise number in both.
    """
    assert event.non_survivor
    now, before = _numbers_of(event.patient), _numbers_of(event.non_survivor)
    ours = [one for one in now if one not in before]
    theirs = [one for one in before if one not in now]
    if not ours and not theirs:
        return replace(event, flags=(*event.flags, "self_merge"))
    kept = [*ours, *(one for one in now if one in before)] if theirs else ours
    return replace(
        event,
        patient=_with_numbers(event.patient, kept),
        non_survivor=_with_numbers(event.non_survivor, theirs or before),
    )


def _numbers_of(patient: Demographics) -> list[PatientId]:
    return [patient.patient_id, *patient.other_ids]


def _with_numbers(patient: Demographics, numbers: Sequence[PatientId]) -> Demographics:
    return replace(patient, patient_id=numbers[0], other_ids=tuple(numbers[1:]))


def _encounters(pid: Segment | None, pv1: Segment | None, visit: Visit) -> Iterator[Encounter]:
    account = values.patient_id(pid.field(18)).value if pid else ""
    for kind, segment, number, _ in _NUMBERS:
        held = pid if segment == "PID" else pv1
        if held is None:
            continue
        found = _encounter(kind, held.field(number))
        if found and kind == VISIT:
            yield replace(found, account=account, patient_class=visit.patient_class, location=visit.location)
        elif found:
            yield found


def _priors(mrg: Segment) -> Iterator[Encounter]:
    yield from (found for kind, _, _, at in _NUMBERS if (found := _encounter(kind, mrg.field(at))))


def _encounter(kind: str, field: Field) -> Encounter:
    number = values.patient_id(field)
    return Encounter(kind, number.value, number.issuer)


def _occurred(message: Message) -> When | None:
    """EVN-6 (occurred), else EVN-2 (recorded), else MSH-7."""
    texts = (message.get(path) for path in ("EVN-6", "EVN-2", "MSH-7"))
    return next((point for point in map(values.when, texts) if point), None)
