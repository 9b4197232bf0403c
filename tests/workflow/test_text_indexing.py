from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from radrecon.store import journal
from radrecon.store import tables as t
from radrecon.store.text_index import Mark, open_index, path_of
from radrecon.workflow import text_indexing
from radrecon.workflow.journal_search import search
from tests.builders import NOW
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import report

ALL = 40


def talk(hospital: Hospital, number: int = ALL) -> None:
    with hospital.store.transaction() as conn:
        for one in range(1, number + 1):
            raw = report(f"A{one}", text=f"effusion number {one:04}")
            journal.add(conn, journal.Entry("in", NOW, raw, state="applied"))


def index_all(hospital: Hospital) -> list[int]:
    done = []
    with open_index(hospital.store) as index:
        while found := text_indexing.index_some(hospital.store, index, hospital.config):
            done.append(found)
    return done


def found(hospital: Hospital, query: str = "text:effusion") -> int:
    return len(search(hospital.store, query, limit=1000).rows)


@on_both
def test_texts_are_indexed_batch_by_batch_and_once(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_indexing, "BATCH", 15)
    talk(hospital)
    assert index_all(hospital) == [15, 15, 10]
    assert index_all(hospital) == []
    assert found(hospital) == ALL
    with open_index(hospital.store) as index:
        assert index.mark().message_id == ALL


def test_an_empty_journal_makes_no_file(hospital: Hospital) -> None:
    assert index_all(hospital) == []
    assert not path_of(hospital.store).exists()


@pytest.mark.parametrize("what", ["lost", "rubbish", "cut short", "empty", "damaged inside"])
def test_an_index_that_is_lost_or_damaged_is_made_anew(hospital: Hospital, what: str) -> None:
    talk(hospital, 3000)
    index_all(hospital)
    path = path_of(hospital.store)
    data = path.read_bytes()
    path.unlink()
    if what != "lost":
        pieces = {"rubbish": b"rubbish" * 5000, "cut short": data[: len(data) // 2], "empty": b""}
        path.write_bytes(
            pieces.get(what, b"".join(data[at : at + 2048] + b"\xa5" * 2048 for at in range(0, 9**6, 4096)))
        )
    search(hospital.store, "text:effusion")
    index_all(hospital)
    assert found(hospital) == 1000
    assert found(hospital, 'text:"number 2999"') == 1
    assert search(hospital.store, "text:effusion").indexed_to == 3000


def test_an_index_of_another_database_is_not_believed(hospital: Hospital) -> None:
    """A database restored from its backup has other messages under the same ids."""
    talk(hospital)
    index_all(hospital)
    with hospital.store.transaction() as conn:
        conn.execute(t.message.delete().where(t.message.c.id > 10))
        journal.add(conn, journal.Entry("in", NOW, report(text="pneumonia"), state="applied"))
    index_all(hospital)
    assert found(hospital) == 10
    assert found(hospital, "text:pneumonia") == 1


def test_most_of_it_pruned_it_is_made_anew(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_indexing, "STALE", 0)
    talk(hospital)
    index_all(hospital)
    with open_index(hospital.store) as index:
        assert not text_indexing.tidy(hospital.store, index)
        with hospital.store.transaction() as conn:
            conn.execute(t.message.delete().where(t.message.c.id < 30))
        assert text_indexing.tidy(hospital.store, index)
        assert index.mark() == Mark()
    index_all(hospital)
    assert found(hospital) == 11


def test_an_indexer_that_is_killed_leaves_an_index_that_goes_on(hospital: Hospital) -> None:
    talk(hospital, 2000)
    program = (
        "import sys\n"
        "from radrecon.config import Config\n"
        "from radrecon.store.database import open_store\n"
        "from radrecon.store.text_index import open_index\n"
        "from radrecon.workflow import text_indexing\n"
        "text_indexing.BATCH = 20\n"
        "store = open_store(sys.argv[1])\n"
        "with open_index(store) as index:\n"
        "    while text_indexing.index_some(store, index, Config()): print('.', flush=True)\n"
    )
    for _ in range(3):
        line = [sys.executable, "-c", program, hospital.store.url.render_as_string()]
        with subprocess.Popen(line, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as one:
            assert one.stdout
            one.stdout.readline()
            time.sleep(0.02)
            os.kill(one.pid, signal.SIGKILL)
    index_all(hospital)
    assert found(hospital) == 1000
    assert found(hospital, 'text:"number 0001"') == 1


def test_a_database_that_is_replaced_while_it_is_open_is_noticed(hospital: Hospital) -> None:
    talk(hospital)
    with open_index(hospital.store) as index:
        while text_indexing.index_some(hospital.store, index, hospital.config):
            pass
        Path(f"{path_of(hospital.store)}.broken").touch()  # what a reader leaves who cannot read it
        assert text_indexing.index_some(hospital.store, index, hospital.config) == ALL
        assert index.mark().message_id == ALL
