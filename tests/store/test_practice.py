from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.expectation import Practice
from radrecon.model.order import ReportVersion, StepStatus
from radrecon.model.person import Link, LinkState
from radrecon.store import orders, pacs, persons, practice, reports, studies, study_links
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order, step, study

HOUR = timedelta(hours=1)


def test_what_came_of_the_steps_of_some_days(store: Store) -> None:
    with store.transaction() as conn:
        for number, more in enumerate(({}, {"start": "2026-11-25T09:00:00"}, {"status": StepStatus.CANCELLED}, {})):
            made = order(f"A{number}" if number < 3 else "", steps=(step(**more),))  # type: ignore[arg-type]
            orders.save(conn, made, at=NOW)
        studies.insert(conn, study("1.2.3", "A0"), at=NOW + HOUR, baseline=False)
        study_links.set_link(conn, Link(1, 1, LinkState.AUTO), NOW)
        reports.add(conn, ReportVersion("A0", status="F"), order_id=1, at=NOW + 2 * HOUR, message_id=1)
        found = practice.outcomes(conn, "2026-11-22T00:00:00", "2026-11-23T00:00:00")
    expected = practice.Outcome("CT", "CT1", "RIS", "2026-11-22T14:30:00", NOW + HOUR, NOW + 2 * HOUR, None)
    assert found == [expected]


def test_whose_patients_an_adt_has_named(store: Store) -> None:
    with store.transaction() as conn:
        named = persons.insert(conn, demographics("1"), registered=True)
        unnamed = persons.insert(conn, demographics("2", issuer="NORTH"))
        before = persons.insert(conn, demographics("3"))
        persons.update(conn, before, registered=2)
        for number, person_id in enumerate((named, unnamed, before)):
            orders.save(conn, replace(order(f"A{number}"), person_id=person_id), at=NOW + number * HOUR)
        assert practice.registrations(conn) == [("NORTH", NOW + HOUR, False), ("HOSP", NOW, True)]
        assert persons.register(conn, unnamed)
        assert not persons.register(conn, unnamed)
        assert not persons.register(conn, before)
        assert persons.load_one(conn, unnamed).registered  # type: ignore[union-attr]
        assert practice.registrations(conn)[0] == ("NORTH", NOW + HOUR, True)


def test_what_is_usual_is_kept_by_place(store: Store) -> None:
    first, later = Practice(NOW, NOW + HOUR), Practice(NOW, NOW + 2 * HOUR, False)
    with store.transaction() as conn:
        practice.save(conn, "images", [("CT/CT1", first), ("CT/", first)])
        practice.save(conn, "images", [("CT/CT1", later)])
        assert practice.load(conn, "images") == {"CT/CT1": later, "CT/": first}
        assert practice.load(conn, "reports") == {}
        assert practice.looked_at(conn) is None
        practice.note_look(conn, NOW)
        assert practice.looked_at(conn) == NOW


def test_up_to_when_every_pacs_has_answered(store: Store) -> None:
    with store.transaction() as conn:
        assert practice.answered_at(conn, ["main"]) is None
        pacs.note(conn, "main", up=True, last_success=NOW + HOUR)
        pacs.note(conn, "vna", up=True, last_success=NOW)
        pacs.note(conn, "gone", up=False, last_success=NOW - HOUR)
        assert practice.answered_at(conn, ["main", "vna", "new"]) == NOW
