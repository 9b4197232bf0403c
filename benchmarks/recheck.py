"""Everything looked at again: as many studies as orders and people, by stage, and what a million would take.

Where every verdict is new and has to be written, and where nothing has changed, as after most changes of rules: by the
worker alone, and with lookers beside it, which bring nothing where everything is to be written.
Three studies in a hundred are not well; the patient with 500 orders and the station with 10,000 on a day have none.
On SQLite and on PostgreSQL; each figure by the clock and by the processor time of all processes that look, for others
share the machine (the latter says nothing of a server's work). A machine with more processors does the latter figure
times those that look: the lookers and the worker.

RADRECON_BENCH_ORDERS: how many orders, people and studies (30,000). RADRECON_BENCH_FOLDER: where they are kept.
RADRECON_BENCH_ON: sqlite, postgresql or both. RADRECON_BENCH_LOOKERS: how many (as many as the worker would start).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks._hospital_index import CROWD_ORDERS, FREQUENT_ORDERS, Register
from benchmarks._table import row
from benchmarks.one_study import FLAWS, ON, hospital
from radrecon.config import Config, SiteConfig
from radrecon.model.study import StudyFacts
from radrecon.services.lookers import Lookers, processors, wanted
from radrecon.store import recheck, settings, studies
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.workflow import rechecking
from radrecon.workflow.keys import study_keys
from radrecon.workflow.looking_ahead import Ahead

COUNT = int(os.environ.get("RADRECON_BENCH_ORDERS", "30000"))
LOOKERS = int(os.environ.get("RADRECON_BENCH_LOOKERS", "") or wanted(Config(), max(2, processors())))
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
    """`own`: processor seconds of all processes that looked."""

    records: int = 0
    seconds: float = 0.0
    own: float = 0.0


def measure(name: str, store: Store) -> None:
    print(f"\n{name}: {COUNT:,} orders, people and studies looked at again")
    row("", "a second", "processor", "a million", goal="of records")
    for what, several in (("every verdict new", 0), ("nothing changed", 0), ("nothing changed", LOOKERS)):
        said = f"{what}, {several} lookers" if several else f"{what}, alone"
        total = 0.0
        for stage, found in looked(store, several).items():
            whole = found.seconds / found.records * MILLION
            total += whole
            row(f"{said}: {stage}", f"{found.records / found.seconds:,.0f}", f"{found.records / found.own:,.0f}",
                f"{whole / 60:.1f} min")  # fmt: skip
        row(f"{said}: a million of each", "", "", f"{total / 60:.1f} min", goal="in minutes")
        with store.transaction() as conn:
            conn.execute(sa.delete(t.touched))


def looked(store: Store, several: int) -> dict[str, Stage]:
    rechecking.start(store, "measured", datetime.now(UTC))
    if not several:
        return staged(store, lambda: rechecking.some(store, datetime.now(UTC), 0), ())
    lookers = Lookers(store.url.render_as_string(hide_password=False), several)
    try:
        until_ready(lookers)
        ahead = Ahead(lookers)
        found = staged(store, lambda: ahead.some(store, datetime.now(UTC), 0), lookers.pids)
        memory = ", ".join(f"{own >> 20} of {all_ >> 20} MB its own" for all_, own in map(memory_of, lookers.pids))
        row("memory of each looker", memory or "not known here")
        return found
    finally:
        lookers.close()


def until_ready(lookers: Lookers) -> None:
    """Their start is not what is measured; an empty page waits for it."""
    for number in range(-2 * LOOKERS, 0):
        while not lookers.ask(number, "orders", [], datetime.now(UTC)):
            lookers.answers(0.05)


def staged(store: Store, bite: Callable[[], bool], pids: Sequence[int]) -> dict[str, Stage]:
    """By stage, what a bite (a page) took; a stage that ended meanwhile is told by its row."""
    found: dict[str, Stage] = {}
    more, before = True, 0
    while more:
        with store.reading() as conn:
            one = recheck.under_way(conn)
        assert one is not None
        begun, own = time.perf_counter(), worked(pids)
        more = bite()
        of = found.setdefault(one.stage, Stage())
        of.seconds, of.own = of.seconds + time.perf_counter() - begun, of.own + worked(pids) - own
        with store.reading() as conn:
            latest = recheck.latest(conn)
        assert latest is not None
        of.records, before = of.records + latest.done - before, latest.done
    return found


def worked(pids: Sequence[int]) -> float:
    """Processor seconds of this process and of these, as far as the system tells."""
    return time.process_time() + sum(map(_worked, pids))


def _worked(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> tuple[int, int]:
    """Resident bytes of a process: in all, and those that it shares with no other."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    sizes = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines[1:]}
    return sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"]


__all__ = ["main"]
