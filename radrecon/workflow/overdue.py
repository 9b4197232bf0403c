"""What an order's arrival, and its waiting, mean for what is known already. Run by the worker, off the hot path.

Reports and appointments that came before their order are given to it; an order whose accession number does not come
is a case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from radrecon.config import Config
from radrecon.model.case import Finding
from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.recon.accessioned import classify_order, due_at, lacks_accession
from radrecon.recon.order_update import is_same
from radrecon.store import appointments, cases, order_numbers, orders, queue, reports
from radrecon.store.database import Connection, Store
from radrecon.workflow.appointments import apply_pending
from radrecon.workflow.ordering import OVERDUE
from radrecon.workflow.reporting import join_reports


def catch_up(store: Store, order_ids: Iterable[int], config: Config, now: datetime) -> None:
    """What waited for one of these orders is joined to it."""
    ids = sorted(set(order_ids))
    with store.reading() as conn:
        known = orders.load_many(conn, ids)
        early_reports = bool(reports.without_order(conn, known))
        early_times = bool(appointments.pending(conn, {order.person_id for order in known}))
    if early_reports or early_times:
        with store.transaction() as conn:
            join_reports(conn, ids, now)
            apply_pending(conn, ids, config, now)


def awaited(conn: Connection, due: Iterable[int], touched: Iterable[int]) -> frozenset[int]:
    """Orders to be judged: those whose time is up, and those touched that have a case."""
    return frozenset(due) | cases.orders_with_live(conn, touched)


def judge(
    conn: Connection, order_id: int, watch: Watch, config: Config, now: datetime
) -> tuple[tuple[Finding, ...], datetime | None]:
    """What is found of one order, and when it is to be looked at again, if so."""
    order, heard = orders.load_one(conn, order_id), order_numbers.heard_at(conn, order_id)
    minutes = config.site.never_accessioned_minutes
    if order is None or heard is None:
        return (), None
    told = lacks_accession(order) and order_numbers.any_accession(conn)
    found = classify_order(
        order, heard, watch, now, minutes=minutes, told=told, elsewhere=told and _heard_again(conn, order)
    )
    waits = bool(minutes) and lacks_accession(order) and now < due_at(heard, minutes)
    return found, due_at(heard, minutes) if waits else None


def _heard_again(conn: Connection, order: Order) -> bool:
    """The same order of the same patient, heard under another number of theirs and with its accession number."""
    return any(
        other.id != order.id and other.accession_number and is_same(other, order)
        for other in order_numbers.sharing(conn, order)
    )


def look_again(conn: Connection, order_id: int, at: datetime) -> None:
    queue.touch(conn, OVERDUE, [order_id], at)
