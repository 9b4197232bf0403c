from __future__ import annotations

from radrecon.store import person_keys
from radrecon.store.database import Store


def test_persons_are_found_by_what_they_share_those_that_share_most_first(store: Store) -> None:
    with store.transaction() as conn:
        person_keys.replace(conn, {1: [10, 20], 2: [20], 3: [30]})
        assert person_keys.alike(conn, [10, 20]).ranked == [1, 2]
        assert person_keys.alike(conn, []).ranked == []
        assert person_keys.alike(conn, [-7]).ranked == []
        person_keys.replace(conn, {1: [30], 3: []})
        assert person_keys.alike(conn, [10, 20, 30]).ranked == [2, 1]
        assert (person_keys.keys(conn, 1), person_keys.keys(conn, 3)) == ({30}, frozenset())
