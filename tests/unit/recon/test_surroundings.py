from __future__ import annotations

from dataclasses import replace

from radrecon.recon.surroundings import Surroundings

from .people import WATCH, order, person, study, who


def around(*people: object, taken: dict[int, int] | None = None) -> Surroundings:
    return Surroundings(study(), (order(), order(11, "B7")), {1: person()}, False, taken or {}, WATCH)


def test_orders_are_found_by_their_number_however_it_is_written() -> None:
    assert [each.id for each in around().numbered(" a1042 ")] == [10]
    assert list(around().numbered("")) == []


def test_an_order_that_this_study_has_is_not_taken() -> None:
    assert not around(taken={10: 17}).is_taken(order())
    assert around(taken={10: 99}).is_taken(order())


def test_the_present_id_leads_to_the_survivor() -> None:
    merged = person(2, who("5822002"), merged_into=1)
    images = study(patient=who("5822002"), person_id=2)
    known = replace(around(), study=images, persons={1: person(), 2: merged})
    assert known.present_person == 1
    assert known.number_holders == {1}
