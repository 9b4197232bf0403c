"""Whom PID-3 means by several numbers: the first one counts, unless it is a relative's, or one out of use."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.further_numbers import is_relatives
from radrecon.store import persons
from radrecon.store.database import Connection
from radrecon.store.persons import Known
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.people import holder


def meant(conn: Connection, said: Demographics, context: Context, effect: Effect) -> Demographics:
    """An identity block with the number first that means its patient.

    A number that was merged away or changed means nobody where the one in use of the same authority stands beside it:
    who writes both has heard of that.
    """
    found = persons.recognise(conn, said.patient_id) if said.other_ids else None
    if found is None:
        return said
    if found[0].retired:
        return _with_first(said, _in_use(conn, said, found[0].person_id))
    return _with_first(said, _unshared(conn, said, found, context, effect))


def _with_first(said: Demographics, number: PatientId | None) -> Demographics:
    if number is None:
        return said
    others = (one for one in (said.patient_id, *said.other_ids) if one != number)
    return replace(said, patient_id=number, other_ids=tuple(others))


def _in_use(conn: Connection, said: Demographics, person_id: int) -> PatientId | None:
    ours = (one for one in said.other_ids if one.issuer == said.patient_id.issuer)
    return next((one for one in ours if (held := holder(conn, one)) and held.person_id == person_id), None)


def _unshared(
    conn: Connection, said: Demographics, found: tuple[Known, Demographics], context: Context, effect: Effect
) -> PatientId | None:
    """A number that relatives share (an insurance's) leads to whoever had it first. Where that one is called or born
    otherwise than the message says, and a further number is of somebody who agrees, the further one is meant. The
    site's own numbers are nobody else's: what differs there is an overlay.
    """
    if said.patient_id.issuer in ("", context.rules.patient_id_issuer):
        return None
    number = _other(conn, found[1], said, found[0].person_id)
    if number:
        text = f"{said.patient_id} is another patient's, who is called or born otherwise: {number} is meant"
        effect.remarks.append(text)
    return number


def _other(conn: Connection, first: Demographics, said: Demographics, first_id: int) -> PatientId | None:
    """The further number of the one other patient to whom they lead, if it is them."""
    held = {one.person_id: number for number in said.other_ids if (one := holder(conn, number))}
    others = held.keys() - {first_id}
    person = persons.load_one(conn, *others) if len(others) == 1 else None
    return held[person.id] if person and is_relatives(first, person, said) else None
