"""What the frozen program really contains, whose it is, and the texts of its licences."""

from __future__ import annotations

import json
import platform
import re
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass, field
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
    **dict.fromkeys([f"libQt6{part}" for part in ("Core", "DBus", "Gui", "Svg", "Widgets", "XcbQpa")],
                    ("qt", "LGPL-3.0-only", "qt-and-psycopg")),
}  # fmt: skip
SAYS = {
    "krb5": rb"krb5-(\d+\.\d+(?:\.\d+)?)-final", "icu": rb"\0(7\d\.\d)\0", "keyutils": rb"keyutils-(\d+(?:\.\d+)+)",
    "openssl": rb"OpenSSL (3\.\d+\.\d+)", "qt": rb"Qt (6\.\d+\.\d+) \(",
}  # fmt: skip
"""Where a library's file names its version. A soname's number is none: it would mislead whoever looks for holes."""

ALWAYS = (
    "qt-and-psycopg",
    "qt-parts",
    "python",
    "python-parts",
    "LGPL-3",
    "GPL-3",
    "GPL-2",
    "LGPL-2.1",
    "Apache-2.0",
    "MIT",
)


@dataclass
class Component:
    """One thing in the package: `kind` pypi or generic, `version` "" where it is not known.

    `files` are those of it that are libraries, `inside` what its maker's own bill names (compiled in, or copied along).
    """

    name: str
    version: str
    licence: str
    kind: str = "generic"
    files: list[Path] = field(default_factory=list)
    inside: list[dict[str, Any]] = field(default_factory=list)


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
    made = [Component(_plain(one), one.version, _licence(one), "pypi", inside=_inside(one)) for one in python]
    native: dict[str, Component] = {}
    for path in sorted(frozen.rglob("*.so*")):
        name = path.name.split(".so")[0].split("-")[0].split(".")[0]
        if name in NATIVE and not path.is_symlink():
            component, licence, _ = NATIVE[name]
            native.setdefault(component, Component(component, "", licence)).files.append(path)
    for one in native.values():
        one.version = next(filter(None, (_version(one.name, path) for path in one.files)), "")
    return made + [native[name] for name in sorted(native)]


def _inside(one: Distribution) -> list[dict[str, Any]]:
    """What the bills of materials in a wheel (PEP 770) name, itself left out."""
    bills = [file for file in one.files or () if "sboms" in file.parts and file.suffix == ".json"]
    named = [each for file in bills for each in json.loads(file.read_text("utf-8")).get("components", ())]
    own = _plain(one).replace("-", "")
    return [each for each in named if re.sub("[-_.]", "", each["name"].lower()) != own]


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
    if component == "libpq":
        from psycopg import pq

        return "{}.{}".format(*divmod(pq.version(), 10000))
    if component in SAYS and (found := re.search(SAYS[component], path.read_bytes())):
        return found[1].decode()
    return _debian_version(path)


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
    for file in sorted({*files, *ALWAYS}):
        shutil.copyfile(OWN / f"{file}.txt", folder / f"{file}.txt")
    (folder / "compiled-in.txt").write_text(_compiled_in(parts), "utf-8")


def _compiled_in(parts: list[Component]) -> str:
    """Wheels hold compiled what they bring no text of: its makers and licences, as the wheel's own bill names them."""
    lines = [
        "Compiled into libraries of Python packages. Texts beside this file; Unicode in icu.txt, Zlib in qt-parts.txt."
    ]
    for one in parts:
        named = [each for each in one.inside if each.get("licenses")]
        lines += ["", f"{one.name} {one.version}:"] if named else []
        for each in named:
            makers = each.get("author") or ", ".join(who.get("name", "") for who in each.get("authors", ()))
            licence = " AND ".join(_named(listed) for listed in each["licenses"])
            lines.append(f"  {each['name']} {each.get('version', '')}: {licence}; {makers or 'its authors'}")
    return "\n".join(lines) + "\n"


def _named(listed: dict[str, Any]) -> str:
    licence = listed.get("license", {})
    return str(listed.get("expression") or licence.get("id") or licence.get("name") or "?")
