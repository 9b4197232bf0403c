"""packaging/test: install, use, upgrade, remove and purge the .deb in bare systems, and say what happened."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import booted
import build
import roots
from trial import Trial
from under_systemd import UnderSystemd
from use import tell

ROOT = Path(__file__).parents[2]
PREVIOUS = "0.0.1"


def main() -> None:
    parser = argparse.ArgumentParser(prog="packaging/test", description=__doc__)
    parser.add_argument("systems", nargs="*", help=f"default: debian12 ubuntu24.04; known: {', '.join(roots.SYSTEMS)}")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "radrecon-packaging")
    parser.add_argument("--keep-packages", action="store_true", help="test what lies in dist/, do not build")
    parser.add_argument(
        "--previous", metavar="COMMIT", help="of the version to upgrade from; default: the first that had a package"
    )
    options = parser.parse_args()
    needs()
    options.work.mkdir(parents=True, exist_ok=True)
    new, old = packages(options.keep_packages, options.previous)
    said = {}
    for name in options.systems or ["debian12", "ubuntu24.04"]:
        tell(f"\n== {name}")
        try:
            with roots.entered(roots.SYSTEMS[name], options.work) as root:
                said[name] = Trial(root, new, old, options.work / f"{name}.pictures").all()
            said[f"{name} under systemd"] = under_systemd(name, new, old, options.work)
        except roots.Unreachable as reason:
            said[name] = f"SKIPPED: {reason}"
            tell(said[name])
    tell("\n== summary")
    tell(f"{new.name}: {new.stat().st_size / 1e6:.1f} MB (limit {build.LIMIT_MB} MB)")
    for name, line in said.items():
        tell(f"{name}: {line}")
    if all(line.startswith("SKIPPED") for line in said.values()):
        raise SystemExit("nothing was tested")


def under_systemd(name: str, new: Path, old: Path, work: Path) -> str:
    tell(f"\n== {name} under systemd")
    try:
        booted.needs()
        with roots.entered(roots.SYSTEMS[name], work) as root:
            return UnderSystemd(root, new, old, work / f"{name}.systemd.pictures").all(work / f"{name}.console")
    except roots.Unreachable as reason:
        tell(f"SKIPPED: {reason}")
        return f"SKIPPED: {reason}"


def needs() -> None:
    missing = [name for name in ("debootstrap", "chroot", "mount", "Xvfb") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"packaging/test needs {', '.join(missing)}: apt-get install debootstrap mount xvfb")
    if subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip() != "0":
        raise SystemExit("packaging/test needs root, to make systems and to enter them")


def packages(keep: bool, previous: str | None) -> tuple[Path, Path]:
    """This tree's package, and one of an earlier commit, as the version before it."""
    version = build.version_of(ROOT)
    new, old = (ROOT / "dist" / f"radrecon_{one}_amd64.deb" for one in (version, PREVIOUS))
    tool = [sys.executable, str(ROOT / "packaging" / "tools" / "build.py"), "deb", "--fast"]
    if not (keep and new.exists()):
        subprocess.run(tool, check=True)
    if not (keep and old.exists()):
        subprocess.run([*tool, "--commit", previous or first_with_a_package(), "--version", PREVIOUS], check=True)
    return new, old


def first_with_a_package() -> str:
    """The upgrade then goes through every migration since. Raises SystemExit where there is none since."""
    made = build._git("log", "--diff-filter=A", "--format=%h", "--abbrev=12", "--", "packaging/test").splitlines()
    if not made or migrations(made[-1]) == migrations("HEAD"):
        raise SystemExit("no migration since the first package: name an older commit with --previous")
    return made[-1]


def migrations(commit: str) -> str:
    return build._git("ls-tree", "--name-only", commit, "radrecon/store/migrations/versions/")


if __name__ == "__main__":
    main()
