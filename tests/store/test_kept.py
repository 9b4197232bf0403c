from __future__ import annotations

from radrecon.store import kept, orders, persons
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order


def test_what_was_read_once_is_not_read_again_until_the_transaction_ends(store: Store) -> None:
    answers = iter(range(9))
    with store.reading(keep=True) as conn:
        assert [kept.once(conn, "one", lambda: next(answers)) for _ in range(3)] == [0, 0, 0]
        assert kept.once(conn, ("one", 2), lambda: next(answers)) == 1
    with store.reading(keep=True) as conn:
        assert kept.once(conn, "one", lambda: next(answers)) == 2
    with store.reading() as conn:
        assert [kept.once(conn, "one", lambda: next(answers)) for _ in range(2)] == [3, 4]


def test_records_by_id_are_asked_for_once_also_those_that_are_not_there(store: Store) -> None:
    asked: list[list[int]] = []

    def read(wanted: object) -> dict[int, str]:
        asked.append(list(wanted))  # type: ignore[call-overload]
        return {one: str(one) for one in (2, 4, 6) if one in asked[-1]}

    with store.reading(keep=True) as conn:
        assert kept.by_id(conn, "some", [2, 3, 4], read) == {2: "2", 4: "4"}
        assert list(kept.by_id(conn, "some", [6, 4, 3, 2], read).items()) == [(6, "6"), (4, "4"), (2, "2")]
        assert kept.by_id(conn, "others", [2], read) == {2: "2"}
    assert asked == [[2, 3, 4], [6], [2]]
    with store.reading() as conn:
        kept.by_id(conn, "some", [2], read)
        kept.by_id(conn, "some", [2], read)
    assert asked[3:] == [[2], [2]]


def test_a_write_transaction_sees_its_own_changes(store: Store) -> None:
    with store.reading(keep=True) as conn:
        assert orders.total(conn) == 0
        assert persons.load_many(conn, [1]) == {}
    with store.transaction() as conn:
        person_id = persons.insert(conn, demographics())
        assert person_id in persons.load_many(conn, [person_id])
        orders.save(conn, order(), at=NOW)
        assert orders.total(conn) == 1
