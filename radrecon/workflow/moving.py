"""Something goes from one patient to another (HL7 A43 identifier, A44 account, A45 visit), and its orders with it.

A move is no merge: what else the former patient has stays theirs. Where an order does not say under which number or
visit it was made, it stays, and the message says how many did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radrecon.hl7v2.adt import AdtEvent
from radrecon.model.errors import ContentError
from radrecon.model.patient import PatientId
from radrecon.model.visit import ACCOUNT, VISIT, Encounter
from radrecon.store import identifiers, merges, orders, persons, studies, visits
from radrecon.store.database import Connection
from radrecon.store.identifiers import Held
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.merging import (
    Statement,
    anothers,
    lead_by,
    merge_persons,
    merged_owner,
    move_retired,
    orders_under,
)
from radrecon.workflow.people import describe, give_studies, person_for, retouch
from radrecon.workflow.visiting import BEFORE, change_number


def apply(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """Raises ContentError where it is not said what moves."""
    person_id = person_for(conn, event.patient, context, effect)
    effect.persons.append(person_id)
    if not context.owns_identity:
        effect.remarks.append("move not applied: this sender does not own identity")
    elif event.event == "A43":
        _move_identifiers(conn, event, person_id, context, effect)
    else:
        _move_encounter(conn, event, person_id, context, effect)


# -- A43 --------------------------------------------------------------------------------------------------------------


def _move_identifiers(conn: Connection, event: AdtEvent, person_id: int, context: Context, effect: Effect) -> None:
    moving = event.non_survivor
    if moving is None or "self_merge" in event.flags:
        raise ContentError("a move that names no other patient", "PID-3")
    numbers = (moving.patient_id, *moving.other_ids)
    first = identifiers.held(conn, moving.patient_id)
    for number in numbers:
        if not _is_anothers(conn, number, event, first, person_id, effect):
            _move_identifier(conn, number, numbers, person_id, event, context, effect)
    describe(conn, replace(event, non_survivor=None), context, effect)


def _is_anothers(
    conn: Connection,
    number: PatientId,
    event: AdtEvent,
    first: Held | None,
    person_id: int,
    effect: Effect,
) -> bool:
    """A further number that is neither patient's: relatives share one."""
    assert event.non_survivor
    named = (event.non_survivor.patient_id, *event.non_survivor.other_ids)
    held = identifiers.held(conn, number) if number != named[0] else None
    if held is None or held.retired or held.person_id in (person_id, first.person_id if first else 0):
        return False
    why_not = anothers(conn, held, person_id, event.patient, named)
    if why_not:
        effect.remarks.append(f"{number} is another patient's, {why_not}: it stays there")
    return bool(why_not)


def _move_identifier(
    conn: Connection,
    number: PatientId,
    along: Sequence[PatientId],
    person_id: int,
    event: AdtEvent,
    context: Context,
    effect: Effect,
) -> None:
    held = identifiers.held(conn, number)
    if held is None:
        persons.add_identifiers(conn, person_id, [number])
        effect.remarks.append(f"{number} was not known: it is this patient's now")
    elif held.person_id == person_id:
        effect.remarks.append(f"{number} is this patient's already")
    elif held.retired or merged_owner(conn, held):
        said = Statement(event.patient.patient_id, (number,), said_at(event.sent, context))
        move_retired(conn, held, person_id, said, context)
        identifiers.reinstate(conn, [] if held.retired else [held.id])
        effect.remarks.append(f"{number} had been merged into another: it moves with its own records")
    else:
        _move_live(conn, held, along, person_id, event, context, effect)
    if held:
        effect.persons.append(held.person_id)


def _move_live(
    conn: Connection,
    held: Held,
    along: Sequence[PatientId],
    person_id: int,
    event: AdtEvent,
    context: Context,
    effect: Effect,
) -> None:
    live = [one for one in identifiers.of_person(conn, held.person_id) if not one.retired]
    left = [one for one in live if one.patient_id not in along]
    if not left:  # nothing remains that could tell the former patient from this one
        merge_persons(conn, person_id, held.person_id, context, sent=said_at(event.sent, context))
        identifiers.reinstate(conn, [one.id for one in live])
        effect.remarks.append(f"{held.patient_id} was the former patient's only number: all of theirs goes along")
        return
    named = [order.id for order in orders_under(conn, held.person_id, held.patient_id)]
    images = studies.of_identifiers(conn, [persons.normal(held.patient_id.value)])
    identifiers.give(conn, [held.id], person_id)
    merges.give_orders(conn, named, person_id)
    give_studies(conn, images, person_id, context.at)
    lead_by(conn, held.person_id, held.patient_id, left[0].patient_id, event.event, context)
    _both_again(conn, held.person_id, person_id, context)
    effect.orders += named
    effect.remarks.append(f"{held.patient_id} moves with {_counted(len(named), conn, held.person_id)}")


def _both_again(conn: Connection, former: int, present: int, context: Context) -> None:
    for person_id in (former, present):
        retouch(conn, person_id, context.at)


def _counted(moved: int, conn: Connection, former: int) -> str:
    left = len(orders.of_person(conn, former))
    return f"{moved} orders; {left} orders of the former patient name another number or none and stay"


# -- A44, A45 ---------------------------------------------------------------------------------------------------------


def _move_encounter(conn: Connection, event: AdtEvent, person_id: int, context: Context, effect: Effect) -> None:
    kind = ACCOUNT if event.event == "A44" else VISIT
    new = next((one for one in event.encounters if one.kind == kind), None)
    old = next((one for one in event.priors if one.kind == kind), new)
    if old is None:
        raise ContentError(f"an {event.event} that does not say which {kind} moves", BEFORE[kind])
    known = visits.of_numbers(conn, [old.number])
    former = _former_patient(conn, event, old, person_id, known)
    rows = _of_former(conn, old, former, known)
    if any(one.updated_at and said_at(event.sent, context) < one.updated_at for one in rows):
        effect.remarks.append(f"a later message speaks of {kind} {old.number}: not applied")
        return
    _hand_over(conn, event, rows or [replace(old, person_id=former)], person_id, context, effect)
    if former and former != person_id:
        _move_orders(conn, [old, *rows], former, person_id, context, effect)
    if new and not new.is_same(old.number, old.issuer):
        change_number(conn, event, person_id, old, new, context, effect)


def _former_patient(
    conn: Connection, event: AdtEvent, old: Encounter, person_id: int, known: Sequence[Encounter]
) -> int:
    """The patient of MRG-1, else whoever has the number now; 0 where nobody has."""
    prior = persons.find(conn, event.non_survivor.patient_id) if event.non_survivor else None
    if prior:
        return prior.person_id
    holders = [one.person_id for one in known if one.kind == old.kind and one.is_same(old.number, old.issuer)]
    return next((one for one in holders if one != person_id), holders[0] if holders else 0)


def _of_former(conn: Connection, old: Encounter, former: int, known: Sequence[Encounter]) -> list[Encounter]:
    """What moves: the visit; or the account with all of its visits."""
    own = [one for one in known if one.person_id == former and one.is_same(old.number, old.issuer)]
    found = [one for one in own if one.kind == old.kind]
    if old.kind == ACCOUNT and former:
        found += [one for one in visits.of_person(conn, former) if one.kind == VISIT and one.account == old.number]
    return found


def _hand_over(
    conn: Connection,
    event: AdtEvent,
    rows: Sequence[Encounter],
    person_id: int,
    context: Context,
    effect: Effect,
) -> None:
    account = next((one.number for one in event.encounters if one.kind == ACCOUNT), "")
    for row in rows:
        moved = replace(row, person_id=person_id, account=(account or row.account) if row.kind == VISIT else "")
        sent = said_at(event.sent, context)
        effect.visits.append(visits.save(conn, moved, sent=sent, message_id=context.message_id))


def _move_orders(
    conn: Connection, rows: Sequence[Encounter], former: int, person_id: int, context: Context, effect: Effect
) -> None:
    held = orders.load_many(conn, orders.of_person(conn, former))
    named = [order.id for order in held if any(one.is_same(order.visit.number, order.visit.issuer) for one in rows)]
    merges.give_orders(conn, named, person_id)
    _both_again(conn, former, person_id, context)
    effect.persons.append(former)
    effect.orders += named
    stay = len(held) - len(named)
    effect.remarks.append(f"{rows[0].kind} {rows[0].number} moves with {len(named)} orders; {stay} of the former stay")
