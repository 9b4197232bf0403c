from __future__ import annotations

from radrecon.store import person_keys
from radrecon.store.blocking import Holders
from radrecon.store.database import Store


def test_a_key_that_more_share_than_asked_for_finds_nobody_and_is_named(store: Store) -> None:
    with store.transaction() as conn:
        person_keys.replace(conn, {1: [7, 8], 2: [7], 3: [7]})
        assert person_keys.alike(conn, [7, 8], limit=3).of == {7: [3, 2, 1], 8: [1]}
        assert person_keys.alike(conn, [7, 8], limit=2) == Holders({8: [1]}, frozenset([7]))


def test_the_newest_come_first_among_those_that_share_as_much() -> None:
    assert Holders({1: [5, 9], 2: [4, 5]}, frozenset()).ranked == [5, 9, 4]
