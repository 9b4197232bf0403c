from __future__ import annotations

from radrecon.store import order_keys, orders
from radrecon.store.codec import key_number
from radrecon.store.database import Store
from tests.builders import NOW, order


def test_orders_that_share_most_keys_come_first_and_a_long_list_says_that_it_was_cut(store: Store) -> None:
    a, b = key_number("accession", "A1"), key_number("birth_day", "1960")
    with store.transaction() as conn:
        one, two = (orders.save(conn, order(accession), at=NOW) for accession in ("A1", "A2"))
        order_keys.set_keys(conn, one, [a, b])
        order_keys.set_keys(conn, two, [b])
        assert order_keys.by_keys(conn, [a, b]) == ([one, two], False)
        assert order_keys.by_keys(conn, [a, b], limit=1) == ([one], True)
        order_keys.set_keys(conn, one, [])
        assert order_keys.by_keys(conn, [a, b]) == ([two], False)
