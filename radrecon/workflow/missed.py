"""What is late becomes a case: judged by what is usual where it is awaited, many at one place as one case.

A case closes when what was awaited has come or is awaited no longer, and says which. One that is being corrected stays
until that is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from radrecon.config import Config
from radrecon.model.case import CaseKind, CaseState, Finding
from radrecon.model.expectation import MEMORY, ROUTINE, URGENT, Expectation, Practice
from radrecon.model.person import Watch
from radrecon.recon import (
    images_without_report,
    order_without_registration,
    overdue_order,
    report_without_images,
    temporary_identity,
)
from radrecon.recon.expectation import AGING, KINDS, OF_IMAGES, PRACTICE, grace
from radrecon.recon.grouping import NAMED, many, many_subject, one_case
from radrecon.recon.practice import of_outcomes, of_registrations, remembered
from radrecon.recon.times import wall
from radrecon.store import cases, corrections, expectations, persons, practice
from radrecon.store.cases import StoredCase
from radrecon.store.codec import digest
from radrecon.store.database import Connection, Store
from radrecon.store.expectations import Due
from radrecon.store.queue import Touched
from radrecon.workflow.awaiting import MISSED, examine, facts_of, of_orders, touch_orders, wake
from radrecon.workflow.people import AWAITED

LOOK_EVERY = timedelta(minutes=10)  # at what is usual where
LOOK_BACK, LOOK_AHEAD = timedelta(days=7), timedelta(days=1)
AGAIN = timedelta(minutes=15)  # settings, practice and the PACS's answers change without a word
MOST = 2000  # expectations of one place that make single cases
CHUNK = 20  # cases per transaction
GAVE_UP = "older than is looked at"
NOT_USUAL = "not judged: it is not usual there any more, or the setting was changed"
WHY = {
    CaseKind.OVERDUE_ORDER: overdue_order.why_gone,
    CaseKind.IMAGES_WITHOUT_REPORT: images_without_report.why_gone,
    CaseKind.REPORT_WITHOUT_IMAGES: report_without_images.why_gone,
    CaseKind.ORDER_WITHOUT_REGISTRATION: order_without_registration.why_gone,
}


def drain(
    store: Store, items: Sequence[Touched], person_ids: Collection[int], config: Config, watch: Watch, now: datetime
) -> None:
    """What was touched is asked what it waits for; where that changed, or the time has come, it is judged."""
    awaited = [item.value for item in items if item.kind == AWAITED]
    order_ids = {int(item.value) for item in items if item.kind == "order"}
    order_ids |= {int(value) for value in awaited if ":" not in value}
    people = {int(value.removeprefix("person:")) for value in awaited if ":" in value} | set(person_ids)
    kinds = examine(store, order_ids, people, config, watch, now)
    woken = {item.value for item in items if item.kind == MISSED}
    kinds |= {kind for kind in KINDS if kind in woken or "" in woken}
    if any(item.kind == "update" for item in items):  # a correction of such a case has ended
        kinds.add(CaseKind.MISSING_UPDATE)
    if kinds:
        judge(store, kinds, config, watch, now)


def judge(store: Store, kinds: Collection[CaseKind], config: Config, watch: Watch, now: datetime) -> None:
    """Make the cases of these kinds equal to what is late now."""
    _look_at_practice(store, watch, now)
    for kind in KINDS:
        if kind in kinds:
            _judge_kind(store, kind, config, watch, now)
    with store.reading() as conn:
        again = _next_late(conn, config, now)
    if again:
        with store.transaction() as conn:
            wake(conn, again)


def _next_late(conn: Connection, config: Config, now: datetime) -> datetime | None:
    """When something is late next, or at the latest in a while; None where nothing is awaited."""
    if not expectations.any_waits(conn):
        return None
    found = [now + AGAIN]
    for kind in KINDS:
        for pace in (ROUTINE, URGENT):
            length = grace(kind, pace, config.cases)
            since = expectations.next_since(conn, kind, pace, now - length) if length else None
            if since and length:
                found.append(since + length)
    return min(found)


# -- what is late -----------------------------------------------------------------------------------------------------


def _judge_kind(store: Store, kind: CaseKind, config: Config, watch: Watch, now: datetime) -> None:
    with store.reading() as conn:
        wanted = _wanted(conn, kind, config, watch, now)
        live = cases.live_of_kind(conn, kind)
        kept = {one.subject for one in live.values() if _under_way(conn, one)}
        opening = [one for subject, one in wanted.items() if subject not in live and one.order_id and not one.total]
        aside = {subject for subject, one in wanted.items() if subject not in live and cases.is_dismissed(conn, one)}
        stale = _stale(conn, opening, config, watch, now) if kind in PRACTICE else set()
    if stale:
        with store.transaction() as conn:
            touch_orders(conn, stale, now)
    new = {
        subject: one
        for subject, one in wanted.items()
        if subject in live or (one.order_id not in stale and subject not in aside)
    }
    changed = [subject for subject in sorted({*new, *live} - kept) if _differs(new.get(subject), live.get(subject))]
    for start in range(0, len(changed), CHUNK):
        _settle(store, kind, changed[start : start + CHUNK], new, config, watch, now)


def _wanted(conn: Connection, kind: CaseKind, config: Config, watch: Watch, now: datetime) -> dict[str, Finding]:
    """The cases that should be open, by subject."""
    due = _due(conn, kind, config, now)
    usual = practice.load(conn, PRACTICE[kind]) if kind in PRACTICE else None
    found: dict[str, Finding] = {}
    for place, count in expectations.counts(conn, due).items() if due.since else ():
        known = usual.get(place) if usual is not None else None
        if usual is not None and (known is None or not known.usual):
            continue
        for one in _of_place(conn, due, place, count, known, config, watch, now):
            found[one.subject] = one
    return found


def _due(conn: Connection, kind: CaseKind, config: Config, now: datetime) -> Due:
    """Of images nothing is late that was not late yet when every PACS answered last."""
    answered = practice.answered_at(conn, [pacs.name for pacs in config.pacs]) if kind in OF_IMAGES else None
    until = min(now, answered) if answered else now
    lengths = {pace: grace(kind, pace, config.cases) for pace in (ROUTINE, URGENT)}
    since = {pace: until - length for pace, length in lengths.items() if length is not None}
    return Due(kind, since, now - timedelta(days=config.cases.give_up_days) if kind in AGING else None)


def _of_place(
    conn: Connection,
    due: Due,
    place: str,
    count: int,
    known: Practice | None,
    config: Config,
    watch: Watch,
    now: datetime,
) -> list[Finding]:
    between = (known.first_at, known.last_at + MEMORY) if known else ()
    if between:
        count = expectations.counts(conn, due, place, between).get(place, 0)
    if not count:
        return []
    if count > config.cases.group_from:
        first = expectations.late(conn, due, place, between, NAMED)
        return [many(due.kind, place, count, first, known, watch)]
    by_case = defaultdict(list)
    for one in expectations.late(conn, due, place, between, MOST):
        by_case[one.finding.subject].append(one)
    return [one_case(several, now, config.cases) for several in by_case.values()]


def _stale(conn: Connection, opening: Sequence[Finding], config: Config, watch: Watch, now: datetime) -> set[int]:
    """Orders that by now wait for something else than was written, or not for so long: asked again before a person."""
    facts = facts_of(conn, [one.order_id for one in opening], config, watch)
    found = {(one.finding.kind, one.subject): one for one in of_orders(facts.values(), watch)}
    fresh = {one.order_id: found.get((one.kind, f"order:{one.order_id}")) for one in opening}
    return {order_id for order_id, one in fresh.items() if one is None or not _is_late(one, config, now)}


def _is_late(one: Expectation, config: Config, now: datetime) -> bool:
    length = grace(one.finding.kind, one.pace, config.cases)
    return length is not None and one.since + length <= now


def _differs(wanted: Finding | None, live: StoredCase | None) -> bool:
    if wanted is None or live is None:
        return True
    return live.state is CaseState.CORRECTING or _said(wanted) != _said(live.finding)


def _said(one: Finding) -> tuple[object, ...]:
    return one.cause, one.severity, one.study_ids, one.order_ids, one.total, digest(one.evidence)


def _under_way(conn: Connection, case: StoredCase) -> bool:
    return bool(case.correction_id) and corrections.load_correction(conn, case.correction_id).state == "under way"


# -- opening and closing ----------------------------------------------------------------------------------------------


def _settle(
    store: Store,
    kind: CaseKind,
    subjects: Sequence[str],
    wanted: Mapping[str, Finding],
    config: Config,
    watch: Watch,
    now: datetime,
) -> None:
    with store.reading() as conn:
        gone = [subject for subject in subjects if subject not in wanted]
        why = {subject: _why(conn, kind, subject, wanted, config, watch, now) for subject in gone}
    with store.transaction() as conn:
        for subject in subjects:
            finding = wanted.get(subject)
            cases.settle(conn, subject, [kind], [finding] if finding else [], now, why.get(subject, ""))
            for case in cases.live_of(conn, subject, [kind]).values():
                if case.state is CaseState.CORRECTING and not _under_way(conn, case):
                    cases.set_state(conn, case.id, CaseState.OPEN, now)
                if finding and _said(case.finding) != _said(finding):
                    cases.restate(conn, case.id, finding, now)


def _why(
    conn: Connection,
    kind: CaseKind,
    subject: str,
    wanted: Mapping[str, Finding],
    config: Config,
    watch: Watch,
    now: datetime,
) -> str:
    """Why a case is none any more."""
    if subject.startswith("many:"):
        return "there are few of them left, or none"
    awaited = expectations.awaited(conn, kind, subject)
    if awaited and (grace(kind, awaited.pace, config.cases) is None or _is_late(awaited, config, now)):
        return _why_not_judged(awaited, wanted, config, now)
    (live,) = cases.live_of(conn, subject, [kind]).values()
    if kind in WHY:
        facts = facts_of(conn, [live.finding.order_id], config, watch).get(live.finding.order_id)
        return WHY[kind](facts) if facts else ""
    if kind is CaseKind.TEMPORARY_IDENTITY:
        return temporary_identity.why_gone(persons.load_one(conn, live.finding.person_id))
    return "the PACS shows what the message said, or its studies are gone"


def _why_not_judged(one: Expectation, wanted: Mapping[str, Finding], config: Config, now: datetime) -> str:
    """It is late still, and no case of its own."""
    if together := wanted.get(many_subject(one.place)):
        return f"one of many: {together.cause}"
    too_old = one.finding.kind in AGING and one.since < now - timedelta(days=config.cases.give_up_days)
    return GAVE_UP if too_old else NOT_USUAL


# -- what is usual ----------------------------------------------------------------------------------------------------


def _look_at_practice(store: Store, watch: Watch, now: datetime) -> None:
    """Now and then, over the last days."""
    with store.reading() as conn:
        looked = practice.looked_at(conn)
        if looked is not None and looked <= now < looked + LOOK_EVERY:
            return
        found = _practice(conn, watch, now)
    with store.transaction() as conn:
        for what, places in found.items():
            practice.save(conn, what, places.items())
        practice.note_look(conn, now)


def _practice(conn: Connection, watch: Watch, now: datetime) -> dict[str, dict[str, Practice]]:
    zone = ZoneInfo(watch.zone)
    days = [(now + shift).astimezone(zone).replace(tzinfo=None).isoformat() for shift in (-LOOK_BACK, LOOK_AHEAD)]
    images, reports = [], []
    for one in practice.outcomes(conn, *days):
        begin = wall(one.start)
        due = begin.replace(tzinfo=zone).astimezone(UTC) if begin else None
        if due is None:
            continue
        images += [
            (f"{one.modality}/{one.station}", due, one.images_at or one.begun_at),
            *([(f"{one.modality}/", due, one.images_at)] if one.station else []),
        ]
        if one.images_at:
            reports.append((f"{one.modality}/{one.sender}", one.images_at, one.report_at))
    found = {
        "images": of_outcomes(images),
        "reports": of_outcomes(reports),
        "registration": of_registrations(practice.registrations(conn)),
    }
    return {what: remembered(practice.load(conn, what), places) for what, places in found.items()}
