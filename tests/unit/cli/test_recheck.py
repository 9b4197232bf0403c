from __future__ import annotations

from datetime import UTC, datetime

from radrecon.store.database import Store
from radrecon.workflow import rechecking
from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


def test_started_watched_and_done(radrecon: Radrecon, hospital: Hospital, store: Store) -> None:
    assert radrecon("recheck", "--status").out == "nothing was looked at again yet: radrecon recheck\n"
    assert radrecon("recheck", "--status", "--json").json == {}
    begun = radrecon("recheck", "--reason", "new rules", "--json").json
    assert (begun["state"], begun["reason"], begun["done"], begun["ended_at"]) == ("under way", "new rules", 0, None)
    while rechecking.some(store, datetime.now(UTC), 0):
        assert "looked at again (under way: new rules)" in radrecon("recheck", "--status").out
    over = radrecon("recheck", "--status", "--json").json
    assert (over["state"], over["done"], over["seconds_left"]) == ("done", over["total"], None)
