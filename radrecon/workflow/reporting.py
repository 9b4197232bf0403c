"""Reports from messages, applied (HL7 chapter 7; IHE RAD-28)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports
from radrecon.model.order import Order, ReportVersion, StepStatus
from radrecon.recon.order_update import part_done, part_meant, repeats_filler
from radrecon.recon.reports import FINISHED, ReportKind, apart, as_one, chain, finished_before, kind_of
from radrecon.store import order_numbers, orders, performed, persons, queue, reports
from radrecon.store.database import Connection
from radrecon.store.reports import StoredReport
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.meaning import meant
from radrecon.workflow.people import AWAITED

WAITING = (StepStatus.SCHEDULED, StepStatus.ARRIVED, StepStatus.STARTED, StepStatus.HELD)
GRAVE = "report_wrong_patient"  # flag of an order whose report was written for somebody else


def apply_reports(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every result of an ORU."""
    found = [
        replace(one, patient=meant(conn, one.patient, context, effect)) for one in read_reports(message, context.rules)
    ]
    for order, parts in _by_order(conn, found, effect):
        _apply(conn, order, parts, context, effect)
        effect.accessions += [part.accession_number for part in parts]


def _by_order(
    conn: Connection, found: Iterable[ReportVersion], effect: Effect
) -> Iterator[tuple[Order | None, Sequence[ReportVersion]]]:
    """Results of one order (several OBR, linked examinations) are one version, unless they say different things."""
    groups: dict[tuple[object, ...], tuple[Order | None, list[ReportVersion]]] = {}
    for at, one in enumerate(found):
        order = _order_of(conn, one, effect)
        number = one.accession_number or one.filler_order_number or one.placer_order_number or at
        subject = order.id if order else (number, str(one.patient.patient_id))
        groups.setdefault((subject, apart(one)), (order, []))[1].append(one)
    for at, (order, parts) in enumerate(groups.values()):
        yield orders.load_one(conn, order.id) if order and at else order, parts


def _apply(
    conn: Connection, order: Order | None, parts: Sequence[ReportVersion], context: Context, effect: Effect
) -> None:
    """Keep a report version; a final one means that its order was performed."""
    report, order_id = as_one(parts), order.id if order else 0
    if context.replay_of and (known := reports.same(conn, report, order_id)):
        effect.reports.append(known)
        return
    before = reports.earlier(conn, report, order_id)
    finished = finished_before(before)
    if kind_of(report, finished) is ReportKind.ANOMALY:
        report = replace(report, flags=(*report.flags, "anomaly"))
    effect.reports.append(
        reports.add(conn, report, order_id=order_id, at=context.at, message_id=context.message_id, before=before)
    )
    if order is None:
        effect.remarks.append("no order is known for this report")
    else:
        queue.touch(conn, AWAITED, [order.id], context.at)
        _note_parts(conn, order, parts, finished, context.at)
    effect.remarks += [REMARKS[flag] for flag in report.flags if flag in REMARKS]


def _note_parts(conn: Connection, order: Order, parts: Sequence[ReportVersion], finished: bool, at: datetime) -> None:
    """Each by itself: one examination of an order may be read before another."""
    now: Order | None = order
    for one in parts:
        if now is not None:
            _note_on_order(conn, now, kind_of(one, finished), one, at)
            now = orders.load_one(conn, order.id) if one is not parts[-1] else None


REMARKS = {
    "anomaly": "a preliminary result after a final one: the final one stands",
    "deleted": "results of this report were deleted",
    "wrong_patient": "results of this report stood under the wrong patient",
}


def _note_on_order(conn: Connection, order: Order, kind: ReportKind, report: ReportVersion, at: datetime) -> None:
    """Performed where the report is final; the grave flag comes with W, and goes with a final report without it."""
    grave = "wrong_patient" in report.flags or (GRAVE in order.flags and kind not in FINISHED)
    if grave != (GRAVE in order.flags):
        flags = tuple(flag for flag in order.flags if flag != GRAVE)
        _keep(conn, replace(order, flags=(*flags, GRAVE) if grave else flags), at)
    if kind not in FINISHED:
        return
    _complete(conn, order, report, at)
    if not order.accession_number:
        queue.touch(conn, "order", [order.id], at)


def _complete(conn: Connection, order: Order, report: ReportVersion, at: datetime) -> None:
    """The order, or those of its requests alone that the report is of: the others may still be waiting."""
    part = part_meant(order, report)
    if not part:
        orders.set_status(conn, order.id, StepStatus.COMPLETED, WAITING)
    elif (known := orders.load_one(conn, order.id)) is not None:
        _keep(conn, part_done(known, part, WAITING), at)


def _keep(conn: Connection, order: Order, at: datetime) -> None:
    """The order message that it is from stays what it was."""
    orders.save(conn, order, at=at, message_id=performed.message_of_order(conn, order.id))


def _order_of(conn: Connection, report: ReportVersion, effect: Effect | None = None) -> Order | None:
    """Only of the patient whom the report names: the same number on somebody else is another order."""
    known = persons.find(conn, report.patient.patient_id)
    if known is None:
        return None
    if known.retired and effect:
        effect.retired.append(report.patient.patient_id)
    query = Order(
        accession_number=report.accession_number,
        placer_order_number=report.placer_order_number,
        filler_order_number=report.filler_order_number,
        person_id=known.person_id,
        sources=report.sources,
    )
    asked = replace(query, accession_number="") if repeats_filler(query) else query
    found = orders.find(conn, asked) or next(iter(order_numbers.of_step(conn, asked)), None)
    found = found if found or asked is query else orders.find(conn, query)
    return found or _only_one_of_placer(conn, asked)


def _only_one_of_placer(conn: Connection, asked: Order) -> Order | None:
    """The placer's order under whatever number: many a RIS numbers its reports in OBR-3."""
    placer = Order(placer_order_number=asked.placer_order_number, person_id=asked.person_id)
    found = order_numbers.sharing(conn, placer)
    return found[0] if len(found) == 1 and not (found[0].accession_number and asked.accession_number) else None


# -- reports that came before their order -----------------------------------------------------------------------------


def join_reports(conn: Connection, order_ids: Iterable[int], now: datetime) -> list[int]:
    """Give reports that waited for one of these orders to it; returns the orders that got some."""
    known = orders.load_many(conn, order_ids)
    waiting = reports.without_order(conn, known)
    joined: dict[int, list[StoredReport]] = {}
    for one in waiting:
        order = _order_of(conn, one.version)
        if order is not None:
            joined.setdefault(order.id, []).append(one)
    for order_id, found in joined.items():
        reports.join(conn, [one.id for one in found], order_id)
        queue.touch(conn, AWAITED, [order_id], now)
        _catch_up(conn, order_id, reports.of_orders(conn, [order_id])[order_id], now)
    return sorted(joined)


def _catch_up(conn: Connection, order_id: int, versions: Sequence[StoredReport], now: datetime) -> None:
    """What the versions together mean for the order, as if each had come after it."""
    for one in chain([each.version for each in versions]):
        order = orders.load_one(conn, order_id)
        if order is not None:
            _note_on_order(conn, order, one.kind, one.version, now)
