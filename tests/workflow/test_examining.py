"""Accession numbers, orders and persons looked at by themselves: written only where something changes."""

from __future__ import annotations

from radrecon.model.case import CaseKind
from radrecon.workflow import examining
from radrecon.workflow.reconcile import load_watch
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid

KARLS_PID = pid("2000002", "BAUER^KARL", "19851224", "M")


def look(hospital: Hospital, accession: str) -> list[CaseKind]:
    with hospital.store.reading() as conn:
        watch = load_watch(conn, hospital.config)
    return [one.kind for one in examining.examine_accession(hospital.store, accession, watch, hospital.now)]


@on_both
def test_a_number_on_two_patients_is_found_each_time_and_is_one_case(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A100", KARLS_PID, placer="P-2", filler="F-2"))
    hospital.sees(study("1.2.3"), study("1.2.4", patient=demographics("2000002", "BAUER^KARL", sex="M")))
    assert look(hospital, "A100") == look(hospital, "A100") == [CaseKind.ACCESSION_COLLISION]
    assert hospital.kinds().count("accession_collision") == 1


@on_both
def test_what_is_in_order_has_no_case(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    with hospital.store.reading() as conn:
        watch = load_watch(conn, hospital.config)
    assert look(hospital, "A100") == []
    assert look(hospital, "NONE") == []
    assert examining.examine_person(hospital.store, hospital.person().id, hospital.now) == ()
    assert examining.examine_person(hospital.store, 999, hospital.now) == ()
    assert examining.examine_order(hospital.store, 999, watch, hospital.config, hospital.now) == ()
