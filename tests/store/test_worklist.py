from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.model.order import StepStatus
from radrecon.store import orders, persons, worklist
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order, step


@pytest.fixture
def hospital(store: Store) -> Store:
    """A100 on CT1 today, A200 on MR1 tomorrow, A300 cancelled, A400 without station, start or modality."""
    with store.transaction() as conn:
        anna = persons.insert(conn, demographics("0001", "FISCHER^ANNA"))
        bert = persons.insert(conn, demographics("2", "MEYER^BERT"))
        given = {
            "A100": (anna, step()),
            "A200": (bert, step(modality="MR", station_ae_title="MR1", start="2026-11-23T08:00:00")),
            "A300": (bert, step(status=StepStatus.CANCELLED)),
            "A400": (bert, step(modality="", station_ae_title="", start="")),
        }
        for accession, (who, one) in given.items():
            orders.save(conn, order(accession, steps=(one,), person_id=who), at=NOW)
    return store


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, ["A400", "A100", "A200"]),
        ({"patient_id": "1"}, ["A100"]),
        ({"accession_number": "A200"}, ["A200"]),
        ({"accession_number": "A300"}, []),
        ({"station_ae_title": "CT1"}, ["A400", "A100"]),
        ({"modalities": ["MR"]}, ["A400", "A200"]),
        ({"date_from": "2026-11-22", "date_to": "2026-11-22"}, ["A400", "A100"]),
        ({"date_from": "2026-11-23"}, ["A400", "A200"]),
        ({"limit": 1}, ["A400"]),
    ],
)
def test_the_keys_leave_what_a_modality_may_get(hospital: Store, keys: dict[str, Any], expected: list[str]) -> None:
    with hospital.reading() as conn:
        found = worklist.scheduled(conn, **keys)
    assert [one.accession_number for one, _ in found] == expected


def test_a_step_carries_the_persons_identity_of_now(hospital: Store) -> None:
    with hospital.transaction() as conn:
        anna = persons.load_one(conn, 1)
        assert anna is not None
        persons.change_identity(conn, anna, demographics("0001", "KELLER^ANNA"), event="A08", at=NOW)
    with hospital.reading() as conn:
        ((found, _),) = worklist.scheduled(conn, accession_number="A100")
    assert str(found.patient.name) == "KELLER^ANNA"


def test_under_a_suspected_overlay_an_order_keeps_its_own_identity(hospital: Store) -> None:
    with hospital.transaction() as conn:
        persons.update(conn, 1, patient_name="SOMEBODY^ELSE", quarantined=True)
    with hospital.reading() as conn:
        ((found, _),) = worklist.scheduled(conn, accession_number="A100")
    assert str(found.patient.name) == "FISCHER^ANNA"


def test_every_step_of_an_order_can_be_had_for_explaining(hospital: Store) -> None:
    with hospital.reading() as conn:
        ((_, cancelled),) = worklist.all_of_order(conn, 3)
        assert worklist.all_of_order(conn, 99) == []
    assert cancelled.status is StepStatus.CANCELLED


def test_a_query_is_recorded_as_it_was_asked(hospital: Store) -> None:
    with hospital.transaction() as conn:
        worklist.record(
            conn, at=NOW, peer_ae_title="CT1", address="127.0.0.1", keys={"modality": "CT"}, matches=2,
            milliseconds=1.5, status="0000",
        )  # fmt: skip
        row = conn.execute(t.worklist_query.select()).one()
        assert conn.execute(sa.select(sa.func.count()).select_from(t.worklist_query)).scalar() == 1
    assert (row.peer_ae_title, row.keys, row.matches) == ("CT1", {"modality": "CT"}, 2)


def test_identity_is_left_alone_where_nobody_is_known() -> None:
    one = replace(order(), person_id=5)
    assert worklist.with_identity(one, {}) is one
