"""Studies as rows: as their PACS lists them, complete or arriving, on an order or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import sqlalchemy as sa

from radrecon.config import Config
from radrecon.model.errors import NotFound
from radrecon.model.rows import StudyChangeRow, StudyRow
from radrecon.model.study import SeriesFacts
from radrecon.store import tables as t
from radrecon.store.codec import iso, load, wall_iso
from radrecon.store.database import Connection
from radrecon.store.filters import Column, Condition, Searchable, conditions, is_one_of
from radrecon.store.life import database_now
from radrecon.store.persons import normal
from radrecon.store.settings import load_config
from radrecon.store.study_links import links_of_studies

_s, _l = t.study.c, t.link.c
LIGHT = [column for column in t.study.columns if column.name != "data"]
TEXTS: dict[str, tuple[Column, ...]] = {
    "patient_id": (_s.patient_id,),
    "issuer_of_patient_id": (_s.issuer_of_patient_id,),
    "patient_name": (_s.patient_name,),
    "patient_birth_date": (_s.patient_birth_date,),
    "patient_sex": (_s.patient_sex,),
    "accession_number": (_s.accession_number,),
    "study_instance_uid": (_s.study_instance_uid,),
    "modality": (_s.modality,),
    "station": (_s.station_name,),
    "description": (_s.description,),
    "pacs": (_s.pacs,),
}
_QUERY = sa.select(*LIGHT, _l.order_id.label("order_id"), _l.state.label("link_state")).select_from(
    t.study.outerjoin(t.link, sa.and_(_l.study_id == _s.id, _l.place == 0, _l.revoked_at.is_(None)))
)


@dataclass(frozen=True)
class Judge:
    """What tells a complete study from one that still arrives: the database's clock and each PACS's quiet time."""

    now: datetime
    config: Config

    @classmethod
    def of(cls, conn: Connection) -> Judge:
        return cls(database_now(conn), load_config(conn))

    @property
    def zone(self) -> tzinfo:
        return self.config.zone()

    def quiet(self, pacs: str) -> timedelta:
        peer = self.config.pacs_named(pacs)
        return timedelta(seconds=peer.stable_seconds if peer else self.config.engine.storage_quiet_seconds)

    def status(self, row: Any) -> str:
        if row.gone:
            return "gone"
        quiet = self.now - row.last_changed >= self.quiet(row.pacs)
        return "complete" if quiet and row.steady >= 1 else "arriving"

    def since(self, row: Any) -> str:
        """From when on the status holds; "" where that was not noted yet."""
        status = self.status(row)
        if status == "gone":
            return iso(row.last_seen)
        if status == "arriving":
            return iso(row.arriving_since or row.last_changed)
        return iso(max(row.last_changed + self.quiet(row.pacs), row.steady_since or row.last_changed))

    def condition(self, status: str) -> Condition:
        """The same in SQL, for searching; an unknown word finds nothing."""
        still = sa.or_(_s.steady < 1, *(self._recent(pacs.name) for pacs in self.config.pacs), self._recent_elsewhere())
        ways = {"gone": _s.gone, "arriving": sa.and_(~_s.gone, still), "complete": sa.and_(~_s.gone, sa.not_(still))}
        return ways.get(status.casefold(), sa.false())

    def _recent(self, pacs: str) -> Condition:
        return sa.and_(_s.pacs == pacs, _s.last_changed > self.now - self.quiet(pacs))

    def _recent_elsewhere(self) -> Condition:
        known = [pacs.name for pacs in self.config.pacs]
        return sa.and_(_s.pacs.not_in(known), _s.last_changed > self.now - self.quiet(""))


def studies(conn: Connection, *, query: str = "", limit: int = 500) -> list[StudyRow]:
    """The newest first."""
    judge = Judge.of(conn)
    wanted = conditions(query, _searchable(judge), judge.now)
    return _rows(conn, judge, _QUERY.where(*wanted).order_by(_s.id.desc()).limit(limit))


def _searchable(judge: Judge) -> Searchable:
    whole = {
        "patient_id": lambda value: _s.patient_normal == normal(value),
        "accession_number": is_one_of(_s.accession_number),
        "study_instance_uid": is_one_of(_s.study_instance_uid),
        "status": judge.condition,
        "match_class": lambda value: _s.match_class == value.casefold(),
    }
    return Searchable("studies", TEXTS, whole, age=_s.first_seen)


def study(conn: Connection, study_id: int) -> StudyRow:
    found = studies_by_id(conn, [study_id])
    if not found:
        raise NotFound(f"no study {study_id}")
    return found[study_id]


def studies_by_id(conn: Connection, ids: Iterable[int]) -> dict[int, StudyRow]:
    wanted = sorted(set(ids) - {0})
    if not wanted:
        return {}
    return {row.id: row for row in _rows(conn, Judge.of(conn), _QUERY.where(_s.id.in_(wanted)))}


def studies_of_person(conn: Connection, person_id: int, limit: int = 500) -> list[StudyRow]:
    query = _QUERY.where(_s.person_id == person_id).order_by(_s.id.desc()).limit(limit)
    return _rows(conn, Judge.of(conn), query)


def series_of(conn: Connection, study_id: int) -> tuple[SeriesFacts, ...]:
    data = conn.execute(sa.select(_s.data).where(_s.id == study_id)).scalar()
    return tuple(load(SeriesFacts, one) for one in (data or {}).get("series", ()))


def changes_of(conn: Connection, study_id: int, limit: int = 500) -> list[StudyChangeRow]:
    """What the PACS said of a study before, the newest first."""
    h = t.study_history
    rows = conn.execute(h.select().where(h.c.study_id == study_id).order_by(h.c.id.desc()).limit(limit))
    return [StudyChangeRow(row.id, row.study_id, iso(row.at), row.event, row.prior) for row in rows]


def _rows(conn: Connection, judge: Judge, query: sa.Select[Any]) -> list[StudyRow]:
    found = conn.execute(query).all()
    reported, orders = _reported(conn, found), _orders(conn, found)
    return [_row(row, judge, row.id in reported, orders.get(row.id, ())) for row in found]


def _orders(conn: Connection, rows: Sequence[Any]) -> dict[int, tuple[int, ...]]:
    """Study id → its orders, the first one first."""
    found: dict[int, tuple[int, ...]] = {}
    for link in links_of_studies(conn, [row.id for row in rows if row.order_id]):
        found[link.study_id] = (*found.get(link.study_id, ()), link.order_id)
    return found


def _row(row: Any, judge: Judge, reported: bool, orders: tuple[int, ...]) -> StudyRow:
    return StudyRow(
        id=row.id,
        pacs=row.pacs,
        study_instance_uid=row.study_instance_uid,
        accession_number=row.accession_number,
        patient_id=row.patient_id,
        issuer_of_patient_id=row.issuer_of_patient_id,
        patient_name=row.patient_name,
        patient_birth_date=row.patient_birth_date,
        patient_sex=row.patient_sex,
        modality=row.modality,
        station_name=row.station_name,
        performed_at=wall_iso(row.performed, judge.zone),
        study_description=row.description,
        series=row.series,
        instances=row.instances,
        status=judge.status(row),
        judged=row.judged,
        first_seen=iso(row.first_seen),
        order_id=row.order_id or 0,
        link_state=row.link_state or "",
        reported="reported" if reported else "unknown",
        wrong_worklist_entry=row.wrong_worklist_entry,
        status_since=judge.since(row),
        match_class=row.match_class,
        not_judged=row.not_judged,
        order_ids=orders,
        follows=row.follows,
        prior_of=row.prior_of,
    )


def _reported(conn: Connection, rows: Sequence[Any]) -> set[int]:
    """Which of these studies a report was heard for: by order, accession or UID, one indexed look-up each a page."""
    r = t.report.c
    found: set[int] = set()
    for column, name in (
        (r.order_id, "order_id"),
        (r.accession_number, "accession_number"),
        (r.study_instance_uid, "study_instance_uid"),
    ):
        asked = sorted({getattr(row, name) for row in rows if getattr(row, name)})
        heard = set(conn.execute(sa.select(column).where(column.in_(asked)).distinct()).scalars()) if asked else set()
        found |= {row.id for row in rows if getattr(row, name) in heard}
    return found
