"""packaging/build: freeze the program and wrap it. Started by the script of that name, in its own environment."""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import freeze

ROOT = Path(__file__).parents[2]
LIMIT_MB = 110


def main() -> None:
    parser = argparse.ArgumentParser(prog="packaging/build", description=__doc__)
    parser.add_argument("what", choices=["deb", "rpm", "linux", "frozen", "icons"], help="linux: deb and rpm")
    parser.add_argument("--commit", help="freeze the program of this commit instead of this tree")
    parser.add_argument("--version", help="version of the package (default: the program's)")
    parser.add_argument("--fast", action="store_true", help="packed in seconds, and somewhat larger")
    parser.add_argument(
        "--keep-frozen", action="store_true", help="wrap what was frozen last, for work on the wrapping"
    )
    options = parser.parse_args()
    name = options.commit or "now"
    if options.what == "icons":
        import icons

        icons.draw(ROOT / "resources" / "icons" / "app.svg", freeze.BUILD / "icons")
        return print(freeze.BUILD / "icons")
    source = exported(options.commit) if options.commit else ROOT
    frozen = freeze.BUILD / name / "frozen" / "radrecon"
    if not (options.keep_frozen and frozen.is_dir()):
        shutil.rmtree(freeze.BUILD / name, ignore_errors=True)
        frozen = freeze.freeze(source, name)
    if options.what == "frozen":
        return print(frozen)
    import linux

    package = linux.Package(
        frozen=frozen,
        version=options.version or version_of(source),
        moment=committed(options.commit or "HEAD"),
        work=freeze.BUILD / name,
        compression="zstd" if options.fast else "xz",
        bundled=json.loads(next((freeze.BUILD / name / "work").rglob("bundled.json")).read_text("utf-8")),
    )
    for kind in ("deb", "rpm") if options.what == "linux" else (options.what,):
        made = linux.pack(package, kind, ROOT / "dist")
        size = made.stat().st_size / 1e6
        print(f"{made} {size:.1f} MB")
        if size > LIMIT_MB:
            raise SystemExit(f"{made.name} is larger than {LIMIT_MB} MB")
    return None


def version_of(source: Path) -> str:
    """The one place of it: radrecon/__init__.py."""
    found = re.search(r'^__version__ = "(.+)"', (source / "radrecon" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def committed(commit: str) -> datetime:
    """When the source was committed, so that the same source gives the same package; SOURCE_DATE_EPOCH goes first."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(given), UTC)
    said = _git("log", "-1", "--format=%ct", commit)
    return datetime.fromtimestamp(int(said), UTC) if said else datetime.now(UTC)


def exported(commit: str) -> Path:
    """The files of a commit in a folder of their own."""
    target = freeze.BUILD / "source" / commit
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
    return target


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main())
