"""Originals on disk: beside the database, per delivery, and purged by age."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from radrecon.services import spool
from radrecon.store.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = open_store(f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    yield one
    one.close()


def kept(store: Store, delivery: int, days_ago: float) -> Path:
    path = spool.folder(store, delivery)
    (path / "originals").mkdir()
    (path / "originals" / "1.dcm").write_bytes(b"image")
    then = time.time() - days_ago * spool.DAY
    os.utime(path, (then, then))
    return path


def test_the_folder_of_a_delivery_lies_beside_the_database_and_is_the_same_each_time(
    store: Store, tmp_path: Path
) -> None:
    first = spool.folder(store, 7)
    assert first == spool.folder(store, 7) == tmp_path / "radrecon.sqlite3.originals" / "7"
    assert first.is_dir()


def test_with_postgresql_they_lie_in_the_users_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name: tmp_path / name)
    store = Store("postgresql://nobody@127.0.0.1:1/none")
    assert spool.root(store) == tmp_path / "radrecon" / "originals"
    store.close()


def test_what_is_old_goes_and_what_is_young_stays(store: Store) -> None:
    old, young = kept(store, 1, 8), kept(store, 2, 6)
    assert spool.purge(store, 7) == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_nothing_of_an_unfinished_delivery_goes_whatever_its_age(store: Store) -> None:
    unfinished, finished = kept(store, 1, 400), kept(store, 2, 400)
    assert spool.purge(store, 7, frozenset({1})) == 1
    assert (unfinished.exists(), finished.exists()) == (True, False)


def test_what_is_not_ours_stays(store: Store) -> None:
    other = spool.root(store) / "notes"
    other.mkdir(parents=True)
    os.utime(other, (0, 0))
    assert spool.purge(store, 0) == 0
    assert other.is_dir()


def test_where_nothing_was_ever_kept_nothing_goes(store: Store) -> None:
    assert spool.purge(store, 0) == 0
