"""Whose an accession number is, on orders and on studies, told without loading either."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.statement import Among

_o, _s = t.imaging_order.c, t.study.c


def owners(conn: Connection, numbers: Collection[str]) -> dict[str, frozenset[int]]:
    """Number → the least and the greatest id of the persons who have it (0: of nobody known), of studies at a PACS.

    One id where it is one person's. Numbers as they are written.
    """
    found: dict[str, frozenset[int]] = {}
    for statement in (_OF_ORDERS, _OF_STUDIES):
        for number, least, greatest in statement.all(conn, numbers):
            found[number] = found.get(number, frozenset()) | {least, greatest}
    return found


_OF_ORDERS = Among(
    sa.select(_o.accession_number, sa.func.min(_o.person_id), sa.func.max(_o.person_id)).group_by(_o.accession_number),
    _o.accession_number,
)
_OF_STUDIES = Among(
    sa.select(_s.accession_number, sa.func.min(_s.person_id), sa.func.max(_s.person_id))
    .where(~_s.gone)
    .group_by(_s.accession_number),
    _s.accession_number,
)
