from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from radrecon.model.patient import PatientId
from radrecon.store import merges, orders, persons
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import ISSUER, NOW, demographics, order


def whole_index(store: Store) -> list[object]:
    """Everything that a merge moves."""
    i, o, p = t.identifier.c, t.imaging_order.c, t.person.c
    with store.reading() as conn:
        return [
            conn.execute(sa.select(i.id, i.person_id, i.retired).order_by(i.id)).all(),
            conn.execute(sa.select(o.id, o.person_id).order_by(o.id)).all(),
            conn.execute(sa.select(p.id, p.merged_into, p.patient_id, p.patient_name).order_by(p.id)).all(),
        ]


def two_people(store: Store) -> tuple[int, int]:
    with store.transaction() as conn:
        one = persons.insert(conn, demographics("1"))
        two = persons.insert(conn, demographics("2", other_ids=(PatientId("2b", "RIS"),)))
        orders.save(conn, replace(order("A1"), person_id=one), at=NOW)
        orders.save(conn, replace(order("A2"), person_id=two), at=NOW)
    return one, two


def test_a_merge_moves_identifiers_and_orders_to_the_survivor(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        merges.merge(conn, one, two, at=NOW)
    with store.reading() as conn:
        assert persons.find(conn, PatientId("2", ISSUER)) == persons.Known(one, True)
        assert persons.find(conn, PatientId("2b", "RIS")) == persons.Known(one, False), "of another authority"
        assert len(orders.of_person(conn, one)) == 2
        loser = persons.load_one(conn, two)
    assert loser is not None
    assert loser.merged_into == one


def test_an_unmerge_brings_back_exactly_what_was_there(store: Store) -> None:
    one, two = two_people(store)
    before = whole_index(store)
    with store.transaction() as conn:
        merges.merge(conn, one, two, at=NOW)
    with store.transaction() as conn:
        back = merges.unmerge(conn, one, two, at=NOW)
        assert len(back) == 1
    assert whole_index(store) == before
    with store.transaction() as conn:
        assert merges.unmerge(conn, one, two, at=NOW) == ()


def test_a_chain_of_merges_is_undone_from_its_end(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        three = persons.insert(conn, demographics("3"))
    start = whole_index(store)
    with store.transaction() as conn:
        merges.merge(conn, two, one, at=NOW)
    middle = whole_index(store)
    with store.transaction() as conn:
        merges.merge(conn, three, two, at=NOW)
        assert persons.find(conn, PatientId("1", ISSUER)) == persons.Known(three, True)
    with store.transaction() as conn:
        merges.unmerge(conn, three, two, at=NOW)
    assert whole_index(store) == middle
    with store.transaction() as conn:
        merges.unmerge(conn, two, one, at=NOW)
    assert whole_index(store) == start


def test_orders_that_came_after_a_merge_stay_with_the_survivor(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        merges.merge(conn, one, two, at=NOW)
        late = orders.save(conn, replace(order("A3"), person_id=one), at=NOW)
        merges.unmerge(conn, one, two, at=NOW)
        assert late in orders.of_person(conn, one)
