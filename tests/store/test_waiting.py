from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from radrecon.model.order import ReportVersion
from radrecon.model.person import Link, LinkState
from radrecon.store import journal, merges, orders, persons, reports, studies, study_links, waiting
from radrecon.store.codec import dump
from radrecon.store.database import Store
from radrecon.store.waiting import Burden, Change, Images, Said, Seen
from tests.builders import NOW, demographics, order, study

HOUR = timedelta(hours=1)


def ordered(conn: Any, accession: str, person_id: int = 0, hours: int = 0) -> int:
    return orders.save(conn, replace(order(accession), person_id=person_id), at=NOW + hours * HOUR)


def seen(conn: Any, uid: str, accession: str, person_id: int = 0) -> int:
    return studies.insert(conn, study(uid, accession), at=NOW, baseline=False, person_id=person_id)


def test_images_of_an_order_by_link_by_number_and_once(store: Store) -> None:
    with store.transaction() as conn:
        linked, numbered, gone, none = (ordered(conn, f"A{number}") for number in range(4))
        study_id = seen(conn, "1.1", "X")
        seen(conn, "1.2", "A1")
        studies.mark_gone(conn, seen(conn, "1.3", "A2"), NOW)
        study_links.set_link(conn, Link(study_id, linked, LinkState.AUTO), NOW)
        ids = [linked, numbered, gone, none]
        here = [Seen(False, ("CT",))]
        assert waiting.seen(conn, ids) == {linked: here, numbered: here, gone: [Seen(True, ("CT",))]}
        assert waiting.linked(conn, ids) == {linked: [Images(study_id, NOW, False, ("CT",))]}
        studies.set_judged(conn, study_id, True, "")
        assert waiting.linked(conn, ids) == {linked: [Images(study_id, NOW, True, ("CT",))]}
        assert waiting.heard(conn, [linked, 99]) == {linked: NOW}
        assert waiting.begun(conn, ids) == set()


def test_reports_in_the_order_of_their_arrival(store: Store) -> None:
    with store.transaction() as conn:
        one = ordered(conn, "A1")
        for number, status in enumerate("PF"):
            report = ReportVersion("A1", status=status)
            reports.add(conn, report, order_id=one, at=NOW + number * HOUR, message_id=0)
        assert waiting.reports(conn, [one, 99]) == {one: [(NOW, "P"), (NOW + HOUR, "F")]}


def test_what_a_person_has_had_done_since(store: Store) -> None:
    with store.transaction() as conn:
        for hours in (-9, 1, 2):
            ordered(conn, f"A{hours}", 5, hours)
        seen(conn, "1.1", "", 5)
        seen(conn, "1.2", "", 6)
        found = waiting.burdens(conn, [5, 6, 7], NOW)
    assert found == {5: Burden(2, 1, NOW), 6: Burden(0, 1, NOW)}


def test_messages_that_changed_a_person_or_whoever_became_them(store: Store) -> None:
    before = demographics(name="OLD^NAME")
    with store.transaction() as conn:
        one, two, three = (persons.insert(conn, demographics(str(number))) for number in range(3))
        person = persons.load_one(conn, two)
        assert person
        persons.change_identity(
            conn, replace(person, demographics=before), demographics("1"), event="A08", at=NOW, message_id=7
        )
        persons.change_identity(conn, person, demographics("1"), event="A08", at=NOW, correction_id=4)
        merges.merge(conn, two, three, at=NOW, message_id=8)
        merges.merge(conn, one, two, at=NOW + HOUR, message_id=9)
        found = waiting.changes(conn, one)
    assert sorted(found, key=lambda change: change.message_id) == [
        Change(NOW, "A08", 7, dump(before)),
        Change(NOW, "A40", 8, non_survivor_id=three),
        Change(NOW + HOUR, "A40", 9, non_survivor_id=two),
    ]


def test_what_the_journal_says_of_messages(store: Store) -> None:
    entry = journal.Entry("in", NOW, b"MSH|", control_id="C1", message_type="ADT^A04", sending_application="HIS")
    with store.transaction() as conn:
        message_id = journal.add(conn, entry)
        person_id = persons.insert(conn, demographics(), message_id)
        assert waiting.said(conn, [message_id, 99]) == {message_id: Said("ADT^A04", "C1", "HIS")}
        assert waiting.first_messages(conn, [person_id, 99]) == {person_id: b"MSH|"}
