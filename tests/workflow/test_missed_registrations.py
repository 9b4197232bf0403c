"""Orders of patients whom no ADT has named, and how that ends."""

from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt
from tests.workflow.missed_ward import a_day, ended, patient, registers, stranger, waits


@on_both
def test_an_order_of_somebody_whom_no_adt_has_named_is_a_case(hospital: Hospital) -> None:
    a_day(hospital)
    stranger(hospital, 9)
    waits(hospital, 0.9)
    assert hospital.cases() == []
    waits(hospital, 0.2)
    case = hospital.case(CaseKind.ORDER_WITHOUT_REGISTRATION)
    assert case.finding.cause == "order B9 from RIS is of a patient whom no ADT has named"
    assert case.finding.owner is CaseOwner.REGISTRATION
    registers(hospital, 9)  # it says nothing new of them, but says it
    assert hospital.cases() == []
    assert ended(hospital, CaseKind.ORDER_WITHOUT_REGISTRATION) == ["an ADT has named the patient"]


@pytest.mark.parametrize("event", ["A02", "A03", "A08", "A31"])
def test_any_adt_names_them(hospital: Hospital, event: str) -> None:
    a_day(hospital)
    stranger(hospital, 9)
    waits(hospital, 1.1)
    mrn, name = patient(9)
    hospital.hears(adt(event, mrn, name, "19700101"))
    assert hospital.cases() == []


def test_where_no_adt_is_heard_nobody_is_unregistered(hospital: Hospital) -> None:
    for number in range(1, 30):
        stranger(hospital, number)
    waits(hospital, 3)
    assert hospital.cases() == []


def test_a_site_that_registers_only_some_has_no_such_case(hospital: Hospital) -> None:
    for number in range(1, 10):
        if number % 2:
            registers(hospital, number)
        stranger(hospital, number)
    waits(hospital, 3)
    assert hospital.cases() == []
