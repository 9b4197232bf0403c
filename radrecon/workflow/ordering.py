"""Orders from messages, applied (HL7 chapter 4; IHE RAD-2, RAD-3, RAD-4)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from radrecon.hl7v2.orders import read_requests
from radrecon.hl7v2.reader import Message
from radrecon.model.altering import altered
from radrecon.model.order import Order, OrderRequest
from radrecon.recon.order_update import ENDING, GENERATED, OPEN, TAKEN_OVER, is_same, repeats_filler, updated
from radrecon.recon.overlay import names_another
from radrecon.recon.replayed import not_reopened
from radrecon.store import order_numbers, orders, queue, replays
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.keys import index_order
from radrecon.workflow.meaning import meant
from radrecon.workflow.people import known_person

__all__ = ["GENERATED", "TAKEN_OVER", "apply_orders", "apply_request", "new_study_uid"]

OVERDUE = "overdue"  # what is touched for an order that has no accession number yet
NEW = ("NW", "SN", "RO", "CH")  # order controls of orders that nobody has heard of before


def apply_orders(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every order of an ORM, OMG or OMI."""
    for request in read_requests(message, context.rules, context.zone):
        apply_request(conn, request, message.sending_application, context, effect)


def apply_request(conn: Connection, request: OrderRequest, sender: str, context: Context, effect: Effect) -> None:
    """Insert or update what one request speaks of: one order, several where only their common placer's is named."""
    stated = altered(request.order, patient=meant(conn, request.order.patient, context, effect))
    person_id, described = known_person(conn, stated.patient, context, effect)
    conflict = names_another(described, stated.patient)
    flags = (*stated.flags, "identity_conflict") if conflict else stated.flags
    request = altered(request, order=altered(stated, person_id=person_id, sender=sender, flags=flags))
    for known in _known(conn, request.order, effect.orders) or (None,):
        if known and context.replay_of and replays.later_word(conn, known.id, context.replay_of):
            _leave(known, effect)
        else:
            _save(conn, known, request, context, effect)
    effect.persons.append(person_id)


def _save(conn: Connection, known: Order | None, request: OrderRequest, context: Context, effect: Effect) -> None:
    merged = _with_uid(updated(known, request) if known else request.order)
    if known and context.replay_of:
        merged = not_reopened(known, merged)
    order_id = orders.save(conn, merged, at=context.at, message_id=context.message_id)
    merged = altered(merged, id=order_id)
    index_order(conn, merged, context.at, new=known is None)
    if known and known.accession_number not in ("", merged.accession_number):
        queue.touch(conn, "accession", [known.accession_number], context.at)
    if not merged.accession_number:
        _await_accession(conn, merged, context)
    effect.orders.append(order_id)
    effect.accessions.append(request.order.accession_number or merged.accession_number)
    effect.remarks += [REMARKS[flag] for flag in merged.flags if flag in REMARKS]


def _leave(known: Order, effect: Effect) -> None:
    """A replay brings back nothing that a later message has changed."""
    effect.orders.append(known.id)
    effect.accessions.append(known.accession_number)
    effect.remarks.append(REMARKS["replayed_late"])


def _await_accession(conn: Connection, order: Order, context: Context) -> None:
    """Looked at again when the accession number should have come."""
    minutes = context.config.site.never_accessioned_minutes
    if minutes and order.status in OPEN:
        queue.touch(conn, OVERDUE, [order.id], context.at + timedelta(minutes=minutes))


# -- which order ------------------------------------------------------------------------------------------------------


def _known(conn: Connection, order: Order, spoken_of: Sequence[int] = ()) -> Sequence[Order]:
    """The order that a message speaks of. The same number of another authority is another order.

    `spoken_of`: the message has named these already, each by its accession number.
    """
    asked = altered(order, accession_number="") if repeats_filler(order) else order
    found = orders.find(conn, asked)
    if found is None:
        return () if order.control in NEW else order_numbers.of_step(conn, asked)[:1]
    if found.id in spoken_of and asked.accession_number not in ("", found.accession_number):
        return ()
    if not is_same(found, asked):
        return [one for one in order_numbers.sharing(conn, asked) if is_same(one, asked)][:1]
    if _may_mean_several(found, asked):
        return [one for one in order_numbers.sharing(conn, asked) if is_same(one, asked)]
    return (found,)


def _may_mean_several(found: Order, asked: Order) -> bool:
    """The placer's number alone, from the placer or to end what it ordered: the filler may have made several of it."""
    alone = bool(found.accession_number) and not asked.accession_number and not asked.filler_order_number
    return alone and (asked.sender != found.sender or asked.control in ENDING)


def _with_uid(order: Order) -> Order:
    """An order whose RIS names no Study UID gets the one that its modality will be told."""
    if order.study_instance_uid:
        return order
    sources = order.sources | {"study_instance_uid": GENERATED}
    return altered(order, study_instance_uid=new_study_uid(), sources=sources)


def new_study_uid() -> str:
    """A UID of a UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


REMARKS = {
    "no_step": "this order makes no scheduled step: it is on no worklist",
    "unknown_control": "unknown order control: the order is kept as it was",
    "bad_study_uid": "what stands for the Study Instance UID is none: it is left out",
    "status_not_stated": "a status change that states no status: the order is kept as it was",
    "unable": "the sender cannot do what was asked of this order: it is kept as it was",
    "order_error": "the sender reports an error about this order: it is kept as it was",
    "replaced": "this order was replaced by another one",
    "replacement_missing": "to be replaced, but no replacement came along: the order is kept as it was",
    "already_done": "a new order under the number of one that is done: that one is kept as it was",
    "replayed_late": "later messages have spoken of this order: it is kept as it was",
    "number_wanted": "the placer is asked for an order number",
    "identity_conflict": "the order's patient differs from the person known under this number: never linked by itself",
}
