"""The .deb and the .rpm from one description, by nfpm; everything beside the frozen program lies in packaging/linux."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bill
import icons
import libraries
import licences
import manual
import shells

ROOT = Path(__file__).parents[2]
LINUX = ROOT / "packaging" / "linux"
SUMMARY = "Reconciliation and worklist management for radiology"
DESCRIPTION = f"""{SUMMARY}
Between EHR, RIS, modality and PACS, messages get lost without an error.
radrecon listens to the orders (HL7), serves the modality worklist and watches
the PACS (DICOM), and shows every such break within seconds. The desk needs an
engine: its own, or the service radrecon-engine, which is off by default."""
FONTS = "fonts-dejavu-core | fonts-liberation2 | fonts-liberation | fonts-noto-core"
DEBCONF = "debconf (>= 0.5) | debconf-2.0"
NFPM = Path(sys.executable).with_name("nfpm")


@dataclass(frozen=True)
class Package:
    """What is packed: the frozen program, its version, when its source was committed, and a folder to work in."""

    frozen: Path
    version: str
    moment: datetime
    work: Path
    bundled: dict[str, list[str]]
    compression: str = "xz"


def prepare(package: Package) -> Path:
    """Everything but the program, as files in a staging folder."""
    stage = package.work / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    icons.draw(ROOT / "resources" / "icons" / "app.svg", stage / "icons")
    day = package.moment.strftime("%Y-%m-%d")
    _write_zipped(stage / "radrecon.1.gz", manual.man_page(day))
    for name, text in {
        "radrecon.bash": manual.completion(),
        "radrecon.fish": shells.fish(),
        "_radrecon": shells.zsh(),
    }.items():
        (stage / name).write_text(text, "utf-8")
    for script in ("preinst", "prerm", "postinst", "postrm"):
        text = (LINUX / script).read_text("utf-8").replace("@STOP@\n", (LINUX / "stop.sh").read_text("utf-8"))
        (stage / script).write_text(text, "utf-8")
    info = (LINUX / "org.radrecon.radrecon.metainfo.xml").read_text("utf-8")
    info = info.replace("@VERSION@", package.version).replace("@DATE@", day)
    (stage / "org.radrecon.radrecon.metainfo.xml").write_text(info, "utf-8")
    _documents(package, stage)
    return stage


def _documents(package: Package, stage: Path) -> None:
    python = licences.bundled(set(package.bundled["sources"]))
    parts = licences.components(package.frozen, python)
    licences.write_texts(stage / "licences", python, parts)
    text = json.dumps(bill.bill(package.version, package.frozen, parts, package.moment), indent=1)
    bill.check_bill(text)
    (stage / "radrecon.cdx.json").write_text(text, "utf-8")
    stamp = package.moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    change = f"radrecon ({package.version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n"
    change += f" -- radrecon <radrecon@localhost>  {stamp}\n"
    _write_zipped(stage / "changelog.gz", change)
    _write_zipped(stage / "CHANGELOG.md.gz", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    lines = [f"{one.name} {one.version}".strip() + f": {one.licence or 'see its text'}" for one in parts]
    head = "radrecon is proprietary. It contains, under licences whose texts lie in /usr/share/doc/radrecon/licences:\n"
    (stage / "copyright").write_text("\n".join([head, *lines]) + "\n", "utf-8")


def _write_zipped(path: Path, text: str) -> None:
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


# -- the description --------------------------------------------------------------------------------------------------


def contents(package: Package, stage: Path) -> list[dict[str, Any]]:
    share, doc, lib = "/usr/share", "/usr/share/doc/radrecon", "/usr/lib/radrecon"
    entries: list[dict[str, Any]] = [
        {"src": str(package.frozen), "dst": lib, "type": "tree"},
        {"src": "../lib/radrecon/radrecon", "dst": "/usr/bin/radrecon", "type": "symlink"},
        {"src": str(stage / "icons" / "hicolor"), "dst": f"{share}/icons/hicolor", "type": "tree"},
        {"src": str(stage / "licences"), "dst": f"{doc}/licences", "type": "tree"},
    ]
    plain = {
        LINUX / "radrecon.desktop": f"{share}/applications/",
        LINUX / "radrecon-ingest.desktop": f"{share}/applications/",
        LINUX / "radrecon-mime.xml": f"{share}/mime/packages/radrecon.xml",
        LINUX / "radrecon-engine.service": "/usr/lib/systemd/system/",
        LINUX / "radrecon.sysusers": "/usr/lib/sysusers.d/radrecon.conf",
        LINUX / "radrecon.toml": f"{share}/radrecon/radrecon.toml",
        LINUX / "privileged-ports.conf": f"{doc}/examples/",
        LINUX / "README.Debian": f"{doc}/README.service",
        ROOT / "resources" / "icons" / "app.svg": f"{share}/icons/hicolor/scalable/apps/radrecon.svg",
        ROOT / "README.md": f"{doc}/",
        stage / "org.radrecon.radrecon.metainfo.xml": f"{share}/metainfo/",
        stage / "radrecon.1.gz": f"{share}/man/man1/",
        stage / "radrecon.bash": f"{share}/bash-completion/completions/radrecon",
        stage / "radrecon.fish": f"{share}/fish/vendor_completions.d/",
        stage / "radrecon.cdx.json": f"{doc}/",
        stage / "changelog.gz": f"{doc}/",
        stage / "CHANGELOG.md.gz": f"{doc}/",
        stage / "copyright": f"{doc}/",
    }
    programs = {LINUX / name: f"{lib}/{name}" for name in ("ingest-files", "as-service", "prepare")}
    entries += [_file(source, target, 0o644) for source, target in plain.items()]
    entries += [_file(source, target, 0o755) for source, target in programs.items()]
    folders = {"deb": "vendor-completions", "rpm": "site-functions"}  # where each looks for zsh's
    return entries + [
        {**_file(stage / "_radrecon", f"{share}/zsh/{folder}/", 0o644), "packager": kind}
        for kind, folder in folders.items()
    ]


def _file(source: Path, target: str, mode: int) -> dict[str, Any]:
    target = target + source.name if target.endswith("/") else target
    return {"src": str(source), "dst": target, "file_info": {"mode": mode}}


def description(package: Package, stage: Path) -> dict[str, Any]:
    wants, libc = libraries.needed(package.frozen), libraries.glibc(package.frozen)
    return {
        "name": "radrecon",
        "arch": "amd64",
        "platform": "linux",
        "version": package.version,
        "version_schema": "none",
        "section": "science",
        "priority": "optional",
        "maintainer": "radrecon <radrecon@localhost>",
        "description": DESCRIPTION,
        "license": "Proprietary",
        "mtime": package.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "umask": 0o22,
        "contents": contents(package, stage),
        "scripts": {
            "preinstall": str(stage / "preinst"),
            "postinstall": str(stage / "postinst"),
            "preremove": str(stage / "prerm"),
            "postremove": str(stage / "postrm"),
        },
        "overrides": {
            "deb": {
                "depends": [*libraries.debian(wants, libc), FONTS, DEBCONF, "passwd", "tzdata"],
                "recommends": ["shared-mime-info", "desktop-file-utils"],
                "suggests": ["postgresql-client", "orthanc", "fonts-noto-cjk"],
            },
            "rpm": {
                "depends": [*libraries.rpm(wants, libc), "shadow-utils", "util-linux"],
                "recommends": ["dejavu-sans-fonts"],
                "suggests": ["google-noto-sans-cjk-fonts"],
            },
        },
        "deb": {"compression": package.compression, "scripts": {"templates": str(LINUX / "templates")}},
        "rpm": {"compression": package.compression, "summary": SUMMARY, "group": "Applications/Science"},
    }


def pack(package: Package, kind: str, target: Path) -> Path:
    """Build the .deb or .rpm; where it lies."""
    stage = prepare(package)
    described = package.work / "nfpm.json"
    described.write_text(json.dumps(description(package, stage), indent=1), "utf-8")
    target.mkdir(parents=True, exist_ok=True)
    command = [str(NFPM), "package", "--config", str(described), "--packager", kind, "--target", str(target)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return max(target.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime)
