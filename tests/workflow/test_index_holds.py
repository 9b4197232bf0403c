"""ADT histories at random, seeded, with merges undone in between: everybody can be found again, by a number in use."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from radrecon.model.correction import IndexChange
from radrecon.store import merges
from radrecon.store import tables as t
from radrecon.store.database import Connection, open_store
from radrecon.workflow import index_changes
from tests.workflow.adt_messages import mrg, ordered, patient, pv1, said
from tests.workflow.hospital import Hospital, on_both

NUMBERS = ("1", "2", "3", "4", "E1^^^ENT", "E2^^^ENT", "E3^^^ENT")
NAMES = ("FISCHER^ANNA", "FISCHER^ANNE", "BAUER^KARL")
EVENTS = ("A04", "A08", "A28", "A40", "A40", "A18", "A47", "A47", "A43", "A43", "A24", "A37", "A29", "A45", "order")
STEPS = 16


def happens(hospital: Hospital, chance: random.Random, minute: int) -> None:
    """One message, or one merge undone."""
    if chance.random() < 0.12:
        unmerges(hospital, chance)
        return
    who, other = (patient(some(chance), chance.choice(NAMES)) for _ in range(2))
    event, minute = chance.choice(EVENTS), minute if chance.random() < 0.7 else chance.randint(1, STEPS)
    if event == "order":
        hospital.takes(ordered(f"A{minute}", some(chance), minute=minute, visit="V1"))
        return
    prior = mrg(some(chance), visit="V1" if event == "A45" else "")
    second = [other] if event in ("A24", "A37") else [prior] if event in ("A40", "A18", "A47", "A43", "A45") else []
    hospital.takes(said(event, who, *second, *([pv1("V1")] if event in ("A04", "A45") else []), minute=minute))


def some(chance: random.Random) -> str:
    return " ".join(chance.sample(NUMBERS, chance.choice((1, 1, 1, 2, 3))))


def unmerges(hospital: Hospital, chance: random.Random) -> None:
    hospital.later(1)
    with hospital.store.transaction() as conn:
        standing = conn.execute(sa.select(t.merge).where(t.merge.c.undone_at.is_(None)).order_by(t.merge.c.id)).all()
        row = chance.choice(standing) if standing else None
        if row and not merges.why_not_apart(conn, row.survivor_id, row.non_survivor_id):
            values = {"survivor_id": row.survivor_id, "non_survivor_id": row.non_survivor_id}
            index_changes.apply(conn, [IndexChange("unmerge", "", values=values)], 0, hospital.now, undo=True)


def broken(conn: Connection) -> Iterator[str]:
    """What must never be, in words."""
    people = {row.id: row for row in conn.execute(sa.select(t.person))}
    numbers = conn.execute(sa.select(t.identifier)).all()
    in_use = {(one.person_id, one.value, one.issuer) for one in numbers if not one.retired}
    for one in people.values():
        standing = merges.standing(conn, one.id)
        if (standing.survivor_id if standing else 0) != one.merged_into:
            yield f"{one.id}: another merge stands"
        if not one.merged_into and (one.id, one.patient_id, one.issuer_of_patient_id) not in in_use:
            yield f"{one.id} goes by {one.patient_id}, which is not in use or leads elsewhere"
    for table, column in whose():
        for person_id in conn.execute(sa.select(column).where(column != 0)).scalars():
            if people[person_id].merged_into:
                yield f"{table} of {person_id}, who was merged away"


def whose() -> Iterator[tuple[str, sa.ColumnElement[int]]]:
    for table in (t.identifier, t.imaging_order, t.visit):
        yield table.name, table.c.person_id
    standing = sa.select(t.person_link).where(t.person_link.c.ended_at.is_(None)).subquery()
    yield from (("link", standing.c.person_id), ("link", standing.c.other_id))


def lives_through(hospital: Hospital, seed: int) -> None:
    chance = random.Random(seed)
    for minute in range(1, STEPS + 1):
        happens(hospital, chance, minute)
        with hospital.store.reading() as conn:
            assert list(broken(conn)) == [], f"seed {seed}, after {minute}"


@pytest.mark.parametrize("start", range(0, 60, 6))
def test_everybody_goes_by_a_number_in_use(start: int, tmp_path: Path, template: Path) -> None:
    for seed in range(start, start + 6):
        path = tmp_path / f"{seed}.sqlite3"
        shutil.copy(template, path)
        store = open_store(f"sqlite:///{path}")
        lives_through(Hospital(store), seed)
        store.close()


@on_both
@pytest.mark.parametrize("seed", [1000, 1001])
def test_on_either_database(hospital: Hospital, seed: int) -> None:
    lives_through(hospital, seed)
