"""What should come and has not: an expectation becomes a case when its grace is over and it can be judged.

Whether something is awaited follows from facts alone; that it is late is a matter of `now`. It is judged only where it
is usual (images of a station, reports of a sender): what has never been heard there is not missed, and what is older
than the first that was heard is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind
from radrecon.model.order import Order, Step
from radrecon.model.person import Watch
from radrecon.recon.times import DAY_LENGTH, wall

STAT = ("S", "STAT", "A", "ASAP")
USUAL = 0.5  # at least so many of what could have had it had it


@dataclass(frozen=True)
class OrderFacts:
    """One order with what has come of it. Instants are UTC.

    `study_id`: the study that it is linked with, quiet since `images_at`; `performed`: images are at a PACS, by link,
    accession number or UID; `ever`: or were; `under_way`: a modality has begun. `reported`: any version of a report;
    `final_at`: when the first final one came. `temporary`: what is temporary about its patient's identity.
    """

    order: Order
    heard_at: datetime
    registered: bool = True
    temporary: str = ""
    issuer: str = ""
    study_id: int = 0
    images_at: datetime | None = None
    performed: bool = False
    ever: bool = False
    under_way: bool = False
    reported: bool = False
    final_at: datetime | None = None


PRACTICE = {
    CaseKind.OVERDUE_ORDER: "images",
    CaseKind.REPORT_WITHOUT_IMAGES: "images",
    CaseKind.IMAGES_WITHOUT_REPORT: "reports",
    CaseKind.ORDER_WITHOUT_REGISTRATION: "registration",
}
"""What must be usual at an expectation's place; the other kinds need nothing."""

AGING = tuple(PRACTICE)  # kinds that are given up on after a while: nothing will be done about them any more
OF_IMAGES = (CaseKind.OVERDUE_ORDER, CaseKind.REPORT_WITHOUT_IMAGES)  # a PACS that is not asked says nothing of these
OF_ORDERS = tuple(PRACTICE)
KINDS = (*PRACTICE, CaseKind.TEMPORARY_IDENTITY, CaseKind.MISSING_UPDATE)


def grace(kind: CaseKind, pace: int, cases: CasesConfig) -> timedelta | None:
    """How long it may be awaited; None: for ever."""
    hours = cases.temporary_identity_hours
    found = {
        CaseKind.OVERDUE_ORDER: (cases.overdue_order_hours * 60,) * 2,
        CaseKind.REPORT_WITHOUT_IMAGES: (cases.report_without_images_hours * 60,) * 2,
        CaseKind.IMAGES_WITHOUT_REPORT: (
            cases.images_without_report_hours * 60,
            cases.images_without_report_stat_hours * 60,
        ),
        CaseKind.ORDER_WITHOUT_REGISTRATION: (cases.order_without_registration_minutes,) * 2,
        CaseKind.MISSING_UPDATE: (cases.missing_update_minutes,) * 2,
    }
    if kind is CaseKind.TEMPORARY_IDENTITY:
        return timedelta(hours=hours[-1] if pace else hours[0]) if hours else None
    return timedelta(minutes=found[kind][pace]) if found[kind][pace] else None


def start_of(step: Step, watch: Watch) -> datetime | None:
    """When a step is due, UTC; one that has a day only is due at its end."""
    begin = wall(step.start)
    try:
        if begin and len(step.start.strip()) <= DAY_LENGTH:
            begin += timedelta(days=1)
        return begin.replace(tzinfo=ZoneInfo(watch.zone)).astimezone(UTC) if begin else None
    except OverflowError:
        return None


def named(order: Order) -> str:
    """How people call an order."""
    number = order.accession_number or order.placer_order_number or order.filler_order_number
    return f"order {number}" if number else "an order without any number"


def modality_of(order: Order) -> str:
    return next((step.modality for step in order.steps if step.modality), "")


def is_urgent(order: Order) -> bool:
    return order.priority.upper() in STAT


def on_wall(instant: datetime, watch: Watch) -> str:
    """An instant on the site's clock: `2026-11-22 14:02`."""
    return f"{instant.astimezone(ZoneInfo(watch.zone)):%Y-%m-%d %H:%M}"
