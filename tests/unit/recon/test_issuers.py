"""Whose number images carry, by who made them: only where nothing else is said and every station agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.person import Person
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.issuers import (
    Issued,
    as_issued,
    assumed_issuer,
    by_station,
    in_words,
    infer,
    inferred,
    issuer_of,
)
from radrecon.recon.match import candidates
from radrecon.recon.normalise import fold
from tests.builders import demographics, order, series, study
from tests.unit.recon.people import WATCH

STATIONS = by_station([("CT1", "NORTH"), ("ct2", "NORTH"), ("CT9", "SOUTH"), ("PORTABLE", "")])


def made_at(*names: str, issuer: str = "", source: str = "", modality: str = "CT") -> StudyFacts:
    images = tuple(series("1.2.3", at, station_name=name, modality=modality) for at, name in enumerate(names))
    return study("1.2.3", "", demographics(issuer=issuer), series=images, source_ae_title=source)


def test_stations_of_which_two_things_are_said_say_nothing() -> None:
    said = [("CT1", "NORTH"), ("CT1", "SOUTH"), ("CT2", "NORTH"), ("ct2 ", "NORTH"), ("CT3", "NORTH"), ("CT3", "")]
    assert by_station([*said, ("", "NORTH")]) == {fold("CT2"): "NORTH"}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (made_at("CT1"), Issued("NORTH", "CT1")),
        (made_at("CT1", "CT2"), Issued("NORTH", "CT1")),
        (made_at("", source="CT9"), Issued("SOUTH", "CT9")),
        (made_at("CT9", source="ROUTER"), Issued("SOUTH", "CT9")),
        (made_at("CT1", issuer="SOUTH"), None),
        (made_at("CT1", "CT9"), None),
        (made_at("CT1", "ELSEWHERE"), None),
        (made_at("CT1", ""), None),
        (made_at("PORTABLE"), None),
        (made_at(), None),
        (made_at("CT1", modality="SR"), None),
    ],
)
def test_the_stations_of_all_images_have_to_agree(facts: StudyFacts, found: Issued | None) -> None:
    assert issuer_of(facts, STATIONS) == found


def test_a_dose_report_beside_the_images_says_nothing() -> None:
    facts = made_at("CT1")
    beside = series("1.2.3", 7, modality="SR", station_name="WORKSTATION")
    assert issuer_of(replace(facts, series=(*facts.series, beside)), STATIONS) == Issued("NORTH", "CT1")


def test_images_without_a_number_have_no_issuer() -> None:
    assert issuer_of(replace(made_at("CT1"), patient=demographics("", issuer="")), STATIONS) is None


def ranked(issuer: str) -> tuple[tuple[str, ...], str]:
    """Vetoes on Anna's order of the north, and the reason of the number, where a man has hers in the south."""
    anna = demographics(issuer="NORTH")
    people = {1: Person(1, anna, (anna.patient_id,))}
    other = demographics(name="WEBER^KARL", issuer="SOUTH", birth_date="1941-02-03", sex="M")
    people[2] = Person(2, other, (other.patient_id,))
    images = Study(
        made_at("CT1"), id=1, person_id=1 if issuer else 0, inferred_issuer=issuer, inferred_by_station="CT1"
    )
    found = candidates(
        images,
        [replace(order(patient=anna), id=1, person_id=1)],
        people,
        orders_total=1000,
        truncated=False,
        taken={},
        watch=WATCH,
    )
    best = found.candidates[0]
    return best.vetoes, next((one.text for one in best.reasons if one.field == "patient_id"), "")


def test_the_number_is_one_persons_where_the_station_tells_whose_and_the_reason_says_so() -> None:
    vetoes, reason = ranked("NORTH")
    assert vetoes == ()
    assert reason.endswith("; issuer NORTH by station CT1")
    assert "more than one person" in " ".join(ranked("")[0])


def test_the_other_sites_station_is_against_it() -> None:
    assert "the patient id is another issuer's" in ranked("SOUTH")[0]


def test_the_images_stay_as_they_are_and_are_only_read_so() -> None:
    plain = Study(made_at("CT1"))
    read = replace(plain, inferred_issuer="NORTH", inferred_by_station="CT1")
    assert as_issued(plain) == plain
    assert in_words(plain) == ""
    assert as_issued(read).facts.patient.patient_id.issuer == "NORTH"
    assert read.facts.patient.patient_id.issuer == ""


LEGACY = made_at("PORTABLE")


@pytest.mark.parametrize(
    ("holders", "found"),
    [
        ([(7, "OLDRIS")], Issued("OLDRIS")),
        ([(7, "OLDRIS"), (7, "OLDRIS")], Issued("OLDRIS")),
        ([], None),
        ([(7, "HOSP")], None),
        ([(7, "hosp ")], None),
        ([(7, "OLDRIS"), (7, "HOSP")], None),
        ([(7, "OLDRIS"), (8, "HOSP")], None),
        ([(7, "OLDRIS"), (8, "OLDRIS")], None),
        ([(7, "OLDRIS"), (7, "SOUTH")], None),
        ([(7, "")], None),
        ([(7, "OLDRIS"), (7, "")], None),
    ],
)
def test_what_is_only_assumed_gives_way_to_the_only_one_who_has_the_number(
    holders: list[tuple[int, str]], found: Issued | None
) -> None:
    assert infer(LEGACY, STATIONS, "HOSP", holders) == found


def test_a_site_without_issuer_assumes_nothing_that_could_give_way() -> None:
    assert infer(LEGACY, STATIONS, "", [(7, "OLDRIS")]) is None


def test_what_the_images_state_is_never_doubted() -> None:
    assert infer(made_at("PORTABLE", issuer="HOSP"), STATIONS, "HOSP", [(7, "OLDRIS")]) is None


def test_the_station_comes_first_and_gives_way_as_well() -> None:
    assert infer(made_at("CT1"), STATIONS, "HOSP", [(7, "NORTH"), (8, "HOSP")]) == Issued("NORTH", "CT1")
    assert infer(made_at("CT1"), STATIONS, "HOSP", [(8, "HOSP")]) is None
    assert infer(made_at("CT1"), STATIONS, "HOSP", [(7, "OLDRIS")]) == Issued("OLDRIS")


def test_the_words_say_by_what_it_is_known() -> None:
    plain = Study(LEGACY)
    assert in_words(inferred(plain, Issued("NORTH", "CT1"))) == "issuer NORTH by station CT1"
    assert in_words(inferred(plain, Issued("OLDRIS"))) == "issuer OLDRIS (nobody else has given out this number)"
    assert inferred(inferred(plain, Issued("OLDRIS")), None) == plain
    assert assumed_issuer(plain, WATCH) == WATCH.patient_id_issuer
    assert assumed_issuer(inferred(plain, Issued("OLDRIS")), WATCH) == "OLDRIS"
