"""Senders as they are heard: how many messages, how many refused, how their clocks stand; and samples of their orders.

One statement per sender and group of messages. The skew moves a fifth of the way to each group's median and never more
than a few seconds at once, so that a single odd time changes nothing and a clock that was set is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import sqlalchemy as sa

from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.statement import Statement

GAIN = 0.2
LONGEST_STEP = 30.0
LOOK_BACK = 200_000  # messages of the journal, for samples
ORDERS = ("ORM^O01", "OMI^O23", "OMG^O19")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message. `skew` in seconds from MSH-7 to arrival, None where that says nothing; `late`: it waited."""

    application: str
    facility: str
    skew: float | None = None
    refused: bool = False
    late: bool = False


_STEP = f"""CASE WHEN excluded.skew - sender.skew > {LONGEST_STEP} THEN {LONGEST_STEP}
    WHEN excluded.skew - sender.skew < -{LONGEST_STEP} THEN -{LONGEST_STEP} ELSE excluded.skew - sender.skew END"""
_HEARD = Statement(
    sa.text(f"""
INSERT INTO sender (sending_application, sending_facility, first_heard, last_heard, messages, refused, late,
    skew, skew_least, skew_most)
VALUES (:application, :facility, :at, :at, :messages, :refused, :late, :skew, :least, :most)
ON CONFLICT (sending_application, sending_facility) DO UPDATE SET
    last_heard = CASE WHEN excluded.last_heard > sender.last_heard THEN excluded.last_heard
        ELSE sender.last_heard END,
    messages = sender.messages + excluded.messages,
    refused = sender.refused + excluded.refused,
    late = sender.late + excluded.late,
    skew = CASE WHEN excluded.skew IS NULL THEN sender.skew WHEN sender.skew IS NULL THEN excluded.skew
        ELSE sender.skew + {GAIN} * ({_STEP}) END,
    skew_least = CASE WHEN sender.skew_least <= excluded.skew_least OR excluded.skew_least IS NULL
        THEN sender.skew_least ELSE excluded.skew_least END,
    skew_most = CASE WHEN sender.skew_most >= excluded.skew_most OR excluded.skew_most IS NULL
        THEN sender.skew_most ELSE excluded.skew_most END
""").bindparams(sa.bindparam("at", type_=t.Instant))
)


def heard(conn: Connection, messages: Iterable[Heard], at: datetime) -> None:
    """Note a group of messages, one statement per sender."""
    by_name: dict[tuple[str, str], list[Heard]] = {}
    for one in messages:
        by_name.setdefault((one.application, one.facility), []).append(one)
    for (application, facility), group in by_name.items():
        skews = [one.skew for one in group if one.skew is not None and not one.late]
        _HEARD.run(
            conn,
            application=application,
            facility=facility,
            at=at,
            messages=len(group),
            refused=sum(one.refused for one in group),
            late=sum(one.late for one in group),
            skew=median(skews) if skews else None,
            least=min(skews, default=None),
            most=max(skews, default=None),
        )


@dataclass(frozen=True)
class Sender:
    """What has been heard of one sender."""

    id: int
    application: str
    facility: str
    first_heard: datetime
    last_heard: datetime
    messages: int
    refused: int
    late: int
    skew: float | None
    skew_least: float | None
    skew_most: float | None


def load_all(conn: Connection) -> list[Sender]:
    """By name."""
    s = t.sender.c
    found = conn.execute(t.sender.select().order_by(s.sending_application, s.sending_facility))
    return [_sender(row) for row in found]


def _sender(row: Any) -> Sender:
    return Sender(
        row.id, row.sending_application, row.sending_facility, row.first_heard, row.last_heard, row.messages,
        row.refused, row.late, row.skew, row.skew_least, row.skew_most,
    )  # fmt: skip


# -- samples ----------------------------------------------------------------------------------------------------------

_m, _s = t.message.c, t.study.c


def orders_of(conn: Connection, application: str, facility: str | None, limit: int = 500) -> list[bytes]:
    """The latest orders of a sender as they came; `facility` None: any."""
    last = sa.select(sa.func.coalesce(sa.func.max(_m.id), 0)).scalar_subquery()
    query = sa.select(_m.raw).where(_m.id > last - LOOK_BACK, _m.direction == "in", _m.message_type.in_(ORDERS))
    query = query.where(_m.sending_application == application)
    query = query if facility is None else query.where(_m.sending_facility == facility)
    return [bytes(raw) for raw in conn.execute(query.order_by(_m.id.desc()).limit(limit)).scalars()]


def known_accessions(conn: Connection, values: Sequence[str]) -> dict[str, frozenset[str]]:
    """Those of these values that are accession numbers in the PACS → patient numbers of their studies."""
    found: dict[str, set[str]] = {}
    for start in range(0, len(values), 500):
        query = _numbers().where(_s.accession_number.in_(values[start : start + 500]))
        _collect(found, conn.execute(query))
    return {number: frozenset(patients) for number, patients in found.items()}


def recent_accessions(conn: Connection, limit: int = 20_000) -> dict[str, frozenset[str]]:
    """The numbers of the latest studies, for how the PACS writes them."""
    found: dict[str, set[str]] = {}
    _collect(found, conn.execute(_numbers().where(_s.accession_number != "").order_by(_s.id.desc()).limit(limit)))
    return {number: frozenset(patients) for number, patients in found.items()}


def _numbers() -> sa.Select[Any]:
    return sa.select(_s.accession_number, _s.patient_id).where(~_s.gone)


def _collect(found: dict[str, set[str]], rows: Iterable[Any]) -> None:
    for number, patient in rows:
        found.setdefault(number, set()).add(patient)
