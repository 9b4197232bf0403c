"""Look again at what was touched: load the neighbourhood, decide (pure), save what differs.

Decisions come from facts and people's decisions only, so that the same facts give the same cases whatever the order
of their arrival. A change that comes while something is examined touches it again: the queue is emptied by row id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from radrecon.config import Config
from radrecon.model.case import CaseKind, CaseState, Finding
from radrecon.model.person import Link, LinkState, Watch
from radrecon.model.study import Study
from radrecon.recon.classify import Verdict
from radrecon.recon.collision import classify_accession
from radrecon.recon.overlay import classify_person
from radrecon.store import (
    cases,
    corrections,
    notices,
    orders,
    person_keys,
    persons,
    queue,
    settings,
    studies,
)
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.workflow import announcing, completing, overdue, performing, ris_judging
from radrecon.workflow.feed import is_complete
from radrecon.workflow.keys import touch_rivals, write_keys, write_person_keys
from radrecon.workflow.neighbourhood import as_named, decide
from radrecon.workflow.ordering import OVERDUE
from radrecon.workflow.ris_lists import RIS_LIST

log = structlog.get_logger()

Subject = TypeVar("Subject", int, str)  # an id or an accession number

STUDY_KINDS = (CaseKind.UNASSIGNED_STUDY, CaseKind.DEMOGRAPHIC_MISMATCH)
PERSON_KINDS = (CaseKind.SUSPECTED_OVERLAY, CaseKind.DELETION_ANNOUNCED, CaseKind.RETIRED_IDENTIFIER)
BITE = 500  # touched rows taken at a time: many of them mean the same studies
KEYS_AT_ONCE = 50  # orders, or persons, whose keys share a transaction
PUT_OFF = timedelta(minutes=1)  # until a subject that broke is looked at again


def drain(store: Store, now: datetime | None = None, limit: int = BITE) -> int:
    """Work off all that is due; returns how many subjects were examined."""
    examined = 0
    while True:
        count, more = drain_some(store, now or datetime.now(UTC), limit)
        examined += count
        if not (count or more):
            return examined


def drain_some(store: Store, now: datetime, limit: int = BITE) -> tuple[int, bool]:
    """One bite: returns how many subjects were examined and whether there is more."""
    with store.reading() as conn:
        items = queue.due(conn, now, limit)
    _write_keys(store, write_person_keys, "person", _ids(items, "person"), now)
    _write_keys(store, write_keys, "order", _ids(items, "order"), now)
    with store.reading() as conn:
        subjects = _subjects(conn, items)
        config = settings.load_config(conn)
        watch = load_watch(conn, config)
    if not items:
        return 0, False
    if ordered := [int(item.value) for item in items if item.kind == "order"]:
        overdue.catch_up(store, ordered, config, now)
        performing.catch_up(store, ordered, config, now)
    for person_id in sorted(subjects.persons):
        guarded(store, "person", person_id, now, lambda one: examine_person(store, one, now))
    for study_id in sorted(subjects.studies):
        guarded(store, "study", study_id, now, lambda one: examine_study(store, one, watch, config, now))
    for accession in sorted(subjects.accessions):
        guarded(store, "accession", accession, now, lambda one: examine_accession(store, one, watch, now))
    for order_id in sorted(subjects.orders):
        guarded(store, OVERDUE, order_id, now, lambda one: examine_order(store, one, watch, config, now))
    ris_judging.ask_again(store, ordered, sorted(subjects.persons), now)
    for source in sorted(subjects.sources):
        guarded(store, RIS_LIST, source, now, lambda one: ris_judging.examine_source(store, one, watch, config, now))
    with store.transaction() as conn:
        queue.done(conn, [item.id for item in items])
    return subjects.count, len(items) == limit


def _ids(items: Sequence[queue.Touched], kind: str) -> list[int]:
    return sorted({int(item.value) for item in items if item.kind == kind})


def _write_keys(
    store: Store,
    write: Callable[[Store, Sequence[int], datetime], None],
    kind: str,
    ids: Sequence[int],
    now: datetime,
) -> None:
    """Orders and persons are found by their keys from now on; one that breaks holds up no other."""
    for start in range(0, len(ids), KEYS_AT_ONCE):
        some = ids[start : start + KEYS_AT_ONCE]
        try:
            write(store, some, now)
        except DatabaseDown:
            raise
        except Exception:  # one of them, and that one is said with its id
            for one in some:
                guarded(store, kind, one, now, lambda one: write(store, [one], now))


def guarded(store: Store, kind: str, subject: Subject, now: datetime, examine: Callable[[Subject], object]) -> None:
    """One subject that breaks must not stop the others: it is put off, and said with its id."""
    try:
        examine(subject)
    except DatabaseDown:
        raise
    except Exception:
        named = {} if kind == "accession" else {"id": subject}  # an accession number leads to a patient
        log.exception("not examined; looked at again in a minute", subject=kind, **named)
        with store.transaction() as conn:
            queue.touch(conn, kind, [subject], now + PUT_OFF)


@dataclass(frozen=True)
class Subjects:
    studies: frozenset[int]
    persons: frozenset[int]
    accessions: frozenset[str]
    orders: frozenset[int] = frozenset()
    sources: frozenset[str] = frozenset()  # of other systems' worklists

    @property
    def count(self) -> int:
        return sum(map(len, (self.studies, self.accessions, self.persons, self.orders, self.sources)))


def _subjects(conn: Connection, items: Sequence[queue.Touched]) -> Subjects:
    """What the touched rows mean; a person's or a key's studies are found here."""
    kinds = ("key", "order", "study", "person", "accession", OVERDUE, RIS_LIST)
    of = {kind: [item.value for item in items if item.kind == kind] for kind in kinds}
    found = {int(value) for value in of["study"]}
    people = {int(value) for value in of["person"]}
    numbers = {int(value) for value in of["key"]} | orders.keys_of(conn, [int(value) for value in of["order"]])
    numbers |= {key for person_id in people for key in person_keys.keys(conn, person_id)}
    found |= set(_all_by_keys(conn, sorted(numbers)))
    for person_id in people:
        found |= set(studies.of_identifiers(conn, persons.normals(conn, person_id)))
        found |= {study.id for study in studies.of_person(conn, person_id)}
    awaited = overdue.awaited(conn, map(int, of[OVERDUE]), [int(value) for value in of["order"]])
    return Subjects(frozenset(found), frozenset(people), frozenset(of["accession"]), awaited, frozenset(of[RIS_LIST]))


def _all_by_keys(conn: Connection, numbers: Sequence[int]) -> Iterable[int]:
    for start in range(0, len(numbers), 2000):
        yield from _pages(conn, numbers[start : start + 2000])


def _pages(conn: Connection, numbers: Sequence[int]) -> Iterable[int]:
    after = 0
    while page := studies.by_keys(conn, numbers, after):
        yield from page
        after = page[-1]
        if len(page) < studies.STUDY_LIMIT:
            return


def load_watch(conn: Connection, config: Config) -> Watch:
    """What may be judged, from settings and from what has been heard."""
    watch_from = config.site.watch_from or settings.watch_from(conn) or datetime.now(config.zone()).date()
    return Watch(
        watch_from=watch_from,
        orders_since=orders.first_heard(conn),
        zone=config.zone().key,
        patient_id_issuer=config.site.patient_id_issuer,
        accession_issuer=config.site.accession_issuer,
    )


# -- studies ----------------------------------------------------------------------------------------------------------


def examine_study(store: Store, study_id: int, watch: Watch, config: Config, now: datetime) -> Verdict | None:
    """Decide one study and save what has changed; None if there is no such study."""
    with store.reading() as conn:
        study = studies.load_one(conn, study_id)
        if study is None:
            return None
        neighbourhood, verdict = decide(conn, study, watch)
        link = studies.link_of_study(conn, study_id)
        pacs = config.pacs_named(study.facts.pacs)
        quiet = pacs.stable_seconds if pacs else config.engine.storage_quiet_seconds
        performed = is_complete(study, now, quiet)
        live = cases.live_of(conn, f"study:{study.id}", STUDY_KINDS)
        order = orders.load_one(conn, verdict.order_id) if performed else None
        goes_on_until = completing.may_go_on_until(conn, order, study, config, now)
    if goes_on_until:
        completing.look_again(store, study_id, goes_on_until)
        performed, order = False, None
    if neighbourhood.correcting or (
        _stands(neighbourhood.study, study, verdict, link, live) and not completing.awaits_images(order)
    ):
        return verdict  # while a correction is under way its case stays as it is
    with store.transaction() as conn:
        _save_verdict(conn, neighbourhood.study, verdict, link, now)
        completing.note_images(conn, study, verdict.order_id, link, performed, now)
    return verdict


def _stands(
    resolved: Study, stored: Study, verdict: Verdict, link: Link | None, live: Mapping[CaseKind, cases.StoredCase]
) -> bool:
    """Whether everything is as decided already: most looks change nothing, and then nothing is written."""
    linked = link.order_id if link else 0
    found = {finding.kind: finding for finding in verdict.findings}
    return (
        resolved.person_id == stored.person_id
        and resolved.wrong_worklist_entry == stored.wrong_worklist_entry
        and (verdict.judged, verdict.not_judged_reason) == (stored.judged, stored.not_judged)
        and verdict.order_id == linked
        and found.keys() == live.keys()
        and all(cases.stands(case, found[kind]) for kind, case in live.items())
        and all(case.state is CaseState.OPEN for case in live.values())
    )


def _save_verdict(conn: Connection, study: Study, verdict: Verdict, link: Link | None, now: datetime) -> None:
    stored = studies.load_one(conn, study.id)
    if stored is None or stored.version != study.version:
        queue.touch(conn, "study", [study.id], now)  # it changed meanwhile: decide again
        return
    if stored.person_id != study.person_id:
        studies.set_person(conn, [study.id], study.person_id)
        queue.touch(conn, "accession", [stored.facts.accession_number] if stored.facts.accession_number else [], now)
    if stored.wrong_worklist_entry != study.wrong_worklist_entry:
        studies.set_wrong_entry(conn, study.id, study.wrong_worklist_entry)
        touch_rivals(conn, study.facts, now)  # whether it takes an order has changed
    studies.set_judged(conn, study.id, verdict.judged, verdict.not_judged_reason)
    _save_link(conn, study, verdict, link, now)
    cases.settle(
        conn, f"study:{study.id}", STUDY_KINDS, verdict.findings, now, "gone from the PACS" if study.gone else ""
    )
    _open_unsolved(conn, f"study:{study.id}", STUDY_KINDS, now)


def _open_unsolved(conn: Connection, subject: str, kinds: Sequence[CaseKind], now: datetime) -> None:
    """A correction has ended and what was found still holds: the case waits for a person again."""
    for case in cases.live_of(conn, subject, kinds).values():
        if case.state is CaseState.CORRECTING and not _under_way(conn, case):
            cases.set_state(conn, case.id, CaseState.OPEN, now)


def _under_way(conn: Connection, case: cases.StoredCase) -> bool:
    return bool(case.correction_id) and corrections.load_correction(conn, case.correction_id).state == "under way"


def _save_link(conn: Connection, study: Study, verdict: Verdict, link: Link | None, now: datetime) -> None:
    """Our own association only; a person's decision is never replaced by a rule."""
    if link and link.state is not LinkState.AUTO:
        return
    if verdict.order_id and verdict.link_state is LinkState.AUTO:
        if link is None or link.order_id != verdict.order_id:
            studies.set_link(conn, Link(study.id, verdict.order_id, LinkState.AUTO), now)
    elif link:
        studies.drop_link(conn, study.id, now)


# -- accessions and persons -------------------------------------------------------------------------------------------


def examine_accession(store: Store, accession: str, watch: Watch, now: datetime) -> tuple[Finding, ...]:
    """Whether one accession number (per issuer) is on two patients."""
    default = watch.accession_issuer
    with store.reading() as conn:
        found = orders.by_accession(conn, accession)
        held = studies.by_accession(conn, accession)
        people = persons.load_many(conn, {one.person_id for one in found} | {one.person_id for one in held})
    issuers = {one.issuer_of_accession or default for one in found}
    issuers |= {one.facts.issuer_of_accession or default for one in held}
    findings: tuple[Finding, ...] = ()
    for issuer in sorted(issuers | {default}):
        of_issuer = [as_named(one, people) for one in found if (one.issuer_of_accession or default) == issuer]
        with_issuer = [one for one in held if (one.facts.issuer_of_accession or default) == issuer]
        now_found = classify_accession(accession, issuer, of_issuer, with_issuer, people, watch)
        _settle(store, f"accession:{issuer}/{accession}", [CaseKind.ACCESSION_COLLISION], now_found, now)
        findings += now_found
    return findings


def examine_order(store: Store, order_id: int, watch: Watch, config: Config, now: datetime) -> tuple[Finding, ...]:
    """Whether an order should have its accession number by now."""
    with store.reading() as conn:
        found, again = overdue.judge(conn, order_id, watch, config, now)
    _settle(store, f"order:{order_id}", [CaseKind.NEVER_ACCESSIONED], found, now)
    if again:
        with store.transaction() as conn:
            overdue.look_again(conn, order_id, again)
    return found


def examine_person(store: Store, person_id: int, now: datetime) -> tuple[Finding, ...]:
    """Whether a person is a suspected overlay, and what messages said that only registration can settle."""
    with store.reading() as conn:
        person = persons.load_one(conn, person_id)
        told = announcing.judge(conn, person) if person else announcing.Told()
    found = (*classify_person(person), *told.findings) if person else ()
    if told.settled:
        with store.transaction() as conn:
            notices.settle(conn, told.settled, now)
    _settle(store, f"person:{person_id}", PERSON_KINDS, found, now)
    return found


def _settle(store: Store, subject: str, kinds: Sequence[CaseKind], findings: Sequence[Finding], now: datetime) -> None:
    """Write only where something changes."""
    with store.reading() as conn:
        live = cases.live_of(conn, subject, kinds)
    if live or findings:
        with store.transaction() as conn:
            cases.settle(conn, subject, kinds, findings, now)
            _open_unsolved(conn, subject, kinds, now)


def recheck_everything(store: Store, now: datetime, after: int = 0) -> int:
    """Touch the next page of studies; returns the last id, 0 at the end: resumable, and the listener is not held up."""
    with store.transaction() as conn:
        return queue.touch_studies(conn, after, now)
