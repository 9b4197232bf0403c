"""Packages that only a benchmark needs, installed on its first run, apart from those that radrecon runs on."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def install(requirements: str) -> None:
    """Make the packages of a file beside this one importable; what radrecon itself brings is found first.

    They go into a folder of the virtual environment, named by what is in the file, so that ordinary set-up stays light.
    """
    folder, pins = _folder(requirements), HERE / requirements
    if not (folder / "complete").exists():
        print(f"Installing what only this benchmark needs ({requirements})", flush=True)
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(folder), "--upgrade", "-r", str(pins)], check=True)
        (folder / "complete").touch()
    sys.path.append(str(folder))


def at_hand(requirements: str, package: str) -> bool:
    """Whether a package can be imported: it was installed for a benchmark, or is there anyway."""
    folder = _folder(requirements)
    if (folder / "complete").exists() and str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.util.find_spec(package) is not None


def _folder(requirements: str) -> Path:
    return Path(sys.prefix) / "bench" / hashlib.sha256((HERE / requirements).read_bytes()).hexdigest()[:12]
