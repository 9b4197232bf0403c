from __future__ import annotations

from dataclasses import replace

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


def test_a_stranger_is_bounded_from_above() -> None:
    stranger, other = order(11, "A9000", BERTA), person(2, BERTA)
    bound, score = bound_of(facts(), Scale(1000)), weigh_order(facts(), stranger, other, Scale(1000)).bits
    assert score <= bound.tight(stranger, other) <= bound.loose
