"""What orders and persons wait for, kept as the facts are: load many, decide (pure), write what differs.

Whoever is touched is asked again what they wait for. Nothing here is late yet: see missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from radrecon.config import CasesConfig, Config
from radrecon.hl7v2.reader import Message
from radrecon.model.case import CaseKind
from radrecon.model.errors import Trouble
from radrecon.model.expectation import Expectation
from radrecon.model.order import Order
from radrecon.model.person import Link, Person, Watch
from radrecon.model.study import Study
from radrecon.recon import (
    images_without_report,
    order_without_registration,
    overdue_order,
    report_without_images,
    temporary_identity,
)
from radrecon.recon.classify import Verdict
from radrecon.recon.expectation import OF_ORDERS, OrderFacts, grace
from radrecon.recon.reports import finished_before
from radrecon.recon.step_images import may_show
from radrecon.store import expectations, orders, persons, queue, waiting
from radrecon.store.codec import normal
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.expectations import Name
from radrecon.workflow.people import AWAITED

log = structlog.get_logger()

MISSED = "missed"  # what is touched for a look at what is late
CHUNK = 50  # orders or persons whose expectations share a transaction
PUT_OFF = timedelta(minutes=1)  # until one that broke is looked at again
ORDER_CLASSES = (overdue_order, images_without_report, report_without_images, order_without_registration)


@dataclass(frozen=True)
class Changed:
    """What is waited for now that was not before, and what is waited for no longer, by kind and subject."""

    wanted: tuple[Expectation, ...] = ()
    ended: tuple[Name, ...] = ()
    known: frozenset[Name] = frozenset()

    def kinds(self, cases: CasesConfig, now: datetime) -> set[CaseKind]:
        """Those of which a case may open, change or close now: what is new and not late yet is none."""
        late = {
            one.finding.kind
            for one in self.wanted
            if (str(one.finding.kind), one.subject) in self.known or _late_at(one, cases, now) is None
        }
        return late | {CaseKind(kind) for kind, _ in self.ended}

    def __bool__(self) -> bool:
        return bool(self.wanted or self.ended)


def examine(
    store: Store, order_ids: Iterable[int], person_ids: Iterable[int], config: Config, watch: Watch, now: datetime
) -> set[CaseKind]:
    """What these orders, their patients, and these persons wait for; returns the kinds of which something changed."""
    kinds, people = set[CaseKind](), set(person_ids)

    def of_some_orders(some: list[int]) -> None:
        with store.reading() as conn:
            facts = facts_of(conn, some, config, watch)
            people.update(one.order.person_id for one in facts.values() if one.temporary)
            changed = compared(conn, OF_ORDERS, [f"order:{one}" for one in some], of_orders(facts.values(), watch))
        kinds.update(save(store, changed, config, now))

    def of_some_persons(some: list[int]) -> None:
        with store.reading() as conn:
            found = of_persons(conn, some, config, watch)
            changed = compared(conn, [CaseKind.TEMPORARY_IDENTITY], [f"person:{one}" for one in some], found)
        kinds.update(save(store, changed, config, now))

    for some in _chunks(order_ids):
        _guarded(store, some, "", of_some_orders, now)
    for some in _chunks(people - {0}):
        _guarded(store, some, "person:", of_some_persons, now)
    return kinds


def _guarded(store: Store, some: list[int], prefix: str, examine: Callable[[list[int]], None], now: datetime) -> None:
    """One that breaks holds up no other: it is put off, and said with its id."""
    try:
        examine(some)
    except DatabaseDown:
        raise
    except Exception:
        if len(some) > 1:
            for one in some:
                _guarded(store, [one], prefix, examine, now)
            return
        log.exception("what it waits for is not known; looked at again in a minute", id=f"{prefix}{some[0]}")
        with store.transaction() as conn:
            queue.touch(conn, AWAITED, [f"{prefix}{some[0]}"], now + PUT_OFF)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


def compared(
    conn: Connection, kinds: Collection[CaseKind], subjects: Collection[str], found: Sequence[Expectation]
) -> Changed:
    """What differs from what is written of these subjects."""
    known = expectations.known(conn, kinds, subjects)
    names = {(str(one.finding.kind), one.subject): one for one in found}
    wanted = [one for name, one in names.items() if known.get(name) != expectations.fingerprint(one)]
    return Changed(tuple(wanted), tuple(name for name in known if name not in names), frozenset(known))


def save(store: Store, changed: Changed, config: Config, now: datetime) -> set[CaseKind]:
    """Write what differs, and see to it that what is new is looked at when it is late."""
    if changed:
        with store.transaction() as conn:
            expectations.save(conn, changed.wanted, changed.ended)
            wake(conn, *filter(None, (_late_at(one, config.cases, now) for one in changed.wanted)))
    return changed.kinds(config.cases, now)


def _late_at(one: Expectation, cases: CasesConfig, now: datetime) -> datetime | None:
    length = grace(one.finding.kind, one.pace, cases)
    return one.since + length if length and one.since + length > now else None


def wake(conn: Connection, *instants: datetime) -> None:
    """Once a minute at most, however many are late then."""
    for minute in {-(-int(at.timestamp()) // 60) for at in instants}:
        due = datetime.fromtimestamp(60 * minute, UTC)
        if not queue.is_due(conn, MISSED, "", due):
            queue.touch(conn, MISSED, [""], due)


# -- orders -----------------------------------------------------------------------------------------------------------


def of_orders(facts: Iterable[OrderFacts], watch: Watch) -> list[Expectation]:
    """Everything that these orders wait for."""
    found = (each.expect(one, watch) for one in facts for each in ORDER_CLASSES)
    return [one for one in found if one is not None]


def facts_of(conn: Connection, order_ids: Sequence[int], config: Config, watch: Watch) -> dict[int, OrderFacts]:
    """Orders with what has come of them."""
    known = {order.id: order for order in orders.load_many(conn, order_ids)}
    ids, people = list(known), persons.load_many(conn, {order.person_id for order in known.values()})
    heard, linked, versions = waiting.heard(conn, ids), waiting.linked(conn, ids), waiting.reports(conn, ids)
    seen, begun = waiting.seen(conn, ids), waiting.begun(conn, ids)
    types = _types(conn, people, config)
    found = {}
    for order in known.values():
        person, said = people.get(order.person_id), versions.get(order.id, [])
        images = [one for one in linked.get(order.id, ()) if may_show(order, one.modalities)]
        made = [one for one in seen.get(order.id, ()) if may_show(order, one.modalities)]
        found[order.id] = OrderFacts(
            order=order,
            heard_at=heard[order.id],
            registered=person is None or person.registered,
            temporary=_temporary(person, types, heard[order.id], config, watch),
            issuer=person.demographics.patient_id.issuer if person else "",
            study_id=images[0].study_id if images else 0,
            images_at=max(one.changed_at for one in images) if images and images[0].judged else None,
            performed=not all(one.gone for one in made),
            ever=bool(made),
            under_way=order.id in begun,
            reported=bool(said),
            final_at=_final_at(said),
        )
    return found


def _temporary(
    person: Person | None, types: dict[int, tuple[str, ...]], since: datetime, config: Config, watch: Watch
) -> str:
    if person is None:
        return ""
    return temporary_identity.what_is_temporary(person, types.get(person.id, ()), since, config.cases, watch)


def _final_at(versions: Sequence[tuple[datetime, str]]) -> datetime | None:
    """When the first final version came, where a final one stands now."""
    statuses = [status for _, status in versions]
    if not finished_before(statuses):
        return None
    return next(at for number, (at, _) in enumerate(versions, 1) if finished_before(statuses[:number]))


def touch_orders(conn: Connection, order_ids: Iterable[int], now: datetime) -> None:
    """Something came of these orders, or no longer does."""
    queue.touch(conn, AWAITED, sorted(set(order_ids) - {0}), now)


def touch_study(
    conn: Connection, study: Study, near: Iterable[Order], verdict: Verdict, before: Iterable[Link], now: datetime
) -> None:
    """Where a study belongs was decided anew: the orders that it is and was linked with, and those that it names.

    A study without an order is likely the images of its first candidate: that is no overdue order besides.
    """
    facts = study.facts
    named = {
        order.id
        for order in near
        if (order.accession_number and order.accession_number == facts.accession_number)
        or (order.study_instance_uid and order.study_instance_uid == facts.study_instance_uid)
    }
    touch_orders(conn, named | {*verdict.order_ids, *(link.order_id for link in before)}, now)
    if not verdict.order_id and verdict.ranking.candidates:
        queue.touch(conn, MISSED, [CaseKind.OVERDUE_ORDER], now)
    if study.person_id:
        queue.touch(conn, AWAITED, [f"person:{study.person_id}"], now)


# -- persons ----------------------------------------------------------------------------------------------------------


def of_persons(conn: Connection, person_ids: Sequence[int], config: Config, watch: Watch) -> list[Expectation]:
    """Whose identity is awaited."""
    if not config.cases.temporary_identity_hours:
        return []
    people = persons.load_many(conn, person_ids)
    types = _types(conn, people, config)
    borne = {
        one.id: one for one in people.values() if temporary_identity.may_be(one, types.get(one.id, ()), config.cases)
    }
    burdens = waiting.burdens(conn, list(borne), _beginning(watch)) if borne else {}
    found = (
        temporary_identity.expect(
            person, types.get(person.id, ()), burdens[person.id].since, config.cases, watch,
            orders=burdens[person.id].orders, studies=burdens[person.id].studies,
        )
        for person in borne.values()
        if person.id in burdens
    )  # fmt: skip
    return [one for one in found if one is not None]


def _beginning(watch: Watch) -> datetime:
    return datetime.combine(watch.watch_from, time(), ZoneInfo(watch.zone)).astimezone(UTC)


def _types(conn: Connection, people: dict[int, Person], config: Config) -> dict[int, tuple[str, ...]]:
    """The types (CX-5) of each person's own number, in the message that made them known."""
    if not config.cases.temporary_id_types or not people:
        return {}
    raws = waiting.first_messages(conn, list(people))
    found = {
        person_id: _types_in(raw, people[person_id].demographics.patient_id.value) for person_id, raw in raws.items()
    }
    return {person_id: types for person_id, types in found.items() if types}


def _types_in(raw: bytes, number: str) -> tuple[str, ...]:
    try:
        message = Message.parse(raw)
    except Trouble:
        return ()
    fields = [field for segment in message.segments if segment.name == "PID" for field in segment.repeats(3)]
    return tuple(field.get(5) for field in fields if normal(field.get(1)) == normal(number) and field.get(5))
