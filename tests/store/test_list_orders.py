from __future__ import annotations

import pytest

from radrecon.model.errors import NotFound
from radrecon.store import merges, persons
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
