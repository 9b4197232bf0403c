from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.recon.compare import Level, compare_ids
from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.match import candidates
from radrecon.recon.nobody import birth_date_of, is_alias, stands_for_nobody
from radrecon.recon.overlay import suspected_overlay

from .people import ANNA, WATCH, facts, order, person, study, who


@pytest.mark.parametrize(
    "name",
    [
        "TRAUMA^ALPHA", "TRAUMA7", "Unknown^Male", "UNKNOWN-3", "Unbekannt^Mann", "UNBEKANNTE^PERSON", "Inconnu",
        "DESCONOCIDA^MUJER", "Sconosciuto^Uomo", "ONBEKEND", "Okänd^Man", "NIEZNANA^KOBIETA", "NN^NN",
        "X^X", "XXX", "Anonymous^12",
        "Неизвестный^Мужчина", "=不明^", "氏名不詳", "=无名氏", "مجهول^رجل", "신원미상^",
    ],
)  # fmt: skip
def test_names_that_say_nothing(name: str) -> None:
    assert stands_for_nobody(PersonName.parse(name))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "X^MALCOLM",
        "TRAUMANN^EVA",
        "Okanda^Joseph",
        "Nannini^Gianna",
        "DOE^JOHN",
        "XU^XIN",
        "Alias^Maria",
        "Spratt^Alias",
        "Nieznańska^Ewa",
        "Xxaver^Franz",
        "山田^太郎",
    ],
)
def test_names_that_people_have(name: str) -> None:
    assert not stands_for_nobody(PersonName.parse(name))


def test_doe_is_a_name_and_with_an_estimated_birth_date_is_none() -> None:
    assert not is_alias(who(name="DOE^JOHN"))
    assert is_alias(who(name="DOE^JOHN", birth="1980-01-01"))
    assert is_alias(who(name="DOE^JOHN", birth=""))
    assert is_alias(who(name="ALIAS^ONE", birth="1900-01-01"))


@pytest.mark.parametrize("text", ["19000101", "1900-01-01", "1899-12-30", "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("known", ["19000101", "1960-05-17"])
def test_a_birth_date_that_stands_for_none_says_nothing_for_or_against(text: str, known: str) -> None:
    assert birth_date_of(text) == ""
    images, ordered = facts(patient=who(birth=text)), order(patient=who(birth=known))
    said = [one.field for one in weigh_order(images, ordered, None, Scale(1000)).reasons]
    assert "patient_name" in said
    assert "patient_birth_date" not in said


@pytest.mark.parametrize("text", ["UNKNOWN", "unk.", "N/A", "0000", "None", "-"])
def test_a_number_that_says_that_there_is_none_agrees_with_nothing(text: str) -> None:
    number = replace(ANNA.patient_id, value=text)
    assert compare_ids(number, number) is compare_ids(number, ANNA.patient_id) is Level.MISSING


@pytest.mark.parametrize(
    ("nobody", "veto"),
    [
        (who("4711001", "UNBEKANNT^MANN", "1985-01-01"), "a temporary name"),
        (who("4711001", "MEYER^ANNA", "1900-01-01"), "a birth date that stands for none"),
        (who("UNKNOWN", "MEYER^ANNA"), "the images carry no patient id"),
    ],
)
def test_two_that_agree_in_what_says_nothing_are_not_linked(nobody: Demographics, veto: str) -> None:
    """One of the numbers was left out: the next one without a name may have been given the other by a slip."""
    images = study("A1042" if veto.endswith("patient id") else "", nobody, person_id=1)
    known = {1: person(1, nobody)}
    (found,) = candidates(
        images, [order(patient=nobody)], known, orders_total=50, truncated=False, taken={}, watch=WATCH
    ).weighed
    assert any(text.startswith(veto) for text in found.candidate.vetoes)


def test_who_came_in_unknown_and_has_both_numbers_is_linked() -> None:
    nobody = who("T4711", "UNBEKANNT^MANN", "1900-01-01")
    images = study("A1042", nobody, person_id=1)
    found = candidates(
        images, [order(patient=nobody)], {1: person(1, nobody)}, orders_total=50, truncated=False, taken={}, watch=WATCH
    )
    assert found.automatic


def test_a_birth_date_that_is_told_at_last_is_no_overlay_and_one_that_is_told_no_more_is() -> None:
    without = who(name="MEYER^ANNA", birth="1900-01-01")
    named = who(name="SCHULZ^ANNA", birth="1960-05-17")
    assert suspected_overlay(without, named) == ()
    assert suspected_overlay(named, without) == ("family name", "birth date")
