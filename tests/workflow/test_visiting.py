from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from radrecon.store import tables as t
from tests.workflow.adt_messages import mrg, ordered, patient, pv1, said
from tests.workflow.hospital import Hospital, on_both


def visits(hospital: Hospital, kind: str = "visit") -> list[Any]:
    with hospital.store.reading() as conn:
        return list(conn.execute(t.visit.select().where(t.visit.c.kind == kind).order_by(t.visit.c.id)))


def states(hospital: Hospital, *events: str) -> list[str]:
    """The visit's state after each event in turn."""
    found = []
    for minute, event in enumerate(events, start=1):
        hospital.hears(said(event, patient("1"), pv1("V1"), minute=minute))
        found.append(visits(hospital)[0].state)
    return found


@on_both
def test_a_visit_begins_and_ends(hospital: Hospital) -> None:
    assert states(hospital, "A05", "A01", "A03") == ["preadmitted", "admitted", "discharged"]
    (visit,) = visits(hospital)
    assert (visit.number, visit.person_id, visit.patient_class) == ("V1", hospital.person("1").id, "I")


def test_each_cancel_goes_back_to_what_was_before(hospital: Hospital) -> None:
    assert states(hospital, "A05", "A01", "A11") == ["preadmitted", "admitted", "preadmitted"]
    assert states(hospital, "A38") == ["preadmitted"], "an older word than the last changes nothing"


@pytest.mark.parametrize(
    ("events", "last"),
    [
        (("A01", "A11"), "cancelled"),
        (("A04", "A11"), "cancelled"),
        (("A01", "A03", "A13"), "admitted"),
        (("A05", "A38"), "cancelled"),
        (("A13",), "admitted"),
        (("A01", "A06"), "admitted"),
        (("A01", "A07"), "registered"),
        (("A01", "A08"), "admitted"),
        (("A01", "A02", "A12"), "admitted"),
    ],
)
def test_states(hospital: Hospital, events: tuple[str, ...], last: str) -> None:
    assert states(hospital, *events)[-1] == last


def test_a_cancelled_transfer_goes_back_to_the_place_before(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1", place="W1"), minute=1))
    hospital.hears(said("A02", patient("1"), pv1("V1", place="ICU"), minute=2))
    assert visits(hospital)[0].location == "ICU"
    hospital.hears(said("A12", patient("1"), pv1("V1"), minute=3))
    assert visits(hospital)[0].location == "W1"


def test_two_quotes_empty_a_field_of_the_visit_and_nothing_leaves_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1", place="W1"), minute=1))
    hospital.hears(said("A08", patient("1"), pv1("V1", of_class=""), minute=2))
    assert (visits(hospital)[0].location, visits(hospital)[0].patient_class) == ("W1", "I")
    hospital.hears(said("A08", patient("1"), pv1("V1", place='""', of_class='""'), minute=3))
    assert (visits(hospital)[0].location, visits(hospital)[0].patient_class) == ("", "")


def test_an_update_that_says_nothing_new_of_the_visit_writes_nothing(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1))
    before = visits(hospital)
    hospital.hears(said("A08", patient("1"), pv1("V1"), minute=2))
    assert visits(hospital) == before


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_last_word_on_a_visit_stands_whatever_came_first(hospital: Hospital, arrival: tuple[int, ...]) -> None:
    told = [said(event, patient("1"), pv1("V1"), minute=at) for at, event in enumerate(("A01", "A08", "A03"), 1)]
    hospital.hears(*(told[at] for at in arrival))
    assert visits(hospital)[0].state == "discharged"


def test_a_visit_number_of_two_patients_is_two_visits(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("V1"), minute=1), said("A01", patient("2"), pv1("V1"), minute=2))
    assert len({row.person_id for row in visits(hospital)}) == 2


def test_a_swap_of_beds_places_both(hospital: Hospital) -> None:
    hospital.hears(said("A17", patient("1"), pv1("V1", place="B1"), patient("2"), pv1("V2", place="B2"), minute=1))
    assert [(row.number, row.location) for row in visits(hospital)] == [("V1", "B1"), ("V2", "B2")]


# -- numbers that change ----------------------------------------------------------------------------------------------

CHANGES = {"A35": "account", "A41": "account", "A42": "visit", "A49": "account", "A50": "visit"}


def changes(event: str, old: str, new: str, minute: int) -> bytes:
    if CHANGES[event] == "account":
        return said(event, patient("1", account=new), mrg("1", account=old), minute=minute)
    return said(event, patient("1"), mrg("1", visit=old), pv1(new), minute=minute)


@on_both
@pytest.mark.parametrize("event", sorted(CHANGES))
def test_orders_follow_the_number_of_their_visit_or_account(hospital: Hospital, event: str) -> None:
    hospital.hears(ordered("A1", "1", visit="N1", minute=1), ordered("A9", "1", visit="N9", minute=1))
    hospital.hears(changes(event, "N1", "N2", 2))
    assert hospital.order("A1").visit.number == "N2"
    assert hospital.order("A9").visit.number == "N9"
    assert [(row.number, row.state) for row in visits(hospital, CHANGES[event])] == [("N2", ""), ("N1", "merged")]


def test_the_number_of_a_visit_goes_over_with_what_is_known_of_it(hospital: Hospital) -> None:
    hospital.hears(said("A01", patient("1"), pv1("N1", place="W1"), minute=1), changes("A50", "N1", "N2", 2))
    new = next(row for row in visits(hospital) if row.number == "N2")
    assert (new.state, new.location) == ("admitted", "W1")


@pytest.mark.parametrize("first", [0, 1])
def test_a_chain_of_changes_leads_to_its_end_in_any_order(hospital: Hospital, first: int) -> None:
    hospital.hears(ordered("A1", "1", visit="N1", minute=1))
    chain = [changes("A50", "N1", "N2", 2), changes("A50", "N2", "N3", 3)]
    hospital.hears(chain[first], chain[1 - first])
    assert hospital.order("A1").visit.number == "N3"


@pytest.mark.parametrize("first", [0, 1])
def test_of_a_change_there_and_back_the_later_stands(hospital: Hospital, first: int) -> None:
    hospital.hears(ordered("A1", "1", visit="N1", minute=1))
    both = [changes("A50", "N1", "N2", 2), changes("A50", "N2", "N1", 3)]
    hospital.hears(both[first], both[1 - first])
    assert hospital.order("A1").visit.number == "N1"


@pytest.mark.parametrize(("event", "where"), [("A50", "MRG"), ("A49", "MRG"), ("A51", "MRG")])
def test_a_change_without_the_prior_number_is_refused(hospital: Hospital, event: str, where: str) -> None:
    (taken,) = hospital.takes(said(event, patient("1", account="N"), mrg("1"), pv1("N", alternate="N"), minute=2))
    assert taken.ack_code == "AE"
    assert where.encode() in taken.answers[0]


def test_an_alternate_visit_id_changes(hospital: Hospital) -> None:
    hospital.hears(said("A51", patient("1"), mrg("1", alternate="X1"), pv1("V1", alternate="X2"), minute=2))
    assert [(row.number, row.state) for row in visits(hospital, "alternate")] == [("X2", ""), ("X1", "merged")]


def test_a_change_of_class_may_bring_a_new_number(hospital: Hospital) -> None:
    hospital.hears(ordered("A1", "1", visit="N1", minute=1))
    hospital.hears(said("A06", patient("1"), mrg(visit="N1"), pv1("N2"), minute=2))
    assert hospital.order("A1").visit.number == "N2"


@on_both
def test_a_visit_that_both_of_two_merged_patients_had_ends_for_both(hospital: Hospital) -> None:
    """The same visit under two numbers: what remained admitted spoke against every further duplicate."""
    hospital.hears(*(said("A01", patient(number), pv1("V1"), minute=1) for number in "12"))
    hospital.hears(said("A40", patient("1"), mrg("2"), minute=2), said("A03", patient("1"), pv1("V1"), minute=3))
    assert [(visit.state, visit.person_id) for visit in visits(hospital)] == [
        ("discharged", hospital.person("1").id)
    ] * 2
