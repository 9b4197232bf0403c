"""A patient's number changes (HL7 A46, A47): PID-3 is the new one, MRG-1 the old one of the same patient.

Refused where the new number is somebody else's: that would be a merge, and nobody said so. The old number stays a way
to the person, and takes no new identity.
"""

from __future__ import annotations

from radrecon.hl7v2.adt import AdtEvent
from radrecon.model.errors import ContentError
from radrecon.model.patient import PatientId
from radrecon.store import identifiers, persons
from radrecon.store.database import Connection
from radrecon.store.identifiers import Held
from radrecon.workflow.clocks import said_at
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.merging import lead_by
from radrecon.workflow.people import describe, person_for, retouch
from radrecon.workflow.visiting import renumber_named


def apply(conn: Connection, event: AdtEvent, context: Context, effect: Effect) -> None:
    """Raises ContentError at PID-3 where the new number belongs to another patient."""
    prior = event.non_survivor
    if prior is None or "self_merge" in event.flags:
        raise ContentError("a patient number changed into itself", "MRG-1")
    if not context.owns_identity:
        effect.persons.append(person_for(conn, event.patient, context, effect))
        effect.remarks.append("change of the patient number not applied: this sender does not own identity")
        return
    _change(conn, prior.patient_id, event, context, effect)
    for old in prior.other_ids:
        if not _is_anothers(conn, old, event, effect):
            _change(conn, old, event, context, effect)
    person_id = describe(conn, event, context, effect)
    effect.persons.append(person_id)
    renumber_named(conn, event, person_id, context, effect)


def _is_anothers(conn: Connection, number: PatientId, event: AdtEvent, effect: Effect) -> bool:
    """A further number of MRG-1 that relatives share."""
    old, new = identifiers.held(conn, number), identifiers.held(conn, event.patient.patient_id)
    anothers = bool(old and new and old.person_id != new.person_id)
    if anothers:
        effect.remarks.append(f"{number} is another patient's: left alone")
    return anothers


def _change(conn: Connection, number: PatientId, event: AdtEvent, context: Context, effect: Effect) -> None:
    wanted = event.patient.patient_id
    old, new = identifiers.held(conn, number), identifiers.held(conn, wanted)
    if old and new and old.person_id != new.person_id:
        raise ContentError("the new patient number already belongs to another patient: that would be a merge", "PID-3")
    if old is None:
        _note_old(conn, number, new, event, context, effect)
    elif new is None:
        _rename(conn, old, event, context, effect)
    else:
        _settle(conn, old, new, event, context, effect)


def _note_old(
    conn: Connection, number: PatientId, new: Held | None, event: AdtEvent, context: Context, effect: Effect
) -> None:
    """The old number was never heard of: it leads to whoever has the new one."""
    person_id = new.person_id if new else person_for(conn, event.patient, context, effect)
    persons.add_identifiers(conn, person_id, [number])
    held = identifiers.held(conn, number)
    identifiers.retire(conn, [held.id] if held and held.person_id == person_id else [], said_at(event.sent, context))


def _rename(conn: Connection, old: Held, event: AdtEvent, context: Context, effect: Effect) -> None:
    """The new number is nobody's yet. One that replaces a number already out of use is out of use as well."""
    wanted, sent = event.patient.patient_id, said_at(event.sent, context)
    persons.add_identifiers(conn, old.person_id, [wanted])
    if old.retired:
        effect.retired.append(old.patient_id)
        added = identifiers.held(conn, wanted)
        identifiers.retire(conn, [added.id] if added else [], old.retired_at)
        return
    identifiers.retire(conn, [old.id], sent)
    lead_by(conn, old.person_id, old.patient_id, wanted, event.event, context)
    retouch(conn, old.person_id, context.at)
    effect.remarks.append(f"patient number changed from {old.patient_id} to {wanted}")


def _settle(conn: Connection, old: Held, new: Held, event: AdtEvent, context: Context, effect: Effect) -> None:
    """Both numbers are this person's: the new one is the first from now on, unless a later message said otherwise."""
    sent = said_at(event.sent, context)
    if old.retired or (new.retired and new.retired_at and sent < new.retired_at):
        effect.remarks.append("both numbers are this patient's already: nothing to change")
        return
    identifiers.reinstate(conn, [new.id])
    identifiers.retire(conn, [old.id], sent)
    lead_by(conn, new.person_id, old.patient_id, new.patient_id, event.event, context)
    retouch(conn, new.person_id, context.at)
    effect.remarks.append(f"patient number changed from {old.patient_id} to {new.patient_id}")
