"""Visits and accounts (HL7 A01–A08, A11–A13, A38; numbers merged or changed: A35, A41, A42, A49, A50, A51).

Orders carry a visit or account number as the worklist's Admission ID: where it is merged or changed, they follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radrecon.hl7v2.adt import NUMBER_CHANGES, AdtEvent
from radrecon.model.errors import ContentError
from radrecon.model.visit import ACCOUNT, ALTERNATE, VISIT, Encounter
from radrecon.recon.visits import after
from radrecon.store import orders, visits
from radrecon.store.database import Connection
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.people import person_for

NOW = {VISIT: "PV1-19", ACCOUNT: "PID-18", ALTERNATE: "PV1-50"}
BEFORE = {VISIT: "MRG-5", ACCOUNT: "MRG-3", ALTERNATE: "MRG-6"}


def note(conn: Connection, event: AdtEvent, person_id: int, context: Context, effect: Effect) -> None:
    """What an event says of the patient's visit and account; nothing is written where nothing changes."""
    said = [one for one in event.encounters if one.kind != ALTERNATE]
    known = visits.of_numbers(conn, [one.number for one in said])
    for one in said:
        for found in _all_of(known, one, person_id) or [replace(_named(one), person_id=person_id)]:
            _note(conn, event, found, one, context, effect)


def _note(
    conn: Connection, event: AdtEvent, found: Encounter, said: Encounter, context: Context, effect: Effect
) -> None:
    if found.updated_at and said_at(event.sent, context) < found.updated_at:
        return  # told late: what was said after it stands
    if found.merged_into:
        effect.remarks.append(f"{said.kind} number {said.number} was merged into another or changed: left alone")
        return
    new = after(found, event.event, said, event.deletes)
    if not found.id or new != found:
        effect.visits.append(_save(conn, new, event, context))


def _all_of(known: Sequence[Encounter], wanted: Encounter, person_id: int) -> list[Encounter]:
    """One, or several where patients were merged who both had the number."""
    first = of_patient(known, wanted, person_id)
    same = [one for one in known if of_patient([one], wanted, person_id)]
    return [one for one in same if first and one.issuer == first.issuer]


def _named(said: Encounter) -> Encounter:
    return Encounter(said.kind, said.number, said.issuer)


def of_patient(known: Sequence[Encounter], wanted: Encounter, person_id: int) -> Encounter | None:
    """The same number of somebody else is another visit."""
    return next(
        (
            one
            for one in known
            if one.kind == wanted.kind and one.person_id == person_id and one.is_same(wanted.number, wanted.issuer)
        ),
        None,
    )


def _save(conn: Connection, visit: Encounter, event: AdtEvent, context: Context) -> int:
    return visits.save(conn, visit, sent=said_at(event.sent, context), message_id=context.message_id)


def renumber(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """An account, visit or alternate visit number is merged into another, or changes. Raises ContentError."""
    kind = NUMBER_CHANGES[event.event]
    new, old = _of_kind(event.encounters, kind), _of_kind(event.priors, kind)
    if old is None:
        raise ContentError(f"an {event.event} without the prior {kind} number", BEFORE[kind])
    if new is None:
        raise ContentError(f"an {event.event} without the {kind} number", NOW[kind])
    person_id = person_for(conn, event.patient, context, effect)
    effect.persons.append(person_id)
    change_number(conn, event, person_id, old, new, context, effect)


def renumber_named(conn: Connection, event: AdtEvent, person_id: int, context: Context, effect: Effect) -> None:
    """Numbers that another event (A06, A07, A18, A36) changes along with what it is about."""
    for kind in (VISIT, ACCOUNT):
        new, old = _of_kind(event.encounters, kind), _of_kind(event.priors, kind)
        if new and old and not old.is_same(new.number, new.issuer):
            change_number(conn, event, person_id, old, new, context, effect)


def _of_kind(numbers: Sequence[Encounter], kind: str) -> Encounter | None:
    return next((one for one in numbers if one.kind == kind), None)


def change_number(
    conn: Connection, event: AdtEvent, person_id: int, old: Encounter, new: Encounter, context: Context, effect: Effect
) -> None:
    """`old` leads to `new` from now on. Of two that lead to each other, the one that was said later stands."""
    if old.is_same(new.number, new.issuer):
        effect.remarks.append(f"{old.kind} number {old.number} changed into itself: nothing to do")
        return
    known = visits.of_numbers(conn, [old.number, new.number])
    lost = of_patient(known, old, person_id) or replace(_named(old), person_id=person_id)
    kept = of_patient(known, new, person_id) or _successor(lost, new)
    why_not = _already(conn, lost, kept, event, context)
    if why_not:
        effect.remarks.append(why_not)
        return
    target = visits.root(conn, kept)
    if target.id == lost.id and lost.id:  # it was said the other way round before
        target = replace(kept, merged_into=0, state=lost.state)
    kept_id = _save(conn, target, event, context)
    lost_id = _save(conn, replace(lost, merged_into=kept_id, state="merged"), event, context)
    effect.visits += [kept_id, lost_id]
    count = _renumber_orders(conn, person_id, old, target, context)
    effect.remarks.append(f"{old.kind} number {old.number} is {target.number} now: {count} orders follow")


def _successor(lost: Encounter, new: Encounter) -> Encounter:
    """A number never heard of takes over what is known under the old one."""
    state = "" if lost.state == "merged" else lost.state
    return replace(lost, id=0, number=new.number, issuer=new.issuer, merged_into=0, state=state, updated_at=None)


def _already(conn: Connection, lost: Encounter, kept: Encounter, event: AdtEvent, context: Context) -> str:
    """Why there is nothing to do, in words; "" where there is."""
    mine = said_at(event.sent, context)
    merged = [one for one in (lost, kept) if one.merged_into and one.updated_at]
    if any(one.updated_at and mine < one.updated_at for one in merged if one is lost or one.merged_into == lost.id):
        return f"a later message has merged or changed {lost.kind} number {lost.number}: not applied"
    if lost.merged_into and kept.id and visits.root(conn, lost).id == visits.root(conn, kept).id:
        return f"{lost.kind} number {lost.number} was merged already: nothing to do"
    return ""


def _renumber_orders(conn: Connection, person_id: int, old: Encounter, new: Encounter, context: Context) -> int:
    """Orders under the old number; returns how many."""
    found = [
        order
        for order in orders.load_many(conn, orders.of_person(conn, person_id))
        if order.visit.number and old.is_same(order.visit.number, order.visit.issuer)
    ]
    for order in found:
        visit = replace(order.visit, number=new.number, issuer=new.issuer or order.visit.issuer)
        orders.save(conn, replace(order, visit=visit), at=context.at, message_id=context.message_id)
    return len(found)
