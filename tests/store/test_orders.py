from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import Order, StepStatus
from radrecon.store import orders
from radrecon.store.database import Store
from tests.builders import NOW, order, step


def saved(store: Store, one: Order) -> Order:
    with store.transaction() as conn:
        number = orders.save(conn, one, at=NOW)
        found = orders.load_one(conn, number)
    assert found is not None
    return found


def test_an_order_comes_back_with_its_steps(store: Store) -> None:
    given = order("A1", steps=(step(sps="S1"), step(sps="S2", modality="MR")))
    found = saved(store, given)
    ids = [one.id for one in found.steps]
    assert replace(found, id=0, steps=tuple(replace(one, id=0) for one in found.steps)) == given
    assert len(set(ids)) == 2


def test_an_update_keeps_the_steps_that_it_names_again(store: Store) -> None:
    first = saved(store, order("A1", steps=(step(sps="S1"), step(sps="S2"))))
    again = saved(store, replace(first, steps=(step(sps="S2", station_ae_title="CT9"),)))
    by_sps = {one.scheduled_procedure_step_id: one for one in again.steps}
    assert by_sps["S2"].id == first.steps[1].id
    assert by_sps["S2"].station_ae_title == "CT9"
    assert by_sps["S1"].status is StepStatus.CANCELLED


def test_an_order_is_found_by_its_filler_or_placer_number(store: Store) -> None:
    known = saved(store, order("A1", placer="P1", filler="F1"))
    with store.reading() as conn:
        for other in (order("A1", placer="", filler="F1"), order("A1", placer="P1", filler="")):
            found = orders.find(conn, other)
            assert found is not None
            assert found.id == known.id
        assert orders.find(conn, order("A9", placer="P9", filler="F9")) is None


def test_two_hops_of_one_order_are_one_order(store: Store) -> None:
    """Heard before it was accessioned, and again with its accession."""
    early = saved(store, order("", placer="P1", filler=""))
    with store.reading() as conn:
        found = orders.find(conn, order("A1", placer="P1", filler="F1"))
    assert found is not None
    assert found.id == early.id


def test_an_accession_alone_finds_nothing_where_two_orders_carry_it(store: Store) -> None:
    alone = order("A1", placer="", filler="")
    saved(store, order("A1", placer="P1", filler="F1"))
    with store.reading() as conn:
        assert orders.find(conn, alone) is not None
    saved(store, order("A1", placer="P2", filler="F2"))
    with store.reading() as conn:
        assert orders.find(conn, alone) is None


def test_a_status_moves_only_from_the_named_ones(store: Store) -> None:
    one = saved(store, order("A1"))
    with store.transaction() as conn:
        orders.set_status(conn, one.id, StepStatus.COMPLETED, [StepStatus.SCHEDULED])
        orders.set_status(conn, one.id, StepStatus.CANCELLED, [StepStatus.SCHEDULED])
        found = orders.load_one(conn, one.id)
    assert found is not None
    assert (found.status, found.steps[0].status) == (StepStatus.COMPLETED, StepStatus.COMPLETED)


def test_coverage_begins_with_the_first_order(store: Store) -> None:
    with store.reading() as conn:
        assert orders.first_heard(conn) is None
        assert orders.total(conn) == 0
    saved(store, order("A1"))
    with store.reading() as conn:
        assert orders.first_heard(conn) == NOW
        assert orders.total(conn) == 1
