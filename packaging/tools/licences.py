"""Licence texts and the bill of materials (CycloneDX 1.6) of what the frozen program really contains."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sqlite3
import subprocess
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

OWN = Path(__file__).parents[1] / "licences"
TEXT = re.compile(r"(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)
QT = ("pyside6-essentials", "shiboken6")
NATIVE = {
    # library's name → (component, licence, its text in packaging/licences)
    "libpq": ("libpq", "PostgreSQL", "libpq"), "libcrypto": ("openssl", "Apache-2.0", "openssl"),
    "libssl": ("openssl", "Apache-2.0", "openssl"), "libgssapi_krb5": ("krb5", "MIT", "krb5"),
    "libk5crypto": ("krb5", "MIT", "krb5"), "libkrb5": ("krb5", "MIT", "krb5"),
    "libkrb5support": ("krb5", "MIT", "krb5"),
    "libldap": ("openldap", "OLDAP-2.8", "openldap"), "liblber": ("openldap", "OLDAP-2.8", "openldap"),
    "libsasl2": ("cyrus-sasl", "BSD-4-Clause", "cyrus-sasl"),
    "libkeyutils": ("keyutils", "LGPL-2.1-or-later", "keyutils"),
    "libcom_err": ("e2fsprogs", "MIT", "e2fsprogs"), "libcrypt": ("libxcrypt", "LGPL-2.1-or-later", "libxcrypt"),
    "libsqlite3": ("sqlite", "blessing", "sqlite"), "libffi": ("libffi", "MIT", "libffi"),
    "libbz2": ("bzip2", "bzip2-1.0.6", "bzip2"), "liblzma": ("xz", "0BSD", "xz"),
    "libuuid": ("util-linux", "BSD-3-Clause", "util-linux"), "libexpat": ("expat", "MIT", "expat"),
    "libicudata": ("icu", "Unicode-3.0", "icu"), "libicui18n": ("icu", "Unicode-3.0", "icu"),
    "libicuuc": ("icu", "Unicode-3.0", "icu"), "libpython3": ("python", "PSF-2.0", "python"),
}  # fmt: skip


@dataclass
class Component:
    """One thing in the package: `kind` pypi or generic, `files` those of it that are libraries."""

    name: str
    version: str
    licence: str
    kind: str = "generic"
    files: list[Path] = field(default_factory=list)


def bundled(sources: set[str]) -> list[Distribution]:
    """The Python packages that files on the building machine belong to, by their own records.

    Raises SystemExit for a file that no package says is its own: its licence would be missed.
    """
    found, left = {}, {one for one in sources if "site-packages" in one}
    for one in distributions():
        paths = {str(one.locate_file(file)) for file in one.files or ()}
        if paths & sources:
            found[_plain(one)] = one
            left -= paths
    if left:
        raise SystemExit(f"no Python package here owns {min(left)}: freeze again")
    return [found[name] for name in sorted(found)]


def components(frozen: Path, python: list[Distribution]) -> list[Component]:
    made = [Component(_plain(one), one.version, _licence(one), "pypi") for one in python]
    native: dict[str, Component] = {}
    for path in sorted(frozen.rglob("*.so*")):
        name = path.name.split(".so")[0].split("-")[0].split(".")[0]
        if name in NATIVE and not path.is_symlink():
            component, licence, _ = NATIVE[name]
            one = native.setdefault(component, Component(component, _version(component, path), licence))
            one.files.append(path)
    return made + [native[name] for name in sorted(native)]


def _plain(one: Distribution) -> str:
    """Its name as PyPI compares names."""
    return str(one.metadata["Name"]).lower().replace("_", "-").replace(".", "-")


def _licence(one: Distribution) -> str:
    if _plain(one) in QT:
        return "LGPL-3.0-only"
    said = str(one.metadata.get("License-Expression") or "")
    classes = [line for line in one.metadata.get_all("Classifier") or () if line.startswith("License ::")]
    known = str(one.metadata.get("License") or "")
    return said or (known if 0 < len(known) < 60 else "") or "; ".join(line.split(" :: ")[-1] for line in classes)


def _version(component: str, path: Path) -> str:
    if component == "python":
        return platform.python_version()
    if component == "sqlite":
        return sqlite3.sqlite_version
    if component == "openssl" and (found := re.search(rb"OpenSSL (3\.\d+\.\d+)", path.read_bytes())):
        return found[1].decode()
    return _debian_version(path) or path.name.split(".so.")[-1]


def _debian_version(path: Path) -> str:
    """Of a library that came from this Debian system; "" elsewhere."""
    if not shutil.which("dpkg-query") or "-" in path.name:
        return ""
    owner = subprocess.run(["dpkg-query", "-S", f"*/{path.name}"], capture_output=True, text=True, check=False).stdout
    if not owner:
        return ""
    name = owner.split(": ")[0]
    wanted = ["dpkg-query", "-W", "-f", "${Version}", name]
    return subprocess.run(wanted, capture_output=True, text=True, check=False).stdout


# -- licence texts ----------------------------------------------------------------------------------------------------


def write_texts(folder: Path, python: list[Distribution], parts: list[Component]) -> None:
    """A folder per Python package, a file per library. Raises SystemExit where something has no text."""
    folder.mkdir(parents=True)
    for one in python:
        name = _plain(one)
        texts = [file for file in one.files or () if TEXT.search(file.name) and file.suffix not in (".py", ".pyc")]
        for text in texts:
            target = folder / name / text.name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(one.locate_file(text), target)
        if not texts and name not in (*QT, "radrecon"):
            raise SystemExit(f"{name} {one.version} brings no licence text")
    files = {NATIVE[key][2] for key in NATIVE if NATIVE[key][0] in {one.name for one in parts}}
    for file in sorted({*files, "qt-and-psycopg", "python", "LGPL-3", "GPL-3", "GPL-2", "LGPL-2.1", "Apache-2.0"}):
        shutil.copyfile(OWN / f"{file}.txt", folder / f"{file}.txt")


# -- bill of materials ------------------------------------------------------------------------------------------------


def bill(version: str, frozen: Path, parts: list[Component], moment: datetime) -> dict[str, Any]:
    """A CycloneDX document; the same build gives the same serial number."""
    entries = [_entry(frozen, one) for one in parts]
    refs = [entry["bom-ref"] for entry in entries]
    own = f"radrecon@{version}"
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, entries], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": moment.astimezone(UTC).isoformat(),
            "component": {"type": "application", "bom-ref": own, "name": "radrecon", "version": version},
        },
        "components": entries,
        "dependencies": [{"ref": own, "dependsOn": refs}, *({"ref": ref} for ref in refs)],
    }


def _entry(frozen: Path, one: Component) -> dict[str, Any]:
    purl = f"pkg:{one.kind}/{one.name}@{one.version}"
    entry: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": one.name, "version": one.version, "purl": purl}
    if one.licence:
        entry["licenses"] = [{"license": {"name": one.licence}}]
    if one.files:
        entry["components"] = [_file(frozen, path) for path in one.files]
    return entry


def _file(frozen: Path, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = str(path.relative_to(frozen))
    return {"type": "file", "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]}


def check_bill(text: str) -> None:
    """Against CycloneDX' own schema. Raises SystemExit with what is wrong."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise SystemExit(f"the bill of materials is not valid: {wrong}")
