"""Packages that only a benchmark needs, installed on its first run, apart from those that radrecon runs on."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def install(requirements: str) -> None:
    """Make the packages of a file beside this one importable; what radrecon itself brings is found first.

    They go into a folder of the virtual environment, named by what is in the file, so that ordinary set-up stays light.
    """
    pins = HERE / requirements
    folder = Path(sys.prefix) / "bench" / hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    if not (folder / "complete").exists():
        print(f"Installing what only this benchmark needs ({requirements})", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(folder), "--upgrade", "-r", str(pins)], check=True)
        (folder / "complete").touch()
    sys.path.append(str(folder))
