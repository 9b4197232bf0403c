from __future__ import annotations

import pytest

from radrecon.model.person import Link, LinkState
from radrecon.store import orders, persons, rivals, studies, study_links
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order, study


def ward(store: Store) -> tuple[list[int], list[int]]:
    """Three orders: one that two studies carry the number of, one that a person has given a study, one of nobody."""
    with store.transaction() as conn:
        person_id = persons.insert(conn, demographics())
        found = [orders.save(conn, order(one, person_id=person_id), at=NOW) for one in ("A1", "A2", "A3")]
        known = [
            studies.insert(conn, study(uid, number), at=NOW, baseline=False)
            for uid, number in (("1.2.1", "A1"), ("1.2.2", "A1"), ("1.2.3", ""))
        ]
        study_links.set_link(conn, Link(known[2], found[1], LinkState.CONFIRMED), NOW)
    return found, known


def test_who_has_an_order_or_says_so(store: Store) -> None:
    orders_, known = ward(store)
    with store.reading() as conn:
        found = rivals.of_orders(conn, orders_)
    assert [(one.way, one.order_id, one.study_id) for one in found] == [
        (rivals.DECIDED, orders_[1], known[2]),
        (rivals.ACCESSION, orders_[0], known[0]),
        (rivals.ACCESSION, orders_[0], known[1]),
    ]


def test_what_is_read_together_is_what_is_read_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    orders_, _ = ward(store)
    asked = [orders_[:1], orders_[1:], orders_[::-1], [*orders_, 99], []]
    with store.reading() as conn:
        alone = [rivals.every(conn, some) for some in asked]
    for most in (rivals.MOST, 2):  # as many as are asked for at most: there may be more
        monkeypatch.setattr(rivals, "MOST", most)
        with store.reading(keep=True) as conn:
            rivals.read_together(conn, orders_)
            assert bool(rivals.once(conn, rivals.KEPT, dict)) == (most > 2)
            assert [rivals.every(conn, some) for some in asked] == alone
