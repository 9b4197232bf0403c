from __future__ import annotations

import pytest
import sqlalchemy as sa

from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store

HOSTILE = ("100%", "a_b", "x/y", "x\x1ey\x1fz", "O'Brien", "MÜLLER", "\0nul", '"quoted"', "[a-z]", "山田")


def add(store: Store, *values: str) -> None:
    with store.transaction() as conn:
        for number, value in enumerate(values, 1):
            message_keys.add(
                conn, number, [("patient_id", value), ("patient_name", f"n{number}"), ("order_number", "")]
            )


def ids(conn: Connection, value: str, kind: str = "patient_id") -> list[int]:
    named = message_keys.named(kind, [value])
    return sorted(conn.execute(sa.select(named.c.message_id)).scalars())


def sort_in(store: Store, limit: int = 1000) -> None:
    with store.transaction() as conn:
        message_keys.sort_in(conn, message_keys.fresh(conn, limit))


@pytest.mark.parametrize("sorted_in", [False, True])
def test_a_key_is_found_before_and_after_it_is_sorted_in(store: Store, sorted_in: bool) -> None:
    add(store, *HOSTILE)
    if sorted_in:
        sort_in(store)
    with store.reading() as conn:
        assert [ids(conn, value) for value in HOSTILE] == [[number] for number in range(1, len(HOSTILE) + 1)]
        assert ids(conn, "100") == ids(conn, "axb") == ids(conn, "n1") == ids(conn, "") == []
        assert ids(conn, "N3", "patient_name") == [3]


def test_a_beginning_is_no_more_than_a_beginning(store: Store) -> None:
    add(store, "1234", "0123", "12")
    with store.reading() as conn:
        where = message_keys.fresh_begin(("patient_id", "order_number"), "12")
        assert sorted(conn.execute(sa.select(t.message_fresh.c.message_id).where(where)).scalars()) == [1, 3]
        assert ids(conn, "12") == [3]


def test_sorting_in_takes_the_oldest_and_leaves_each_in_one_place(store: Store) -> None:
    add(store, "a", "b", "c")
    sort_in(store, 2)
    sort_in(store, 0)
    with store.reading() as conn:
        assert [number for number, _ in message_keys.fresh(conn, 9)] == [3]
        assert sorted(conn.execute(sa.select(t.message_key.c.message_id).distinct()).scalars()) == [1, 2]
        assert [ids(conn, value) for value in "abc"] == [[1], [2], [3]]


def test_what_was_pruned_while_it_waited_does_not_come_back(store: Store) -> None:
    add(store, "a", "b")
    with store.reading() as conn:
        rows = message_keys.fresh(conn, 9)
    with store.transaction() as conn:
        message_keys.drop(conn, [1])
        message_keys.sort_in(conn, rows)
        assert (ids(conn, "a"), ids(conn, "b"), message_keys.fresh(conn, 9)) == ([], [2], [])


def test_further_keys_join_those_that_wait(store: Store) -> None:
    add(store, "a")
    with store.transaction() as conn:
        message_keys.add_more(conn, 1, [("patient_id", "A"), ("accession_number", "X")])
    sort_in(store)
    with store.reading() as conn:
        assert ids(conn, "a") == ids(conn, "x", "accession_number") == [1]
