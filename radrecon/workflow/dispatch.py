"""Which workflow applies which message type: a type that stands here is taken, any other is refused and kept."""

from __future__ import annotations

from collections.abc import Callable

from radrecon.hl7v2.reader import Message
from radrecon.model.errors import RejectError
from radrecon.store.database import Connection
from radrecon.workflow.adt import apply_adt
from radrecon.workflow.announcing import note_retired
from radrecon.workflow.appointments import apply_schedule
from radrecon.workflow.intake import Context, Effect
from radrecon.workflow.ordering import apply_orders
from radrecon.workflow.reporting import apply_reports
from radrecon.workflow.taps import pass_by

Apply = Callable[[Connection, Message, Context, Effect], None]

ORDERS = ("ORM^O01", "OMI^O23", "OMG^O19", "ORM")
REPORTS = ("ORU^R01", "ORU")  # senders of 2.1 and 2.2 name no event: these types had only one
APPLY: dict[str, Apply] = {
    **dict.fromkeys(ORDERS, apply_orders),
    **dict.fromkeys(REPORTS, apply_reports),
}
WHOLE_TYPES: dict[str, Apply] = {"ADT": apply_adt, "SIU": apply_schedule}
"""Types whose events their own module tells apart."""


def apply(conn: Connection, message: Message, context: Context, effect: Effect) -> None:
    """Raises RejectError for what is not taken, ContentError for what is wrong inside."""
    if context.sender and context.sender.tap != "feed" and pass_by(conn, message, context, effect):
        return
    kind = message.message_type
    found = APPLY.get(kind) or (WHOLE_TYPES.get(kind[:3]) if kind[3:4] == "^" else None)
    if found is None:
        raise RejectError(f"message type {kind or 'unknown'} is not taken here")
    found(conn, message, context, effect)
    if effect.retired:
        note_retired(conn, message, context, effect)
