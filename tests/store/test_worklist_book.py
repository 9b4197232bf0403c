from __future__ import annotations

from dataclasses import replace

from radrecon.model.order import StepStatus
from radrecon.store import merges, orders, persons, worklist_book
from radrecon.store.database import Connection, Store
from tests.builders import NOW, demographics, order, step

SINCE = "2026-11-01"


def test_each_change_of_an_answer_is_found_by_whose_it_is(store: Store) -> None:
    with store.transaction() as conn:
        anna, bert = (persons.insert(conn, demographics(number)) for number in ("1", "2"))
        first = orders.save(conn, order("A1", person_id=anna), at=NOW)
        second = orders.save(conn, order("A2", person_id=bert), at=NOW)
    with store.reading() as conn:
        marks = worklist_book.marks(conn)
        assert worklist_book.changed_since(conn, marks) == []

    def renamed(conn: Connection) -> None:
        person = persons.load_one(conn, anna)
        assert person is not None
        persons.change_identity(conn, person, demographics("1", "KELLER^ANNA"), event="A08", at=NOW)

    def heard_again(conn: Connection) -> None:
        known = orders.load_one(conn, first)
        assert known is not None
        orders.save(conn, replace(known, reason="fall"), at=NOW)

    for change, whose in (
        (renamed, [first]),
        (heard_again, [first]),
        (lambda conn: persons.update(conn, bert, quarantined=True), [second]),
        (lambda conn: orders.set_status(conn, second, StepStatus.STARTED, StepStatus), [second]),
        (lambda conn: orders.save(conn, order("A3"), at=NOW), [second + 1]),
        (lambda conn: merges.merge(conn, anna, bert, at=NOW), [first, second]),
        (lambda conn: persons.update(conn, anna, updated_at=NOW), []),
    ):
        with store.transaction() as conn:
            change(conn)
        with store.reading() as conn:
            assert worklist_book.changed_since(conn, marks) == whose
            marks = worklist_book.marks(conn)


def test_an_outline_says_what_the_whole_order_says(store: Store) -> None:
    with store.transaction() as conn:
        anna = persons.insert(conn, demographics())
        steps = (step(location="WEST"), step(sps="S2", start=""), step(sps="S3", start="2026-01-01T08:00:00"))
        number = orders.save(conn, order(person_id=anna, steps=steps), at=NOW)
    with store.reading() as conn:
        assert worklist_book.waiting_orders(conn, SINCE) == [number]
        outlines = worklist_book.outlines(conn, [number], SINCE)
        whole = worklist_book.pairs(conn, [(number, one.id) for _, one in outlines])
    assert [one.scheduled_procedure_step_id for _, one in outlines] == ["S1", "S2"]
    for (thin, thin_step), (full, full_step) in zip(outlines, whole, strict=True):
        assert (thin.accession_number, thin.patient.name) == (full.accession_number, full.patient.name)
        assert (thin_step.location, thin_step.start) == (full_step.location, full_step.start)


def test_of_the_notes_that_were_read_the_last_one_stays(store: Store) -> None:
    with store.transaction() as conn:
        number = orders.save(conn, order(), at=NOW)
        for status in (StepStatus.ARRIVED, StepStatus.SCHEDULED):
            orders.set_status(conn, number, status, StepStatus)
    with store.reading() as conn:
        marks = worklist_book.marks(conn)
    with store.transaction() as conn:
        assert worklist_book.forget_changes(conn, marks) == 3
    with store.reading() as conn:
        assert worklist_book.marks(conn) == marks
