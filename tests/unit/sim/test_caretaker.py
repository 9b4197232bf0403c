"""What a demo started is gone when the demo is, whatever way that was."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.sim import caretaker
from radrecon.sim.caretaker import Caretaker

OBEYS = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
DEMO = """
import os, pathlib, sys
from radrecon.sim.caretaker import Caretaker
care = Caretaker(pathlib.Path(sys.argv[1]))
care.watch(int(sys.argv[2]))
os.kill(os.getpid(), 9)
"""
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="every signal is the end there")


@pytest.fixture
def started() -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, "-c", OBEYS])
    yield child
    child.kill()
    child.wait()


@needs_signals
def test_what_a_killed_demo_leaves_is_ended_and_its_folder_removed(
    tmp_path: Path, started: subprocess.Popen[bytes]
) -> None:
    folder = tmp_path / "demo"
    (folder / "pacs").mkdir(parents=True)
    subprocess.run([sys.executable, "-c", DEMO, str(folder), str(started.pid)], check=False)
    assert started.wait(20) != 0
    until = time.monotonic() + 20
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not folder.exists()


def test_a_demo_that_ended_in_order_has_nothing_ended_for_it(tmp_path: Path, started: subprocess.Popen[bytes]) -> None:
    care = Caretaker(tmp_path)
    care.watch(started.pid)
    care.close()
    assert started.poll() is None
    assert tmp_path.exists()


def test_a_demo_goes_on_without_its_caretaker(tmp_path: Path) -> None:
    care = Caretaker(tmp_path)
    care._child.kill()
    care._child.wait()
    care.watch(1)
    care.close()


@needs_signals
def test_who_does_not_end_when_asked_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caretaker, "SECONDS", 0.2)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        caretaker.end_all([caretaker.hold(child.pid)])
        assert child.wait(5) == -9


def test_a_number_that_nobody_has_is_passed_over(started: subprocess.Popen[bytes]) -> None:
    started.kill()
    started.wait()
    caretaker.end_all([caretaker.hold(started.pid)])
