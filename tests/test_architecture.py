"""The house rules that a machine can hold: who may import whom, and which library belongs where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.__main__ import ALL

ROOT = Path(__file__).parent.parent / "radrecon"
MODULES = sorted(ROOT.rglob("*.py"))

PURE = {"model", "config", "program"}
MAY_IMPORT = {
    "model": set(),
    "config": {"model"},
    "program": set(),
    "hl7v2": PURE,
    "dicom": PURE,
    "fhir": PURE,
    "recon": PURE,
    "store": PURE,
    "workflow": PURE | {"store", "hl7v2", "dicom", "fhir", "recon"},
    "services": PURE | {"workflow", "store", "hl7v2", "dicom", "fhir"},
    "sim": PURE | {"workflow", "hl7v2", "dicom", "fhir"},
    "ui": PURE | {"workflow", "store", "hl7v2", "dicom"},
    "cli": PURE | {"ui", "services", "sim", "workflow", "store"},
    "__main__": PURE | {"cli"},
    "__init__": set(),
}
LIBRARY_HOMES = {
    "PySide6": {"ui"},
    "qasync": {"ui"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "psycopg": {"store"},
    "sqlite3": {"store"},
    "socket": {"services", "sim"},
    "httpx": {"services", "sim"},
    "asyncio.streams": {"services", "sim"},
    "pydicom": {"dicom", "services", "sim", "ui"},
    "hl7": {"hl7v2", "services", "sim"},
}
PDU_AND_DIMSE = ("pynetdicom.pdu", "pynetdicom.dimse", "pynetdicom.pdu_primitives", "pynetdicom.sop_class")


def package(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in(name: str, library: str) -> bool:
    return name == library or name.startswith(library + ".")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_imports_only_what_its_layer_allows(path: Path) -> None:
    home = package(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "radrecon" and len(parts) > 1 and parts[1] != "__version__":
            assert parts[1] == home or parts[1] in MAY_IMPORT[home], f"{home} must not import {name}"
        for library, homes in LIBRARY_HOMES.items():
            assert not is_in(name, library) or home in homes, f"{name} belongs in {sorted(homes)}"
        if is_in(name, "pynetdicom") and home not in {"services", "sim"}:
            allowed = home == "dicom" and (name == "pynetdicom" or name.startswith(PDU_AND_DIMSE))
            assert allowed, f"{name}: the network side of pynetdicom belongs in services and sim"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), f"{path} has no docstring"


@pytest.mark.parametrize("path", [p for p in MODULES if package(p) in {"recon", "model"}], ids=lambda p: p.name)
def test_deciding_code_reads_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "utcnow", "today", "time_ns", "monotonic"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", [p for p in MODULES if package(p) == "ui"], ids=lambda p: p.name)
def test_desk_opens_no_modal_dialog(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in {"exec", "exec_"}, f"{path}:{node.lineno}: open() and answer later"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_waits_in_a_way_that_swallows_its_own_cancellation(path: Path) -> None:
    """Python 3.11's asyncio.wait_for does where both happen at once; asyncio.timeout does not."""
    assert "asyncio.wait_for(" not in path.read_text("utf-8")


def test_the_test_command_runs_every_folder_of_tests() -> None:
    """But the long runs."""
    here = Path(__file__).parent
    folders = {path.relative_to(here).parts[0] for path in here.rglob("test_*.py") if path.parent != here}
    assert folders - {"soak"} == {path.removeprefix("tests/") for path in ALL} - {"test_architecture.py"}
