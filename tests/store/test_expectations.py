from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from radrecon.model.case import CaseKind, Finding
from radrecon.model.expectation import URGENT, Expectation
from radrecon.store import expectations
from radrecon.store.database import Store
from radrecon.store.expectations import Due
from tests.builders import NOW

KIND = CaseKind.OVERDUE_ORDER
HOUR = timedelta(hours=1)


def waits(number: int, since: datetime = NOW, place: str = "CT/CT1", **more: Any) -> Expectation:
    case = more.pop("case", f"order:{number}")
    finding = Finding(more.pop("kind", KIND), case, "late", order_id=number)
    return Expectation(finding, f"order:{number}", since, place, **more)


def save(store: Store, *some: Expectation) -> None:
    with store.transaction() as conn:
        expectations.save(conn, some, ())


def test_what_waits_is_written_once_and_again_where_it_differs(store: Store) -> None:
    first, other = waits(1), waits(1, NOW + HOUR)
    save(store, first, waits(2))
    save(store, other)
    with store.transaction() as conn:
        known = expectations.known(conn, [KIND], ["order:1", "order:9"])
        assert known == {(str(KIND), "order:1"): expectations.fingerprint(other)}
        assert expectations.fingerprint_of(conn, KIND, "order:1") == expectations.fingerprint(other)
        assert expectations.fingerprint(first) != expectations.fingerprint(other)
        expectations.save(conn, (), [(str(KIND), "order:1")])
        assert expectations.fingerprint_of(conn, KIND, "order:1") == ""
        assert expectations.known(conn, [KIND], []) == {}
        assert expectations.any_waits(conn)


def test_what_is_late_is_counted_by_place_and_by_case(store: Store) -> None:
    save(
        store, waits(1), waits(2, case="person:5"), waits(3, case="person:5"), waits(4, place="CT/CT2"),
        waits(5, NOW + HOUR), waits(6, NOW - 9 * HOUR), waits(7, kind=CaseKind.TEMPORARY_IDENTITY),
    )  # fmt: skip
    due = Due(KIND, {0: NOW}, NOW - HOUR)
    with store.reading() as conn:
        assert expectations.counts(conn, due) == {"CT/CT1": 2, "CT/CT2": 1}
        assert expectations.counts(conn, due, "CT/CT1", (NOW + HOUR, NOW + HOUR)) == {}
        found = expectations.late(conn, due, "CT/CT1", (NOW - HOUR, NOW), 2)
        assert [one.subject for one in found] == ["order:1", "order:2"]
        assert found[0] == waits(1)
        assert expectations.counts(conn, Due(KIND, {})) == {}


def test_each_pace_is_late_by_its_own_time(store: Store) -> None:
    save(store, waits(1), waits(2, pace=URGENT))
    with store.reading() as conn:
        found = expectations.late(conn, Due(KIND, {0: NOW - HOUR, URGENT: NOW}), "CT/CT1", (), 10)
        assert [one.subject for one in found] == ["order:2"]
        assert expectations.next_since(conn, KIND, 0, NOW - HOUR) == NOW
        assert expectations.next_since(conn, KIND, 0, NOW) is None


def test_what_a_case_came_of(store: Store) -> None:
    save(store, waits(2, NOW + HOUR, case="person:5"), waits(3, case="person:5"))
    with store.reading() as conn:
        assert expectations.awaited(conn, KIND, "person:5") == waits(3, case="person:5")
        assert expectations.awaited(conn, KIND, "person:6") is None
