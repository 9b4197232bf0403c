"""Everything is looked at again in bites, resumable, with its progress as a row."""

from __future__ import annotations

from datetime import timedelta

from radrecon.store import orders, person_keys, recheck, studies
from radrecon.store import tables as t
from radrecon.store.recheck import Recheck
from radrecon.workflow import rechecking
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid

KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")


def latest(hospital: Hospital) -> Recheck:
    with hospital.store.reading() as conn:
        found = recheck.latest(conn)
    assert found is not None
    return found


def ward(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200", pid("2000002", "BAUER^KARL", "19851224", "M")))
    hospital.sees(
        study(), study("1.2.4", "A200", demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M"))
    )


def bites(hospital: Hospital) -> int:
    """Bites of a page until it is over."""
    count = 1
    while rechecking.some(hospital.store, hospital.now, 0):
        hospital.later(1)
        count += 1
    return count


@on_both
def test_keys_and_decisions_that_are_gone_come_back(hospital: Hospital) -> None:
    ward(hospital)
    order_id, person_id, study_id = hospital.order().id, hospital.person().id, hospital.study().id
    before = hospital.state()
    with hospital.store.transaction() as conn:
        kept = orders.keys(conn, order_id), person_keys.keys(conn, person_id), studies.keys(conn, study_id)
        for table in (t.order_key, t.person_key, t.study_key, t.link):
            conn.execute(table.delete())
    assert hospital.state() != before
    rechecking.start(hospital.store, "rules", hospital.now)
    bites(hospital)
    hospital.reconcile()
    with hospital.store.reading() as conn:
        assert (orders.keys(conn, order_id), person_keys.keys(conn, person_id), studies.keys(conn, study_id)) == kept
    assert hospital.state() == before
    one = latest(hospital)
    assert (one.done, one.total, one.ended_at is None, one.left) == (6, 6, False, None)


def test_whoever_was_killed_goes_on_where_they_were(hospital: Hospital) -> None:
    ward(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    hospital.later(2)
    assert rechecking.some(hospital.store, hospital.now, 0)
    half = latest(hospital)
    assert (half.stage, half.done, half.per_second, half.left) == ("orders", 2, 1.0, timedelta(seconds=4))
    assert bites(hospital) == 5  # the end of the orders, persons and their end, studies and theirs
    assert latest(hospital).done == 6
    assert not rechecking.some(hospital.store, hospital.now)


def test_rules_that_change_meanwhile_begin_it_anew(hospital: Hospital) -> None:
    ward(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    rechecking.some(hospital.store, hospital.now, 0)
    rechecking.start(hospital.store, "other rules", hospital.now)
    with hospital.store.reading() as conn:
        ended = conn.execute(t.recheck.select().where(t.recheck.c.begun_anew)).one()
    assert ended.ended_at == hospital.now
    assert (latest(hospital).reason, latest(hospital).done) == ("other rules", 0)
    bites(hospital)
    assert latest(hospital).done == 6


def test_without_one_there_is_nothing_to_do(hospital: Hospital) -> None:
    assert not rechecking.some(hospital.store, hospital.now)
