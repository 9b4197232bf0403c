"""What a station's worklist holds now, line by line as its query would be answered, and what is odd about a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from radrecon.dicom.worklist import Asked, Profile, Profiles, WorklistQuery, hint, in_zone, narrow, would_drop
from radrecon.model.order import Order, Step
from radrecon.model.rows import WorklistRow
from radrecon.recon.similar_names import Line, similar
from radrecon.store import list_worklist, settings, worklist
from radrecon.store.database import Connection, Store

Pairs = Sequence[tuple[Order, Step]]
CONTRADICTED = "PatientName is that of the number's owner, and the order was heard for somebody else"


def station_list(store: Store, station: str, now: datetime, *, query: str = "", limit: int = 500) -> list[WorklistRow]:
    """What this station gets that asks for everything; `query` are words and keys that narrow it further."""
    with store.reading() as conn:
        profile = profile_of(conn, station)
        asked = profile.asked(WorklistQuery(), now)
        pairs = answers(conn, asked, profile)
        rows = list_worklist.worklist(conn, ids=[step.id for _, step in pairs], query=query, limit=len(pairs) or 1)
    return marked(rows, pairs, profile)[:limit]


def profile_of(conn: Connection, station: str, address: str = "") -> Profile:
    return Profiles(settings.load_config(conn)).of(station, address, list_worklist.stations(conn))


def answers(conn: Connection, asked: Asked, profile: Profile) -> Pairs:
    """What the worklist server sends, in its order."""
    found: list[tuple[Order, Step]] = []
    for page in _pages(conn, asked):
        found += [pair for pair in page if asked.takes(*pair)]
        if profile.sort == "start" and len(found) >= profile.max_results:
            break
    return profile.sorted(found)[: profile.max_results]


def _pages(conn: Connection, asked: Asked) -> Iterator[Pairs]:
    """Waiting steps that may be answers, by their start."""
    keys, after = narrow(hint(asked)), ("", 0)
    while page := worklist.scheduled(
        conn,
        patient_id=keys.patient_id,
        accession_number=keys.accession_number,
        station_ae_title=keys.ae,
        modalities=keys.modalities,
        date_from=keys.date_from,
        date_to=keys.date_to,
        after=after,
    ):
        yield page
        after = page[-1][1].start, page[-1][1].id


def marked(rows: Sequence[WorklistRow], pairs: Pairs, profile: Profile) -> list[WorklistRow]:
    """The rows in the order of the answers, each with who is called alike and what is odd about it."""
    alike = similar([Line(step.id, _whose(order), order.patient.name) for order, step in pairs])
    by_id = {row.id: row for row in rows}
    return [
        replace(
            by_id[step.id],
            similar_to=alike.get(step.id, ()),
            warnings=(*_doubts(order), *would_drop(order, in_zone(step, profile.scope), profile)),
        )
        for order, step in pairs
        if step.id in by_id
    ]


def _doubts(order: Order) -> tuple[str, ...]:
    """The entry has the identity of the number's owner: who stands before the technologist may be somebody else."""
    return (CONTRADICTED,) if "identity_conflict" in order.flags else ()


def _whose(order: Order) -> str:
    return str(order.person_id or order.patient.patient_id)
