from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.correction import DatasetEdit, DeliveryState, OriginalHeader, Plan, PlannedDelivery, Verb
from radrecon.model.errors import NotFound
from radrecon.store import corrections
from radrecon.store.database import Store
from tests.builders import NOW

S = DeliveryState
LATER = NOW + timedelta(minutes=1)


def planned(destination: str, *keys: str, proof: str = "", uid: str = "") -> PlannedDelivery:
    edit = DatasetEdit(destination, uid, {"PatientName": "A^B"}) if uid else None
    return PlannedDelivery(destination, keys, proof=proof, edit=edit, title="t")


def queue(store: Store, *deliveries: PlannedDelivery) -> list[int]:
    plan = Plan(Verb.FIX, 1, "one fix", deliveries=deliveries)
    with store.transaction() as conn:
        number = corrections.insert_correction(conn, plan, reason="r", ticket="T1", who="ann", at=NOW)
        return [corrections.insert_delivery(conn, number, place, one, NOW) for place, one in enumerate(plan.deliveries)]


def move(store: Store, delivery_id: int, state: DeliveryState, **values: object) -> bool:
    with store.transaction() as conn:
        return corrections.move(conn, corrections.load_delivery(conn, delivery_id), state, LATER, **values)


def ready(store: Store) -> list[int]:
    with store.reading() as conn:
        return [one.id for one in corrections.ready(conn, LATER)]


def test_a_plan_comes_back_as_it_was_approved(store: Store) -> None:
    plan = Plan(Verb.FIX, 1, "one fix", deliveries=(planned("main", "study:1", proof="main", uid="1"),))
    with store.transaction() as conn:
        number = corrections.insert_correction(conn, plan, reason="r", ticket="", who="ann", at=NOW)
    with store.reading() as conn:
        found = corrections.load_correction(conn, number)
        with pytest.raises(NotFound):
            corrections.load_correction(conn, 99)
        with pytest.raises(NotFound):
            corrections.load_delivery(conn, 99)
    assert (found.plan, found.state, found.approved_by) == (plan, "under way", "ann")


def test_deliveries_to_one_destination_with_a_common_key_go_in_order(store: Store) -> None:
    first, second, elsewhere, other = queue(
        store,
        planned("main", "patient:1", "study:1"),
        planned("main", "study:1"),
        planned("copy", "study:1"),
        planned("main", "study:2"),
    )
    assert ready(store) == [first, elsewhere, other]
    move(store, first, S.FILED)
    assert ready(store) == [second, elsewhere, other]


@pytest.mark.parametrize("state", [S.SENDING, S.WRITTEN, S.UNCERTAIN, S.REFUSED, S.FAILED, S.NOT_APPLIED])
def test_one_that_is_under_way_or_stuck_holds_its_own_keys(store: Store, state: DeliveryState) -> None:
    first, _, other = queue(store, planned("main", "study:1"), planned("main", "study:1"), planned("main", "study:2"))
    move(store, first, state)
    assert ready(store) == [other]


@pytest.mark.parametrize("state", [S.ACKNOWLEDGED, S.ACCEPTED])
def test_what_was_taken_holds_only_where_a_proof_is_to_come(store: Store, state: DeliveryState) -> None:
    provable, _, unprovable, after = queue(
        store,
        planned("main", "study:1", proof="main"),
        planned("main", "study:1"),
        planned("main", "study:2"),
        planned("main", "study:2"),
    )
    move(store, provable, state)
    move(store, unprovable, state)
    assert ready(store) == [after]


def test_a_stale_one_holds_nobody_up(store: Store) -> None:
    first, second = queue(store, planned("main", "study:1"), planned("main", "study:1"))
    move(store, first, S.STALE)
    assert ready(store) == [second]


def test_what_is_not_due_yet_waits(store: Store) -> None:
    (one,) = queue(store, planned("main", "study:1"))
    move(store, one, S.QUEUED, due=LATER + timedelta(seconds=1))
    assert ready(store) == []


def test_two_who_read_the_same_delivery_cannot_both_move_it(store: Store) -> None:
    (one,) = queue(store, planned("main", "study:1"))
    with store.transaction() as conn:
        seen = corrections.load_delivery(conn, one)
        assert corrections.move(conn, seen, S.SENDING, LATER)
        assert not corrections.move(conn, seen, S.SENDING, LATER)


def test_originals_are_kept_once(store: Store) -> None:
    (one,) = queue(store, planned("main", "study:1", uid="1"))
    first = OriginalHeader("1", "1.1", "1.1.1", {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "OLD^NAME"}]}})
    edited = OriginalHeader("1", "1.1", "1.1.1", {"00100010": {"vr": "PN", "Value": [{"Alphabetic": "NEW^NAME"}]}})
    second = OriginalHeader("1", "1.1", "1.1.2", {})
    with store.transaction() as conn:
        corrections.keep_originals(conn, one, [first])
    with store.transaction() as conn:
        corrections.keep_originals(conn, one, [edited, second])
        assert corrections.load_originals(conn, one) == [first, second]


def test_corrections_under_way_are_found_by_the_study_they_touch(store: Store) -> None:
    queue(store, planned("main", "study:1.2", "patient:9"), planned("copy", "study:1.2"))
    with store.transaction() as conn:
        assert corrections.corrections_of_study(conn, "1.2") == [1]
        assert corrections.corrections_of_study(conn, "9") == []
        corrections.update_correction(conn, 1, state="done")
        assert corrections.corrections_of_study(conn, "1.2") == []
