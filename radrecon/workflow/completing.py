"""What images say of performed steps, and performed steps of images: when a step is done, and which were a wrong pick.

MPPS is evidence, never a must: complete images end a step too, at once where no modality told of it, else when the
modality has ended it or has been quiet for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from radrecon.config import Config
from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Link
from radrecon.model.study import Study
from radrecon.recon.performed import (
    BY_IMAGES,
    UNDONE,
    done_by_images,
    is_under_way,
    reopened,
    taken_back,
    wrong_entry,
)
from radrecon.recon.reports import FINISHED, chain
from radrecon.recon.step_images import steps_shown
from radrecon.store import orders, performed, queue, reports, studies, study_links
from radrecon.store.database import Connection, Store
from radrecon.store.performed import StoredPerformed


def made_under_wrong_entry(study: Study, made: Sequence[StoredPerformed]) -> bool:
    """Whether a study holds images of a wrong pick; `made`: the performed steps that name it."""
    return bool(made) and wrong_entry(study.facts, [one.performance for one in made])


def awaits_images(order: Order | None, study: Study) -> bool:
    """Whether a step that the study can show is still to be done."""
    if order is None or order.status not in UNDONE:
        return False
    shown = steps_shown(order, study.facts)
    return not order.steps or any(step.status in UNDONE for step in order.steps if step.id in shown)


def may_go_on_until(
    conn: Connection, order: Order | None, study: Study, config: Config, now: datetime
) -> datetime | None:
    """The study looks complete, but its modality has not ended the step: when that will no longer be waited for.

    None where nothing goes on, or nothing has changed for so long.
    """
    going = under_way(conn, order.id) if order and awaits_images(order, study) else []
    if not going:
        return None
    last = max([one.updated_at for one in going] + ([study.last_changed] if study.last_changed else []))
    quiet = last + timedelta(minutes=config.site.mpps_idle_minutes)
    return quiet if quiet > now else None


def look_again(store: Store, study_id: int, at: datetime) -> None:
    """Once, however often it is looked at until then."""
    with store.reading() as conn:
        known = queue.is_due(conn, "study", study_id, at)
    if not known:
        with store.transaction() as conn:
            queue.touch(conn, "study", [study_id], at)


def note_images(
    conn: Connection, study: Study, order_ids: Sequence[int], before: Sequence[Link], complete: bool, now: datetime
) -> None:
    """A linked, complete study means its steps were done; an order that lost its images is scheduled again, unless it
    is known to be done without them: archives move studies away."""
    for link in before:
        if link.order_id not in order_ids and not _is_done_anyway(conn, link.order_id):
            reopen(conn, link.order_id, now)
    for order in orders.load_many(conn, order_ids) if complete and not study.gone else ():
        if awaits_images(order, study):
            done = done_by_images(order, told_of(conn, order.id) | _only_shown(order, study))
            if done != order:
                orders.save(conn, done, at=now, message_id=performed.message_of_order(conn, order.id))
                queue.touch(conn, "order", [] if order.accession_number else [order.id], now)
            give_up(conn, order.id)


def _is_done_anyway(conn: Connection, order_id: int) -> bool:
    """Whether the RIS has told its end, or a final report was heard."""
    order = orders.load_one(conn, order_id)
    versions = [one.version for one in reports.of_orders(conn, [order_id]).get(order_id, [])]
    return bool(order and order.ended) or any(one.kind in FINISHED for one in chain(versions))


def _only_shown(order: Order, study: Study) -> frozenset[int]:
    """The steps that the study shows, where there are others: those wait for images of their own."""
    shown = steps_shown(order, study.facts)
    return shown if len(shown) < len(order.steps) else frozenset()


def reopen(conn: Connection, order_id: int, now: datetime) -> None:
    """An order completed only because of its images waits again."""
    order = orders.load_one(conn, order_id)
    done = order is not None and StepStatus.COMPLETED in (order.status, *(step.status for step in order.steps))
    if order and done and order.sources.get("status") == BY_IMAGES:
        others = [link.study_id for link in study_links.links_of_orders(conn, [order_id])]
        queue.touch(conn, "study", others, now)  # images of another step are still its own
        waiting = reopened(order)
        orders.save(conn, waiting, at=now, message_id=performed.message_of_order(conn, order.id))


def take_back(conn: Connection, study_id: int, order_id: int, now: datetime) -> None:
    """A person says that a study is not this order's: nor is what was performed to make it; the step waits again."""
    study, order = studies.load_one(conn, study_id), orders.load_one(conn, order_id)
    made = performed.of_study(conn, study.facts) if study else []
    if order is None or not made:
        reopen(conn, order_id, now)
        return
    performed.take_back(conn, [one.id for one in made], order_id)
    by_step = performed.of_orders(conn, [order_id]).get(order_id, {})
    waiting = taken_back(order, {number: [one.performance for one in several] for number, several in by_step.items()})
    if waiting != order:
        orders.save(conn, waiting, at=now, message_id=performed.message_of_order(conn, order_id))
        queue.touch(conn, "accession", [order.accession_number] if order.accession_number else [], now)


def under_way(conn: Connection, order_id: int) -> list[StoredPerformed]:
    """Performed steps of an order that no modality has ended yet."""
    by_step = performed.of_orders(conn, [order_id]).get(order_id, {})
    found = {one.id: one for several in by_step.values() for one in several if is_under_way(one.performance)}
    return list(found.values())


def told_of(conn: Connection, order_id: int) -> set[int]:
    """The steps of an order that modalities told of."""
    return set(performed.of_orders(conn, [order_id]).get(order_id, {}))


def give_up(conn: Connection, order_id: int) -> None:
    """Nobody will end what goes on: its images are here, and it has been quiet for long."""
    if going := under_way(conn, order_id):
        performed.give_up(conn, [one.id for one in going])
