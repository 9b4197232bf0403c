from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from radrecon.model.names import NameGroup, PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.normalise import (
    accession_key,
    birth_date_key,
    blocking_keys_of_order,
    blocking_keys_of_study,
    fold,
    fold_german,
    id_key,
    name_key,
    near_keys,
    sound,
)

from .people import order, study, who


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  MÜLLER ", "muller"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("García-López", "garcia lopez"),
        ("Nguyễn", "nguyen"),
        ("Łukasz Øre", "lukasz ore"),
        ("SMI\u200bTH", "smith"),
        ("\u202eSMITH", "smith"),
        ("ＳＭＩＴＨ", "smith"),
        ("Straße", "strasse"),
        ("山田", "山田"),
        ("が", "が"),
        ("Андрей", "андрей"),
        ("किरण", "किरण"),
        ("", ""),
    ],
)
def test_fold_keeps_what_tells_names_apart(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_german_umlauts_can_be_written_out() -> None:
    assert fold_german("Müller") == fold("Mueller")


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("pn", "words", "generation"),
    [
        ("SMITH^JOHN^Q^DR^JR", ("smith", "john", "q"), "jr"),
        ("SMITH JR^JOHN", ("smith", "john"), "jr"),
        ("SMITH^JOHN SR", ("smith", "john"), "sr"),
        ("SMITH^JOHN^^^III", ("smith", "john"), "3"),
        ("SMITH, JOHN", ("smith", "john"), ""),
        ("SMITH JOHN", ("smith", "john"), ""),
        ("SMITH^DR JOHN", ("smith", "john"), ""),
        ("^^^", (), ""),
        ("JR", ("jr",), ""),
    ],
)
def test_a_name_is_read_however_people_type_it(pn: str, words: tuple[str, ...], generation: str) -> None:
    key = name_key(NameGroup.parse(pn))
    assert (key.words, key.generation) == (words, generation)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("00123", "123"),
        (" 12 34-5 ", "12345"),
        ("ab-1", "AB1"),
        ("000", ""),
        ("UNKNOWN", ""),
        ("", ""),
        ("x\u200b1", "X1"),
    ],
)
def test_an_identifier_loses_padding_only(text: str, key: str) -> None:
    assert id_key(text) == key


@pytest.mark.parametrize("text", ["", "NONE", "n/a", "0000", "Unknown", "-"])
def test_a_word_for_nothing_is_no_accession(text: str) -> None:
    assert accession_key(text) == ""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1960-05-17", "1960-05-17"),
        ("19600517", "1960-05-17"),
        ("1960-05", "1960-05"),
        ("1960", "1960"),
        ("1960-13-40", ""),
        ("0000-00-00", ""),
        ("19750000", "1975"),
        ("19750500", "1975-05"),
        ("1975-00-00", "1975"),
        ("19750017", ""),
        ("1975-00", "1975"),
        ("17.5.1960", ""),
        ("", ""),
    ],
)
def test_only_real_dates_are_birth_dates(text: str, key: str) -> None:
    assert birth_date_key(text) == key


@given(st.text("A0123", min_size=4, max_size=10), st.text("A0123", min_size=4, max_size=10))
def test_texts_one_slip_apart_share_a_near_key(one: str, other: str) -> None:
    if OSA.distance(one, other) <= 1:
        assert near_keys(one) & near_keys(other)


def test_a_very_long_number_has_few_keys() -> None:
    assert len(near_keys("9" * 500)) == 1


def test_sound_of_unwritable_letters_is_the_word() -> None:
    assert sound("山田") == "山田"
    assert sound("smith") == sound("smyth")


@pytest.mark.parametrize(
    ("accession", "patient", "shared"),
    [
        ("A1042", who("other", "X^Y", ""), {"accession", "accession_near", "station_day"}),
        ("A1024", who("other", "X^Y", ""), {"accession_near", "station_day"}),
        ("", who("4711001", "X^Y", ""), {"patient_id", "station_day"}),
        ("", who("04711001", "X^Y", ""), {"patient_id", "station_day"}),
        ("", who("", "MEIER^ANNA"), {"name_birth", "name_year", "birth_day", "name_day", "station_day"}),
        ("", who("", "ANNA^MEYER"), {"name_birth", "name_year", "birth_day", "name_day", "station_day"}),
        ("", who("", "X^Y"), {"birth_day", "station_day"}),
        ("", who("", "MEYER^ANNA", ""), {"name_day", "station_day"}),
        ("NONE", who("", "", ""), {"station_day"}),
    ],
)
def test_a_study_finds_its_order_by(accession: str, patient: Demographics, shared: set[str]) -> None:
    both = blocking_keys_of_order(order()) & blocking_keys_of_study(study(accession, patient))
    assert {kind for kind, _ in both} == shared


def test_a_study_finds_its_order_by_uid() -> None:
    found = blocking_keys_of_order(order(study_instance_uid="1.2.3")) & blocking_keys_of_study(study())
    assert ("uid", "1.2.3") in found


def test_an_exam_past_midnight_still_meets_its_order() -> None:
    late = study("", who(""), performed="2026-11-23T00:10:00")
    kinds = {kind for kind, _ in blocking_keys_of_order(order()) & blocking_keys_of_study(late)}
    assert "name_day" in kinds


def test_nothing_known_makes_no_keys() -> None:
    assert blocking_keys_of_order(Order(steps=(Step(),))) == frozenset()


@given(st.text(), st.text(), st.text(), st.text())
def test_no_input_breaks_the_keys(accession: str, number: str, name: str, birth: str) -> None:
    patient = Demographics(PatientId(number), PersonName.parse(name), birth)
    blocking_keys_of_order(order(accession=accession, patient=patient))
    blocking_keys_of_study(study(accession, patient))
