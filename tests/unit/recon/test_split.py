from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import RequestAttributes, SeriesFacts, StudyFacts
from radrecon.recon.split import as_named, covers, named_orders, together, unmet

from .people import SLOT, facts, order, study


def asked(
    number: int, words: str, start: str = SLOT, station: str = "CT2", modality: str = "CT", **changes: Any
) -> Order:
    step = Step(f"S{number}", modality, station, start=start, description=words)
    base = order(number, f"A{number}", requested_procedure_id=f"RP{number}")
    return replace(base, requested_procedure_description=words, steps=(step,), **changes)


CHEST, ABDOMEN, HEAD = asked(1, "CT CHEST"), asked(2, "CT ABDOMEN"), asked(3, "CT HEAD")
BOTH = (
    SeriesFacts("1.1", "CT", "CT2", "CHEST"),
    SeriesFacts("1.2", "CT", "CT2", "ABDOMEN"),
    SeriesFacts("1.3", "SR"),
)


def named_by(images: StudyFacts, *orders: Order, requests: tuple[RequestAttributes, ...] = ()) -> list[int]:
    return [one.order.id for one in named_orders(images, requests, orders)]


def grouped(*accessions: str, own: str = "") -> StudyFacts:
    items = tuple(RequestAttributes(one) for one in accessions)
    return facts(own, series=(SeriesFacts("1.1", "CT", requests=items),))


def test_images_name_orders_by_their_own_number_first_and_by_each_item_once() -> None:
    assert named_by(grouped("A1", "A2", own="A2"), CHEST, ABDOMEN, HEAD) == [2, 1]
    assert named_by(grouped("A1", "A2"), CHEST, ABDOMEN, HEAD) == [1, 2]
    assert named_by(facts(""), CHEST) == []


def test_the_modality_names_them_too() -> None:
    assert named_by(facts(""), CHEST, ABDOMEN, requests=(RequestAttributes("A1"), RequestAttributes("A2"))) == [1, 2]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (RequestAttributes("", "RP1", "S1"), [1]),
        (RequestAttributes("", "RP1", "S2"), []),
        (RequestAttributes("", "RP1"), []),
        (RequestAttributes("B9", "RP1", "S1"), []),
    ],
)
def test_without_an_accession_number_both_ids_have_to_agree(item: RequestAttributes, found: list[int]) -> None:
    assert named_by(facts(""), CHEST, requests=(item,)) == found


def test_a_number_that_no_order_has_is_said() -> None:
    images = grouped("A1", "A9")
    assert unmet(images, (), named_orders(images, (), [CHEST])) == ("A9",)


def test_each_member_is_looked_at_as_if_it_were_alone() -> None:
    (_, second) = named_orders(grouped("A1", "A2"), (), [CHEST, ABDOMEN])
    alone = as_named(study(""), second).facts
    assert (alone.accession_number, alone.description, alone.series[0].body_part) == ("A2", "", "")


def test_images_that_show_something_else_do_not_cover_the_set() -> None:
    assert covers(facts(series=BOTH), [CHEST, ABDOMEN])
    assert not covers(facts(series=BOTH), [CHEST, HEAD])
    assert covers(facts(description="Thorax"), [CHEST, HEAD])  # the first one's words


def mates(*others: Order, series: tuple[SeriesFacts, ...] = BOTH, taken: dict[int, int] | None = None) -> list[int]:
    found = together(facts(series=series), CHEST, others, lambda one: one.person_id, taken or {})
    return [one.id for one in found]


def test_an_open_order_that_the_rest_of_the_images_shows_goes_with_the_first() -> None:
    assert mates(CHEST, ABDOMEN, HEAD) == [1, 2]


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        (replace(ABDOMEN, person_id=2), {}),
        (replace(ABDOMEN, status=StepStatus.COMPLETED), {}),
        (replace(ABDOMEN, status=StepStatus.CANCELLED), {}),
        (asked(2, "CT ABDOMEN", "2026-11-25T14:30:00"), {}),
        (asked(2, "CT ABDOMEN", station="CT9"), {}),
        (asked(2, "MR ABDOMEN", modality="MR"), {}),
        (ABDOMEN, {2: 99}),
    ],
    ids=["another patient", "done", "cancelled", "another day", "another room", "another modality", "has images"],
)
def test_what_was_not_done_with_it(other: Order, taken: dict[int, int]) -> None:
    assert mates(CHEST, other, taken=taken) == [1]


def test_nothing_is_left_over_where_the_first_order_explains_all() -> None:
    assert mates(ABDOMEN, series=BOTH[:1]) == [1]
    assert mates(ABDOMEN, series=BOTH[1:]) == [1]  # and nothing is the first one's: that is a wrong order


def test_an_examination_of_another_kind_filed_with_it_is_in_its_own_room() -> None:
    series = (BOTH[0], SeriesFacts("1.9", "MR", "MR1", "HEAD"))
    assert mates(asked(4, "MR HEAD", station="MR1", modality="MR"), series=series) == [1, 4]
