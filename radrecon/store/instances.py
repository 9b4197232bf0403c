"""What Storage brought: instances, the headers that tell them apart, studies that wait to be seen, thumbnails.

Kept by the path of every instance: fixed statements, one row per study and group of instances. A header is kept once
for all instances of a series that say the same of patient, study and series.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from radrecon.model.study import Study
from radrecon.store import tables as t
from radrecon.store.codec import iso
from radrecon.store.database import Connection, changed
from radrecon.store.statement import Statement
from radrecon.store.studies import study_of

STORAGE = "storage:"
"""What the `pacs` of a study begins with that no PACS has been seen to have; the sender's AE title follows."""


@dataclass(frozen=True)
class Arrived:
    """One instance with its header, to be kept."""

    sop_instance_uid: str
    sop_class_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    instance_number: str
    frames: int
    size: int
    digest: str
    flaw: str
    header: bytes
    ae_title: str
    address: str
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """A study of which instances came that no look has counted. `arrivals` tells whether more came since."""

    id: int
    study_instance_uid: str
    ae_title: str
    arrivals: int


@dataclass(frozen=True)
class StoredSeries:
    series_instance_uid: str
    instances: int
    transfer_syntax_uid: str


@dataclass(frozen=True)
class StoredStudy:
    """A study as Storage knows it. `thumbnails`: series that have one; `no_thumbnail`: why others have none."""

    id: int
    study_instance_uid: str
    ae_title: str
    address: str
    series: int
    instances: int
    arrivals: int
    thumbnails: int
    no_thumbnail: str
    first_at: str
    last_at: str


_INSTANCE = Statement(
    sa.text("""
INSERT INTO stored_instance (sop_instance_uid, sop_class_uid, study_instance_uid, series_instance_uid,
    transfer_syntax_uid, instance_number, frames, size, digest, at)
VALUES (:sop_instance_uid, :sop_class_uid, :study_instance_uid, :series_instance_uid,
    :transfer_syntax_uid, :instance_number, :frames, :size, :digest, :at)
ON CONFLICT (sop_instance_uid) DO UPDATE SET
    sop_class_uid = excluded.sop_class_uid, study_instance_uid = excluded.study_instance_uid,
    series_instance_uid = excluded.series_instance_uid, transfer_syntax_uid = excluded.transfer_syntax_uid,
    instance_number = excluded.instance_number, frames = excluded.frames, size = excluded.size,
    digest = excluded.digest, at = excluded.at, again = stored_instance.again + 1
""").bindparams(sa.bindparam("at", type_=t.Instant))
)
_HEADER = Statement(
    sa.text("""
INSERT INTO stored_header (study_instance_uid, series_instance_uid, digest, transfer_syntax_uid, header, flaw, at)
VALUES (:study_instance_uid, :series_instance_uid, :digest, :transfer_syntax_uid, :header, :flaw, :at)
ON CONFLICT (series_instance_uid, digest) DO UPDATE SET at = excluded.at
""").bindparams(sa.bindparam("at", type_=t.Instant), sa.bindparam("header", type_=sa.LargeBinary))
)
_STUDY = Statement(
    sa.text("""
INSERT INTO stored_study (study_instance_uid, ae_title, address, first_at, last_at, arrivals, waiting)
VALUES (:study_instance_uid, :ae_title, :address, :at, :at, :arrivals, true)
ON CONFLICT (study_instance_uid) DO UPDATE SET
    ae_title = excluded.ae_title, address = excluded.address, last_at = excluded.last_at,
    arrivals = stored_study.arrivals + excluded.arrivals, waiting = true
""").bindparams(sa.bindparam("at", type_=t.Instant))
)


def keep(conn: Connection, arrived: Sequence[Arrived], with_header: Iterable[int]) -> None:
    """A group of instances; the headers of those whose places are named, and the studies that now wait."""
    _INSTANCE.many(conn, [_instance(one) for one in arrived])
    _HEADER.many(conn, [_header(arrived[place]) for place in with_header])
    latest = {one.study_instance_uid: one for one in arrived}
    counts = [one.study_instance_uid for one in arrived]
    rows = [
        {"study_instance_uid": uid, "ae_title": one.ae_title, "address": one.address, "at": one.at,
         "arrivals": counts.count(uid)}
        for uid, one in sorted(latest.items())
    ]  # fmt: skip
    _STUDY.many(conn, rows)
    changed(conn, "instances")


def _instance(one: Arrived) -> dict[str, object]:
    return {
        "sop_instance_uid": one.sop_instance_uid,
        "sop_class_uid": one.sop_class_uid,
        "study_instance_uid": one.study_instance_uid,
        "series_instance_uid": one.series_instance_uid,
        "transfer_syntax_uid": one.transfer_syntax_uid,
        "instance_number": one.instance_number,
        "frames": one.frames,
        "size": one.size,
        "digest": one.digest,
        "at": one.at,
    }


def _header(one: Arrived) -> dict[str, object]:
    return {
        "study_instance_uid": one.study_instance_uid,
        "series_instance_uid": one.series_instance_uid,
        "digest": one.digest,
        "transfer_syntax_uid": one.transfer_syntax_uid,
        "header": zlib.compress(one.header, 1),
        "flaw": one.flaw,
        "at": one.at,
    }


def waiting(conn: Connection, limit: int) -> list[Waiting]:
    s = t.stored_study.c
    query = t.stored_study.select().where(s.waiting).order_by(s.last_at).limit(limit)
    return [Waiting(row.id, row.study_instance_uid, row.ae_title, row.arrivals) for row in conn.execute(query)]


def looked_at(conn: Connection, one: Waiting) -> None:
    """It waits no more, unless more came since."""
    s = t.stored_study.c
    same = (s.id == one.id) & (s.arrivals == one.arrivals)
    conn.execute(t.stored_study.update().where(same).values(waiting=False))


def series_of(conn: Connection, study_instance_uid: str) -> list[StoredSeries]:
    i = t.stored_instance.c
    query = (
        sa.select(i.series_instance_uid, sa.func.count(), sa.func.min(i.transfer_syntax_uid))
        .where(i.study_instance_uid == study_instance_uid)
        .group_by(i.series_instance_uid)
        .order_by(i.series_instance_uid)
    )
    return [StoredSeries(*row) for row in conn.execute(query)]


def count_of_series(conn: Connection, series_instance_uid: str) -> int:
    i = t.stored_instance.c
    query = sa.select(sa.func.count()).where(i.series_instance_uid == series_instance_uid)
    return int(conn.execute(query).scalar_one())


def headers_of(conn: Connection, study_instance_uid: str, limit: int = 500) -> list[tuple[bytes, str]]:
    """Headers that instances have now, and their transfer syntaxes, the latest first; a resend takes others away."""
    h, i = t.stored_header.c, t.stored_instance.c
    same = (i.series_instance_uid == h.series_instance_uid) & (i.digest == h.digest)
    in_use = sa.exists().where(i.study_instance_uid == study_instance_uid, same)
    query = sa.select(h.header, h.transfer_syntax_uid).where(h.study_instance_uid == study_instance_uid, in_use)
    rows = conn.execute(query.order_by(h.at.desc(), h.id.desc()).limit(limit))
    return [(zlib.decompress(bytes(row.header)), row.transfer_syntax_uid) for row in rows]


# -- studies ----------------------------------------------------------------------------------------------------------


def known(conn: Connection, study_instance_uid: str) -> list[Study]:
    """The study as every PACS, or Storage, has it; also where it is gone."""
    query = t.study.select().where(t.study.c.study_instance_uid == study_instance_uid).order_by(t.study.c.id)
    return [study_of(row) for row in conn.execute(query)]


def unsettled(conn: Connection, quiet_since: datetime, limit: int = 50) -> list[Study]:
    """Studies that only Storage knows, and that nothing came for since then, without a second look."""
    s = t.study.c
    query = t.study.select().where(
        s.pacs >= STORAGE, s.pacs < STORAGE[:-1] + ";", ~s.gone, s.steady == 0, s.last_changed <= quiet_since
    )
    return [study_of(row) for row in conn.execute(query.order_by(s.id).limit(limit))]


def adopt(conn: Connection, pacs: str, uids: Sequence[str]) -> None:
    """What Storage knew first is the same study once a PACS lists it: its row, cases and links become the PACS's."""
    s = t.study.c
    if pacs.startswith(STORAGE) or not uids:
        return
    own = sa.select(s.study_instance_uid).where(s.pacs == pacs, s.study_instance_uid.in_(uids)).scalar_subquery()
    mine = s.study_instance_uid.in_(uids) & (s.pacs >= STORAGE) & (s.pacs < STORAGE[:-1] + ";")
    conn.execute(t.study.update().where(mine, s.study_instance_uid.not_in(own)).values(pacs=pacs))


# -- thumbnails -------------------------------------------------------------------------------------------------------

_THUMBNAIL = Statement(
    sa.text("""
INSERT INTO thumbnail (series_instance_uid, png, why_not, at) VALUES (:series, :png, :why_not, :at)
ON CONFLICT (series_instance_uid) DO UPDATE SET png = excluded.png, why_not = excluded.why_not, at = excluded.at
""").bindparams(sa.bindparam("at", type_=t.Instant), sa.bindparam("png", type_=sa.LargeBinary))
)


def save_thumbnail(conn: Connection, series_instance_uid: str, png: bytes | None, why_not: str, at: datetime) -> None:
    _THUMBNAIL.run(conn, series=series_instance_uid, png=png, why_not=why_not, at=at)
    changed(conn, "studies")


def thumbnail(conn: Connection, series_instance_uid: str) -> tuple[bytes | None, str] | None:
    """A PNG, or None and why there is none; None where the series was never seen so far."""
    c = t.thumbnail.c
    row = conn.execute(sa.select(c.png, c.why_not).where(c.series_instance_uid == series_instance_uid)).first()
    return None if row is None else (None if row.png is None else bytes(row.png), row.why_not)


def listed(conn: Connection, limit: int) -> list[StoredStudy]:
    """Studies that were stored here, the latest first."""
    s = t.stored_study.c
    rows = conn.execute(t.stored_study.select().order_by(s.last_at.desc(), s.id.desc()).limit(limit)).all()
    return [_listed(conn, row) for row in rows]


def _listed(conn: Connection, row: Any) -> StoredStudy:
    found = series_of(conn, row.study_instance_uid)
    shown = [thumbnail(conn, one.series_instance_uid) for one in found]
    return StoredStudy(
        row.id,
        row.study_instance_uid,
        row.ae_title,
        row.address,
        len(found),
        sum(one.instances for one in found),
        row.arrivals,
        sum(one is not None and one[0] is not None for one in shown),
        "; ".join(sorted({one[1] for one in shown if one and one[1]})),
        iso(row.first_at),
        iso(row.last_at),
    )
