"""ADT events applied to the index of persons (HL7 chapter 3; IHE RAD-1, RAD-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from radrecon.hl7v2.adt import AdtEvent, read_adt_events
from radrecon.hl7v2.reader import Message
from radrecon.model.case import Weight
from radrecon.model.errors import ContentError, RejectError
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.compare import differences
from radrecon.recon.overlay import suspected_overlay
from radrecon.store import orders, persons, queue, studies
from radrecon.store.codec import dump
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.keys import index_order, touch_namesakes

REGISTER = {"A01", "A04", "A05", "A28"}
UPDATE = {"A08", "A31"}
VISIT = {"A02", "A03", "A06", "A07", "A09", "A10", "A11", "A12", "A13", "A38"}
MERGE = {"A18", "A30", "A34", "A36", "A39", "A40"}


def apply_adt(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every event of an ADT message."""
    for event in read_adt_events(message, context.rules):
        apply_event(conn, event, context, effect)


def apply_event(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """One ADT event; raises RejectError for events that are not taken, ContentError for what is wrong inside."""
    code = event.event
    if code in MERGE:
        _merge(conn, event, context, effect)
    elif code in REGISTER | UPDATE:
        effect.persons.append(_describe(conn, event, context, effect))
    elif code in VISIT:
        effect.persons.append(person_for(conn, event.patient, context, effect))
    else:
        raise RejectError(f"ADT^{code} is not taken here")


def person_for(conn: Connection, identity: Demographics, context: Context, effect: Effect) -> int:
    """The person whom an identity block names; a new one where nobody has the identifier. Changes no known identity."""
    known = persons.find(conn, identity.patient_id)
    if known is None:
        return _new(conn, identity, context)
    if known.retired:
        effect.remarks.append("this patient number was merged into another; it leads to the survivor")
    else:
        persons.add_identifiers(conn, known.person_id, identity.other_ids)
    return known.person_id


def _new(conn: Connection, identity: Demographics, context: Context) -> int:
    person_id = persons.insert(conn, identity, context.message_id)
    queue.touch(conn, "person", [person_id], context.at)
    touch_namesakes(conn, identity, context.at)
    return person_id


def _describe(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> int:
    """A register or update event: the identity block as the owner has it now."""
    known = persons.find(conn, event.patient.patient_id)
    if known is None:
        return _new(conn, event.patient, context)
    if known.retired:
        effect.remarks.append("not applied: this patient number was merged into another")
        return known.person_id
    person = persons.load_one(conn, known.person_id)
    assert person is not None
    identity = combined(person.demographics, event.patient, event.deletes)
    persons.add_identifiers(conn, person.id, event.patient.other_ids)
    if not context.owns_identity and _differ(person.demographics, identity):
        effect.remarks.append("identity not taken over: this sender does not own it")
    elif _differ(person.demographics, identity):
        _change(conn, person, identity, event, context, effect)
    return person.id


def combined(old: Demographics, new: Demographics, deletes: frozenset[str] = frozenset()) -> Demographics:
    """Empty leaves alone, `""` deletes; the person's own number stays the first."""
    return replace(
        old,
        name=new.name if new.name or "name" in deletes else old.name,
        birth_date=new.birth_date if new.birth_date or "birth_date" in deletes else old.birth_date,
        sex=new.sex if new.sex or "sex" in deletes else old.sex,
        patient_id=_fuller(old.patient_id, new.patient_id),
        other_ids=(),
    )


def _fuller(old: PatientId, new: PatientId) -> PatientId:
    return new if new.value == old.value and new.issuer and not old.issuer else old


def _differ(old: Demographics, new: Demographics) -> bool:
    return replace(old, other_ids=()) != replace(new, other_ids=())


def _change(
    conn: Connection, person: Person, identity: Demographics, event: AdtEvent, context: Context, effect: Effect
) -> None:
    """Take the new identity over; two of family name, birth date and sex at once are a suspected overlay."""
    before = person.before_overlay or person.demographics
    overlaid = suspected_overlay(before, identity)
    more: dict[str, Any] = {"quarantined": bool(overlaid), "before_overlay": dump(before) if overlaid else None}
    if not overlaid and _important(person.demographics, identity):
        more["updated_at"] = context.at
    if overlaid:
        effect.remarks.append(
            f"suspected overlay: {', '.join(overlaid)} changed at once; earlier studies stay untouched"
        )
    persons.change_identity(
        conn, person, identity, event=event.event, at=context.at, message_id=context.message_id, **more
    )
    retouch(conn, person.id, context.at)
    for block in (person.demographics, identity):
        touch_namesakes(conn, block, context.at)


def _important(old: Demographics, new: Demographics) -> bool:
    return any(one.weight is Weight.DIFFERS for one in differences(old, new, ""))


def _merge(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    loser = event.non_survivor
    if loser is None or not loser.patient_id:
        raise ContentError("a merge without the number that is merged away", "MRG-1")
    if loser.patient_id == event.patient.patient_id:
        raise ContentError("a patient number merged into itself", "MRG-1")
    survivor_id = person_for(conn, event.patient, context, effect)
    lost = persons.find(conn, loser.patient_id)
    if lost is not None and lost.person_id == survivor_id:
        effect.remarks.append("already one person: nothing to merge")
        effect.persons.append(survivor_id)
        return
    loser_id = lost.person_id if lost else persons.insert(conn, loser, context.message_id)
    merge_persons(conn, survivor_id, loser_id, context)
    if persons.find(conn, event.patient.patient_id):
        _describe(conn, replace(event, non_survivor=None), context, effect)
    effect.persons += [survivor_id, loser_id]


def merge_persons(conn: Connection, survivor_id: int, loser_id: int, context: Context, correction_id: int = 0) -> None:
    """Identifiers, orders and studies follow the survivor; whatever shares their keys is looked at again."""
    moved = studies.of_identifiers(conn, persons.normals(conn, loser_id))
    persons.merge(
        conn, survivor_id, loser_id, at=context.at, message_id=context.message_id, correction_id=correction_id
    )
    persons.update(conn, survivor_id, updated_at=context.at)
    give_studies(conn, moved, survivor_id, context.at)
    queue.touch(conn, "person", [loser_id], context.at)
    retouch(conn, survivor_id, context.at)


def give_studies(conn: Connection, ids: Sequence[int], person_id: int, at: datetime) -> None:
    """Studies are another person's now: they and the accession numbers that they carry are looked at again."""
    studies.set_person(conn, ids, person_id)
    queue.touch(conn, "study", ids, at)
    numbers = {study.facts.accession_number for study in studies.load_many(conn, ids)}
    queue.touch(conn, "accession", sorted(numbers - {""}), at)


def retouch(conn: Connection, person_id: int, at: datetime) -> None:
    """A person changed: their orders' keys are written anew, old and new ones are looked at again."""
    queue.touch(conn, "person", [person_id], at)
    for order in orders.load_many(conn, orders.of_person(conn, person_id)):
        index_order(conn, order, at)
