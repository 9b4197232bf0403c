"""Freeze the program into one folder with PyInstaller."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "packaging"


def freeze(source: Path, name: str) -> Path:
    """The folder with the frozen program; `source` is the tree to freeze, `name` tells builds apart."""
    work, made = BUILD / name / "work", BUILD / name / "frozen"
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", "--workpath", str(work)]
    command += ["--distpath", str(made), str(ROOT / "packaging" / "radrecon.spec")]
    environment = os.environ | {"RADRECON_SOURCE": str(source), "PYTHONPATH": str(source)}
    subprocess.run(command, check=True, env=environment, cwd=work)
    return made / "radrecon"


if __name__ == "__main__":
    print(freeze(ROOT, "now"))
