"""ADT events applied (HL7 chapter 3; IHE RAD-1, RAD-12): which event does what.

Every event of the standard is taken. One that changes nothing here says so, and makes its patient known all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from radrecon.hl7v2.adt import (
    DELETIONS,
    ID_CHANGES,
    LINKS,
    MERGES,
    MOVES,
    NO_EFFECT,
    NUMBER_CHANGES,
    REGISTER,
    UPDATE,
    VISIT_EVENTS,
    AdtEvent,
    read_adt_events,
)
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import ContentError, RejectError
from radrecon.store.database import Connection
from radrecon.workflow import announcing, linking, merging, moving, renaming, visiting
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.meaning import meant
from radrecon.workflow.people import describe, person_for, register

Apply = Callable[[Connection, AdtEvent, Context, Effect], None]


def apply_adt(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every event of an ADT message. Raises RejectError for no event of the standard, ContentError for bad content."""
    code = message.event
    if code in NO_EFFECT:
        _known_all_the_same(conn, message, context, effect)
    elif code in LINKS:
        linking.apply(conn, [_meant(conn, one, context, effect) for one in _read(message, context)], context, effect)
    elif code in _APPLY:
        for event in _read(message, context):
            _APPLY[code](conn, _meant(conn, event, context, effect), context, effect)
    else:
        raise RejectError(f"ADT^{code} is not taken here" if code else "an ADT message that names no event")


def _read(message: Message, context: Context) -> Sequence[AdtEvent]:
    return read_adt_events(message, context.rules)


def _meant(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> AdtEvent:
    """The event with that number first which means its patient."""
    patient = meant(conn, event.patient, context, effect)
    return event if patient is event.patient else replace(event, patient=patient)


def _known_all_the_same(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    effect.remarks.append(f"nothing here depends on ADT^{message.event}: the message is kept")
    for read in _readable(message, context):
        event = _meant(conn, read, context, effect)
        person_id = person_for(conn, event.patient, context, effect)
        register(conn, person_id, context)
        effect.persons.append(person_id)
        visiting.note(conn, event, person_id, context, effect)


def _readable(message: Message, context: Context) -> Sequence[AdtEvent]:
    """Some of these events (a bed's state) name no patient."""
    try:
        return _read(message, context)
    except ContentError:
        return ()


def _register(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    person_id = describe(conn, event, context, effect)
    effect.persons.append(person_id)
    visiting.note(conn, event, person_id, context, effect)
    announcing.settle_deletion(conn, event, person_id, context)


def _update(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    person_id = describe(conn, event, context, effect)
    effect.persons.append(person_id)
    visiting.note(conn, event, person_id, context, effect)


def _visit(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    person_id = person_for(conn, event.patient, context, effect)
    register(conn, person_id, context)
    effect.persons.append(person_id)
    visiting.note(conn, event, person_id, context, effect)
    visiting.renumber_named(conn, event, person_id, context, effect)


_APPLY: dict[str, Apply] = {
    **dict.fromkeys(REGISTER, _register),
    **dict.fromkeys(UPDATE, _update),
    **dict.fromkeys(VISIT_EVENTS, _visit),
    **dict.fromkeys(DELETIONS, announcing.deletion),
    **dict.fromkeys(MERGES, merging.apply),
    **dict.fromkeys(ID_CHANGES, renaming.apply),
    **dict.fromkeys(NUMBER_CHANGES, visiting.renumber),
    **dict.fromkeys(MOVES, moving.apply),
}
