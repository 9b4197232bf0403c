"""Compare one source's worklist with the orders, and make the cases equal to what is found."""

from __future__ import annotations

from datetime import datetime, timedelta

from radrecon.config import Config, WorklistSourceConfig
from radrecon.model.case import CaseKind, Finding
from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.model.ris_worklist import Listed, ListState
from radrecon.recon.normalise import accession_key
from radrecon.recon.ris_match import blocking_keys
from radrecon.recon.ris_scope import window
from radrecon.recon.ris_worklist import Judgement, RisView, classify_lists
from radrecon.store import cases, orders, persons, queue, ris_lists, ris_orders
from radrecon.store.codec import digest
from radrecon.store.database import Connection, Store
from radrecon.store.ris_orders import KINDS
from radrecon.store.worklist import WAITING, with_identity
from radrecon.workflow.ris_lists import RIS_LIST

SOON = timedelta(seconds=2)  # orders come in bursts: a source is compared once for many of them
CLOSED = {
    CaseKind.NOT_ON_RIS_WORKLIST: "it is on the list, or no longer due there",
    CaseKind.NEVER_ORDERED: "it was ordered, or is on the list no more",
    CaseKind.WORKLIST_MISMATCH: "list and order agree, or it is on the list no more",
}


def examine_source(store: Store, name: str, watch: Watch, config: Config, now: datetime) -> Judgement:
    """Everything on, and missing from, the lists of one source. One that is gone or off has no case."""
    source = config.worklist_source_named(name)
    with store.reading() as conn:
        live = ris_orders.live_subjects(conn, f"ris:{name}/")
        view = load_view(conn, source, config, watch) if source and source.enabled else None
    judged = classify_lists(view, watch) if view else Judgement()
    wanted: dict[str, list[Finding]] = {subject: [] for subject in live - judged.kept}
    for finding in judged.findings:
        wanted.setdefault(finding.subject, []).append(finding)
    for subject, findings in sorted(wanted.items()):
        _settle(store, subject, findings, now)
    return judged


def _settle(store: Store, subject: str, findings: list[Finding], now: datetime) -> None:
    """A transaction per subject, and only where something changes."""
    with store.reading() as conn:
        live = cases.live_of(conn, subject, KINDS)
    if {one.kind: digest(one.evidence) for one in findings} == {kind: one.digest for kind, one in live.items()}:
        return
    with store.transaction() as conn:
        for kind in KINDS:
            some = [one for one in findings if one.kind is kind]
            cases.settle(conn, subject, [kind], some, now, CLOSED[kind])


def load_view(conn: Connection, source: WorklistSourceConfig, config: Config, watch: Watch) -> RisView:
    """The source's lists, the orders that should stand there, and those that its entries may be of."""
    modalities = tuple(config.callers_of(source))
    states = {one.station: one for one in ris_lists.states(conn, source.name)}
    listed = tuple(ris_lists.listed(conn, source.name))
    due = _due(conn, config, states)
    found = orders.load_many(conn, due | _near(conn, listed))
    people = persons.load_many(conn, {order.person_id for order in found})
    named = tuple(with_identity(order, people) for order in found)
    return RisView(
        source=source.name,
        modalities=modalities,
        states=states,
        listed=listed,
        orders=named,
        people=people,
        waiting=frozenset(order.id for order in named if str(order.status) in WAITING),
        heard=ris_orders.heard(conn, due),
        performed=frozenset(ris_orders.performed(conn, due)),
        gone=_gone(conn, source.name, listed, [order for order in named if order.id in due]),
        grace=timedelta(minutes=source.grace_minutes),
        coverage=timedelta(days=source.coverage_days),
    )


def _due(conn: Connection, config: Config, states: dict[str, ListState]) -> set[int]:
    """Waiting orders in the window of any list."""
    windows = [
        window(one, config.zone().key, state.complete_at)
        for one in config.modality
        if (state := states.get(one.ae_title)) and state.complete_at
    ]
    if not windows:
        return set()
    begin, end = min(one[0] for one in windows), max(one[1] for one in windows)
    return set(ris_orders.waiting(conn, list(states), begin, end))


def _gone(conn: Connection, source: str, listed: tuple[Listed, ...], due: list[Order]) -> tuple[Listed, ...]:
    """Former stays of those orders whose accession number is on no list now."""
    numbers = {accession_key(order.accession_number) for order in due} - {""}
    numbers -= {accession_key(one.entry.accession_number) for one in listed}
    return tuple(ris_lists.gone(conn, source, numbers))


def _near(conn: Connection, listed: tuple[Listed, ...]) -> set[int]:
    """Orders that share an accession number, UID or patient number with an entry."""
    return ris_orders.by_keys(conn, {key for one in listed for key in blocking_keys(one.entry)})


def ask_again(store: Store, order_ids: list[int], person_ids: list[int], now: datetime) -> None:
    """Where a case of a source may close by what changed, the source is compared again, soon."""
    with store.reading() as conn:
        concerned = ris_orders.sources_waiting(conn, order_ids, person_ids)
    if concerned:
        with store.transaction() as conn:
            queue.touch(conn, RIS_LIST, sorted(concerned), now + SOON)
