"""Which studies have an order, or say that they do: by a person's decision, by an accession number, by its UID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from radrecon.model.person import LinkState
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.kept import once
from radrecon.store.statement import AmongEach

MOST = 1000
DECIDED, ACCESSION, UID, REQUEST = 0, 1, 2, 3
PLACE = 6  # of the column that says what came first


@dataclass(frozen=True)
class Rival:
    """A study beside an order; `way` is what connects the two. `wrong_entry`: made under somebody else's line."""

    way: int
    order_id: int
    study_id: int
    study_instance_uid: str = ""
    patient_id: str = ""
    wrong_entry: bool = False


def of_orders(conn: Connection, order_ids: Collection[int]) -> list[Rival]:
    """Studies that are at a PACS and were not made under a wrong entry; decisions whatever became of the study."""
    return [one for one in every(conn, order_ids) if not one.wrong_entry]


def every(conn: Connection, order_ids: Collection[int]) -> list[Rival]:
    """The same with those that were made under a wrong entry; of each way the oldest first."""
    known: Kept = once(conn, KEPT, dict)
    if known.keys() >= set(order_ids):
        rows = [row for one in set(order_ids) for row in known[one]]
    else:
        rows = _EVERY.all(conn, order_ids)
    return [Rival(*row[:-1]) for row in sorted(rows, key=itemgetter(0, PLACE))]


Kept = dict[int, list[Sequence[Any]]]
KEPT = "rivals"


def read_together(conn: Connection, order_ids: Collection[int]) -> None:
    """Read them of several at once, where what is read is kept; not where there are so many that some are left out."""
    rows = _EVERY.all(conn, order_ids)
    if max(Counter(row[0] for row in rows).values(), default=0) < MOST:
        known: Kept = once(conn, KEPT, dict)
        known.update((one, []) for one in order_ids)
        for row in rows:
            known[row[1]].append(row)


_o, _s, _l, _q = t.imaging_order.c, t.study.c, t.link.c, t.study_request.c


def _claims(way: int) -> sa.Select[Any]:
    claim = (_o.id.label("order_id"), _s.id.label("study_id"), _s.study_instance_uid, _s.patient_id)
    place = _s.id.label("place")
    own = (*claim, _s.wrong_worklist_entry, place)
    return sa.select(sa.literal_column(str(way)).label("way"), *own).where(~_s.gone)


_NUMBERED = _o.accession_number != ""
_BY_ACCESSION = (
    _claims(ACCESSION)
    .join_from(t.imaging_order, t.study, _s.accession_number == _o.accession_number)
    .where(_NUMBERED)
    .order_by(_s.id)
)
_BY_REQUEST = (
    _claims(REQUEST)
    .join_from(t.imaging_order, t.study_request, _q.accession_number == _o.accession_number)
    .join(t.study, _s.id == _q.study_id)
    .where(_NUMBERED)
    .order_by(_s.id)
)
_BY_UID = (
    _claims(UID)
    .join_from(t.imaging_order, t.study, _s.study_instance_uid == _o.study_instance_uid)
    .where(_o.study_instance_uid != "")
    .order_by(_s.id)
)
_DECIDED = (
    sa.select(
        sa.literal_column(str(DECIDED)).label("way"),
        _l.order_id,
        _l.study_id,
        _s.study_instance_uid,
        sa.literal_column("''").label("patient_id"),
        sa.false().label("wrong_worklist_entry"),
        _l.id.label("place"),
    )
    .join_from(t.link, t.study, _s.id == _l.study_id)
    .where(_l.revoked_at.is_(None), _l.state != str(LinkState.AUTO))
    .order_by(_l.id.desc())
)
_EVERY = AmongEach(MOST, (_BY_ACCESSION, _o.id), (_BY_REQUEST, _o.id), (_BY_UID, _o.id), (_DECIDED, _l.order_id))
