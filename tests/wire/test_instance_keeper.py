from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from radrecon.services import instance_keeper
from radrecon.services.instance_keeper import Keeper
from radrecon.store.database import Store
from tests.store.test_instances import ONE
from tests.wire.outbox_desk import migrated, store

__all__ = ["migrated", "store"]


def test_a_header_that_was_kept_is_written_again_after_an_hour(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has been pruned meanwhile must not be taken for kept."""
    written: list[list[int]] = []
    monkeypatch.setattr(instance_keeper.instances, "keep", lambda _conn, _group, places: written.append(list(places)))
    now = 1000.0
    monkeypatch.setattr(instance_keeper.time, "monotonic", lambda: now)
    with ThreadPoolExecutor(1) as writer:
        keeper = Keeper(store, writer)
        keeper._save([ONE])
        keeper._save([ONE])
        now += instance_keeper.REMEMBERED_SECONDS + 1
        keeper._save([ONE])
    assert written == [[0], [], [0]]
