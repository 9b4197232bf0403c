"""Everything is looked at again by a worker with lookers, whoever of them is killed: it goes on, and none is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.store import life, recheck
from radrecon.store import tables as t
from radrecon.store.database import Store, open_store
from tests.builders import demographics, study
from tests.e2e.hospital import Engine, until
from tests.workflow.hospital import Hospital
from tests.workflow.messages import order, pid

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 150_000  # nobody is through with them while one of three is killed
TOML = """
[engine]
recheck_processes = 2
[site]
name = "HOSP"
time_zone = "UTC"
watch_from = 2026-11-20
patient_id_issuer = "HOSP"
"""


@dataclass
class Site:
    engine: Engine
    store: Store
    links: list[Any]

    @property
    def row(self) -> recheck.Recheck:
        with self.store.reading() as conn:
            found = recheck.latest(conn)
        assert found
        return found

    @property
    def worker(self) -> int:
        with self.store.reading() as conn:
            return life.worker_pid(conn)

    def lookers(self) -> list[int]:
        """The processes that this engine's database is looked at by."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_looker(pid)]

    def _is_looker(self, pid: int) -> bool:
        try:
            words, told = (Path(f"/proc/{pid}/{what}").read_bytes().split(b"\0") for what in ("cmdline", "environ"))
        except OSError:
            return False
        return b"looker" in words and f"RADRECON_DATABASE={self.engine.database}".encode() in told

    def at_work(self) -> list[int]:
        """The lookers, once there are two and something is done; nothing more is then until the worker goes on."""
        until(lambda: len(self.lookers()) == 2 and self.row.done, every=0.02)
        os.kill(self.worker, signal.SIGSTOP)
        assert not self.row.ended_at
        return self.lookers()


@pytest.fixture
def site(tmp_path: Path, clean_sqlite: str) -> Iterator[Site]:
    store = open_store(clean_sqlite)
    one = Site(Engine(tmp_path, TOML, clean_sqlite), store, standing(store))
    yield one
    one.engine.stop()
    store.close()


def standing(store: Store) -> list[Any]:
    """A ward whose links are lost, and much else; returns the links as they were."""
    hospital = Hospital(store)
    hospital.hears_an_early_order()
    for number in range(1, 6):
        hospital.hears(order(f"A{number}00", pid(f"300000{number}", f"FAMILY{number}^ANNA", f"196{number}0101", "F")))
        who = demographics(f"300000{number}", f"FAMILY{number}^ANNA", birth_date=f"196{number}-01-01", sex="F")
        hospital.sees(study(f"1.2.{number}", f"A{number}00", who))
    links: list[Any] = hospital.state()[1]
    assert len(links) == 5
    with store.transaction() as conn:
        for table in (t.link, t.order_key, t.study_key):
            conn.execute(table.delete())
        conn.execute(t.person.insert(), [{"patient_id": "", "patient_name": ""} for _ in range(PEOPLE)])
    return links


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
def test_whoever_is_killed_it_comes_to_the_same(site: Site) -> None:
    site.engine.start()
    victim, _ = site.at_work()
    os.kill(victim, signal.SIGKILL)
    os.kill(site.worker, signal.SIGCONT)
    until(lambda: "a process that looks again is not there" in site.engine.log())

    first, before, orphans = site.row.id, site.row.done, site.lookers()
    os.kill(site.worker, signal.SIGKILL)
    until(lambda: not {*orphans} & {*site.lookers()})
    hung, _ = site.at_work()  # another worker's
    assert site.row.id == first
    assert site.row.done >= before

    os.kill(hung, signal.SIGSTOP)
    os.kill(site.worker, signal.SIGCONT)
    before = site.row.done
    site.engine.stop()
    until(lambda: not site.lookers())
    assert not site.row.ended_at
    assert site.row.done >= before

    site.engine.start()
    until(lambda: site.row.ended_at, 300)
    assert site.row.id == first
    assert site.row.done == site.row.total == PEOPLE + 17
    until(lambda: not site.lookers())
    assert Hospital(site.store).state()[1] == site.links
    with site.store.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(t.recheck)).scalar() == 1
