from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.correction import DeliveryState, Verb
from radrecon.model.errors import NotFound
from radrecon.store import corrections as aggregate
from radrecon.store.database import Store
from radrecon.store.list_deliveries import correction, corrections, deliveries, delivery_plan
from tests.builders import NOW
from tests.store.hospital import build, correct, open_cases


def end(store: Store, delivery_id: int, state: DeliveryState) -> None:
    with store.transaction() as conn:
        aggregate.move(conn, aggregate.load_delivery(conn, delivery_id), state, NOW + timedelta(hours=1), "words")


def test_deliveries_come_in_the_order_of_their_plan_the_latest_correction_first(store: Store) -> None:
    h = build(store)
    case_id, _ = open_cases(h)
    first, second = correct(h, case_id), correct(h, case_id)
    with store.reading() as conn:
        rows = deliveries(conn)
        assert [(row.correction_id, row.destination) for row in rows] == [
            (second, "main"), (second, "ehr"), (first, "main"), (first, "ehr"),
        ]  # fmt: skip
        assert (rows[0].provable, rows[1].provable) == (True, False)
        assert (rows[0].study_instance_uid, rows[0].case_id, rows[0].verb) == ("1.2", case_id, "link")
        assert rows[0].patient_id == "2"
        assert len(deliveries(conn, correction_id=first)) == 2


def test_deliveries_are_found_by_state_and_words(store: Store) -> None:
    h = build(store)
    correct(h, open_cases(h)[0])
    end(store, 1, DeliveryState.REFUSED)
    with store.reading() as conn:
        assert [row.id for row in deliveries(conn, states=["refused", "failed"])] == [1]
        assert [row.id for row in deliveries(conn, query="to:ehr")] == [2]
        assert [row.id for row in deliveries(conn, query="words")] == [1]


@pytest.mark.parametrize(
    ("ends", "known"),
    [
        ((DeliveryState.FILED, DeliveryState.FILED), "filed"),
        ((DeliveryState.FILED, DeliveryState.ACKNOWLEDGED), "acknowledged"),
    ],
)
def test_a_correction_that_is_done_says_how_far_that_is_known(
    store: Store, ends: tuple[DeliveryState, DeliveryState], known: str
) -> None:
    h = build(store)
    number = correct(h, open_cases(h)[0])
    with store.reading() as conn:
        assert correction(conn, number).state == "under way"
    for delivery_id, state in enumerate(ends, 1):
        end(store, delivery_id, state)
    with store.transaction() as conn:
        aggregate.update_correction(conn, number, state="done")
        assert correction(conn, number).state == known
        assert {row.correction_state for row in deliveries(conn)} == {known}


def test_corrections_of_a_case_with_who_and_why(store: Store) -> None:
    h = build(store)
    case_id, other = open_cases(h)
    number = correct(h, case_id)
    with store.reading() as conn:
        (row,) = corrections(conn, case_id=case_id)
        assert (row.id, row.reason, row.ticket, row.approved_by) == (number, "typo", "T7", "ann")
        assert corrections(conn, case_id=other) == []
        assert corrections(conn, query="verb:fix") == []
        assert delivery_plan(conn, number).verb is Verb.LINK
        with pytest.raises(NotFound, match="no correction 9"):
            correction(conn, 9)
