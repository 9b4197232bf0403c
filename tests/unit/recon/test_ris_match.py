from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.model.order import Order
from radrecon.model.patient import PatientId
from radrecon.model.person import Person
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.recon.ris_match import Finder, blocking_keys
from tests.builders import ISSUER, demographics, order, step

ANNA = Person(5, demographics(), (PatientId("1000001", ISSUER), PatientId("L77", "OLD")))
ENTRY = WorklistEntry("A100", modality="CT", start="2026-11-22T14:30", patient=demographics())


def found(entry: WorklistEntry, *orders: Order) -> list[int]:
    known = [replace(one, id=number, person_id=5) for number, one in enumerate(orders, 1)]
    return [one.id for one in Finder(known, {5: ANNA}, ISSUER).orders_of(entry)]


@pytest.mark.parametrize(
    ("listed", "ordered"),
    [
        ({}, {}),
        ({"accession_number": "a-100"}, {}),
        ({"accession_number": "", "study_instance_uid": "1.2.3"}, {"study_instance_uid": "1.2.3"}),
        ({"accession_number": "", "placer_order_number": "P-A100"}, {}),
        ({"accession_number": "", "filler_order_number": "F9"}, {"steps": (step(filler_order_number="F9"),)}),
        ({"accession_number": "", "requested_procedure_id": "RP-A100", "start": ""}, {}),
        ({"accession_number": ""}, {}),
        ({}, {"accession": ""}),
        ({"accession_number": "", "patient": demographics("L77", "OTHER^NAME", issuer="OLD")}, {}),
        ({"patient": demographics("7", "ALIEN^X", birth_date="1990-01-01")}, {}),
    ],
)
def test_an_entry_is_of_an_order(listed: dict[str, Any], ordered: dict[str, Any]) -> None:
    number = ordered.pop("accession", "A100")
    assert found(replace(ENTRY, **listed), order(number, **ordered)) == [1]


@pytest.mark.parametrize(
    "listed",
    [
        {"accession_number": "A101"},
        {"accession_number": "", "modality": "MR"},
        {"accession_number": "", "start": "2026-11-23T14:30"},
        {"accession_number": "", "start": ""},
        {"accession_number": "", "patient": demographics("7", "ALIEN^X", birth_date="1990-01-01")},
        {"accession_number": "A101", "study_instance_uid": "1.2.3"},
    ],
)
def test_an_entry_is_not_of_an_order(listed: dict[str, Any]) -> None:
    assert found(replace(ENTRY, **listed), order(study_instance_uid="1.2.3")) == []


def test_two_issuers_may_number_alike() -> None:
    entry = replace(ENTRY, issuer_of_accession="NORTH")
    assert found(entry, order(issuer_of_accession="SOUTH"), order(issuer_of_accession="north"), order()) == [2, 3]


def test_orders_are_looked_for_by_accession_uid_and_patient() -> None:
    entry = replace(ENTRY, study_instance_uid="1.2.3", placer_order_number="P")
    assert blocking_keys(entry) == {("accession", "A100"), ("uid", "1.2.3"), ("patient_id", "1000001")}
    assert blocking_keys(WorklistEntry("none")) == frozenset()
