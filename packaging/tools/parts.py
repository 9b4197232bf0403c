"""What goes into the package and what stays out: names only, so that it can be tested without PyInstaller."""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path

MIGRATIONS = "radrecon/store/migrations"
# Alembic reads migrations as files; in the program's archive they would be there twice
AS_FILES = ("radrecon.store.migrations.env",)
HIDDEN = [
    "alembic.ddl.postgresql",
    "alembic.ddl.sqlite",
    "logging.config",
    "psycopg_binary",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
]
REPLACEABLE = {"psycopg": "pyc", "PySide6": "pyc", "shiboken6": "pyc"}
"""Under the LGPL: as files of their own, so that others can take their place."""

EXCLUDED = [
    "IPython", "PIL", "greenlet", "hypothesis", "lib2to3", "matplotlib", "mypy", "numpy", "pkg_resources", "psycopg2",
    "pydoc_data", "pygments", "pytest", "setuptools", "tkinter", "unittest.mock", "wheel",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtTest", "PySide6.QtSql",
]  # fmt: skip
PLUGINS = {
    "platforms": ("*qxcb*", "*qoffscreen*", "*qwindows*", "*qcocoa*"),
    "platformthemes": ("*xdgdesktopportal*",),
    "platforminputcontexts": ("*compose*", "*ibus*"),
    "imageformats": ("*qsvg*", "*qico*", "*qicns*"),
    "iconengines": ("*",),
    "styles": ("*",),
}
"""Qt's plug-ins that are taken along; all others stay out, Wayland's too: the desk runs by XWayland there."""

NOT_QT = ("*Qt6Network*", "*Qt6Qml*", "*Qt6Quick*", "*Qt6OpenGL*", "*Qt6Pdf*", "*Qt6VirtualKeyboard*", "*Qt6Wayland*",
          "*Qt6WlShell*", "*Qt6EglF*", "*QtNetwork*", "opengl32sw.dll")  # fmt: skip
PYTHON_NEEDS = ("libpython*", "libsqlite3*", "libffi*", "libbz2*", "liblzma*", "libuuid*", "libexpat*", "libmpdec*")
"""Libraries of the building machine that Python's own modules stand on; all others are the target system's."""

NOT_DATA = ("*/translations/*", "pydicom/data/test_files/*", "pydicom/data/charset_files/*", "*/tests/*", "*.pyi",
            "pynetdicom/apps/*", "*/qml/*", "*/direct_url.json", "setuptools/*", "sqlalchemy/testing/*")  # fmt: skip
SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")


def data(root: Path) -> list[tuple[str, str]]:
    """(file, folder in the package) of what is read as files: migrations, icons, themes."""
    migrations = sorted((root / MIGRATIONS).rglob("*.py"))
    resources = sorted(path for path in (root / "resources").rglob("*") if path.is_file())
    return [(str(path), str(path.parent.relative_to(root))) for path in migrations] + [
        (str(path), str(Path("radrecon") / path.parent.relative_to(root))) for path in resources
    ]


def wanted_binary(name: str, source: str) -> bool:
    """`name` in the package, `source` on the building machine."""
    if "/plugins/" in (place := name.replace("\\", "/")):
        kind, file = place.split("/plugins/", 1)[1].split("/", 1)
        return any(fnmatch(file, one) for one in PLUGINS.get(kind, ()))
    file = place.rsplit("/", 1)[-1]
    if any(fnmatch(file, one) for one in NOT_QT):
        return False
    if sys.platform == "linux" and source.startswith(SYSTEM_FOLDERS) and "/python" not in source:
        return any(fnmatch(file, one) for one in PYTHON_NEEDS)
    return True


def wanted_data(name: str) -> bool:
    """Neither Qt's translations (the desk speaks English) nor what libraries bring along for their own tests."""
    place = name.replace("\\", "/")
    return not any(fnmatch(place, one) for one in NOT_DATA)
