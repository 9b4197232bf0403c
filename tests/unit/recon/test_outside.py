from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from radrecon.model.patient import Demographics
from radrecon.model.person import OutsideRules, Person
from radrecon.model.study import SeriesFacts, Study
from radrecon.recon.match import Ranking, candidates
from radrecon.recon.outside import Outside, is_test, why_outside

from .people import ANNA, SEEN, WATCH, order, person, study, who

STRANGER = who("X99", "MOSER^ILSE", "1950-02-03")
OURS = OutsideRules(institutions_own=("General Hospital",), issuers_own=("HOSP",), import_days=30)


def judge(images: Study, *orders: Any, persons: tuple[Person, ...] = (), rules: OutsideRules = OURS) -> Outside | None:
    known = {each.id: each for each in persons}
    watch = replace(WATCH, outside=rules)
    ranking: Ranking = candidates(
        images, orders, known, orders_total=len(orders), truncated=False, taken={}, watch=watch
    )
    return why_outside(images, known.get(images.person_id), ranking, known, watch)


@pytest.mark.parametrize(
    "patient",
    [
        who("QA1", "PHANTOM^QA", "", ""),
        who("PHANTOM", "ACR^PHANTOM", "2000-01-01"),
        who("12345", "TEST^PATIENT", "2000-01-01"),
        who("1", "QC^DAILY", ""),
        who("", "SERVICE^SIEMENS", ""),
        who("77", "ZZZ^TEST", "1900-01-01"),
        who("TEST0001", "TEST", "1980-05-05"),
        who("QA 20261122", ""),
    ],
    ids=lambda patient: f"{patient.name}",
)
def test_phantoms_and_tests_are_known_by_name_and_id(patient: Demographics) -> None:
    assert is_test(patient)


@pytest.mark.parametrize(
    "patient",
    [
        who("4711001", "TEST^ANNA"),
        who("4711001", "PHANTOM^JOHN"),
        who("4711001", "TEST"),
        who("4711001", "HEAD^JOHN"),
        who("4711001", "BODY^US"),
        who("4711001", ""),
        ANNA,
    ],
    ids=lambda patient: f"{patient.name}",
)
def test_people_are_called_so_too(patient: Demographics) -> None:
    assert not is_test(patient)


def test_a_pattern_of_the_sites_own() -> None:
    assert is_test(who("E900001", "MOSER^ILSE"), (r"E9\d{5}",))
    assert is_test(who("1", "SCHULUNG^EINS"), (r"SCHULUNG\^.*",))
    assert not is_test(ANNA, (r"E9\d{5}",))


def test_a_test_patient_whom_registration_knows_is_a_patient() -> None:
    patient = who("77", "TEST^PATIENT")
    assert judge(study(patient=patient, accession="")) is not None
    known = person(1, patient)
    assert judge(study(patient=patient, accession="", person_id=1), persons=(known,)) is None


def test_anonymised_images_are_outside_whatever_fits() -> None:
    found = judge(study(identity_removed=True), order(), persons=(person(),))
    assert found is not None
    assert "0012,0062" in found.reason


@pytest.mark.parametrize(
    "changes", [{"source_ae_title": "telerad"}, {"series": (SeriesFacts("1.1", station_name="TELERAD"),)}]
)
def test_listed_ae_titles_are_outside(changes: dict[str, Any]) -> None:
    assert judge(study(**changes), order(), rules=OutsideRules(ae_titles=("TELERAD",))) is not None
    assert judge(study(**changes), order(), persons=(person(),)) is None


def test_another_institutions_images_are_outside_and_may_be_priors_of_a_known_patient() -> None:
    mine = replace(ANNA, patient_id=STRANGER.patient_id)
    found = judge(study("E1", mine, institution_name="St. Elsewhere"), persons=(person(5),))
    assert found == Outside("made at St. Elsewhere", True, 5)


def test_two_who_agree_are_no_suggestion() -> None:
    mine = replace(ANNA, patient_id=STRANGER.patient_id)
    two = (person(5), person(6, who("8")))
    found = judge(study("E1", mine, institution_name="St. Elsewhere"), persons=two)
    assert found is not None
    assert found.prior_of == 0


@pytest.mark.parametrize("name", ["General Hospital", "GENERAL HOSPITAL, Radiology", "General"])
def test_the_sites_own_name_in_other_words_is_its_own(name: str) -> None:
    assert judge(study("E1", STRANGER, institution_name=name)) is None


def test_an_order_for_foreign_images_brings_them_into_the_game() -> None:
    assert judge(study(institution_name="St. Elsewhere"), order(), persons=(person(),)) is None


def test_a_foreign_issuer_is_foreign_only_where_the_own_ones_are_told() -> None:
    foreign = replace(STRANGER, patient_id=replace(STRANGER.patient_id, issuer="OTHERHOSP"))
    found = judge(study("E1", foreign))
    assert found is not None
    assert found.reason == "its numbers are those of OTHERHOSP"
    assert judge(study("E1", foreign), rules=OutsideRules()) is None


def test_made_long_before_it_came_it_was_imported() -> None:
    old = study("E1", STRANGER, performed="2026-01-05T10:00:00", first_seen=SEEN)
    assert judge(old) is not None
    assert judge(old, rules=OutsideRules()) is None
    assert judge(replace(old, baseline=True)) is None
    days = (SEEN.date() - date(2026, 1, 5)).days
    assert judge(old) == Outside(f"made {days} days before it came, and no order speaks of it", True, 0)


def test_a_wrong_clock_of_the_sites_own_station_is_no_import() -> None:
    old = study("E1", STRANGER, performed="2011-01-01T10:00:00", first_seen=SEEN)
    assert judge(old, rules=replace(OURS, stations_own=("CT2",))) is None
