"""What stands as it is, of many subjects at once: most looks at everything change nothing, and then nothing is written.

Each of these is only ever sure: what it does not name is as a look at it alone would leave it. What it names is looked
at by itself. One read transaction serves a whole group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from radrecon.config import Config
from radrecon.model.case import CaseKind
from radrecon.model.order import Order
from radrecon.model.person import Watch
from radrecon.model.study import Study
from radrecon.recon.overlay import classify_person
from radrecon.store import accessions, cases, expectations, notices, orders, persons, rules, studies, study_links
from radrecon.store.database import Connection
from radrecon.workflow import completing, missing_updates, reconcile, ruling
from radrecon.workflow.deciding import Memory
from radrecon.workflow.examining import PERSON_KINDS
from radrecon.workflow.neighbourhood import decide_many, found_of
from radrecon.workflow.reconcile import Look


@dataclass(frozen=True)
class Looks:
    """What a look at many studies has come to: what is to be saved as it is, and which have to be looked at alone."""

    changed: tuple[Look, ...]
    alone: tuple[int, ...]


def look_at(
    conn: Connection, known: Sequence[Study], watch: Watch, memory: Memory, config: Config, now: datetime
) -> Looks:
    """Decide on these studies; one of which nothing is named stands as it is."""
    subjects = {one.id: f"study:{one.id}" for one in known}
    live = cases.live_of_subjects(conn, list(subjects.values()), reconcile.STUDY_KINDS)
    acts = rules.acts_of_studies(conn, list(subjects))
    waiting = expectations.waiting(conn, missing_updates.KIND, list(subjects.values()))
    links = study_links.by_study(conn, subjects)
    persons.load_many(conn, {one.person_id for one in known})  # kept: one statement for all of them
    orders.load_many(conn, {link.order_id for several in links.values() for link in several})
    changed, alone = [], []
    for study, decided in zip(known, decide_many(conn, known, watch, memory), strict=True):
        complete = reconcile.looks_complete(study, config, now)
        look = Look(study, *decided, tuple(links[study.id]), complete)
        if subjects[study.id] in waiting or _is_special(conn, look, config, now):
            alone.append(study.id)
        elif not _stands(look, live.get(subjects[study.id], {}), acts.get(study.id, ())):
            changed.append(look)
    return Looks(tuple(changed), tuple(alone))


def _is_special(conn: Connection, look: Look, config: Config, now: datetime) -> bool:
    """More than a verdict would have to be written, or later: of a correction, a missed update, a step that goes on."""
    mismatch = any(one.kind is CaseKind.DEMOGRAPHIC_MISMATCH for one in look.verdict.findings)
    old = missing_updates.has_old_number(conn, look.study)
    if look.near.correcting or look.verdict.look_again or mismatch or old:
        return True
    awaited = _awaited(look) if look.complete else []
    missing = not {*look.verdict.order_ids} <= {order.id for order in look.near.orders}
    return missing or any(completing.may_go_on_until(conn, one, look.study, config, now) for one in awaited)


def _awaited(look: Look) -> list[Order]:
    own = [order for order in look.near.orders if order.id in look.verdict.order_ids]
    return [order for order in own if completing.awaits_images(order, look.study)]


def _stands(look: Look, live: Mapping[CaseKind, cases.StoredCase], acts: Sequence[rules.StoredAct]) -> bool:
    same = reconcile.stands(look.near.study, look.study, look.verdict, look.links, live)
    return same and not (look.complete and _awaited(look)) and ruling.stands(acts, look.verdict)


def with_other_keys(conn: Connection, known: Sequence[Study]) -> list[int]:
    """Studies that are not found by the keys that they should have."""
    written = studies.keys_of_several(conn, [one.id for one in known])
    return [one.id for one in known if found_of(conn, one).all != written[one.id]]


def accessions_to_examine(conn: Connection, numbers: Iterable[str]) -> list[str]:
    """Accession numbers that are on several patients, or of nobody known, or have a case. One person's cannot collide,
    whatever else is said of them (`recon/collision`)."""
    wanted = sorted(set(numbers) - {""})
    owners = accessions.owners(conn, wanted)
    said = _ends(cases.live_subjects(conn, CaseKind.ACCESSION_COLLISION)) if wanted else frozenset()
    return [one for one in wanted if one in said or len(own := owners.get(one, frozenset())) != 1 or 0 in own]


def _ends(subjects: Iterable[str]) -> frozenset[str]:
    """Every number that a subject `accession:ISSUER/NUMBER` may be about: either may hold a slash."""
    found = set()
    for subject in subjects:
        parts = subject.split("/")
        found |= {"/".join(parts[at:]) for at in range(1, len(parts))}
    return frozenset(found)


def persons_to_examine(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Persons under suspicion, of whom something is unsettled, or who have a case."""
    people = persons.load_many(conn, ids)
    live = cases.live_of_subjects(conn, [f"person:{one}" for one in ids], PERSON_KINDS)
    said = notices.with_unsettled(conn, ids)
    return [
        one for one in ids if one in said or f"person:{one}" in live or (one in people and classify_person(people[one]))
    ]
