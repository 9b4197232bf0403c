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
from radrecon.model.person import Link, Watch
from radrecon.model.study import Study
from radrecon.recon.overlay import classify_person
from radrecon.store import accessions, cases, expectations, notices, persons, rules, studies
from radrecon.store.database import Connection
from radrecon.workflow import completing, missing_updates, reconcile, ruling
from radrecon.workflow.deciding import Memory
from radrecon.workflow.examining import PERSON_KINDS
from radrecon.workflow.neighbourhood import decide


def studies_to_examine(
    conn: Connection, known: Sequence[Study], watch: Watch, memory: Memory, config: Config, now: datetime
) -> list[int]:
    """Studies whose verdict is another than what is stored of them, or may have to be written for another reason."""
    subjects = {one.id: f"study:{one.id}" for one in known}
    live = cases.live_of_subjects(conn, list(subjects.values()), reconcile.STUDY_KINDS)
    acts = rules.acts_of_studies(conn, list(subjects))
    waiting = expectations.waiting(conn, missing_updates.KIND, list(subjects.values()))
    links: dict[int, list[Link]] = {}  # those that stand, the first order first
    for link in studies.links_of_studies(conn, subjects):
        links.setdefault(link.study_id, []).append(link)

    def stands(one: Study) -> bool:
        written = Written(links.get(one.id, ()), live.get(subjects[one.id], {}), acts.get(one.id, ()))
        return subjects[one.id] not in waiting and _stands(conn, one, watch, memory, config, written, now)

    return [one.id for one in known if not stands(one)]


@dataclass(frozen=True)
class Written:
    """What is stored of a study's last look."""

    links: Sequence[Link]
    live: Mapping[CaseKind, cases.StoredCase]
    acts: Sequence[rules.StoredAct]


def _stands(
    conn: Connection, study: Study, watch: Watch, memory: Memory, config: Config, written: Written, now: datetime
) -> bool:
    near, verdict = decide(conn, study, watch, memory)
    mismatch = any(one.kind is CaseKind.DEMOGRAPHIC_MISMATCH for one in verdict.findings)  # may be a missed update's
    if near.correcting or verdict.look_again or mismatch:
        return False
    own = [order for order in near.orders if order.id in verdict.order_ids]
    awaited = any(map(completing.awaits_images, own)) and reconcile.looks_complete(study, config, now)
    if awaited or len(own) < len(verdict.order_ids):
        return False
    links, live = written.links, written.live
    return reconcile.stands(near.study, study, verdict, links, live) and ruling.stands(written.acts, verdict)


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
