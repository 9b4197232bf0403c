"""What the case page says of a case: its state in words, the order it speaks of, what it is about together."""

from __future__ import annotations

from radrecon.model.case import CaseKind
from radrecon.model.rows import AffectedRow, CaseDetail, OrderRow

OVER = ("closed", "dismissed")
STATE_WORDS = {"correcting": "correction under way", "closed": "closed", "dismissed": "dismissed"}

DISMISS = "Dismiss this case? It comes back only when its evidence changes. Why?"
DISMISS_OVERLAY = (
    "Dismiss this case? The new identity is then taken for right, and images under this number that show the old one "
    "become mismatches. Why?"
)

GONE = "The chosen order is no longer one of this case: look at what is proposed now."


def state_words(detail: CaseDetail) -> str:
    """What has become of a case and of its latest correction: `closed: link filed`; "" while it is open."""
    words = STATE_WORDS.get(detail.case.state, "")
    latest = detail.corrections[0] if detail.corrections else None
    if latest is None or detail.case.state != "closed":
        return words
    return f"{words}: {latest.verb} {latest.state}"


def proposed(detail: CaseDetail) -> int:
    """The order that the case speaks of; 0 where it speaks of none."""
    return detail.case.order_id or (detail.candidates[0].order_id if detail.candidates else 0)


def is_gone(before: CaseDetail | None, now: CaseDetail, chosen: int) -> bool:
    """Whether the chosen order was shown and is no more, so that its link would be one to an order that nobody sees."""
    return before is not None and chosen in before.orders and chosen not in now.orders


def dismissal(detail: CaseDetail | None) -> str:
    """What dismissing means; of an overlay it is more than to put it aside."""
    overlay = detail is not None and detail.case.kind == CaseKind.SUSPECTED_OVERLAY
    return DISMISS_OVERLAY if overlay else DISMISS


def together(detail: CaseDetail) -> list[AffectedRow]:
    """What the case is about together; for a collision of accession numbers, the orders that carry it."""
    if detail.affected or detail.case.kind != CaseKind.ACCESSION_COLLISION:
        return list(detail.affected)
    return [_order(detail.orders[one]) for one in detail.evidence.get("orders", ()) if one in detail.orders]


def _order(row: OrderRow) -> AffectedRow:
    return AffectedRow(
        row.id, "order", row.accession_number, row.patient_id, row.patient_name, row.modality,
        row.scheduled_station_ae_title, row.scheduled_start, row.requested_procedure_description, row.status,
    )  # fmt: skip
