from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.patient import Demographics
from radrecon.model.study import RequestAttributes
from radrecon.recon.bound import bound_of, shares_of
from radrecon.recon.evidence import Scale, weigh_order

from .people import ANNA, facts, order, person, who

BERTA = who("5822002", "SCHULZ^BERTA", "1971-01-02")


def test_what_shares_a_number_or_the_birth_date_is_compared() -> None:
    sharing = shares_of(facts("A1042"))
    assert sharing.order(order(11, "a-1042", BERTA))
    assert sharing.order(order(11, "A9", who("04711001", "X^Y", "1950-01-01")))
    assert sharing.order(order(11, "A9", who("9", "X^Y")))
    assert sharing.person(person(2, who("4711001", "X^Y", "1950-01-01")))
    assert not sharing.order(order(11, "A9", BERTA))
    assert not sharing.person(person(2, BERTA))


def test_an_empty_header_shares_nothing() -> None:
    sharing = shares_of(facts("NONE", who("", "", "", "")))
    assert not sharing.order(order(11, "", who("", "", "", "")))


def test_orders_named_by_the_requests_of_the_images_are_compared() -> None:
    (series,) = facts("").series
    asked = replace(series, requests=(RequestAttributes(accession_number="A77"),))
    assert shares_of(facts("", ANNA, series=(asked,))).order(order(11, "A77", BERTA))


STRANGERS = (
    BERTA,
    who("5822002", "MEYER^ANNA", "1971-01-02"),
    who("5822002", "MEYER^ANNE", "1971-01-02"),
    who("5822002", "ANNA^MEYER", "1961-05-17"),
    who("04711010", "MAIER^ANNA", "1960-05-18"),
    who("5822002", "MEYER^BERTA", "1960-05-71"),
    who("", "", ""),
)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("known_as", STRANGERS)
@pytest.mark.parametrize("requests", [(), (RequestAttributes(scheduled_procedure_step_id="STEP-4711"),)])
def test_a_stranger_is_bounded_from_above(
    stranger: Demographics, known_as: Demographics, requests: tuple[RequestAttributes, ...]
) -> None:
    (series,) = facts().series
    images = facts("A1042", ANNA, series=(replace(series, requests=requests),))
    theirs, scale = order(11, "A9000", stranger), Scale(1000)
    (step,) = theirs.steps
    theirs = replace(theirs, steps=(replace(step, scheduled_procedure_step_id="STEP-4711"),))
    bound, score = bound_of(images, scale), weigh_order(images, theirs, person(2, known_as), scale).bits
    assert score <= bound.tight(theirs, person(2, known_as)) <= bound.loose
