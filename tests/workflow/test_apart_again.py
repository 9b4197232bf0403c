"""Who stands again after a merge, and who is left: each with a number in use and with the links that are theirs."""

from __future__ import annotations

import pytest

from radrecon.model.errors import Refused
from radrecon.store import merges, person_links
from tests.workflow.adt_messages import mrg, ordered, patient, said
from tests.workflow.hospital import CONFIG, Hospital, destination, on_both
from tests.workflow.test_duplicates import told
from tests.workflow.test_linking import a24
from tests.workflow.test_merging import a40, whose


def apart(hospital: Hospital, survivor: int, non_survivor: int) -> None:
    with hospital.store.transaction() as conn:
        merges.unmerge(conn, survivor, non_survivor, at=hospital.now)


def ids(hospital: Hospital, *numbers: str) -> list[int]:
    hospital.hears(*(said("A01", patient(number), minute=1) for number in numbers))
    return [hospital.person(number.split()[0]).id for number in numbers]


def linked(hospital: Hospital, person_id: int) -> frozenset[int]:
    with hospital.store.reading() as conn:
        return person_links.linked(conn, [person_id])


@on_both
def test_a_link_that_came_back_is_no_part_of_later_merges(hospital: Hospital) -> None:
    one, two, three, friend = ids(hospital, "1", "2", "3", "4")
    hospital.hears(a24("1", "4", 2), a40("2", "1", 3), a40("3", "2", 4))
    assert linked(hospital, three) == {friend}
    apart(hospital, two, one)
    assert linked(hospital, one) == {friend}
    hospital.hears(a40("3", "1", 5))
    apart(hospital, three, two)
    assert (linked(hospital, three), linked(hospital, two)) == ({friend}, frozenset()), "1's link stays where 1 is"


@on_both
def test_a_link_between_the_two_stands_again_with_whom_the_survivor_is_now(hospital: Hospital) -> None:
    one, two, three = ids(hospital, "1", "2", "3")
    hospital.hears(a24("1", "2", 2), a40("2", "1", 3), a40("3", "2", 4))
    apart(hospital, two, one)
    assert linked(hospital, one) == {three}
    apart(hospital, three, two)
    assert (linked(hospital, one), linked(hospital, three)) == ({two}, frozenset())


@on_both
def test_a_link_that_a_second_merge_ended_stands_when_the_first_is_undone(hospital: Hospital) -> None:
    one, two, friend = ids(hospital, "1", "2", "4")
    hospital.hears(a24("1", "4", 2), a40("2", "1", 3), a40("2", "4", 4))
    apart(hospital, two, one)
    assert linked(hospital, one) == {two}
    apart(hospital, two, friend)
    assert linked(hospital, one) == {friend}


@on_both
def test_who_went_by_a_number_of_the_other_goes_by_the_former_one_again(hospital: Hospital) -> None:
    one, two = ids(hospital, "1 5", "2")
    hospital.hears(a40("2", "1", 3), said("A47", patient("5"), mrg("2"), minute=4))
    assert hospital.person("2").demographics.patient_id.value == "5"
    apart(hospital, two, one)
    assert whose(hospital, "1", "5", "2") == ["1", "1", "2"]
    hospital.hears(ordered("A100", "2", minute=6))
    assert hospital.order().person_id == two
    assert hospital.cases() == [], "its number is in use again"


@on_both
def test_a_number_that_took_all_along_takes_it_further(hospital: Hospital) -> None:
    one, two, three = ids(hospital, "1", "2", "3")
    hospital.hears(ordered("A100", "1", minute=2), ordered("A200", "2", minute=2))
    hospital.hears(said("A43", patient("2"), mrg("1"), minute=3), said("A43", patient("3"), mrg("1"), minute=4))
    assert [hospital.order(f"A{number}00").person_id for number in "12"] == [three, two]
    hospital.hears(ordered("A300", "1", minute=5))
    assert hospital.order("A300").person_id == three
    assert hospital.cases() == [], "the number is in use"
    apart(hospital, three, one)
    assert hospital.person("1").id == one


def test_several_numbers_that_take_all_along_stay_in_use(hospital: Hospital) -> None:
    ids(hospital, "1 11", "2")
    hospital.hears(said("A43", patient("2"), mrg("1 11"), minute=3))
    hospital.hears(ordered("A1", "1", minute=4), ordered("A11", "11", minute=4))
    assert hospital.cases() == []


def test_no_undo_leaves_anybody_without_a_number(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [destination()]}))
    hospital.hears(told("1"), told("E9^^^ENT~200"), ordered("A100", "1", minute=2), ordered("A101", "1", minute=2))
    hospital.compares()
    correction = hospital.corrects("merge", hospital.case())
    hospital.hears(said("A28", patient("3", "BAUER^KARL"), minute=6), said("A43", patient("3"), mrg("1"), minute=7))
    assert whose(hospital, "200") == ["E9"], "what is left to the survivor came with the other one"
    with pytest.raises(Refused, match="gone to somebody else since"):
        hospital.undoes(correction)


@on_both
def test_what_was_ordered_under_the_number_in_between_goes_back_with_it(hospital: Hospital) -> None:
    """A wrong merge: who does not know of it goes on under the number that was merged away."""
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": [destination()]}))
    hospital.hears(told("1"), told("200"), ordered("A100", "1", minute=2), ordered("A101", "1", minute=2))
    hospital.compares()
    correction = hospital.corrects("merge", hospital.case())
    survivor = hospital.person("1").id
    hospital.hears(ordered("A200", "200", minute=9), ordered("A102", "1", minute=9), ordered("A300", "1 200", minute=9))
    assert hospital.order("A200").person_id == survivor
    hospital.undoes(correction)
    restored = hospital.person("200").id
    assert restored != survivor
    assert [hospital.order(one).person_id for one in ("A200", "A102", "A300")] == [restored, survivor, survivor]


@on_both
def test_who_is_merged_elsewhere_takes_the_orders_of_every_number_along(hospital: Hospital) -> None:
    ids(hospital, "1 11", "2", "3")
    hospital.hears(a40("2", "1", 3), ordered("A100", "1", minute=4), ordered("A110", "11", minute=4), a40("3", "1", 5))
    assert {hospital.order(one).person_id for one in ("A100", "A110")} == {hospital.person("3").id}
