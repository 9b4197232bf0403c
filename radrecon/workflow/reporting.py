"""Reports from messages, applied (HL7 chapter 7; IHE RAD-28)."""

from __future__ import annotations

from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.reports import read_reports
from radrecon.model.order import Order, ReportVersion, StepStatus
from radrecon.store import orders, persons, reports
from radrecon.store.database import Connection
from radrecon.workflow.intake import Context, Effect


def apply_reports(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Every result of an ORU."""
    for report in read_reports(message, context.rules):
        apply_report(conn, report, context, effect)
        effect.accessions.append(report.accession_number)


def apply_report(conn: Connection, report: ReportVersion, context: Context, effect: Effect) -> None:
    """Keep a report version; a final one means that its order was performed."""
    order = _order_of(conn, report)
    order_id = order.id if order else 0
    effect.reports.append(reports.add(conn, report, order_id=order_id, at=context.at, message_id=context.message_id))
    if order is None:
        effect.remarks.append("no order is known for this report")
    elif report.status in ("F", "C"):
        waiting = (StepStatus.SCHEDULED, StepStatus.ARRIVED, StepStatus.STARTED)
        orders.set_status(conn, order.id, StepStatus.COMPLETED, waiting)


def _order_of(conn: Connection, report: ReportVersion) -> Order | None:
    """Only of the patient whom the report names: the same number on somebody else is another order."""
    known = persons.find(conn, report.patient.patient_id)
    if known is None:
        return None
    query = Order(
        accession_number=report.accession_number,
        placer_order_number=report.placer_order_number,
        filler_order_number=report.filler_order_number,
        person_id=known.person_id,
    )
    return orders.find(conn, query)
