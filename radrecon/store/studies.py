"""Studies as the PACS list them, and their blocking keys."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from radrecon.model.study import Study, StudyFacts
from radrecon.store import database as db
from radrecon.store import tables as t
from radrecon.store.codec import decode, digest, dump, load
from radrecon.store.database import Connection, changed
from radrecon.store.kept import by_id
from radrecon.store.persons import columns, normal
from radrecon.store.statement import Among, Statement

SHORTEST_NUMBER = 3  # characters: what is shorter is no accession number of any RIS, or is one that says nothing
STUDY_LIMIT = 500  # studies that one changed order or person wakes at a time


def load_many(conn: Connection, ids: Iterable[int]) -> list[Study]:
    wanted = sorted(set(ids) - {0})
    return list(by_id(conn, "study", wanted, lambda some: _loaded(conn, some)).values()) if wanted else []


def _loaded(conn: Connection, wanted: Sequence[int]) -> dict[int, Study]:
    return {row[0]: study_of(_StudyRow(*row)) for row in _STUDIES_AMONG.all(conn, wanted)}


_STUDIES_AMONG = Among(  # their JSON as text, for whoever reads it makes the values at once
    sa.select(*(sa.cast(one, sa.Text) if one is t.study.c.data else one for one in t.study.columns)).order_by(
        t.study.c.id
    ),
    t.study.c.id,
)
_StudyRow = namedtuple("_StudyRow", [column.name for column in t.study.columns])  # type: ignore[misc]


def load_one(conn: Connection, study_id: int) -> Study | None:
    found = load_many(conn, [study_id])
    return found[0] if found else None


def by_uid(conn: Connection, pacs: str, uid: str) -> Study | None:
    row = conn.execute(t.study.select().where(t.study.c.pacs == pacs, t.study.c.study_instance_uid == uid)).first()
    return None if row is None else study_of(row)


def by_uids(conn: Connection, pacs: str, uids: Sequence[str]) -> dict[str, Study]:
    query = t.study.select().where(t.study.c.pacs == pacs, t.study.c.study_instance_uid.in_(uids))
    return {row.study_instance_uid: study_of(row) for row in conn.execute(query)}


def study_of(row: Any) -> Study:
    return Study(
        facts=decode(StudyFacts, row.data) if isinstance(row.data, str) else load(StudyFacts, row.data),
        id=row.id,
        person_id=row.person_id,
        first_seen=row.first_seen,
        last_changed=row.last_changed,
        steady=row.steady,
        baseline=row.baseline,
        gone=row.gone,
        judged=row.judged,
        not_judged=row.not_judged,
        version=row.version,
        wrong_worklist_entry=row.wrong_worklist_entry,
        as_of=row.as_of,
        match_class=row.match_class,
        follows=row.follows,
        prior_of=row.prior_of,
    )


def insert(
    conn: Connection,
    facts: StudyFacts,
    *,
    at: datetime,
    baseline: bool,
    person_id: int = 0,
    not_judged: str = "",
    begun: datetime | None = None,
) -> int:
    values = _columns(facts) | {
        "first_seen": at,
        "last_changed": at,
        "last_seen": at,
        "as_of": begun or at,
        "arriving_since": at,
        "baseline": baseline,
        "person_id": person_id,
        "not_judged": not_judged,
    }
    changed(conn, "studies")
    return db.insert(conn, t.study, **values)


def update(
    conn: Connection,
    study: Study,
    facts: StudyFacts,
    *,
    at: datetime,
    person_id: int,
    arrived: bool,
    begun: datetime | None = None,
) -> None:
    """New content. Where images `arrived` (or left) the quiet time starts again; a corrected header is no arrival."""
    values = _columns(facts) | {"last_seen": at, "gone": False, "person_id": person_id, "as_of": begun or at}
    if arrived:
        values |= {"last_changed": at, "steady": 0}
        values |= {"arriving_since": at} if study.steady else {}
    conn.execute(t.study.update().where(t.study.c.id == study.id).values(**values, version=t.study.c.version + 1))
    changed(conn, "studies")


def seen_again(conn: Connection, ids: Sequence[int], at: datetime, begun: datetime | None = None) -> None:
    """The same content once more. It cannot have changed later than now: a clock that was wrong said so."""
    s, now = t.study.c, sa.literal(at, t.Instant)
    values = {
        "last_seen": at, "as_of": begun or at, "steady": s.steady + 1,
        "steady_since": sa.case((s.steady == 0, now), else_=s.steady_since),
        "last_changed": sa.case((s.last_changed > now, now), else_=s.last_changed),
    }  # fmt: skip
    conn.execute(t.study.update().where(s.id.in_(ids)).values(**values))


def mark_gone(conn: Connection, study_id: int, at: datetime, begun: datetime | None = None) -> None:
    s = t.study.c
    values = {"gone": True, "last_seen": at, "as_of": begun or at, "version": s.version + 1}
    conn.execute(t.study.update().where(s.id == study_id).values(**values))
    changed(conn, "studies")


def add_history(conn: Connection, study_id: int, at: datetime, event: str, prior: dict[str, Any]) -> None:
    """What a study was before it was seen changed, gone or back."""
    conn.execute(t.study_history.insert().values(study_id=study_id, at=at, event=event, prior=prior))


def set_judged(conn: Connection, study_id: int, judged: bool, why_not: str) -> None:
    s = t.study.c
    conn.execute(
        t.study.update()
        .where(s.id == study_id, sa.or_(s.judged != judged, s.not_judged != why_not))
        .values(judged=judged, not_judged=why_not)
    )


def set_class(conn: Connection, study_id: int, match_class: str, follows: int = 0, prior_of: int = 0) -> None:
    """How it stands to the orders."""
    s, values = t.study.c, {"match_class": match_class, "follows": follows, "prior_of": prior_of}
    differs = sa.or_(*(s[name] != value for name, value in values.items()))
    if conn.execute(t.study.update().where(s.id == study_id, differs).values(**values)).rowcount:
        changed(conn, "studies")


def set_wrong_entry(conn: Connection, study_id: int, wrong: bool) -> None:
    s = t.study.c
    conn.execute(t.study.update().where(s.id == study_id).values(wrong_worklist_entry=wrong, version=s.version + 1))
    changed(conn, "studies")


def set_person(conn: Connection, ids: Sequence[int], person_id: int) -> None:
    s = t.study.c
    if ids:
        conn.execute(t.study.update().where(s.id.in_(ids)).values(person_id=person_id, version=s.version + 1))
        changed(conn, "studies")


def _columns(facts: StudyFacts) -> dict[str, Any]:
    stations = [series.station_name for series in facts.series if series.station_name]
    return columns(facts.patient) | {
        "pacs": facts.pacs,
        "study_instance_uid": facts.study_instance_uid,
        "accession_number": facts.accession_number,
        "patient_normal": normal(facts.patient.patient_id.value),
        "performed": facts.performed,
        "description": facts.description,
        "modality": "/".join(facts.modalities),
        "station_name": "/".join(dict.fromkeys(stations)),
        "series": len(facts.series),
        "instances": facts.instances,
        "data": dump(facts),
    }


def fingerprint(facts: StudyFacts) -> str:
    return digest(dump(facts))


def set_keys(conn: Connection, study_id: int, keys: Iterable[int], *, new: bool = False) -> None:
    """Replace a study's keys; a `new` one has none yet."""
    if not new:
        conn.execute(t.study_key.delete().where(t.study_key.c.study_id == study_id))
    rows = [{"key": key, "study_id": study_id} for key in sorted(set(keys))]
    if rows:
        conn.execute(t.study_key.insert(), rows)


def keys(conn: Connection, study_id: int) -> frozenset[int]:
    return frozenset(row[0] for row in _KEYS.all(conn, wanted=study_id))


def keys_of_several(conn: Connection, ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Study → its keys; all in one look."""
    found: dict[int, set[int]] = {one: set() for one in ids}
    for one, key in _KEYS_AMONG.all(conn, ids):
        found[one].add(key)
    return {one: frozenset(keys) for one, keys in found.items()}


_KEYS_AMONG = Among(sa.select(t.study_key.c.study_id, t.study_key.c.key), t.study_key.c.study_id)
_KEYS = Statement(sa.select(t.study_key.c.key).where(t.study_key.c.study_id == sa.bindparam("wanted")))


def by_keys(conn: Connection, keys: Iterable[int], after: int = 0, limit: int = STUDY_LIMIT) -> list[int]:
    """Studies that share a key, in pages by id."""
    k = t.study_key.c
    query = sa.select(k.study_id).where(k.key.in_(sorted(set(keys))), k.study_id > after).distinct()
    return list(conn.execute(query.order_by(k.study_id).limit(limit)).scalars())


def of_identifiers(conn: Connection, normals: Sequence[str], limit: int = 2000) -> list[int]:
    """Studies that carry one of these identifiers (normal forms)."""
    s = t.study.c
    wanted = [one for one in normals if one]
    return list(conn.execute(sa.select(s.id).where(s.patient_normal.in_(wanted)).limit(limit)).scalars())


def of_day(conn: Connection, normals: Collection[str], day: str) -> list[tuple[str, Study]]:
    """Studies of one day (ISO) under these patient numbers (normal forms), each with the number; the oldest first."""
    after = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    found = _OF_DAY.all(conn, sorted(set(normals) - {""}), since=day, until=after)
    return [
        (normal(study.facts.patient.patient_id.value), study) for study in (study_of(_StudyRow(*one)) for one in found)
    ]


_OF_DAY = Among(
    t.study.select()
    .where(t.study.c.performed >= sa.bindparam("since"), t.study.c.performed < sa.bindparam("until"), ~t.study.c.gone)
    .order_by(t.study.c.id),
    t.study.c.patient_normal,
)


def of_person(conn: Connection, person_id: int, limit: int = 2000) -> list[Study]:
    query = t.study.select().where(t.study.c.person_id == person_id, ~t.study.c.gone).order_by(t.study.c.id)
    return [study_of(row) for row in conn.execute(query.limit(limit))] if person_id else []


def by_accession(conn: Connection, accession: str, limit: int = 50) -> list[Study]:
    query = t.study.select().where(t.study.c.accession_number == accession, ~t.study.c.gone).order_by(t.study.c.id)
    return [study_of(row) for row in conn.execute(query.limit(limit))] if accession else []


def set_requests(conn: Connection, study_id: int, accessions: Iterable[str], *, new: bool = False) -> None:
    """The accession numbers that a study's images name beside their own; a `new` study has none yet."""
    if not new:
        conn.execute(t.study_request.delete().where(t.study_request.c.study_id == study_id))
    rows = [{"study_id": study_id, "accession_number": one} for one in sorted(set(accessions) - {""})]
    if rows:
        conn.execute(t.study_request.insert(), rows)


def unnumbered(conn: Connection, normals: Sequence[str], words: Collection[str] = (), limit: int = 100) -> list[Study]:
    """Studies under these patient numbers (normal forms) that carry no accession number, or one of these words.

    What is shorter than any number is among them as well (a dash, a dot): whoever asks knows what says that it is none.
    """
    s = t.study.c
    none = (sa.func.length(s.accession_number) < SHORTEST_NUMBER) | sa.func.upper(s.accession_number).in_(words)
    query = t.study.select().where(s.patient_normal.in_(normals), none, ~s.gone)
    rows = conn.execute(query.order_by(s.id.desc()).limit(limit)) if normals else ()
    return [study_of(row) for row in rows]


def with_uids(conn: Connection, uids: Iterable[str]) -> dict[str, list[int]]:
    """Study Instance UID → ids of the studies that have it."""
    s = t.study.c
    wanted = sorted(set(uids) - {""})
    found: dict[str, list[int]] = {}
    if wanted:
        query = sa.select(s.study_instance_uid, s.id).where(s.study_instance_uid.in_(wanted), ~s.gone)
        for row in conn.execute(query):
            found.setdefault(row.study_instance_uid, []).append(row.id)
    return found
