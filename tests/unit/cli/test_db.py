from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from radrecon.store import backups, journal, life
from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests.store.hospital import Hospital
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


def test_a_backup_goes_where_it_is_told(radrecon: Radrecon, tmp_path: Path) -> None:
    radrecon("db", "upgrade")
    said = radrecon("db", "backup", "--to", str(tmp_path / "safe"))
    assert Path(said.out.removeprefix("backup in ").strip()).parent == tmp_path / "safe"


def test_an_upgrade_of_existing_ones_makes_no_database(radrecon: Radrecon, tmp_path: Path) -> None:
    assert radrecon("db", "upgrade", "--existing").out == "there is no database yet\n"
    assert radrecon("db", "check").code == 1


def test_backup_and_check_work_while_an_engine_lives(radrecon: Radrecon, database: str) -> None:
    radrecon("db", "upgrade")
    store = open_store(database)
    with life.engine_lock(store):
        assert radrecon("db", "check").out.endswith("the database is sound\n")
        assert radrecon("db", "backup").code == 0
    store.close()


def test_damage_is_said_in_one_line(radrecon: Radrecon, monkeypatch: pytest.MonkeyPatch) -> None:
    radrecon("db", "upgrade")
    monkeypatch.setattr(backups, "faults", lambda _: ["row 7 missing from index ix_a", "and so on"])
    said = radrecon("db", "check")
    assert said.code == 1
    assert said.err == "radrecon: the database is damaged: row 7 missing from index ix_a (and 1 more)\n"


def test_old_messages_go_when_a_person_says_so(radrecon: Radrecon, hospital: Hospital) -> None:
    assert radrecon("db", "prune").out.startswith("messages are kept for ever")
    now = datetime.now(UTC)
    with hospital.store.transaction() as conn:
        conn.execute(t.message.update().values(at=now))  # age is counted from the day of the command
        conn.execute(t.message.update().where(t.message.c.id < 3).values(at=now - timedelta(days=900)))
        journal.add(conn, journal.Entry("in", now, b"MSH|"))
    said = radrecon("db", "prune", "--older-than", "300", "--dry-run")
    assert said.out.startswith("1 messages older than 300 days would go")
    assert radrecon("db", "prune", "--older-than", "300").out.endswith("1 still needed\n")
    assert [row["id"] for row in radrecon("messages", "--json").json] == [4, 3, 2]
    assert radrecon("show", "message", "1").err == "radrecon: message 1 has been pruned by its age\n"
