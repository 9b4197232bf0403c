"""A list of legacy patient numbers taken in: where one of two numbers has its person, the other becomes theirs too.

Where both have persons, and these differ, nothing is joined: a person decides (a merge). Whoever is first heard later
gets both numbers by themselves. Taking a file in again changes nothing, and finishes what was broken off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from radrecon.model.crosswalk import CrosswalkEntry, CrosswalkProblem, CrosswalkReport, Issuers
from radrecon.model.errors import Trouble
from radrecon.model.patient import PatientId
from radrecon.recon.identifiers import read_crosswalk
from radrecon.store import crosswalk, persons
from radrecon.store.crosswalk import Holder
from radrecon.store.database import Connection, Store
from radrecon.store.life import audit
from radrecon.workflow.people import retouch

LINES = 50  # per transaction
PERSONS = 3  # each with all their orders


def import_file(store: Store, path: Path, issuers: Issuers, *, who: str, at: datetime) -> CrosswalkReport:
    """A CSV file; raises Trouble where it cannot be read at all. Everything else is in the report, line by line."""
    return import_text(store, _text(path), issuers, source=path.name, who=who, at=at)


def _text(path: Path) -> str:
    """UTF-8, else what spreadsheets of western Windows write."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def import_text(store: Store, text: str, issuers: Issuers, *, source: str, who: str, at: datetime) -> CrosswalkReport:
    entries, problems = read_crosswalk(text, issuers)
    report = CrosswalkReport(lines=len(entries) + len(problems), problems=tuple(problems))
    for start in range(0, len(entries), LINES):
        report = _take(store, entries[start : start + LINES], report, source, at)
    with store.transaction() as conn:
        counts = {"lines": report.lines, "added": report.added, "persons": report.persons}
        audit(conn, at=at, who=who, what="crosswalk import", subject=source, **counts)
    return replace(report, problems=tuple(sorted(report.problems, key=lambda one: one.line)))


def _take(
    store: Store, entries: Sequence[CrosswalkEntry], report: CrosswalkReport, source: str, at: datetime
) -> CrosswalkReport:
    with store.transaction() as conn:
        known = crosswalk.known(conn, [entry.legacy for entry in entries])
        new = [entry for entry in entries if entry.legacy not in known]
        crosswalk.add(conn, new, source=source, at=at)
    other = [entry for entry in entries if known.get(entry.legacy, entry.present) != entry.present]
    standing = [entry for entry in entries if entry not in other]
    joined, conflicts = _join(store, standing, at)
    contradicted = [CrosswalkProblem(one.line, _contradicts(one, known[one.legacy])) for one in other]
    return replace(
        report,
        added=report.added + len(new),
        unchanged=report.unchanged + len(standing) - len(new),
        persons=report.persons + joined,
        problems=(*report.problems, *contradicted, *conflicts),
    )


def _contradicts(entry: CrosswalkEntry, present: PatientId) -> str:
    return f"{entry.legacy} leads to {present} already; not taken: remove that entry first"


def _join(store: Store, entries: Sequence[CrosswalkEntry], at: datetime) -> tuple[int, list[CrosswalkProblem]]:
    """Give each number's person the other number; returns how many persons got one, and who are two persons."""
    with store.reading() as conn:
        holders = crosswalk.holders(conn, [one for entry in entries for one in (entry.legacy, entry.present)])
    lacking = {found for entry in entries if (found := _lacks(entry, holders))}
    people = sorted(lacking)
    joined = 0
    for start in range(0, len(people), PERSONS):
        with store.transaction() as conn:
            joined += sum(join_person(conn, person_id, at) for person_id in people[start : start + PERSONS])
    conflicts = [CrosswalkProblem(entry.line, text) for entry in entries if (text := _conflict(entry, holders))]
    return joined, conflicts


def _lacks(entry: CrosswalkEntry, holders: dict[PatientId, Holder]) -> int:
    """The person who has one of the numbers where nobody has the other, else 0."""
    has = [holders[one].person_id for one in (entry.legacy, entry.present) if one in holders]
    return has[0] if len(has) == 1 else 0


def _conflict(entry: CrosswalkEntry, holders: dict[PatientId, Holder]) -> str:
    """What a person reads where the two numbers are two persons', "" where they are not."""
    has = [holders[one].person_id for one in (entry.legacy, entry.present) if one in holders]
    if len(set(has)) < 2:
        return ""
    return f"{entry.legacy} is patient {has[0]}, {entry.present} is patient {has[1]}: a person decides (merge)"


def join_person(conn: Connection, person_id: int, at: datetime) -> bool:
    """Let all numbers that the crosswalk knows of a person lead to them; what carries them is looked at again."""
    person = persons.load_one(conn, person_id)
    if person is None or not persons.add_identifiers(conn, person_id, crosswalk.partners(conn, person.identifiers)):
        return False
    retouch(conn, person_id, at)
    return True


def remove(store: Store, entry_id: int, *, who: str, at: datetime) -> str:
    """Take an entry back; says in a sentence what became of the number that it had given to somebody."""
    with store.transaction() as conn:
        entry = crosswalk.load_one(conn, entry_id)
        crosswalk.remove(conn, entry_id)
        audit(conn, at=at, who=who, what="crosswalk remove", subject=str(entry.legacy), present=str(entry.present))
        return f"{entry.legacy} leads to {entry.present} no more{_withdrawn(conn, entry, at)}"


def _withdrawn(conn: Connection, entry: CrosswalkEntry, at: datetime) -> str:
    holders = crosswalk.holders(conn, (entry.legacy, entry.present))
    if len({holder.person_id for holder in holders.values()}) != 1 or len(holders) != 2:
        return ""
    person = persons.load_one(conn, holders[entry.legacy].person_id)
    given = entry.legacy if person is None or person.demographics.patient_id != entry.legacy else entry.present
    if crosswalk.was_heard(conn, given.value):
        return f"; messages named {given}, it stays with patient {holders[given].person_id}"
    crosswalk.withdraw(conn, holders[given].identifier_id)
    retouch(conn, holders[given].person_id, at)
    return f"; patient {holders[given].person_id} has {given} no more"
