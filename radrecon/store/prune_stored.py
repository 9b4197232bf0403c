"""What Storage brought, and its deletion by age: instances, their headers, thumbnails, and last the study's own row.

It tells of a study until a PACS lists it, and explains a case. So it stays while the study waits to be looked at, while
no PACS has it, and while a case of it is open.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection, changed
from radrecon.store.instances import STORAGE
from radrecon.store.list_cases import LIVE

_stored, _i, _h = t.stored_study.c, t.stored_instance.c, t.stored_header.c
_thumb, _s = t.thumbnail.c, t.study.c


def old(conn: Connection, before: datetime, limit: int) -> list[str]:
    """Study UIDs that nothing came for since, the oldest rows first."""
    same = _s.study_instance_uid == _stored.study_instance_uid
    ours_alone = sa.exists().where(same, _s.pacs.startswith(STORAGE, autoescape=True), ~_s.gone)
    in_case = sa.exists().where(same, t.case.c.study_id == _s.id, t.case.c.state.in_(LIVE))
    wanted = sa.select(_stored.study_instance_uid).where(
        _stored.last_at < before, ~_stored.waiting, ~ours_alone, ~in_case
    )
    return list(conn.execute(wanted.order_by(_stored.id).limit(limit)).scalars())


def delete_some(conn: Connection, study_instance_uid: str, before: datetime, limit: int) -> int:
    """Some of its instances that came before then, and with the last of them all the rest. Returns how many went.

    Fewer than `limit`: it is done with.
    """
    mine = _i.study_instance_uid == study_instance_uid
    found = conn.execute(sa.select(_i.id, _i.series_instance_uid).where(mine, _i.at < before).limit(limit)).all()
    conn.execute(t.stored_instance.delete().where(_i.id.in_([one.id for one in found])))
    _delete_thumbnails(conn, {one.series_instance_uid for one in found})
    if len(found) < limit:
        _delete_rest(conn, study_instance_uid, before)
    changed(conn, "instances")
    return len(found)


def _delete_thumbnails(conn: Connection, series: set[str]) -> None:
    """Of series of which nothing is left."""
    left = sa.exists().where(_i.series_instance_uid == _thumb.series_instance_uid)
    conn.execute(t.thumbnail.delete().where(_thumb.series_instance_uid.in_(sorted(series)), ~left))


def _delete_rest(conn: Connection, study_instance_uid: str, before: datetime) -> None:
    """Unless more has come meanwhile: then its headers are those of what came, too."""
    mine = _stored.study_instance_uid == study_instance_uid
    gone = conn.execute(t.stored_study.delete().where(mine, _stored.last_at < before, ~_stored.waiting)).rowcount
    if gone:
        conn.execute(t.stored_header.delete().where(_h.study_instance_uid == study_instance_uid))
