from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import Order
from radrecon.store import order_keys, order_numbers, orders
from radrecon.store.database import Store
from tests.builders import NOW, order, step


def test_orders_are_found_by_any_shared_number_of_the_same_person_only(store: Store) -> None:
    with store.transaction() as conn:
        ids = [
            orders.save(conn, replace(order(accession, placer="P1", filler=f"F{at}"), person_id=person), at=NOW)
            for at, (accession, person) in enumerate((("A1", 1), ("A2", 1), ("A1", 2)))
        ]
        by_placer = Order(placer_order_number="P1", person_id=1)
        assert [one.id for one in order_numbers.sharing(conn, by_placer)] == ids[:2]
        assert [one.id for one in order_numbers.sharing(conn, replace(by_placer, person_id=2))] == ids[2:]
        assert order_numbers.sharing(conn, Order(person_id=1)) == []


def test_an_order_is_found_by_a_number_that_only_one_of_its_steps_has(store: Store) -> None:
    own = replace(order("A1"), person_id=1, steps=(step(), step(sps="S2", filler_order_number="F2")))
    with store.transaction() as conn:
        order_id = orders.save(conn, own, at=NOW)
        order_keys.set_keys(conn, order_id, order_numbers.own_keys(own))
        asked = Order(filler_order_number="F2", person_id=1)
        assert [one.id for one in order_numbers.of_step(conn, asked)] == [order_id]
        assert order_numbers.of_step(conn, replace(asked, person_id=2)) == []
        assert order_numbers.of_step(conn, Order(person_id=1)) == []


def test_whether_accession_numbers_are_heard_at_all_and_since_when_an_order_is_known(store: Store) -> None:
    with store.transaction() as conn:
        bare = orders.save(conn, order(""), at=NOW)
        assert not order_numbers.any_accession(conn)
        orders.save(conn, order("A1"), at=NOW)
        assert order_numbers.any_accession(conn)
        assert order_numbers.heard_at(conn, bare) == NOW
        assert order_numbers.heard_at(conn, 999) is None
