"""Which studies missed an update: judged with each study, and then not shown as a mismatch besides.

A mismatch that an update explains is awaited from the moment the update was heard; when its grace is over the study
goes to the case of that update, and its own mismatch closes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.config import Config
from radrecon.model.case import CaseKind, Finding, MatchClass
from radrecon.model.expectation import Expectation
from radrecon.model.patient import Demographics
from radrecon.model.person import Watch
from radrecon.model.study import Study
from radrecon.recon.classify import Verdict
from radrecon.recon.expectation import grace
from radrecon.recon.grouping import many_subject
from radrecon.recon.missing_update import Update, expect, missed, under_old_number
from radrecon.store import cases, expectations, persons, queue, waiting
from radrecon.store.codec import load
from radrecon.store.database import Connection, Store
from radrecon.workflow.awaiting import MISSED, Changed, save

KIND = CaseKind.MISSING_UPDATE
GROUPED = "it is shown with the update that never reached the PACS"


@dataclass(frozen=True)
class Look:
    """What is written of a study (its fingerprint, "" for nothing), and what should be."""

    known: str = ""
    found: Expectation | None = None


def look(conn: Connection, study: Study, verdict: Verdict, config: Config, watch: Watch) -> Look:
    """Whether a study has missed an update."""
    mismatch = next((one for one in verdict.findings if one.kind is CaseKind.DEMOGRAPHIC_MISMATCH), None)
    mismatch = mismatch or _under_old_number(conn, study, verdict, watch)
    known = expectations.fingerprint_of(conn, KIND, f"study:{study.id}")
    return Look(known, _expected(conn, study, mismatch, config, watch) if mismatch else None)


def has_old_number(conn: Connection, study: Study) -> bool:
    """Whether the number that the images carry leads on to another: it was merged away or changed."""
    return _whose_old_number(conn, study) != 0


def _whose_old_number(conn: Connection, study: Study) -> int:
    number = study.facts.patient.patient_id
    known = persons.find(conn, number) if number else None
    return known.person_id if known and known.retired else 0


def _under_old_number(conn: Connection, study: Study, verdict: Verdict, watch: Watch) -> Finding | None:
    person_id = 0 if verdict.match_class is MatchClass.OUTSIDE else _whose_old_number(conn, study)
    person = persons.load_one(conn, person_id) if person_id else None
    return under_old_number(study, person, watch.patient_id_issuer) if person else None


def without_missed(
    store: Store, study: Study, verdict: Verdict, looked: Look, config: Config, now: datetime
) -> Verdict:
    """The verdict without a mismatch that is part of a missed update; what is awaited of the study is written."""
    found, length = looked.found, grace(KIND, 0, config.cases)
    if found or looked.known:
        _write(store, study, looked.known, found, config, now)
    if found is None or length is None or now < found.since + length:
        return verdict
    findings = tuple(one for one in verdict.findings if one.kind is not CaseKind.DEMOGRAPHIC_MISMATCH)
    return replace(verdict, findings=findings, closing=GROUPED)


def _expected(conn: Connection, study: Study, mismatch: Finding, config: Config, watch: Watch) -> Expectation | None:
    """Not where a person has put this very mismatch aside."""
    length = grace(KIND, 0, config.cases)
    updates = _updates(conn, mismatch.person_id)
    update = missed(study, updates, length, watch) if length else None
    if update is None or cases.is_dismissed(conn, mismatch):
        return None
    return expect(study, mismatch, update, watch)


def _updates(conn: Connection, person_id: int) -> list[Update]:
    changes = waiting.changes(conn, person_id)
    said = waiting.said(conn, {one.message_id for one in changes})
    lost = persons.load_many(conn, {one.non_survivor_id for one in changes})
    found = []
    for one in changes:
        before = lost[one.non_survivor_id].demographics if one.non_survivor_id else load(Demographics, one.prior)
        message = said.get(one.message_id, waiting.Said())
        event = message.message_type.removeprefix("ADT^") or one.event
        found.append(Update(one.message_id, one.at, event, before, message.control_id, message.sender))
    return found


def _write(store: Store, study: Study, known: str, found: Expectation | None, config: Config, now: datetime) -> None:
    """What differs. The study is looked at when its grace is over; its update is judged where that may change it."""
    wanted = expectations.fingerprint(found) if found else ""
    if wanted != known:
        ended = () if found else ((str(KIND), f"study:{study.id}"),)
        save(store, Changed((found,) if found else (), ended), config, now)
    length = grace(KIND, 0, config.cases)
    late_at = found.since + length if found and length else now
    with store.reading() as conn:
        waits = late_at > now and not queue.is_due(conn, "study", study.id, late_at)
        judged = wanted != known or (found is not None and late_at <= now and not _is_shown(conn, found))
    if waits or judged:
        with store.transaction() as conn:
            queue.touch(conn, "study", [study.id] if waits else [], late_at)
            queue.touch(conn, MISSED, [KIND] if judged else [], now)


def _is_shown(conn: Connection, one: Expectation) -> bool:
    """Its own mismatch closes now: the case that it goes to is opened at once."""
    subjects = (one.finding.subject, many_subject(one.place))
    return any(cases.live_of(conn, subject, [KIND]) for subject in subjects)
