from __future__ import annotations

from radrecon.store import merges, notices, person_links, persons
from radrecon.store.database import Store
from radrecon.store.timeline import Subjects, ids, timeline
from tests.builders import NOW, demographics
from tests.store.hospital import build, talk


def test_nothing_asked_is_nothing_told(store: Store) -> None:
    build(store)
    with store.reading() as conn:
        assert timeline(conn, Subjects()) == ()


def test_orders_messages_reports_and_identity_changes_are_in_one_line_of_time(store: Store) -> None:
    h = build(store)
    talk(store)
    with store.transaction() as conn:
        anna = persons.load_one(conn, h.anna)
        assert anna is not None
        persons.change_identity(conn, anna, demographics("0001", "KELLER^ANNA"), event="A08", at=NOW)
        merges.merge(conn, h.anna, h.bert, at=NOW)
        merges.unmerge(conn, h.anna, h.bert, at=NOW)
    with store.reading() as conn:
        rows = timeline(conn, Subjects((h.linked,), (h.order_anna,), (h.anna,)))
    said = " / ".join(row.text for row in rows)
    assert "2^^^HOSP merged into 0001^^^HOSP" in said
    assert "identity changed (A08), was 0001^^^HOSP FISCHER^ANNA 1960-05-17 F" in said
    for text in ("A100 heard from RIS", "ORM^O01 applied", "(A08)", "report version 1", "first seen at main", "undone"):
        assert text in said
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert [row.message_id for row in rows if row.text.startswith("ORM")] == [1]


def test_ids_are_unique_and_never_0() -> None:
    assert ids([3, 0, 1, 3]) == (1, 3)


def test_what_was_announced_of_a_patient_names_its_message(store: Store) -> None:
    with store.transaction() as conn:
        notices.add(conn, notices.Notice(notices.DELETION, NOW, person_id=5, message_id=9))
        (row,) = timeline(conn, Subjects(persons=(5,)))
    assert (row.text, row.message_id) == ("deletion announced", 9)


def test_who_was_linked_with_whom_is_told(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        person_links.link(conn, h.anna, h.bert, sent=NOW, message_id=8)
        person_links.unlink(conn, h.anna, h.bert, sent=NOW, message_id=9)
        rows = [row for row in timeline(conn, Subjects(persons=(h.bert,))) if "link" in row.text]
    assert [(row.text, row.message_id) for row in rows] == [
        ("0001^^^HOSP and 2^^^HOSP linked, as two records of one patient", 8),
        ("link of 0001^^^HOSP and 2^^^HOSP ended", 9),
    ]
