"""What agreement is worth between two records of the person index: log2(m/u) after Fellegi and Sunter.

m is how often a field agrees so when both records are of one person, u how often by chance. The figures are estimates
from what is published on registers (8 % duplicates; a birth date is one of some 24,000; a woman's family name changes
once in a life), written down before any data set was looked at; identifiers are counted, never learned.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from math import log2

from radrecon.model.duplicate import Population
from radrecon.recon.compare import Level

LIKELY_FROM = 0.95
CEILING = 0.9999  # no comparison of records is surer: some were typed over another person's
POSSIBLE_FROM = 0.5  # more likely one person than two; nothing below it is proposed

SMALLEST_POPULATION = 100_000  # a new installation has heard of few, but its patients come from a town
AVERAGE_NAME, AVERAGE_PLACE = 2.0**-13, 2.0**-6
BELIEF = 10  # how many persons' worth of belief stand behind the average


class Near(StrEnum):
    """Agreement of one part, where `Level` does not say enough."""

    NICKNAME = "forms of one name"
    ALIKE = "similar"
    INITIAL = "an initial"
    TWO_SLIPS = "two slips apart"
    NEIGHBOURS = "given one after the other"


Degree = Level | Near

FAMILY_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 7.5,
    Level.NEAR: 6.0,
    Level.SOUND: 4.5,
    Level.PART: 4.0,
    Near.ALIKE: 3.0,
    Near.INITIAL: 1.0,
    Level.DIFFERENT: -4.0,
}
GIVEN_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 5.5,
    Level.NEAR: 4.5,
    Near.NICKNAME: 4.0,
    Level.SOUND: 3.5,
    Near.ALIKE: 2.0,
    Near.INITIAL: 1.5,
    Level.PART: 3.0,
    Level.DIFFERENT: -5.0,
}
NAME_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 13.0,
    Level.FORMAT: 12.5,
    Level.NEAR: 9.5,
    Level.SWAPPED: 10.5,
    Level.SOUND: 7.0,
    Level.PART: 5.0,
    Level.GIVEN: 1.5,
    Level.FAMILY: 2.5,
    Level.GENERATION: 8.0,
    Level.DIFFERENT: -8.0,
}
SWAP_COSTS = 2.0
FORMER_COSTS = 1.0
LOOKALIKE_COSTS = 2.0
GENERATION_COSTS = 6.0
MIDDLE_BITS: Mapping[Degree, float] = {Level.EQUAL: 3.0, Level.DIFFERENT: -2.0}
ALIKE_MIDDLE_BITS = 1.5  # an initial, a slip, a form of the name

BIRTH_DATE_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 14.0,
    Level.SWAPPED: 6.0,
    Level.NEAR: 5.0,
    Level.PART: 5.0,
    Near.TWO_SLIPS: -1.0,
    Level.DIFFERENT: -6.5,
}
COMMON_DAY_COSTS = 3.0  # the first of January stands for "some time in that year"
SEX_BITS: Mapping[Degree, float] = {Level.EQUAL: 0.95, Level.DIFFERENT: -6.0}

NUMBER_BITS: Mapping[Degree, float] = {Level.NEAR: 3.0, Near.NEIGHBOURS: 0.0}
NATIONAL_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 17.0,
    Level.NEAR: 11.0,
    Near.TWO_SLIPS: 4.0,
    Level.DIFFERENT: -5.0,
}
STREET_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 8.0,
    Level.NEAR: 7.0,
    Near.ALIKE: 5.0,
    Level.PART: 3.0,
    Level.DIFFERENT: -1.5,
}
PLACE_BITS: Mapping[Degree, float] = {Near.ALIKE: 2.5, Level.DIFFERENT: -1.5}
PART_OF_PLACE_COSTS = 2.0  # postcode or place alone
PHONE_BITS: Mapping[Degree, float] = {Level.EQUAL: 8.0, Level.NEAR: 4.0, Level.DIFFERENT: -0.5}
MOTHER_BITS: Mapping[Degree, float] = {
    Level.EQUAL: 7.0,
    Level.NEAR: 5.5,
    Level.SOUND: 4.0,
    Near.ALIKE: 2.5,
    Level.PART: 3.0,
    Level.DIFFERENT: -2.5,
}


def prior_bits(population: Population) -> float:
    """How likely any two records are one person before they are looked at."""
    return log2(population.duplicates / max(population.persons, 2))


def same_name_bits(name: str, population: Population) -> float:
    """An equal full name: much where nobody else has it, less where many do."""
    return _share_bits(population.namesakes.get(name, 0), population, AVERAGE_NAME)


def same_place_bits(place: str, population: Population) -> float:
    """An equal postcode and place: a hospital's patients mostly live around it."""
    return _share_bits(population.places.get(place, 0), population, AVERAGE_PLACE)


def _share_bits(count: int, population: Population, average: float) -> float:
    """What chance agreement is worth where `count` of so many persons agree; few counted persons prove little."""
    if not count:
        return -log2(average)
    return -log2((count - 1 + BELIEF) / ((population.counted or population.persons) + BELIEF / average))
