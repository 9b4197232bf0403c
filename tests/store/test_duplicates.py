from __future__ import annotations

from datetime import timedelta

from radrecon.store import duplicates
from radrecon.store.database import Store
from radrecon.store.duplicates import Due, Look
from tests.builders import NOW

LATER = NOW + timedelta(minutes=1)


def test_whoever_is_noted_again_meanwhile_stays_due(store: Store) -> None:
    with store.transaction() as conn:
        duplicates.note(conn, [5, 3, 0], NOW)
        first, second = duplicates.due(conn, 10)
        assert (first, second) == (Due(3, NOW), Due(5, NOW))
        duplicates.note(conn, [3], LATER, changed=False)
        duplicates.done(conn, first, Look(NOW, 7, "cut"))
        duplicates.done(conn, second, None)
        assert duplicates.due(conn, 10) == [Due(3, LATER, changed=True)]
        assert duplicates.look_at(conn, 3) == Look(NOW, 7, "cut")
        assert duplicates.look_at(conn, 5) is None
        duplicates.done(conn, Due(3, LATER), Look(LATER, 8, ""))
        assert duplicates.waiting(conn) == 0
        assert duplicates.look_at(conn, 3) == Look(LATER, 8, "")


def test_who_is_only_asked_is_due_all_the_same(store: Store) -> None:
    with store.transaction() as conn:
        duplicates.note(conn, [4], NOW, changed=False)
        assert duplicates.due(conn, 1) == [Due(4, NOW, changed=False)]
        duplicates.note(conn, [4], LATER)
        assert duplicates.due(conn, 1) == [Due(4, LATER, changed=True)]


def test_a_key_that_too_many_share_finds_nobody(store: Store) -> None:
    with store.transaction() as conn:
        duplicates.replace_keys(conn, {one: {10, 20 + one} for one in range(1, 6)})
        found, common = duplicates.holders(conn, [10, 21, 99], 4)
        assert (found, common) == ({21: [1], 99: []}, frozenset({10}))
        assert duplicates.count(conn, 10, 3) == 3
        duplicates.replace_keys(conn, {1: {30}, 2: set()})
        assert duplicates.keys_of(conn, [1, 2, 3]) == {1: {30}, 2: frozenset(), 3: {10, 23}}
        found, common = duplicates.holders(conn, [10], 4)
        assert (found, common) == ({10: [3, 4, 5]}, frozenset())


def test_pairs_are_found_from_both_sides(store: Store) -> None:
    with store.transaction() as conn:
        duplicates.add_pair(conn, 17, 3)
        duplicates.add_pair(conn, 3, 17)
        duplicates.add_pair(conn, 17, 40)
        assert duplicates.pairs_of(conn, [17]) == [(3, 17), (17, 40)]
        assert duplicates.pairs_of(conn, [3]) == [(3, 17)]
        assert duplicates.pairs_of(conn, []) == []
