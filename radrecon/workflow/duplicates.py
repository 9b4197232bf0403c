"""Persons who are new or changed are compared with whom they share a key with; pairs that may be one become cases.

Lowest of all work: it waits until nothing else is due, and takes a bounded bite each time. The case of a pair is
decided where its person with the smaller id is looked at, so that the same facts give the same cases whatever came
first; the other one asks for that look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from radrecon.hl7v2 import particulars as read
from radrecon.hl7v2.reader import Message
from radrecon.model.case import CaseKind, CaseState, Finding, Pair, PairClass
from radrecon.model.duplicate import Particulars, PersonRecord, Population
from radrecon.model.errors import Trouble
from radrecon.recon.duplicate_keys import MOST_TO_A_KEY, MOST_TO_A_WIDE, NARROW, counted_keys, duplicate_keys
from radrecon.recon.duplicates import compare, finding, subject
from radrecon.recon.pair_weights import POSSIBLE_FROM, SMALLEST_POPULATION
from radrecon.store import cases, duplicates, person_records, persons, queue, settings, spoken_of
from radrecon.store.codec import digest, key_number
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.store.person_records import Told
from radrecon.store.spoken_of import Named, normals_at

log = structlog.get_logger()

BITE = 25  # persons at a time
MOST_COMPARED = 400  # persons with whom one is compared
MOST_CLOSER = 20  # of those the likeliest, of which is loaded how they are used
MOST_SHOWN = 5  # cases of one person, as the smaller id of the pair
MESSAGES_READ = 5
COUNTED_TO = 20_000
LOADED_AT_ONCE = 500
KINDS = (CaseKind.DUPLICATE_PATIENTS,)


def drain(store: Store, now: datetime | None = None) -> int:
    """Compare everybody who is due; returns how many."""
    compared = 0
    while some := compare_some(store, now or datetime.now(UTC)):
        compared += some
    return compared


def compare_when_idle(store: Store, now: datetime) -> int:
    """The next bite, if nothing else is to be done now."""
    with store.reading() as conn:
        busy = bool(queue.due(conn, now, 1))
    return 0 if busy else compare_some(store, now)


def compare_some(store: Store, now: datetime, limit: int = BITE) -> int:
    """Compare some persons who are due; returns how many there were."""
    with store.reading() as conn:
        due = duplicates.due(conn, limit)
    if due:
        _compare_these(store, due, now)
    return len(due)


def _compare_these(store: Store, due: Sequence[duplicates.Due], now: datetime) -> None:
    """All at once; where one of them breaks, each by itself, so that it holds up no other."""
    try:
        _learn(store, [one.person_id for one in due])
        with store.reading() as conn:
            found = _judge_all(conn, due, now)
    except DatabaseDown:
        raise
    except Exception:
        if len(due) > 1:
            for one in due:
                _compare_these(store, [one], now)
            return
        log.exception("a person could not be compared", id=due[0].person_id)
        found = [Judged(due[0])]
    with store.transaction() as conn:
        for judged in found:
            duplicates.done(conn, judged.due, judged.look)
            _save_cases(conn, judged, now)
        duplicates.note(conn, {one for judged in found for one in judged.ask}, now, changed=False)


# -- what is known of a person ----------------------------------------------------------------------------------------


def _learn(store: Store, ids: Sequence[int]) -> None:
    """What messages tell beside the identity, and by which keys these persons are found from now on."""
    with store.reading() as conn:
        known = person_records.told_of(conn, ids)
        after = {one: known[one].message_id if one in known else 0 for one in ids}
        numbers = spoken_of.numbers(conn, ids)
        fresh = person_records.messages_about(conn, after, MESSAGES_READ, numbers)
        records = person_records.records(conn, ids)
    told = {one: _heard(messages, numbers[one], known.get(one, Told())) for one, messages in fresh.items() if messages}
    keys = {one: _keys(records.get(one), told.get(one) or known.get(one, Told())) for one in ids}
    with store.transaction() as conn:
        person_records.save_told(conn, told)
        duplicates.replace_keys(conn, keys)


def _heard(messages: Sequence[tuple[int, bytes]], numbers: Sequence[Named], known: Told) -> Told:
    """The latest that was told counts; a message that tells nothing of them, or not whether they are confidential,
    leaves alone: an order repeats neither PD1-12 nor PV1-16.
    """
    about = ((message_id, _told(raw, normals_at(numbers, message_id))) for message_id, raw in messages)
    told = [(message_id, *one) for message_id, one in about if one is not None]
    latest = next((beside for _, beside, _ in told if beside), known.particulars)
    said = ((message_id, secret) for message_id, _, secret in told if secret is not None)
    by, secret = next(said, (0, known.confidential))
    return Told(messages[0][0], latest, secret, opened_by=0 if secret else by)


def _told(raw: bytes, numbers: frozenset[str]) -> tuple[Particulars, bool | None] | None:
    """Of a message whose first PID is this person's."""
    try:
        message = Message.parse(raw)
        named = {persons.normal(one.get(1)) for one in message.repeats("PID-3")}
        if not named & numbers:
            return None
        return read.particulars(message), read.confidential(message)
    except (Trouble, ValueError):
        return None


def _keys(record: PersonRecord | None, told: Told) -> frozenset[int]:
    """One who was merged away is found by nothing."""
    if record is None or record.person.merged_into:
        return frozenset()
    known = replace(record, particulars=told.particulars)
    return frozenset(key_number(*key) for key in (*duplicate_keys(known), *counted_keys(known)))


# -- comparing --------------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What one bite has counted already; `issuer` is the site's own."""

    now: datetime
    issuer: str = ""
    persons: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def count(self, conn: Connection, kind: str, value: str) -> int:
        number = key_number(kind, value)
        if number not in self.counts:
            self.counts[number] = duplicates.count(conn, number, COUNTED_TO)
        return self.counts[number]

    def population(self, conn: Connection, record: PersonRecord) -> Population:
        self.persons = self.persons or persons.total(conn)
        counted = {kind: {value: self.count(conn, kind, value)} for kind, value in counted_keys(record)}
        return Population(
            max(self.persons, SMALLEST_POPULATION),
            counted=self.persons,
            namesakes=counted.get("called", {}),
            places=counted.get("lives", {}),
        )


@dataclass(frozen=True)
class Judged:
    """What comparing one person came to. `findings`: by the other's id, for pairs of which this is the smaller id;
    `ended`: others whose case has no reason any more, and why; `ask`: smaller ids that are to be looked at."""

    due: duplicates.Due
    look: duplicates.Look | None = None
    findings: Mapping[int, Finding] = field(default_factory=dict)
    ended: Mapping[int, str] = field(default_factory=dict)
    ask: frozenset[int] = frozenset()


def _judge_all(conn: Connection, due: Sequence[duplicates.Due], now: datetime) -> list[Judged]:
    """What comparing each of them comes to; records are loaded together."""
    seen = Seen(now, settings.load_config(conn).site.patient_id_issuer)
    mine = person_records.records(conn, [one.person_id for one in due])
    near = {one: _near(conn, record) for one, record in mine.items()}
    others = {other for each in near.values() for other in each.everybody} - set(mine)
    loaded = mine | _loaded(conn, sorted(others))
    return [
        _judge(conn, one, mine[one.person_id], near[one.person_id], loaded, seen)
        if one.person_id in mine
        else Judged(one)
        for one in due
    ]


def _loaded(conn: Connection, ids: Sequence[int]) -> dict[int, PersonRecord]:
    found: dict[int, PersonRecord] = {}
    for start in range(0, len(ids), LOADED_AT_ONCE):
        found |= person_records.records(conn, ids[start : start + LOADED_AT_ONCE])
    return found


@dataclass(frozen=True)
class Near:
    """Whom a person shares keys with (`others`), with whom they had a case (`known`), and what was cut off."""

    others: Sequence[int]
    known: frozenset[int]
    cut_off: Sequence[str]

    @property
    def everybody(self) -> set[int]:
        return {*self.others, *self.known}


def _near(conn: Connection, record: PersonRecord) -> Near:
    me = record.person.id
    known = frozenset(one if other == me else other for one, other in duplicates.pairs_of(conn, [me]))
    others, cut_off = _candidates(conn, record)
    return Near(others, known, cut_off)


def _judge(
    conn: Connection,
    due: duplicates.Due,
    record: PersonRecord,
    near: Near,
    loaded: Mapping[int, PersonRecord],
    seen: Seen,
) -> Judged:
    me = record.person.id
    pairs, more = _compared(conn, record, {one: loaded[one] for one in near.everybody if one in loaded}, near, seen)
    found = {one: finding(record, *pair) for one, pair in pairs.items() if pair[1].likeness is not PairClass.NOT}
    mine = sorted((one for one in found if one > me), key=lambda one: (-pairs[one][1].probability, one))
    shown = mine[:MOST_SHOWN]
    more += len(mine) - len(shown)
    unseen = [f"{more} further records that may be this person are not shown"] if more else []
    look = duplicates.Look(seen.now, len(near.everybody), "; ".join((*near.cut_off, *unseen)))
    ended = {one: _why(pairs.get(one)) for one in near.known if one > me and one not in shown}
    ask = _to_ask(conn, me, near.known, found) if due.changed else frozenset()
    return Judged(due, look, {one: found[one] for one in shown}, ended, ask)


def _to_ask(conn: Connection, me: int, known: Iterable[int], found: Mapping[int, Finding]) -> frozenset[int]:
    """Persons with a smaller id, whose look decides of the pair: where it is not as it is found here.

    Whoever is only asked changes nothing for others and asks nobody, so that it ends.
    """
    changed = {one for one in found if one < me and not _stands(conn, found[one])}
    gone = {one for one in known if one < me and one not in found and cases.live_of(conn, subject(me, one), KINDS)}
    return frozenset(changed | gone)


def _candidates(conn: Connection, record: PersonRecord) -> tuple[list[int], list[str]]:
    """Whom a person shares keys with, those first who share most; and what was cut off, in words.

    A birth date or a place that too many share is nothing: narrower keys find the same persons.
    """
    named = {key_number(*key): key for key in duplicate_keys(record)} if not record.person.merged_into else {}
    holders, common = duplicates.holders(conn, list(named), MOST_TO_A_KEY)
    kept = [several for key, several in holders.items() if named[key][0] in NARROW or len(several) <= MOST_TO_A_WIDE]
    shared = Counter(one for several in kept for one in several if one != record.person.id)
    ranked = sorted(shared, key=lambda one: (-shared[one], one))
    kinds = sorted({NARROW[named[key][0]] for key in common if named[key][0] in NARROW})
    words = [f"more than {MOST_TO_A_KEY} persons share the {kind}: not compared by it" for kind in kinds]
    if len(ranked) > MOST_COMPARED:
        words.append(f"{len(ranked) - MOST_COMPARED} further persons share a key: not compared")
    return ranked[:MOST_COMPARED], words


def _compared(
    conn: Connection, record: PersonRecord, others: Mapping[int, PersonRecord], near: Near, seen: Seen
) -> tuple[dict[int, tuple[PersonRecord, Pair]], int]:
    """Those who may be one with this person, with how the records are used, and those who had a case with them.

    Also how many were left aside because others are likelier.
    """
    population = seen.population(conn, record)
    chances = {one: compare(record, other, population, seen.issuer).probability for one, other in others.items()}
    likely = [one for one, chance in chances.items() if chance >= POSSIBLE_FROM]
    likely.sort(key=lambda one: (one < record.person.id, -chances[one], one))
    closer = [*likely[:MOST_CLOSER], *sorted((near.known & set(others)) - set(likely[:MOST_CLOSER]))]
    if not closer:
        return {}, 0
    me, *used = person_records.with_usage(conn, [record, *(others[one] for one in closer)])
    pairs = {one.person.id: (one, compare(me, one, population, seen.issuer)) for one in used}
    return pairs, len(set(likely) - set(closer))


def _why(pair: tuple[PersonRecord, Pair] | None) -> str:
    """Why a case ends; a pair without reasons was not compared, and says why not."""
    if pair is None:
        return "one of them is no longer known"
    compared = pair[1]
    return compared.conflicts[0] if compared.conflicts and not compared.reasons else "they no longer agree well enough"


def _stands(conn: Connection, found: Finding) -> bool:
    """Whether a pair's latest case says just this, be it open or put aside."""
    latest = cases.latest_of(conn, found.kind, found.subject)
    return latest is not None and latest.digest == digest(found.evidence) and latest.state is not CaseState.CLOSED


# -- saving -----------------------------------------------------------------------------------------------------------


def _save_cases(conn: Connection, judged: Judged, now: datetime) -> None:
    me = judged.due.person_id
    for other, found in judged.findings.items():
        duplicates.add_pair(conn, me, other)
        cases.settle(conn, found.subject, KINDS, [found], now)
    for other, why in judged.ended.items():
        cases.settle(conn, subject(me, other), KINDS, [], now, why)
