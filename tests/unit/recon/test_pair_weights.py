from __future__ import annotations

from radrecon.model.duplicate import Population
from radrecon.recon.pair_weights import AVERAGE_NAME, prior_bits, same_name_bits, same_place_bits


def test_the_more_persons_the_less_likely_any_two_are_one() -> None:
    assert prior_bits(Population(1_000_000)) < prior_bits(Population(10_000)) < 0
    assert prior_bits(Population(0)) < 0


def test_a_name_is_worth_what_its_frequency_says() -> None:
    town = Population(1_000_000, namesakes={"rare": 2, "common": 3000})
    assert same_name_bits("rare", town) > 15
    assert same_name_bits("common", town) < 9
    few = Population(100_000, counted=3, namesakes={"anna/fischer": 2}, places={"20095/hamburg": 3})
    assert 12 < same_name_bits("anna/fischer", few) < 14
    assert 5 < same_place_bits("20095/hamburg", few) < 7
    assert 2.0 ** -same_name_bits("never counted", town) == AVERAGE_NAME
    assert same_place_bits("never counted", town) == 6.0
