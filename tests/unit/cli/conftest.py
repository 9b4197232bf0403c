"""A database with the small hospital, and the command line as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from radrecon.__main__ import main
from radrecon.store.database import Store, open_store
from tests.store.hospital import Hospital, build, open_cases, talk


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Radrecon = Callable[..., Said]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'radrecon.sqlite3'}"


@pytest.fixture
def radrecon(database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Radrecon:
    """`radrecon(*arguments)` on the test's own database; usage errors are exit code 2."""
    monkeypatch.setenv("RADRECON_DATABASE", database)

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture
def store(database: str, clean_sqlite: str) -> Iterator[Store]:
    assert clean_sqlite == database
    made = open_store(database)
    yield made
    made.close()


@pytest.fixture
def hospital(store: Store) -> Hospital:
    """Case 1 an orphan, case 2 a collision, three messages; no engine."""
    h = build(store)
    open_cases(h)
    talk(store)
    store.close()
    return h
