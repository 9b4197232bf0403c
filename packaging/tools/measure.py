"""packaging/measure: from the start of the process to the first picture of its window, on an X server of our own.

The desk beside an empty PySide6 window frozen in the same way, in turns, so that both meet the same machine. The first
start of each (cold) is told apart.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import freeze
import screen

ROOT = Path(__file__).parents[2]
FACTOR, MORE = 1.5, 0.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="packaging/measure", description=__doc__)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--program", type=Path, default=freeze.BUILD / "now" / "frozen" / "radrecon" / "radrecon")
    options = parser.parse_args()
    if not options.program.exists():
        raise SystemExit(f"{options.program} is not there: run packaging/build first")
    empty = frozen_empty()
    with tempfile.TemporaryDirectory(prefix="radrecon-paint-") as home:
        environment = os.environ | {"HOME": home, "QT_QPA_PLATFORM": "xcb", "XDG_CONFIG_HOME": f"{home}/c"}
        environment |= {"XDG_DATA_HOME": f"{home}/d", "XDG_STATE_HOME": f"{home}/s", "XDG_CACHE_HOME": f"{home}/k"}
        environment.pop("RADRECON_DATABASE", None)
        engine = start_engine(options.program, Path(home), environment)
        try:
            seconds = alternate({"empty": empty, "desk": options.program}, options.starts, environment)
        finally:
            engine.terminate()
            engine.wait(30)
    report(seconds)


def frozen_empty() -> Path:
    made = freeze.BUILD / "empty" / "frozen" / "empty"
    if not (made / "empty").exists():
        work = freeze.BUILD / "empty" / "work"
        work.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "PyInstaller",
            "--noconfirm",
            "--log-level",
            "ERROR",
            "--onedir",
            "--name",
            "empty",
        ]
        command += ["--optimize", "1", "--workpath", str(work), "--specpath", str(work), "--distpath", str(made.parent)]
        subprocess.run([*command, str(ROOT / "packaging" / "tools" / "empty.py")], check=True)
    return made / "empty"


def start_engine(program: Path, home: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """On the database of this home; the desk attaches to it, as it does on most days."""
    ready = home / "ready"
    command = [str(program), "engine", "--mllp-port", "0", "--dicom-port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not ready.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    if not ready.exists():
        process.kill()
        raise SystemExit("the engine did not start")
    time.sleep(2)
    return process


def alternate(programs: dict[str, Path], starts: int, environment: dict[str, str]) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    with screen.screen() as shown:
        for _ in range(starts + 1):
            for name, program in programs.items():
                seconds[name].append(one_start(shown, program, environment | {"DISPLAY": shown.name}))
    return seconds


def one_start(shown: screen.Screen, program: Path, environment: dict[str, str]) -> float:
    began = time.monotonic()
    process = subprocess.Popen([str(program)], env=environment, stderr=subprocess.DEVNULL)
    painted = shown.first_paint(60)
    process.terminate()
    process.wait(20)
    if painted is None:
        raise SystemExit(f"{program} showed nothing")
    while shown.picture() is not None:
        time.sleep(0.05)
    return painted - began


def report(seconds: dict[str, list[float]]) -> None:
    median = {name: statistics.median(each[1:]) for name, each in seconds.items()}
    for name, each in seconds.items():
        spread = " ".join(f"{one:.2f}" for one in sorted(each[1:]))
        print(f"{name}: median {median[name]:.2f} s of {spread}; the very first {each[0]:.2f} s")
    limit = FACTOR * median["empty"] + MORE
    print(f"limit {FACTOR} x {median['empty']:.2f} + {MORE} = {limit:.2f} s: the desk needs {median['desk']:.2f} s")
    if median["desk"] > limit:
        raise SystemExit("the desk is too slow to its first paint")


if __name__ == "__main__":
    main()
