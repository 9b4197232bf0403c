"""Persons linked and unlinked (HL7 A24, A37): two PID, no MRG. They stay two: what a link finds, a person decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from radrecon.hl7v2.adt import AdtEvent
from radrecon.model.errors import ContentError
from radrecon.store import person_links
from radrecon.store.database import Connection
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.people import person_for, retouch


def apply(conn: Connection, events: Sequence[AdtEvent], context: Context, effect: Effect) -> None:
    """One event per PID: the first patient is linked with (or unlinked from) each of the others."""
    if len(events) < 2:
        raise ContentError(f"an {events[0].event} with one patient: there is nothing to link it with", "PID-3")
    first, *others = [person_for(conn, event.patient, context, effect) for event in events]
    effect.persons += [first, *others]
    if not context.owns_identity:
        effect.remarks.append("link not applied: this sender does not own identity")
        return
    act = _link if events[0].event == "A24" else _unlink
    for other in others:
        act(conn, first, other, events[0], context, effect)


def _link(conn: Connection, one: int, other: int, event: AdtEvent, context: Context, effect: Effect) -> None:
    sent = said_at(event.sent, context)
    ended, link_id = person_links.last_end(conn, one, other), person_links.standing(conn, one, other)
    if one == other:
        effect.remarks.append("already one person: nothing to link")
    elif link_id:
        person_links.confirm(conn, link_id, sent=sent)
        effect.remarks.append("already linked")
    elif ended and sent < ended:
        effect.remarks.append("a later message has unlinked these patients: not applied")
    else:
        person_links.link(conn, one, other, sent=sent, message_id=context.message_id)
        effect.remarks.append("linked: each one's studies find the other's orders, a person decides")
        _again(conn, {one, other}, context)


def _unlink(conn: Connection, one: int, other: int, event: AdtEvent, context: Context, effect: Effect) -> None:
    sent = said_at(event.sent, context)
    link_id = person_links.standing(conn, one, other)
    if one == other:
        effect.remarks.append("not unlinked: these numbers are one person's")
        return
    if link_id and sent < person_links.begun(conn, link_id):
        effect.remarks.append("a later message has linked these patients: not applied")
        return
    circle = {one, other, *person_links.linked(conn, [one, other])}
    person_links.unlink(conn, one, other, sent=sent, message_id=context.message_id)
    effect.remarks.append("unlinked" if link_id else "these patients were not linked: noted")
    _again(conn, circle, context)


def _again(conn: Connection, person_ids: Iterable[int], context: Context) -> None:
    for person_id in sorted(person_ids):
        retouch(conn, person_id, context.at)
