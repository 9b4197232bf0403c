"""Everything looked at again: as many studies as orders and people, by stage, and what a million would take.

Twice: where every verdict is new and has to be written, and where nothing has changed, as after most changes of rules.
Three studies in a hundred are not well; the patient with 500 orders and the station with 10,000 on a day have none.
On SQLite and on PostgreSQL; each figure by the clock and by this process's own processor time, for others share the
machine (the latter says nothing of a server's work).

RADRECON_BENCH_ORDERS: how many orders, people and studies (30,000). RADRECON_BENCH_FOLDER: where they are kept.
RADRECON_BENCH_ON: sqlite, postgresql or both.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from benchmarks._hospital_index import CROWD_ORDERS, FREQUENT_ORDERS, Register
from benchmarks._table import row
from benchmarks.one_study import FLAWS, ON, hospital
from radrecon.config import Config, SiteConfig
from radrecon.model.study import StudyFacts
from radrecon.store import recheck, settings, studies
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.workflow import rechecking
from radrecon.workflow.keys import study_keys

COUNT = int(os.environ.get("RADRECON_BENCH_ORDERS", "30000"))
CHUNK = 5000
MILLION = 1_000_000
CONFIG = Config(site=SiteConfig(name="HOSP", time_zone="UTC", watch_from=datetime(2023, 1, 1, tzinfo=UTC).date(),
                                patient_id_issuer="HOSP"))  # fmt: skip


def main() -> None:
    register = Register(COUNT, COUNT)
    for name in ("sqlite", "postgresql"):
        if ON in (name, "both"):
            with hospital(name, register) as store:
                filled(store, register)
                measure(name, store)


def filled(store: Store, register: Register) -> None:
    """Studies beside the orders; those of a kept database stay, without what was decided of them."""
    with store.transaction() as conn:
        settings.save_config(conn, CONFIG)
        for table in (t.study, t.study_key, t.link, t.case, t.touched, t.recheck):
            conn.execute(table.delete())
    for first in range(FREQUENT_ORDERS + CROWD_ORDERS + 1, register.count + 1, CHUNK):
        found = {number: _facts(register, number) for number in range(first, min(first + CHUNK, register.count + 1))}
        keys = sorted((key, number) for number, facts in found.items() for key in study_keys(facts))
        with store.transaction() as conn:
            conn.execute(t.study.insert(), [_row(register, number, facts) for number, facts in found.items()])
            conn.execute(t.study_key.insert(), [{"key": key, "study_id": number} for key, number in keys])
    with store.lone_connection() as conn:
        conn.exec_driver_sql("ANALYZE")


def _facts(register: Register, number: int) -> StudyFacts:
    if number % 33:
        return register.study(number)
    found = FLAWS[number // 33 % len(FLAWS)](register, number)
    return replace(found, study_instance_uid=f"9.{number}") if found.study_instance_uid.startswith("9.") else found


def _row(register: Register, number: int, facts: StudyFacts) -> dict[str, object]:
    at = register.moment(number).replace(tzinfo=UTC) + timedelta(hours=1)
    seen = dict.fromkeys(("first_seen", "last_changed", "last_seen", "as_of", "arriving_since"), at)
    return {"id": number, **studies._columns(facts), **seen, "steady": 3, "not_judged": ""}


@dataclass
class Stage:
    records: int = 0
    seconds: float = 0.0
    own: float = 0.0


def measure(name: str, store: Store) -> None:
    print(f"\n{name}: {COUNT:,} orders, people and studies looked at again")
    row("", "a second", "by processor", "a million", goal="of records")
    for what in ("every verdict new", "nothing changed"):
        total = 0.0
        for stage, found in looked(store).items():
            whole = found.seconds / found.records * MILLION
            total += whole
            row(f"{what}: {stage}", f"{found.records / found.seconds:,.0f}", f"{found.records / found.own:,.0f}",
                f"{whole / 60:.0f} min")  # fmt: skip
        row(f"{what}: a million of each", "", "", f"{total / 60:.0f} min", goal="in minutes")
        with store.transaction() as conn:
            conn.execute(sa.delete(t.touched))


def looked(store: Store) -> dict[str, Stage]:
    rechecking.start(store, "measured", datetime.now(UTC))
    found: dict[str, Stage] = {}
    before = 0
    for stage, seconds, own, done in _bites(store):
        of = found.setdefault(stage, Stage())
        of.seconds, of.own, of.records, before = of.seconds + seconds, of.own + own, of.records + done - before, done
    return found


def _bites(store: Store) -> Iterator[tuple[str, float, float, int]]:
    """Stage, seconds, processor seconds, and how many are done by then; a bite is a page."""
    more = True
    while more:
        with store.reading() as conn:
            one = recheck.under_way(conn)
        assert one is not None
        begun, own = time.perf_counter(), time.process_time()
        more = rechecking.some(store, datetime.now(UTC), 0)
        taken, worked = time.perf_counter() - begun, time.process_time() - own
        with store.reading() as conn:
            latest = recheck.latest(conn)
        assert latest is not None
        yield one.stage, taken, worked, latest.done


__all__ = ["main"]
