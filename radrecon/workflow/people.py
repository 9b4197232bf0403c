"""The index of persons as messages and studies meet it: who is meant, and the identity block as its owner has it now.

An update that was written before another one of the same sender, and comes after it (a queue, a replay), is not taken
over: the later word stands whatever came first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from radrecon.hl7v2 import values
from radrecon.hl7v2.adt import ID_CHANGES, MERGES, REGISTER, UPDATE, AdtEvent
from radrecon.model.case import Weight
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.compare import differences
from radrecon.recon.further_numbers import why_another
from radrecon.recon.overlay import suspected_overlay
from radrecon.store import descriptions, identifiers, orders, person_links, persons, queue, studies
from radrecon.store.codec import dump
from radrecon.store.database import Connection
from radrecon.store.identifiers import Held
from radrecon.store.persons import Known
from radrecon.workflow.clocks import instant, said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.keys import index_order, touch_namesakes

MOST_NUMBERS = 8  # of a person, by which messages about them are looked for
DESCRIBING = frozenset(f"ADT^{event}" for event in REGISTER | UPDATE | MERGES | ID_CHANGES | {"A43"})


def person_for(conn: Connection, identity: Demographics, context: Context, effect: Effect) -> int:
    """The person whom an identity block names; a new one where nobody has the identifier. Changes no known identity."""
    return known_person(conn, identity, context, effect)[0]


def known_person(
    conn: Connection, identity: Demographics, context: Context, effect: Effect
) -> tuple[int, Demographics]:
    """The same, and the identity block that is known of them."""
    found = persons.recognise(conn, identity.patient_id) or _by_a_further_number(conn, identity, context, effect)
    if found is None:
        return _new(conn, identity, context), identity
    known, described = found
    if known.retired:
        effect.retired.append(identity.patient_id)
    elif identity.other_ids and persons.add_identifiers(conn, known.person_id, identity.other_ids):
        retouch(conn, known.person_id, context.at)
    return known.person_id, described


def _by_a_further_number(
    conn: Connection, identity: Demographics, context: Context, effect: Effect
) -> tuple[Known, Demographics] | None:
    """Whose further number this is, where the first one is nobody's: it is theirs too, if nothing speaks against it."""
    known = [one for number in identity.other_ids if (one := holder(conn, number))]
    person = persons.load_one(conn, known[0].person_id) if len({one.person_id for one in known}) == 1 else None
    if person is None:
        return None
    in_use = {one.patient_id.issuer for one in identifiers.of_person(conn, person.id) if not one.retired}
    why_not = why_another(person, identity, in_use)
    if why_not:
        effect.remarks.append(f"{known[0].patient_id} is another patient's, {why_not}: {identity.patient_id} is new")
        return None
    persons.add_identifiers(conn, person.id, (identity.patient_id, *identity.other_ids))
    retouch(conn, person.id, context.at)
    effect.remarks.append(f"{identity.patient_id} is a further number of patient {person.demographics.patient_id}")
    return Known(person.id, False), person.demographics


def holder(conn: Connection, number: PatientId) -> Held | None:
    """A number in use, found with its authority: one that names none may be anybody's."""
    held = identifiers.held(conn, number) if number.issuer else None
    return held if held and not held.retired and held.patient_id.issuer == number.issuer else None


def _new(conn: Connection, identity: Demographics, context: Context, *, registered: bool = False) -> int:
    person_id = persons.insert(conn, identity, context.message_id, registered=registered)
    queue.touch(conn, "person", [person_id], context.at)
    touch_namesakes(conn, identity, context.at)
    return person_id


def describe(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> int:
    """A register or update event: the identity block as the owner has it now."""
    known = persons.find(conn, event.patient.patient_id)
    if known is None and (found := _by_a_further_number(conn, event.patient, context, effect)):
        known = found[0]
    if known is None:
        return _new(conn, event.patient, context, registered=True)
    if known.retired:
        _describe_retired(conn, event, context, effect)
        return known.person_id
    person = persons.load_one(conn, known.person_id)
    assert person is not None
    if not person.registered:
        register(conn, person.id, context)
    if persons.add_identifiers(conn, person.id, event.patient.other_ids):
        retouch(conn, person.id, context.at)
    _take_over(conn, person, event, context, effect)
    return person.id


def register(conn: Connection, person_id: int, context: Context) -> None:
    """An ADT names a person: their orders wait for that no more."""
    if persons.register(conn, person_id):
        queue.touch(conn, AWAITED, orders.of_person(conn, person_id), context.at)


AWAITED = "awaited"  # what is touched for an order of which something has come


def _take_over(conn: Connection, person: Person, event: AdtEvent, context: Context, effect: Effect) -> None:
    identity = combined(person.demographics, event.patient, event.deletes)
    if identity.birth_date != event.patient.birth_date and event.patient.birth_date:
        what = "less exact" if values.is_date(event.patient.birth_date) else "none"
        effect.remarks.append(f"the birth date that was sent is {what}: the known one stays")
    if not _differ(person.demographics, identity):
        return
    if not context.owns_identity:
        effect.remarks.append("identity not taken over: this sender does not own it")
    elif is_outdated(conn, event, person, DESCRIBING, context):
        effect.remarks.append("identity not taken over: a later message of this sender has described this patient")
    else:
        _change(conn, person, identity, event, context, effect)


def is_outdated(
    conn: Connection, event: AdtEvent, person: Person, message_types: Collection[str], context: Context
) -> bool:
    """Whether the same sender has spoken of this person in a message of these types that was written after this one."""
    mine, zone = said_at(event.sent, context), context.rules.zone or context.zone
    in_use = [one.patient_id for one in identifiers.of_person(conn, person.id) if not one.retired]
    numbers = dict.fromkeys((event.patient.patient_id, *event.patient.other_ids, *in_use[:MOST_NUMBERS]))
    heard = descriptions.heard(conn, person.id, numbers, event.sender, message_types)
    return any(instant(values.when(sent), arrived, zone) > mine for sent, arrived in heard)


def _describe_retired(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """What was written before the number was merged away completes the record of who it was; the rest is a case."""
    held = identifiers.held(conn, event.patient.patient_id)
    late = held and held.retired_at and said_at(event.sent, context) <= held.retired_at
    lost = persons.merged_away(conn, event.patient.patient_id) if late else 0
    person = persons.load_one(conn, lost) if lost else None
    effect.retired.append(event.patient.patient_id)
    if person and context.owns_identity:
        block = combined(person.demographics, event.patient, event.deletes)
        identity = replace(block, patient_id=person.demographics.patient_id)
        if _differ(person.demographics, identity):
            persons.change_identity(
                conn, person, identity, event=event.event, at=context.at, message_id=context.message_id
            )


def combined(old: Demographics, new: Demographics, deletes: frozenset[str] = frozenset()) -> Demographics:
    """Empty leaves alone, as does less of a birth date than is known; `""` deletes; the own number stays first."""
    return replace(
        old,
        name=new.name if new.name or "name" in deletes else old.name,
        birth_date=new.birth_date if _tells_birth(old, new) or "birth_date" in deletes else old.birth_date,
        sex=new.sex if new.sex or "sex" in deletes else old.sex,
        patient_id=_fuller(old.patient_id, new.patient_id),
        other_ids=(),
    )


def _tells_birth(old: Demographics, new: Demographics) -> bool:
    """Not what is no date where one is known, nor the year or month alone of the known one."""
    is_less = old.birth_date.startswith(new.birth_date)
    return not is_less and (values.is_date(new.birth_date) or not values.is_date(old.birth_date))


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


def give_studies(conn: Connection, ids: Sequence[int], person_id: int, at: datetime) -> None:
    """Studies are another person's now: they and the accession numbers that they carry are looked at again."""
    studies.set_person(conn, ids, person_id)
    queue.touch(conn, "study", ids, at)
    numbers = {study.facts.accession_number for study in studies.load_many(conn, ids)}
    queue.touch(conn, "accession", sorted(numbers - {""}), at)


def retouch(conn: Connection, person_id: int, at: datetime) -> None:
    """A person changed: their orders' keys, and those of persons linked with them, are written anew."""
    queue.touch(conn, "person", [person_id], at)
    for one in (person_id, *person_links.linked(conn, [person_id])):
        for order in orders.load_many(conn, orders.of_person(conn, one)):
            index_order(conn, order, at)
