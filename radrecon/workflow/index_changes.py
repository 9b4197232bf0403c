"""A plan's changes of radrecon's own records: applied in the commit that approves it, taken back if it went stale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.config import Config
from radrecon.model.correction import IndexChange
from radrecon.model.errors import NotFound
from radrecon.model.person import Link, LinkState
from radrecon.recon.undo import inverse
from radrecon.store import merges, orders, persons, queue, settings, studies, study_links
from radrecon.store.corrections import Correction
from radrecon.store.database import Connection
from radrecon.workflow.completing import take_back
from radrecon.workflow.intake import Context
from radrecon.workflow.keys import index_order, touch_order
from radrecon.workflow.merging import merge_persons
from radrecon.workflow.ordering import TAKEN_OVER, new_study_uid
from radrecon.workflow.people import give_studies, retouch
from radrecon.workflow.unmerging import apart


@dataclass(frozen=True)
class Approval:
    """In whose name the records change; `undo`: an earlier state comes back."""

    correction_id: int
    now: datetime
    config: Config
    undo: bool = False

    @property
    def context(self) -> Context:
        return Context(self.config, None, self.now, 0, self.config.zone())


def apply(
    conn: Connection, changes: Sequence[IndexChange], correction_id: int, now: datetime, *, undo: bool = False
) -> None:
    """Apply each change in turn."""
    approval = Approval(correction_id, now, settings.load_config(conn), undo)
    for change in changes:
        _ACTIONS[change.action](conn, change, approval)


def revert(conn: Connection, correction: Correction, now: datetime) -> None:
    """Take the changes of a stale plan back, last first. That two persons are one stands, whatever the images say."""
    changes = [change for change in correction.plan.index_changes if change.action not in ("merge", "unmerge")]
    apply(conn, [inverse(change) for change in reversed(changes)], correction.id, now, undo=True)


def _link(conn: Connection, change: IndexChange, approval: Approval) -> None:
    study_id, order_id = change.values["study_id"], change.values["order_id"]
    _give_up(conn, study_id, order_id, approval)
    former = study_links.former_links(conn, study_id, order_id) if approval.undo else []
    decided = Link(study_id, order_id, LinkState.PENDING, approval.correction_id)
    study_links.set_links(conn, study_id, former or [decided], approval.now)
    queue.touch(conn, "study", [study_id], approval.now)
    for link in former or [decided]:
        touch_order(conn, link.order_id, approval.now)


def _unlink(conn: Connection, change: IndexChange, approval: Approval) -> None:
    study_id = change.values["study_id"]
    _give_up(conn, study_id, 0, approval)
    study_links.drop_link(conn, study_id, approval.now)
    queue.touch(conn, "study", [study_id], approval.now)


def _give_up(conn: Connection, study_id: int, kept: int, approval: Approval) -> None:
    """The steps that were used by mistake wait again: those of every order that the study had, but the one kept."""
    for standing in study_links.links_of_study(conn, study_id):
        if standing.order_id != kept:
            take_back(conn, study_id, standing.order_id, approval.now)
            touch_order(conn, standing.order_id, approval.now)


def _take_uid(conn: Connection, change: IndexChange, approval: Approval) -> None:
    """The order takes over the images' Study UID, and keeps it against later updates until it gives it back."""
    order, uid = orders.load_one(conn, change.values["order_id"]), change.values["study_instance_uid"]
    if order is None:
        raise NotFound(f"no order {change.values['order_id']}")
    sources = {key: value for key, value in order.sources.items() if key != "study_instance_uid"}
    if not uid:
        uid = new_study_uid()  # it gave the images' UID back, and its next images need one
    elif not approval.undo or studies.with_uids(conn, [uid]):
        sources["study_instance_uid"] = TAKEN_OVER
    changed = replace(order, study_instance_uid=uid, sources=sources)
    orders.save(conn, changed, at=approval.now)
    index_order(conn, changed, approval.now)


def _merge(conn: Connection, change: IndexChange, approval: Approval) -> None:
    survivor, non_survivor = change.values["survivor_id"], change.values["non_survivor_id"]
    people = persons.load_many(conn, [survivor, non_survivor])
    if people[non_survivor].merged_into != survivor:
        merge_persons(conn, survivor, non_survivor, approval.context, approval.correction_id)


def _unmerge(conn: Connection, change: IndexChange, approval: Approval) -> None:
    """The restored person gets identifiers and orders back; the studies under their numbers are theirs again."""
    survivor, restored = change.values["survivor_id"], change.values["non_survivor_id"]
    merged = merges.standing(conn, restored)
    holder = apart(conn, restored, approval.now) if merged and merged.survivor_id == survivor else survivor
    back = studies.of_identifiers(conn, persons.normals(conn, restored))
    give_studies(conn, back, restored, approval.now)
    for person_id in sorted({survivor, holder, restored}):
        retouch(conn, person_id, approval.now)


_ACTIONS: dict[str, Callable[[Connection, IndexChange, Approval], None]] = {
    "link": _link,
    "unlink": _unlink,
    "take_uid": _take_uid,
    "merge": _merge,
    "unmerge": _unmerge,
}
