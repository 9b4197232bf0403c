"""Merges of patients (HL7 A18, A30, A34, A36, A39, A40): MRG-1 is the loser, PID-3 the survivor.

Chains come in any order: a number always leads to whoever stands at the end. What was said later, by the sender's
clock, stands: a merge the other way round turns the first one over, and a loser who had been merged into somebody else
takes only what was theirs along. A sender who does not own identity merges nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.hl7v2.adt import AdtEvent
from radrecon.model.errors import ContentError
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.recon.further_numbers import why_not_along
from radrecon.recon.overlay import suspected_overlay
from radrecon.store import identifiers, merges, orders, persons, queue, studies
from radrecon.store.database import Connection
from radrecon.store.identifiers import Held
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.people import combined, describe, give_studies, person_for, retouch
from radrecon.workflow.unmerging import apart
from radrecon.workflow.visiting import renumber_named


@dataclass(frozen=True)
class Statement:
    """One merge as it was said: `survivor` is PID-3's number, `losers` are MRG-1's, `sent` by the sender's clock.

    `described`: the survivor as PID has them.
    """

    survivor: PatientId
    losers: tuple[PatientId, ...]
    sent: datetime
    described: Demographics = Demographics()


def apply(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """One PID/MRG pair. Raises ContentError for a number merged into itself."""
    loser = event.non_survivor
    if loser is None or "self_merge" in event.flags:
        raise ContentError("a patient number merged into itself", "MRG-1")
    survivor_id = person_for(conn, event.patient, context, effect)
    effect.persons.append(survivor_id)
    if not context.owns_identity:
        effect.remarks.append("merge not applied: this sender does not own identity")
        return
    numbers = (loser.patient_id, *loser.other_ids)
    said = Statement(event.patient.patient_id, numbers, said_at(event.sent, context), event.patient)
    _make_known(conn, loser, context)
    for number in numbers:
        _merge_number(conn, number, said, context, effect)
    _retire(conn, said)
    person_id = describe(conn, replace(event, non_survivor=None), context, effect)
    if person_id != survivor_id:  # turned over: it is whoever stands again that was described
        effect.persons.insert(effect.persons.index(survivor_id), person_id)
    renumber_named(conn, event, person_id, context, effect)


def _make_known(conn: Connection, loser: Demographics, context: Context) -> None:
    """A loser never heard of becomes known, to be merged away: what comes late under that number finds its way."""
    known = persons.find(conn, loser.patient_id)
    if known is None:
        persons.insert(conn, loser, context.message_id, registered=True)
    elif not known.retired:
        persons.add_identifiers(conn, known.person_id, loser.other_ids)


def _merge_number(conn: Connection, number: PatientId, said: Statement, context: Context, effect: Effect) -> None:
    lost, kept = identifiers.held(conn, number), identifiers.held(conn, said.survivor)
    assert kept
    if lost is None:  # one of several numbers of a loser who was merged before
        _note_gone(conn, number, kept, said)
    elif lost.person_id == kept.person_id:
        _merge_again(conn, lost, kept, said, context, effect)
    elif lost.retired:
        _merge_elsewhere(conn, lost, kept, said, context, effect)
    elif number != said.losers[0] and (why_not := anothers(conn, lost, kept.person_id, said.described, said.losers)):
        effect.remarks.append(f"{number} is another patient's, {why_not}: only the first number is merged")
    else:
        _remark_on(conn, kept.person_id, lost.person_id, effect)
        merge_persons(conn, kept.person_id, lost.person_id, context, sent=said.sent, named=said.losers)
        effect.persons.append(lost.person_id)


def _note_gone(conn: Connection, number: PatientId, kept: Held, said: Statement) -> None:
    """It leads to the survivor from now on, and is out of use also where the survivor's own number is."""
    persons.add_identifiers(conn, kept.person_id, [number])
    added = identifiers.held(conn, number)
    identifiers.retire(conn, [added.id] if added and added.person_id == kept.person_id else [], said.sent)


def anothers(
    conn: Connection, held: Held, survivor_id: int, described: Demographics, named: Sequence[PatientId]
) -> str:
    """Why who has a further number of MRG-1 is somebody else than its first one names; "" if nothing says so."""
    people = persons.load_many(conn, [held.person_id, survivor_id])
    in_use = [one.patient_id for one in identifiers.of_person(conn, held.person_id) if not one.retired]
    survivor = combined(people[survivor_id].demographics, described)
    return why_not_along(people[held.person_id], in_use, survivor, named)


def _merge_again(conn: Connection, lost: Held, kept: Held, said: Statement, context: Context, effect: Effect) -> None:
    """Both numbers are one person's. Where the survivor's is the retired one, it was said the other way round."""
    if not kept.retired or lost.retired:
        effect.remarks.append("already one person: nothing to merge")
    elif kept.retired_at and said.sent < kept.retired_at:
        effect.remarks.append("a later message has merged these the other way round: not applied")
    else:
        effect.remarks.append("merged the other way round before: the later word stands")
        _turn_over(conn, lost, kept, said, context)
    if not kept.retired and not lost.retired:
        lead_by(conn, kept.person_id, lost.patient_id, kept.patient_id, "A40", context)


def _turn_over(conn: Connection, lost: Held, kept: Held, said: Statement, context: Context) -> None:
    """Whoever had been merged away stands again, and everything comes to them."""
    again = merged_owner(conn, kept)
    if again:
        apart(conn, again.id, context.at)
        merge_persons(conn, again.id, lost.person_id, context, sent=said.sent, named=said.losers)
    else:  # the number had only been changed
        identifiers.reinstate(conn, [kept.id])
        lead_by(conn, kept.person_id, lost.patient_id, kept.patient_id, "A40", context)


def merged_owner(conn: Connection, held: Held) -> Person | None:
    """Whose own number this was, who is part now of whom it leads to."""
    lost = persons.merged_away(conn, held.patient_id)
    merged = lost and merges.standing(conn, lost) and merges.root(conn, lost) == held.person_id
    return persons.load_one(conn, lost) if merged else None


def _merge_elsewhere(
    conn: Connection, lost: Held, kept: Held, said: Statement, context: Context, effect: Effect
) -> None:
    """The loser had been merged into somebody else: what was theirs moves on, and nothing of that somebody's own."""
    if lost.retired_at and said.sent < lost.retired_at:
        effect.remarks.append(f"a later message has merged {lost.patient_id} into another: not applied")
        return
    effect.remarks.append(f"{lost.patient_id} had been merged into another before: only its own records move on")
    move_retired(conn, lost, kept.person_id, said, context)
    effect.persons.append(lost.person_id)


def move_retired(conn: Connection, lost: Held, person_id: int, said: Statement, context: Context) -> None:
    """The number of one who was merged away, with all that was made under it, goes to another person."""
    theirs = merged_owner(conn, lost)
    if theirs is None:
        _move_number(conn, lost, person_id, context)
    elif merges.revivable(conn, theirs):
        named = [order.id for order in orders_under(conn, lost.person_id, lost.patient_id)]
        apart(conn, theirs.id, context.at)
        merges.give_orders(conn, named, theirs.id)
        merge_persons(conn, person_id, theirs.id, context, sent=said.sent, named=said.losers)
    else:  # nobody would be left who could be told from them
        merge_persons(conn, person_id, lost.person_id, context, sent=said.sent, named=said.losers)
    retouch(conn, lost.person_id, context.at)


def _move_number(conn: Connection, lost: Held, person_id: int, context: Context) -> None:
    """A number that had only been changed."""
    named = [order.id for order in orders_under(conn, lost.person_id, lost.patient_id)]
    identifiers.give(conn, [lost.id], person_id)
    merges.give_orders(conn, named, person_id)
    give_studies(conn, studies.of_identifiers(conn, [persons.normal(lost.patient_id.value)]), person_id, context.at)
    retouch(conn, person_id, context.at)


def orders_under(conn: Connection, person_id: int, number: PatientId) -> Sequence[Order]:
    """A person's orders that were made under one of their numbers, as the orders themselves say."""
    held = orders.load_many(conn, orders.of_person(conn, person_id))
    return [order for order in held if _is_same(order.patient.patient_id, number)]


def _is_same(one: PatientId, other: PatientId) -> bool:
    """An authority that is not named contradicts nothing."""
    loose = not (one.issuer and other.issuer)
    return persons.normal(one.value) == persons.normal(other.value) and (loose or one.issuer == other.issuer)


def _retire(conn: Connection, said: Statement) -> None:
    """Whatever MRG-1 names is out of use, also a second number of the survivor's own."""
    kept = identifiers.held(conn, said.survivor)
    assert kept
    if kept.retired:
        return
    lost = [held for number in said.losers if (held := identifiers.held(conn, number))]
    gone = [one.id for one in lost if one.person_id == kept.person_id and not one.retired and one.id != kept.id]
    identifiers.retire(conn, gone, said.sent)


def lead_by(conn: Connection, person_id: int, old: PatientId, new: PatientId, event: str, context: Context) -> None:
    """A person whose first number was `old` goes by `new`."""
    person = persons.load_one(conn, person_id)
    if person is None or person.demographics.patient_id != old:
        return
    identity = replace(person.demographics, patient_id=new, other_ids=())
    persons.change_identity(
        conn, person, identity, event=event, at=context.at, message_id=context.message_id, updated_at=context.at
    )
    retouch(conn, person_id, context.at)


def _remark_on(conn: Connection, survivor_id: int, loser_id: int, effect: Effect) -> None:
    """What a person should look at: two who differ in more than a slip, and a suspicion that goes along."""
    people = persons.load_many(conn, [survivor_id, loser_id])
    survivor, loser = people[survivor_id], people[loser_id]
    fields = suspected_overlay(loser.demographics, survivor.demographics)
    if fields:
        effect.remarks.append(f"survivor and non-survivor differ in {', '.join(fields)}: is the merge right?")
    if survivor.quarantined or loser.quarantined:
        effect.remarks.append("one of them is a suspected overlay: the survivor stays under suspicion")


def _suspect(people: dict[int, Person], survivor_id: int, loser_id: int) -> Demographics | None:
    """A suspicion against the loser goes along: of the two identities behind it, the one that is not the survivor's."""
    survivor, loser = people.get(survivor_id), people.get(loser_id)
    if survivor is None or loser is None or survivor.quarantined or not loser.quarantined:
        return None
    both = [one for one in (loser.before_overlay, loser.demographics) if one]
    return next((one for one in both if suspected_overlay(one, survivor.demographics)), None)


def merge_persons(
    conn: Connection,
    survivor_id: int,
    loser_id: int,
    context: Context,
    correction_id: int = 0,
    *,
    sent: datetime | None = None,
    named: Iterable[PatientId] = (),
) -> None:
    """Identifiers, orders and studies follow the survivor; whatever shares their keys is looked at again."""
    moved = studies.of_identifiers(conn, persons.normals(conn, loser_id))
    suspect = _suspect(persons.load_many(conn, [survivor_id, loser_id]), survivor_id, loser_id)
    merges.merge(
        conn, survivor_id, loser_id, at=context.at, sent=sent, named=named, suspect=suspect,
        message_id=context.message_id, correction_id=correction_id,
    )  # fmt: skip
    persons.update(conn, survivor_id, updated_at=context.at)
    give_studies(conn, moved, survivor_id, context.at)
    queue.touch(conn, "person", [loser_id], context.at)
    retouch(conn, survivor_id, context.at)
