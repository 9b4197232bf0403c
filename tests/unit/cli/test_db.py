from __future__ import annotations

from pathlib import Path

from radrecon.store import life
from radrecon.store.database import open_store
from tests.unit.cli.conftest import Radrecon


def test_upgrade_makes_the_schema_and_may_run_twice(radrecon: Radrecon) -> None:
    assert radrecon("db", "check").code == 1
    assert radrecon("db", "upgrade").code == 0
    assert radrecon("db", "upgrade").out == "the schema is up to date\n"
    assert radrecon("db", "check").code == 0


def test_upgrade_is_refused_while_an_engine_lives(radrecon: Radrecon, database: str) -> None:
    store = open_store(database)
    with life.engine_lock(store):
        said = radrecon("db", "upgrade")
    store.close()
    assert said.code == 1
    assert "an engine already serves" in said.err


def test_a_backup_lies_beside_the_database(radrecon: Radrecon, tmp_path: Path) -> None:
    radrecon("db", "upgrade")
    said = radrecon("db", "backup")
    path = Path(said.out.removeprefix("backup in ").strip())
    assert path.parent == tmp_path
    assert path.exists()
