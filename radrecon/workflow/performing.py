"""What a modality says it did: kept, placed on scheduled steps, and their status moved, in one transaction.

Also what comes later: orders that were heard after their examination, and steps that no modality ever ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.config import Config
from radrecon.dicom.mpps import read_performed
from radrecon.dicom.worklist_attributes import Entry, requested_procedure_id, step_id, study_uid
from radrecon.model.errors import ContentError
from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.performed import PerformedStep, Placement, Refusal, StepReference, Told
from radrecon.model.person import Person
from radrecon.recon.identity import survivor_of
from radrecon.recon.normalise import accession_key
from radrecon.recon.performed import Decision, changed, created, moved, place
from radrecon.store import orders, performed, persons, queue
from radrecon.store.codec import key_number
from radrecon.store.database import Connection, Store
from radrecon.store.performed import Heard, StoredPerformed
from radrecon.store.worklist import with_identity

N_CREATE, N_SET = "N-CREATE", "N-SET"
CHUNK = 8  # performed steps or orders per write transaction of the worker: the listener waits no longer
GENERATED_STEP_ID = re.compile(
    r"SPS(\d{1,18})", re.IGNORECASE | re.ASCII
)  # what the worklist tells where none is known


@dataclass(frozen=True)
class Said:
    """One request as it came."""

    operation: str
    sop_instance_uid: str
    raw: bytes
    transfer_syntax: str
    peer_ae_title: str
    address: str
    at: datetime


def read(raw: bytes, transfer_syntax: str) -> PerformedStep | ContentError:
    """What a data set says, or why it cannot be read."""
    try:
        return read_performed(raw, transfer_syntax)
    except ContentError as error:
        return error


def take(store: Store, said: Said, content: PerformedStep, config: Config) -> Refusal | None:
    """Keep one N-CREATE or N-SET and do what it says; None where it was taken. Raises DatabaseDown: nothing is kept."""
    with store.transaction() as conn:
        known = performed.by_uid(conn, said.sop_instance_uid)
        decision = _decide(known, said.operation, content)
        if decision.refusal:
            _journal(conn, said, known.id if known else 0, "refused", decision.refusal, decision.step)
            return decision.refusal
        performed_id = _save(conn, known, decision, said, config)
        _journal(conn, said, performed_id, "repeated" if decision.repeated else "applied", "", decision.step)
        return None


def keep(store: Store, said: Said, reason: str) -> None:
    """A request that says nothing that can be used: only the journal takes it."""
    with store.transaction() as conn:
        _journal(conn, said, 0, "refused", reason)


def _decide(known: StoredPerformed | None, operation: str, content: PerformedStep) -> Decision:
    step = known.step if known else None
    return created(step, content) if operation == N_CREATE else changed(step, content)


def _journal(
    conn: Connection, said: Said, performed_id: int, state: str, reason: str, step: PerformedStep | None = None
) -> None:
    heard = Heard(
        said.at, said.operation, said.sop_instance_uid, said.peer_ae_title, said.address, said.transfer_syntax,
        said.raw, state, str(step.status or "") if step else "", reason,
    )  # fmt: skip
    performed.add_message(conn, heard, performed_id)


def _save(conn: Connection, known: StoredPerformed | None, decision: Decision, said: Said, config: Config) -> int:
    """The step, what it is placed on, and the scheduled steps as they then stand."""
    step, at = decision.step, said.at
    if known and decision.repeated and step.status and step.status.is_final:
        return known.id
    person_id = _person_of(conn, step.patient)
    if known is None:
        where = {"peer": said.peer_ae_title, "address": said.address}
        performed_id = performed.add(conn, said.sop_instance_uid, step, at=at, person_id=person_id, **where)
    else:
        performed_id = known.id
        performed.update(conn, performed_id, step, at=at, person_id=person_id)
    _place(conn, performed_id, step, person_id, config, at)
    _touch(conn, step, at)
    return performed_id


def _person_of(conn: Connection, patient: Demographics) -> int:
    known = persons.find(conn, patient.patient_id) if patient.patient_id else None
    return known.person_id if known else 0


def _touch(conn: Connection, step: PerformedStep, at: datetime) -> None:
    """What may hold its images is looked at again."""
    named = {("uid", one.study_instance_uid) for one in step.references}
    named |= {("accession", accession_key(one.accession_number)) for one in step.references}
    keys = sorted(key_number(kind, value) for kind, value in named if value)
    queue.touch_all(conn, {"key": keys, "study": performed.studies_of(conn, step)}, at)


# -- placing ----------------------------------------------------------------------------------------------------------


def _place(
    conn: Connection, performed_id: int, step: PerformedStep, person_id: int, config: Config, at: datetime
) -> None:
    """Place what is not placed yet, and move the steps that are."""
    before = {one.reference: one for one in performed.placed(conn, performed_id)}
    issuer = config.site.patient_id_issuer
    found = []
    for reference in step.references:
        known = before.get(reference)
        if known is None or not known.placement.is_settled:
            known = place(step, reference, person_id, _told(conn, reference, person_id), issuer)
        found.append(known)
    if found != list(before.values()):
        performed.set_placed(conn, performed_id, found)
    _move(conn, {one.order_id for one in (*found, *before.values()) if one.placement is Placement.APPLIED}, at)


def _told(conn: Connection, reference: StepReference, person_id: int) -> list[Told]:
    """The steps that a reference may mean, as the worklist tells them: all of the patient's where nothing is named."""
    generated = GENERATED_STEP_ID.fullmatch(reference.scheduled_procedure_step_id)
    ids = performed.candidates(conn, reference, [int(generated[1])] if generated else [])
    if person_id and reference.scheduled:
        ids = ids or orders.of_person(conn, person_id)
    near = orders.load_many(conn, ids)
    people = persons.load_many(conn, [order.person_id for order in near])
    return [one for order in near for one in _told_of(with_identity(order, people), people)]


def _told_of(order: Order, people: dict[int, Person]) -> Iterable[Told]:
    owner = survivor_of(order.person_id, people)
    person = people.get(owner)
    common = StepReference(
        study_instance_uid=study_uid(order),
        accession_number=order.accession_number,
        requested_procedure_id=requested_procedure_id(order),
        placer_order_number=order.placer_order_number,
        filler_order_number=order.filler_order_number,
    )
    for step in order.steps:
        yield Told(
            order.id, step.id, step.status,
            replace(common, scheduled_procedure_step_id=step_id(Entry(order, step, ""))),
            step.modality, owner, order.patient, person.identifiers if person else (),
        )  # fmt: skip


def _move(conn: Connection, order_ids: Iterable[int], at: datetime) -> None:
    """The steps of these orders as all that was performed of them says."""
    wanted = sorted(set(order_ids) - {0})
    of = performed.of_orders(conn, wanted)
    for order in orders.load_many(conn, wanted):
        steps = {number: [one.performance for one in found] for number, found in of.get(order.id, {}).items()}
        now = moved(order, steps)
        if now != order:
            orders.save(conn, now, at=at, message_id=performed.message_of_order(conn, order.id))
            accessions = [order.accession_number] if order.accession_number else []  # one that is over collides no more
            queue.touch_all(conn, {"order": [order.id], "accession": accessions}, at)


# -- later ------------------------------------------------------------------------------------------------------------


def catch_up(store: Store, order_ids: Sequence[int], config: Config, now: datetime) -> None:
    """Orders that were heard, or changed, after their examination began. Run by the worker."""
    with store.reading() as conn:
        if not performed.any_heard(conn):
            return
        known = orders.load_many(conn, order_ids)
        waiting = performed.not_applied(conn, known)
        standing = _out_of_step(conn, known)
    for start in range(0, len(waiting), CHUNK):
        with store.transaction() as conn:
            for one in performed.load_many(conn, waiting[start : start + CHUNK]):
                _place_again(conn, one, config, now)
    for start in range(0, len(standing), CHUNK):
        with store.transaction() as conn:
            _move(conn, standing[start : start + CHUNK], now)


def _place_again(conn: Connection, one: StoredPerformed, config: Config, now: datetime) -> None:
    person_id = _person_of(conn, one.step.patient)
    if person_id != one.person_id:
        performed.set_person(conn, one.id, person_id)
    _place(conn, one.id, one.step, person_id, config, now)


def _out_of_step(conn: Connection, known: Sequence[Order]) -> list[int]:
    """Orders that do not stand where what was performed says."""
    of = performed.of_orders(conn, [order.id for order in known])
    steps = {
        order_id: {number: [one.performance for one in found] for number, found in by_step.items()}
        for order_id, by_step in of.items()
    }
    return [order.id for order in known if order.id in steps and moved(order, steps[order.id]) != order]
