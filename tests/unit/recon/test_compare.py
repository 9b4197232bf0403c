from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.case import Weight
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.compare import (
    Level,
    compare_accessions,
    compare_birth_dates,
    compare_id_sets,
    compare_ids,
    compare_names,
    compare_sexes,
    differences,
    important,
)

from .people import ANNA, who

NAMES = [
    ("SMITH^JOHN", "SMITH^JOHN^^^", Level.EQUAL),
    ("SMITH^JOHN", "Smith^John", Level.FORMAT),
    ("SMITH^JOHN", "SMITH^JOHN^Q", Level.FORMAT),
    ("SMITH^JOHN^Q", "SMITH^JOHN^QUENTIN", Level.FORMAT),
    ("SMITH^JOHN^PAUL", "SMITH^JOHN^PETER", Level.FAMILY),
    ("SMITH^JOHN", "SMITH^JOHN^^DR^MD", Level.FORMAT),
    ("SMITH^JOHN", "SMITH JOHN", Level.FORMAT),
    ("SMITH^JOHN", "SMITH, JOHN", Level.FORMAT),
    ("SMITH^MARY ANN", "SMITH^MARYANN", Level.FORMAT),
    ("MÜLLER^JÖRG", "MULLER^JORG", Level.FORMAT),
    ("MÜLLER^JÖRG", "MUELLER^JOERG", Level.FORMAT),
    ("O'BRIEN^SEAN", "OBRIEN^SEAN", Level.FORMAT),
    ("DE LA CRUZ^ANA", "DELACRUZ^ANA", Level.FORMAT),
    ("SMI\u200bTH^JOHN", "SMITH^JOHN", Level.FORMAT),
    ("SMITH^JOHN^^^JR", "SMITH^JOHN", Level.FORMAT),
    ("SMITH^JOHN^^^JR", "SMITH^JOHN^^^SR", Level.GENERATION),
    ("SMITH JR^JOHN", "SMITH^JOHN^^^III", Level.GENERATION),
    ("SMITH^JOHN", "JOHN^SMITH", Level.SWAPPED),
    ("SMITH^JOHN", "SMITH^JOHM", Level.NEAR),
    ("SMITH^JOHN", "SMIHT^JOHN", Level.NEAR),
    ("SMITH^JOHN^A", "SMITH^JOHM^A", Level.NEAR),
    ("SMITH^JOHN^ALAN", "SMITH^JOHM^A", Level.NEAR),
    ("SMITH^JOHN^A", "SMITH^JOHM", Level.PART),
    ("SMITH^ANN", "SMITH^ANA", Level.NICKNAME),
    ("SMITH^TOR", "SMITH^TORE", Level.SOUND),
    ("SMITH^WILLIAM", "SMITH^BILL", Level.NICKNAME),
    ("SMITH^WILLIAM^HENRY", "SMITH^BILL^PETER", Level.FAMILY),
    ("MEYER^ALEXANDER", "MEYER^ALEXANDRA", Level.SOUND),
    ("MEYER^ANNA", "MEY\u0415R^ANNA", Level.LOOKALIKE),
    ("MEYER^ANNA", "\u041c\u0415YER^\u0410NN\u0410", Level.LOOKALIKE),
    ("SMITH^TIM", "SMITH^LIV", Level.FAMILY),
    ("SMITH^JOHN", "SMITH^J", Level.PART),
    ("GARCIA^ANA", "GARCIA LOPEZ^ANA", Level.PART),
    ("MEYER^ANNA", "SCHULZ^ANNA", Level.GIVEN),
    ("SMITH^JOHN", "SMITH^JAMES", Level.FAMILY),
    ("SMITH^STEFAN", "SMYTHE^STEPHAN", Level.SOUND),
    ("SMITH^JOHN", "DOE^JANE", Level.DIFFERENT),
    ("SMITH^JOHN", "", Level.MISSING),
    ("", "", Level.MISSING),
    ("^^", "^", Level.MISSING),
    ("YAMADA^TARO=山田^太郎", "YAMADA^TARO", Level.FORMAT),
    ("YAMADA^TARO=山田^太郎", "YAMADA^TARO=山田^太朗", Level.SOUND),
    ("=山田^太郎", "YAMADA^TARO", Level.MISSING),
    ("=山田^太郎", "=山田^太郎=やまだ^たろう", Level.FORMAT),
]


@pytest.mark.parametrize(("one", "other", "level"), NAMES, ids=[f"{a} and {b} are {c}" for a, b, c in NAMES])
def test_names(one: str, other: str, level: Level) -> None:
    assert compare_names(PersonName.parse(one), PersonName.parse(other)) is level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1960-05-17", "1960-05-17", Level.EQUAL),
        ("1960-05-17", "19600517", Level.EQUAL),
        ("1960-05-07", "1960-07-05", Level.SWAPPED),
        ("1960-05-17", "1960-05-11", Level.NEAR),
        ("1960-05-17", "1906-05-17", Level.NEAR),
        ("1960-05-17", "1960", Level.PART),
        ("1960-05", "1960-05", Level.PART),
        ("1960-05-17", "1961", Level.DIFFERENT),
        ("1960-05-17", "1988-01-02", Level.DIFFERENT),
        ("1960-05-17", "", Level.MISSING),
        ("1960-05-17", "rubbish", Level.MISSING),
    ],
)
def test_birth_dates(one: str, other: str, level: Level) -> None:
    assert compare_birth_dates(one, other) is level


@pytest.mark.parametrize(
    ("one", "other", "issuer", "level"),
    [
        (PatientId("123456"), PatientId("123456"), "", Level.EQUAL),
        (PatientId("123456", "HIS"), PatientId("123456"), "", Level.EQUAL),
        (PatientId("123456", "HIS"), PatientId("123456"), "RIS", Level.OTHER_ISSUER),
        (PatientId("123456", "HIS"), PatientId("123456", "RIS"), "", Level.OTHER_ISSUER),
        (PatientId("123456", "HIS"), PatientId("123456", "his"), "", Level.EQUAL),
        (PatientId("00123456"), PatientId("123456 "), "", Level.FORMAT),
        (PatientId("123456"), PatientId("124356"), "", Level.NEAR),
        (PatientId("123456"), PatientId("12346"), "", Level.NEAR),
        (PatientId("12"), PatientId("13"), "", Level.DIFFERENT),
        (PatientId("123456"), PatientId("987654"), "", Level.DIFFERENT),
        (PatientId("123456"), PatientId(""), "", Level.MISSING),
    ],
)
def test_ids(one: PatientId, other: PatientId, issuer: str, level: Level) -> None:
    assert compare_ids(one, other, issuer) is level


def test_any_identifier_of_a_person_will_do() -> None:
    assert compare_id_sets(PatientId("9"), (PatientId("123456"), PatientId("9"))) is Level.EQUAL
    assert compare_id_sets(PatientId("9"), ()) is Level.MISSING


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("A1042", "A1042 ", Level.EQUAL),
        ("A1042", "a-1042", Level.FORMAT),
        ("A1042", "A1024", Level.NEAR),
        ("A1042", "A10421", Level.NEAR),
        ("A1042", "B77", Level.DIFFERENT),
        ("A1042", "", Level.MISSING),
        ("A1042", "NONE", Level.MISSING),
    ],
)
def test_accessions(one: str, other: str, level: Level) -> None:
    assert compare_accessions(one, other) is level


def test_sexes() -> None:
    assert compare_sexes("M", "m ") is Level.EQUAL
    assert compare_sexes("M", "F") is Level.DIFFERENT
    assert compare_sexes("M", "") is Level.MISSING
    assert compare_sexes("O", "F") is Level.MISSING  # what consoles write where they do not know
    assert compare_sexes("O", "O") is Level.MISSING


names = st.text("AB^= é'J\u200b山,-", max_size=14).map(PersonName.parse)


@given(names, names)
def test_names_compare_alike_from_both_sides(one: PersonName, other: PersonName) -> None:
    assert compare_names(one, other) is compare_names(other, one)


@given(st.text(max_size=12), st.text(max_size=12))
def test_texts_compare_alike_from_both_sides(one: str, other: str) -> None:
    assert compare_accessions(one, other) is compare_accessions(other, one)
    assert compare_birth_dates(one, other) is compare_birth_dates(other, one)
    assert compare_ids(PatientId(one), PatientId(other)) is compare_ids(PatientId(other), PatientId(one))


def weights(truth: Demographics, found: Demographics, issuer: str = "") -> dict[str, Weight]:
    return {each.field: each.weight for each in differences(truth, found, issuer)}


def test_an_equal_block_has_no_difference() -> None:
    assert set(weights(ANNA, ANNA).values()) == {Weight.EQUAL}


@pytest.mark.parametrize(
    ("found", "field", "weight"),
    [
        (who(name="Meyer^Anna"), "patient_name", Weight.UNIMPORTANT),
        (who(name="MEYER^ANNA^^DR"), "patient_name", Weight.UNIMPORTANT),
        (who(name="MEYER^ANNA^^^"), "patient_name", Weight.EQUAL),
        (who(name="MEIER^ANNA"), "patient_name", Weight.DIFFERS),
        (who(name=""), "patient_name", Weight.MISSING),
        (who("04711001"), "patient_id", Weight.UNIMPORTANT),
        (who("4711010"), "patient_id", Weight.DIFFERS),
        (who(""), "patient_id", Weight.MISSING),
        (who(birth="1960-05-11"), "patient_birth_date", Weight.DIFFERS),
        (who(birth=""), "patient_birth_date", Weight.MISSING),
        (who(birth="19600517"), "patient_birth_date", Weight.UNIMPORTANT),
        (who(sex="M"), "patient_sex", Weight.DIFFERS),
        (who(sex=""), "patient_sex", Weight.MISSING),
    ],
)
def test_each_field_has_its_weight(found: Demographics, field: str, weight: Weight) -> None:
    assert weights(ANNA, found)[field] is weight


def test_what_the_owner_does_not_know_is_no_correction() -> None:
    assert not important(differences(who(birth="", sex=""), ANNA))
    assert not important(differences(who(birth="1960"), ANNA))


@pytest.mark.parametrize(
    ("truth", "found", "site", "weight"),
    [
        ("HIS", "HIS", "", Weight.EQUAL),
        ("HIS", "", "HIS", Weight.UNIMPORTANT),
        ("HIS", "", "", Weight.MISSING),
        ("HIS", "RIS", "HIS", Weight.DIFFERS),
        ("", "HIS", "HIS", Weight.UNIMPORTANT),
        ("HIS", "his", "", Weight.UNIMPORTANT),
    ],
)
def test_issuers(truth: str, found: str, site: str, weight: Weight) -> None:
    block = weights(who(issuer=truth), who(issuer=found), site)
    assert block["issuer_of_patient_id"] is weight


def test_an_issuer_that_the_archive_does_not_state_opens_no_case() -> None:
    assert not important(differences(who(issuer="HIS"), ANNA))


def test_another_identifier_in_good_standing_is_no_mismatch() -> None:
    truth = Demographics(PatientId("1", "HIS"), ANNA.name, ANNA.birth_date, "F", (PatientId("77001", "RIS"),))
    assert not important(differences(truth, who("77001")))


def test_a_slip_in_the_transcription_does_not_make_other_ideographs_one_name() -> None:
    kenji, other = PersonName.parse("Ito^Kenji=伊東^賢治"), PersonName.parse("Ito^Krnji=伊藤^健二")
    assert compare_names(kenji, other) is Level.SOUND
    assert compare_names(kenji, PersonName.parse("Ito^Krnji=伊東^賢治")) is Level.NEAR
