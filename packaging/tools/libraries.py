"""Which libraries of the system the frozen program needs, and which packages of a distribution have them."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

NAMES = Path(__file__).parents[1] / "linux" / "libraries.toml"
ELF = b"\x7fELF"


def needed(folder: Path) -> dict[str, str]:
    """Library name → one of the program's files that needs it; what the folder has itself is not named."""
    files = [path for path in folder.rglob("*") if path.is_file() and _is_elf(path)]
    own = {path.name for path in files}
    wants: dict[str, str] = {}
    for path in files:
        said = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"NEEDED\s+(\S+)", said):
            if name not in own:
                wants.setdefault(name, str(path.relative_to(folder)))
    return wants


def glibc(folder: Path) -> str:
    """The newest version of glibc's symbols that any file asks for: no older system can run the program."""
    found: set[tuple[int, ...]] = set()
    for path in folder.rglob("*"):
        if path.is_file() and _is_elf(path):
            said = subprocess.run(["objdump", "-T", str(path)], capture_output=True, text=True, check=False).stdout
            found |= {tuple(map(int, one.split("."))) for one in re.findall(r"GLIBC_(\d+(?:\.\d+)+)", said)}
    return ".".join(map(str, max(found)))


def debian(wants: dict[str, str], libc: str) -> list[str]:
    """Debian's names, with the least glibc. Raises SystemExit for a library that libraries.toml lacks."""
    names = tomllib.loads(NAMES.read_text("utf-8"))
    if unknown := sorted(set(wants) - set(names)):
        raise SystemExit(f"{NAMES} lacks {', '.join(f'{one} (for {wants[one]})' for one in unknown)}")
    return [*sorted({names[one] for one in wants} - {"libc6"}), f"libc6 (>= {libc})"]


def rpm(wants: dict[str, str], libc: str) -> list[str]:
    """rpm's own way: it depends on the library, wherever it comes from."""
    plain = sorted(f"{one}()(64bit)" for one in wants if not one.startswith(("ld-linux", "libc.")))
    return [*plain, f"libc.so.6(GLIBC_{libc})(64bit)"]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == ELF
