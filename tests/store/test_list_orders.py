from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.errors import NotFound
from radrecon.store import merges, persons
from radrecon.store import orders as stored
from radrecon.store.database import Store
from radrecon.store.list_orders import order, orders, orders_by_id, orders_of_person
from tests.builders import NOW, demographics
from tests.store.hospital import build


def test_orders_come_newest_first_with_their_step_and_link(store: Store) -> None:
    h = build(store)
    with store.reading() as conn:
        rows = orders(conn)
    assert [row.accession_number for row in rows] == ["A300", "A200", "A100"]
    assert (rows[1].modality, rows[1].scheduled_station_ae_title, rows[1].priority) == ("MR", "MR1", "S")
    assert rows[1].scheduled_start == "2026-07-01T08:00:00+02:00"
    assert (rows[2].linked_study_id, rows[1].linked_study_id) == (h.linked, 0)


def test_an_order_shows_the_persons_identity_of_now(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        anna = persons.load_one(conn, h.anna)
        assert anna is not None
        persons.change_identity(conn, anna, demographics("0001", "KELLER^ANNA"), event="A08", at=NOW)
        merges.merge(conn, h.anna, h.bert, at=NOW)
        rows = {row.accession_number: row for row in orders(conn)}
    assert rows["A100"].patient_name == "KELLER^ANNA"
    assert (rows["A200"].patient_name, rows["A200"].person_id) == ("KELLER^ANNA", h.anna)


def test_under_a_suspected_overlay_an_order_keeps_its_own_identity(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        persons.update(conn, h.bert, patient_name="SOMEBODY^ELSE", quarantined=True)
        assert order(conn, h.order_bert).patient_name == "MÜLLER^BERT"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mrn:1", ["A100"]),
        ("mrn:R1", ["A100"]),
        ("muller", ["A300", "A200"]),
        ("accession:a200", ["A200"]),
        ("accession:A?00 modality:MR", ["A200"]),
        ("age>1h", ["A100"]),
        ("age<1h modality:MR", ["A200"]),
        ("station:ct1 status:scheduled", ["A300", "A100"]),
        ("P-A200", ["A200"]),
    ],
)
def test_orders_are_found(store: Store, query: str, expected: list[str]) -> None:
    build(store)
    with store.reading() as conn:
        assert [row.accession_number for row in orders(conn, query=query)] == expected


def test_orders_by_id_and_person(store: Store) -> None:
    h = build(store)
    with store.reading() as conn:
        assert orders_by_id(conn, []) == {}
        assert set(orders_by_id(conn, [h.order_anna, 0, 99])) == {h.order_anna}
        assert len(orders_of_person(conn, h.bert)) == 2
        assert len(orders(conn, limit=1)) == 1
        with pytest.raises(NotFound, match="no order 99"):
            order(conn, 99)


def test_what_the_ris_told_of_an_examination_comes_back_with_the_order_and_shows_in_its_row(store: Store) -> None:
    h = build(store)
    times = {"arrived": "2026-07-01T07:41:00", "begun": "2026-07-01T08:02:00", "ended": "2026-07-01T08:15:30"}
    with store.transaction() as conn:
        known = stored.load_many(conn, [h.order_anna])[0]
        assert (known.arrived, known.begun, known.ended) == ("", "", "")
        stored.save(conn, replace(known, **times, sources=known.sources | {"ended": "OBR-8"}), at=NOW)
    with store.reading() as conn:
        one, many = stored.load_one(conn, h.order_anna), stored.load_many(conn, [h.order_anna])
        row = order(conn, h.order_anna)
    assert many == [one]
    assert one is not None
    assert {name: getattr(one, name) for name in times} == times
    assert {name: getattr(row, name) for name in times} == {name: f"{text}+02:00" for name, text in times.items()}
    assert row.sources["ended"] == "OBR-8"
