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
from radrecon.model.case import CaseKind, CaseState
from radrecon.model.person import Link, LinkState, OutsideRules, Watch
from radrecon.model.study import Study
from radrecon.recon.classify import Neighbourhood, Verdict
from radrecon.store import (
    cases,
    duplicates,
    order_keys,
    orders,
    person_keys,
    persons,
    queue,
    rules,
    settings,
    studies,
    study_links,
)
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.workflow import (
    awaiting,
    completing,
    deciding,
    issuing,
    missed,
    missing_updates,
    overdue,
    performing,
    ris_judging,
    ruling,
)
from radrecon.workflow.awaiting import MISSED
from radrecon.workflow.deciding import Memory
from radrecon.workflow.examining import examine_accession, examine_order, examine_person, open_unsolved
from radrecon.workflow.feed import is_complete
from radrecon.workflow.keys import touch_rivals, write_keys, write_person_keys
from radrecon.workflow.neighbourhood import decide
from radrecon.workflow.ordering import OVERDUE
from radrecon.workflow.ris_lists import RIS_LIST

log = structlog.get_logger()

Subject = TypeVar("Subject", int, str)  # an id or an accession number

STUDY_KINDS = (
    CaseKind.UNASSIGNED_STUDY,
    CaseKind.DEMOGRAPHIC_MISMATCH,
    CaseKind.WRONG_ORDER,
    CaseKind.POSSIBLE_WRONG_PICK,
    CaseKind.SPLIT_ACCESSION,
    CaseKind.ACCESSION_MISSING,
    CaseKind.LATE_IMAGES,
)
RESTING = (CaseKind.WRONG_ORDER, CaseKind.POSSIBLE_WRONG_PICK, CaseKind.SPLIT_ACCESSION)
"""Cases that rest on an order without images of its own."""

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
    write_guarded(store, write_person_keys, "person", _ids(items, "person"), now)
    write_guarded(store, write_keys, "order", _ids(items, "order"), now)
    with store.reading() as conn:
        subjects = _subjects(conn, items)
        config = settings.load_config(conn)
        watch = load_watch(conn, config)
        memory = deciding.load_memory(conn, now)
    if not items:
        return 0, False
    if ordered := [int(item.value) for item in items if item.kind == "order"]:
        overdue.catch_up(store, ordered, config, now)
        performing.catch_up(store, ordered, config, now)
    for person_id in sorted(subjects.persons):
        guarded(store, "person", person_id, now, lambda one: examine_person(store, one, now))
    for study_id in sorted(subjects.studies):
        guarded(store, "study", study_id, now, lambda one: examine_study(store, one, watch, config, now, memory))
    for accession in sorted(subjects.accessions):
        guarded(store, "accession", accession, now, lambda one: examine_accession(store, one, watch, now))
    for order_id in sorted(subjects.orders):
        guarded(store, OVERDUE, order_id, now, lambda one: examine_order(store, one, watch, config, now))
    guarded(store, MISSED, "", now, lambda _: missed.drain(store, items, subjects.persons, config, watch, now))
    ris_judging.ask_again(store, ordered, sorted(subjects.persons), now)
    for source in sorted(subjects.sources):
        guarded(store, RIS_LIST, source, now, lambda one: ris_judging.examine_source(store, one, watch, config, now))
    with store.transaction() as conn:
        duplicates.note(conn, subjects.persons, now)
        queue.done(conn, [item.id for item in items])
    return subjects.count, len(items) == limit


def _ids(items: Sequence[queue.Touched], kind: str) -> list[int]:
    return sorted({int(item.value) for item in items if item.kind == kind})


def write_guarded(
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
    kinds = ("key", "order", "study", "person", "accession", OVERDUE, RIS_LIST, deciding.DECISION)
    of = {kind: [item.value for item in items if item.kind == kind] for kind in kinds}
    found = {int(value) for value in of["study"]}
    people = {int(value) for value in of["person"]}
    numbers = {int(value) for value in of["key"]} | order_keys.keys_of(conn, [int(value) for value in of["order"]])
    numbers |= {key for person_id in people for key in person_keys.keys(conn, person_id)}
    decided, alike = deciding.concerned(conn, map(int, of[deciding.DECISION]))
    found |= decided
    found |= set(_all_by_keys(conn, sorted(numbers | alike)))
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
        outside=_outside_rules(config),
        issuers=issuing.stations(config),
    )


def _outside_rules(config: Config) -> OutsideRules:
    said = config.outside
    stations = {name for one in config.modality for name in (one.ae_title, *one.stations) if name != "*"}
    return OutsideRules(
        tuple(said.institutions_own),
        tuple(said.issuers_own),
        tuple(said.ae_titles),
        tuple(said.patterns),
        said.import_days,
        tuple(sorted(stations)),
    )


# -- studies ----------------------------------------------------------------------------------------------------------


def examine_study(
    store: Store, study_id: int, watch: Watch, config: Config, now: datetime, memory: Memory | None = None
) -> Verdict | None:
    """Decide one study and save what has changed; None if there is no such study."""
    with store.reading() as conn:
        study = studies.load_one(conn, study_id)
        if study is None:
            return None
        neighbourhood, verdict = decide(conn, study, watch, memory or deciding.load_memory(conn, now))
        links = study_links.links_of_study(conn, study_id)
        complete = looks_complete(study, config, now)
        live = cases.live_of(conn, f"study:{study.id}", STUDY_KINDS)
        said = rules.acts_of(conn, study_id)
        done = orders.load_many(conn, verdict.order_ids) if complete else []
        waits = [completing.may_go_on_until(conn, order, study, config, now) for order in done]
        looked = missing_updates.look(conn, study, verdict, config, watch)
    if not neighbourhood.correcting:
        verdict = missing_updates.without_missed(store, study, verdict, looked, config, now)
    if goes_on_until := max((one for one in waits if one), default=None):
        completing.look_again(store, study_id, goes_on_until)
        complete, done = False, []
    if verdict.look_again and verdict.look_again > now:
        completing.look_again(store, study_id, verdict.look_again)
    if neighbourhood.correcting or (
        stands(neighbourhood.study, study, verdict, links, live)
        and not any(completing.awaits_images(order, study) for order in done)
        and ruling.stands(said, verdict)
    ):
        return verdict  # while a correction is under way its case stays as it is
    with store.transaction() as conn:
        save_look(conn, Look(study, neighbourhood, verdict, tuple(links), complete), now)
    return verdict


@dataclass(frozen=True)
class Look:
    """What a look at a study came to. `study`, `links`: as they are stored; `complete`: all its images are there."""

    study: Study
    near: Neighbourhood
    verdict: Verdict
    links: tuple[Link, ...]
    complete: bool


def save_look(conn: Connection, look: Look, now: datetime) -> None:
    study, verdict = look.near.study, look.verdict
    _save_verdict(conn, study, verdict, look.links, now)
    awaiting.touch_study(conn, study, look.near.orders, verdict, look.links, now)
    completing.note_images(conn, look.study, verdict.order_ids, look.links, look.complete, now)
    ruling.note(conn, study.id, verdict, now)


def looks_complete(study: Study, config: Config, now: datetime) -> bool:
    """Whether all its images are there, as far as the time since the last one tells."""
    pacs = config.pacs_named(study.facts.pacs)
    quiet = pacs.stable_seconds if pacs else config.engine.storage_quiet_seconds
    return is_complete(study, now, quiet)


def stands(
    resolved: Study,
    stored: Study,
    verdict: Verdict,
    links: Sequence[Link],
    live: Mapping[CaseKind, cases.StoredCase],
) -> bool:
    """Whether everything is as decided already: most looks change nothing, and then nothing is written."""
    found = {finding.kind: finding for finding in verdict.findings}
    return (
        resolved.person_id == stored.person_id
        and resolved.wrong_worklist_entry == stored.wrong_worklist_entry
        and (verdict.judged, verdict.not_judged_reason) == (stored.judged, stored.not_judged)
        and _class_of(verdict) == (stored.match_class, stored.follows, stored.prior_of)
        and verdict.order_ids == tuple(link.order_id for link in links)
        and found.keys() == live.keys()
        and all(cases.stands(case, found[kind]) for kind, case in live.items())
        and all(case.state is CaseState.OPEN for case in live.values())
    )


def _class_of(verdict: Verdict) -> tuple[str, int, int]:
    return str(verdict.match_class), verdict.follows, verdict.prior_of


def _save_verdict(conn: Connection, study: Study, verdict: Verdict, links: Sequence[Link], now: datetime) -> None:
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
    studies.set_class(conn, study.id, *_class_of(verdict))
    _wake_beside(conn, study, verdict, now)
    _save_links(conn, study, verdict, links, now)
    why = "gone from the PACS" if study.gone else verdict.closing
    cases.settle(conn, f"study:{study.id}", STUDY_KINDS, verdict.findings, now, why)
    open_unsolved(conn, f"study:{study.id}", STUDY_KINDS, now)


def _wake_beside(conn: Connection, study: Study, verdict: Verdict, now: datetime) -> None:
    """Other studies whose case rests on an order that this one is now seen to be, or to be of the same patient."""
    found = ((each.candidate.order_id, each.evidence) for each in verdict.ranking.weighed)
    own = [order_id for order_id, evidence in found if evidence.order_key or evidence.identity.agrees]
    beside = cases.studies_beside(conn, RESTING, {*verdict.order_ids, *own}) - {study.id}
    queue.touch(conn, "study", sorted(beside), now)


def _save_links(conn: Connection, study: Study, verdict: Verdict, links: Sequence[Link], now: datetime) -> None:
    """Our own association only; a person's decision is never replaced by a rule."""
    if any(link.state is not LinkState.AUTO for link in links):
        return
    if verdict.order_ids and verdict.link_state is LinkState.AUTO:
        if tuple(link.order_id for link in links) != verdict.order_ids:
            made = [Link(study.id, order_id, LinkState.AUTO) for order_id in verdict.order_ids]
            study_links.set_links(conn, study.id, made, now)
    elif links:
        study_links.drop_link(conn, study.id, now)


def recheck_everything(store: Store, now: datetime, after: int = 0) -> int:
    """Touch the next page of studies; returns the last id, 0 at the end: resumable, and the listener is not held up."""
    with store.transaction() as conn:
        return queue.touch_studies(conn, after, now)
