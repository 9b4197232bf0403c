"""Which studies have an order, or say that they do: by a person's decision, by an accession number, by its UID."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from radrecon.model.person import LinkState
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.statement import Among

MOST = 1000
DECIDED, ACCESSION, UID, REQUEST = 0, 1, 2, 3


@dataclass(frozen=True)
class Rival:
    """A study beside an order; `way` is what connects the two."""

    way: int
    order_id: int
    study_id: int
    study_instance_uid: str = ""
    patient_id: str = ""


def of_orders(conn: Connection, order_ids: Collection[int]) -> list[Rival]:
    """Studies that are at a PACS and were not made under a wrong entry; decisions whatever became of the study."""
    found = [Rival(DECIDED, *row) for row in _DECIDED.all(conn, order_ids)]
    found += [Rival(ACCESSION, *row) for row in _BY_ACCESSION.all(conn, order_ids)]
    found += [Rival(REQUEST, *row) for row in _BY_REQUEST.all(conn, order_ids)]
    return found + [Rival(UID, *row) for row in _BY_UID.all(conn, order_ids)]


_o, _s, _l = t.imaging_order.c, t.study.c, t.link.c
_CLAIMS = sa.select(_o.id, _s.id, _s.study_instance_uid, _s.patient_id).where(~_s.gone, ~_s.wrong_worklist_entry)
_SHARES = _s.accession_number == _o.accession_number
_BY_ACCESSION = Among(
    _CLAIMS.join_from(t.imaging_order, t.study, _SHARES).where(_o.accession_number != "").order_by(_s.id).limit(MOST),
    _o.id,
)
_q = t.study_request.c
_BY_REQUEST = Among(
    _CLAIMS.join_from(t.imaging_order, t.study_request, _q.accession_number == _o.accession_number)
    .join(t.study, _s.id == _q.study_id)
    .where(_o.accession_number != "")
    .order_by(_s.id)
    .limit(MOST),
    _o.id,
)
_SAME_UID = _s.study_instance_uid == _o.study_instance_uid
_BY_UID = Among(
    _CLAIMS.join_from(t.imaging_order, t.study, _SAME_UID).where(_o.study_instance_uid != "").limit(MOST), _o.id
)
_DECIDED = Among(
    sa.select(_l.order_id, _l.study_id).where(_l.revoked_at.is_(None), _l.state != str(LinkState.AUTO)).order_by(_l.id),
    _l.order_id,
)
