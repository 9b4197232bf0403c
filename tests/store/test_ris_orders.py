from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.case import CaseKind, Finding
from radrecon.model.person import Link, LinkState
from radrecon.store import cases, order_keys, orders, ris_orders, studies, study_links
from radrecon.store.codec import key_number
from radrecon.store.database import Store
from tests.builders import NOW, order, step, study


def saved(store: Store, *some: str, **more: object) -> list[int]:
    with store.transaction() as conn:
        return [orders.save(conn, replace(order(one), person_id=7, **more), at=NOW) for one in some]  # type: ignore[arg-type]


def test_waiting_orders_of_stations_or_of_none_in_a_time(store: Store) -> None:
    saved(store, "A1")
    saved(store, "A2", steps=(step(station_ae_title=""),))
    saved(store, "A3", steps=(step(station_ae_title="MR1"),))
    saved(store, "A4", steps=(step(start="2026-11-23T09:00"),))
    with store.reading() as conn:
        assert ris_orders.waiting(conn, ["CT1"], "2026-11-22T10:00:00", "2026-11-22T20:00:00") == [1, 2]


def test_orders_by_their_keys(store: Store) -> None:
    first, second = saved(store, "A1", "A2")
    with store.transaction() as conn:
        order_keys.set_keys(conn, second, [key_number("accession", "A2")])
        assert ris_orders.by_keys(conn, [("accession", "A2"), ("accession", "A1")]) == {second}
        assert ris_orders.by_keys(conn, []) == set()
    assert first != second


def test_when_an_order_was_heard_of(store: Store) -> None:
    (one,) = saved(store, "A1")
    with store.reading() as conn:
        assert ris_orders.heard(conn, [one, 99]) == {one: NOW}


def test_images_by_link_by_number_and_by_uid(store: Store) -> None:
    linked, numbered, other = saved(store, "A1", "A2", "A3")
    (same_uid,) = saved(store, "A4", study_instance_uid="1.2.5")
    with store.transaction() as conn:
        for uid, accession in (("1.2.3", "X"), ("1.2.4", "A2"), ("1.2.5", "Y")):
            studies.insert(conn, study(uid, accession), at=NOW, baseline=False, person_id=0, not_judged="")
        study_links.set_link(conn, Link(1, linked, LinkState.AUTO), NOW)
        everyone = [linked, numbered, other, same_uid]
        assert ris_orders.performed(conn, everyone) == {linked, numbered, same_uid}
        studies.mark_gone(conn, 2, NOW + timedelta(1))
        assert ris_orders.performed(conn, everyone) == {linked, same_uid}


def test_which_sources_wait_for_an_order_or_a_person(store: Store) -> None:
    def opened(source: str, kind: CaseKind, order_id: int, person_id: int) -> None:
        subject = f"ris:{source}/x:{order_id}"
        finding = Finding(kind, subject, "", order_id=order_id, person_id=person_id)
        with store.transaction() as conn:
            cases.settle(conn, subject, [kind], [finding], NOW)

    opened("A/B", CaseKind.NOT_ON_RIS_WORKLIST, 3, 30)
    opened("C", CaseKind.NEVER_ORDERED, 0, 40)
    with store.reading() as conn:
        waits = ris_orders.sources_waiting
        assert [waits(conn, *one) for one in (([3], []), ([9], []), ([], [30]), ([], [40]), ([], [0]), ([], []))] == [
            {"A/B", "C"}, {"C"}, {"A/B"}, {"C"}, set(), set(),
        ]  # fmt: skip
        assert ris_orders.live_subjects(conn, "ris:A/B/") == {"ris:A/B/x:3"}
