from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind, CaseOwner, Pair, PairClass
from radrecon.model.duplicate import PersonRecord, Population
from radrecon.model.patient import PatientId
from radrecon.recon.duplicates import ALONE, compare, finding, probability, subject
from radrecon.store.codec import digest, dump, load

from .records import TOWN, record

ANNA = record()


def agreement(pair: Pair) -> dict[str, str]:
    return {reason.field: reason.level for reason in pair.reasons}


def test_the_bits_that_are_shown_add_up_to_the_score_and_say_the_probability() -> None:
    pair = compare(ANNA, record(17, street="4 High Street", postcode="20095", city="Hamburg"), TOWN)
    assert sum(reason.bits for reason in pair.reasons) == pytest.approx(pair.bits)
    assert pair.probability == pytest.approx(probability(pair.bits))
    assert all(reason.text for reason in pair.reasons)


def test_the_same_name_birth_date_and_sex_are_likely_and_never_certain() -> None:
    pair = compare(ANNA, record(17), TOWN)
    assert pair.likeness is PairClass.LIKELY
    assert pair.probability < 0.9999
    assert pair.remarks == (ALONE,)


def test_the_same_without_birth_date_is_not_proposed() -> None:
    assert compare(ANNA, record(17, birth=""), TOWN).likeness is PairClass.NOT
    assert compare(record(birth=""), record(17, birth=""), TOWN).likeness is PairClass.NOT


def test_one_more_thing_that_agrees_makes_up_for_a_missing_birth_date() -> None:
    mine, theirs = record(national_id="65 170839 J 003"), record(17, birth="", national_id="65170839J003")
    assert compare(mine, theirs, TOWN).likeness is PairClass.LIKELY


def test_a_name_that_many_carry_is_worth_less() -> None:
    many = Population(1_000_000, namesakes={"anna/fischer": 2000})
    few = Population(1_000_000, namesakes={"anna/fischer": 2})
    assert compare(ANNA, record(17), many).bits < compare(ANNA, record(17), few).bits - 3
    assert compare(ANNA, record(17), many).likeness is not PairClass.LIKELY


@pytest.mark.parametrize(
    ("other", "conflict"),
    [
        (record(17, "FISCHER^BERTA"), "twins"),
        (record(17, "FISCHER^BERTA", street="4 High Street", postcode="20095", phones=("040 123456",)), "twins"),
        (record(17, "FISCHER^BABY GIRL"), "newborns"),
        (record(17, "FISCHER^ANNA^^^JR"), ""),
    ],
)
def test_relatives_are_no_duplicates_whatever_their_household_shares(other: PersonRecord, conflict: str) -> None:
    mine = record(street="4 High Street", postcode="20095", phones=("040 123456",))
    pair = compare(mine, other, TOWN)
    assert (pair.likeness is PairClass.NOT) == bool(conflict)
    assert any(conflict in text for text in pair.conflicts) or not conflict


NEWBORNS = [
    "BABY", "BOY", "GIRL", "BB", "BG", "RN", "NB", "BEBE", "NEUGEBORENES", "SAEUGLING", "BABYGIRLA", "RECIEN NACIDO"
]  # fmt: skip
HOUSE = {"street": "4 High Street", "postcode": "20095", "city": "Hamburg", "phones": ("040 123456",)}


@pytest.mark.parametrize("word", NEWBORNS)
@pytest.mark.parametrize("birth", ["2026-11-20", "2026-11-21", "1990-01-05", "2026", ""])
@pytest.mark.parametrize("other", ["FISCHER^{}", "FISCHER^ANNA", "FISHER^ANNA", "FISCHER"])
def test_no_given_name_yet_is_proposed_only_where_a_number_agrees(word: str, birth: str, other: str) -> None:
    """Be it a newborn, or somebody whose name is Baby and whose sister's is not."""
    mine, theirs = record(3, f"FISCHER^{word}", "2026-11-20", **HOUSE), record(17, other.format(word), birth, **HOUSE)
    assert compare(mine, theirs, TOWN).likeness is compare(theirs, mine, TOWN).likeness is PairClass.NOT
    both = {**HOUSE, "national_id": "65170839"}
    mine, theirs = record(3, f"FISCHER^{word}", "2026-11-20", **both), record(17, other.format(word), birth, **both)
    assert compare(mine, theirs, TOWN).likeness is PairClass.POSSIBLE


@pytest.mark.parametrize("word", NEWBORNS)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SCHULZ^MAX", "MEYER^{}"),
        ("MEYER-SCHULZ^{}", "MEYER^MAX"),
        ("{}^MEYER", "{}^MEYER"),
        ("{}^MEYER", "MEYER^{}"),
        ("MEYER^EVAS {}", "MEYER^EVAS {}"),
    ],
)
def test_a_newborns_word_anywhere_is_never_likely(word: str, one: str, other: str) -> None:
    """A child that has its father's name since, or its twin."""
    mine, theirs = (record(id, name.format(word), "2026-11-20", **HOUSE) for id, name in ((3, one), (17, other)))
    assert compare(mine, theirs, TOWN).likeness is not PairClass.LIKELY


@pytest.mark.parametrize("was", ["MEYER^BABY BOY", "MEYER^RN", "BABYBOY^MEYER", "MEYER^RECIEN NACIDO"])
def test_twins_who_were_both_newborns_are_two(was: str) -> None:
    mine = record(3, "MEYER^MAX", "2026-11-20", former=(was,), **HOUSE)
    theirs = record(17, "MEYER^TOM", "2026-11-20", former=(was,), **HOUSE)
    assert compare(mine, theirs, TOWN).likeness is PairClass.NOT


def test_father_and_son_are_two_even_with_one_birth_date_by_mistake() -> None:
    pair = compare(record(name="WEBER^KARL^^^SR", sex="M"), record(17, "WEBER^KARL^^^JR", sex="M"), TOWN)
    assert pair.likeness is PairClass.NOT
    assert "same name of two generations (Jr, Sr)" in pair.conflicts


def test_twins_with_one_national_id_are_for_a_person_to_look_at() -> None:
    mine, theirs = record(national_id="65170839"), record(17, "FISCHER^BERTA", national_id="65170839")
    pair = compare(mine, theirs, TOWN)
    assert pair.likeness is PairClass.POSSIBLE
    assert any("twins" in text for text in pair.conflicts)


def test_another_sex_is_named_and_never_likely() -> None:
    beside = {"national_id": "65170839", "street": "4 High Street", "postcode": "20095"}
    pair = compare(record(**beside), record(17, sex="M", **beside), TOWN)
    assert pair.likeness is PairClass.POSSIBLE
    assert "the sexes differ (F and M)" in pair.conflicts
    assert compare(ANNA, record(17, sex="O"), TOWN).likeness is PairClass.LIKELY


@pytest.mark.parametrize("name", ["FISCHER ANNA", "ANNA^FISCHER", "Fischer^Anna^^Dr", "FISHER^ANNA", "FISCHER^ANNE"])
def test_names_are_recognised_however_they_were_typed(name: str) -> None:
    assert compare(ANNA, record(17, name), TOWN).likeness is not PairClass.NOT


@pytest.mark.parametrize("name", ["", "^^^^", "^", "UNKNOWN^FEMALE", "TRAUMA^ALPHA", "=", "^^^^^^^", "\u200b"])
def test_a_name_that_is_none_agrees_with_nothing(name: str) -> None:
    assert compare(record(name=name), record(17, name), TOWN).likeness is PairClass.NOT
    assert compare(ANNA, record(17, name), TOWN).likeness is PairClass.NOT


def test_what_is_endless_is_compared_all_the_same() -> None:
    long = record(17, f"{'FISCHER' * 20_000}^{'ANNA ' * 20_000}", street="High Street " * 20_000)
    assert compare(record(street="4 High Street"), long, TOWN).likeness is not PairClass.LIKELY
    many = tuple(PatientId(f"{number:07}", "HOSP") for number in range(500))
    one, other = record(), record(17)
    one = replace(one, person=replace(one.person, identifiers=many[:499]), in_use=many[:499])
    other = replace(other, person=replace(other.person, identifiers=many[498:]), in_use=many[498:])
    assert agreement(compare(one, other, TOWN))["patient_id"] == "equal"


def test_two_records_that_know_nothing_are_not_one_person() -> None:
    nothing = [record(number, "", "", "", mrn="", issuer="") for number in (3, 17)]
    pair = compare(nothing[0], nothing[1], TOWN)
    assert pair.likeness is PairClass.NOT
    assert agreement(pair) == {"population": "prior"}


def test_a_maiden_name_finds_its_owner_and_is_said() -> None:
    pair = compare(record(name="SCHMIDT^ANNA", former=("FISCHER^ANNA",)), record(17), TOWN)
    assert pair.likeness is not PairClass.NOT
    assert any("former name: FISCHER^ANNA" in reason.text for reason in pair.reasons)


@pytest.mark.parametrize(
    ("birth", "level"),
    [
        ("1960-05-17", "equal"),
        ("1960-05-18", "one slip apart"),
        ("1960", "partly equal"),
        ("1960-05", "partly equal"),
        ("19600571", "one slip apart"),
        ("1983-11-30", "different"),
        ("1900-01-01", ""),
        ("9999-12-31", ""),
        ("nonsense", ""),
    ],
)
def test_birth_dates_agree_by_levels(birth: str, level: str) -> None:
    assert agreement(compare(ANNA, record(17, birth=birth), TOWN)).get("patient_birth_date", "") == level


def test_a_first_of_january_says_less() -> None:
    usual = compare(ANNA, record(17), TOWN)
    common = compare(record(birth="1960-01-01"), record(17, birth="1960-01-01"), TOWN)
    assert common.bits < usual.bits


def test_numbers_given_one_after_the_other_speak_for_nothing() -> None:
    assert agreement(compare(record(mrn="1000001"), record(17, mrn="1000002"), TOWN))["patient_id"].startswith("given")
    assert agreement(compare(record(mrn="1000001"), record(17, mrn="1090001"), TOWN))["patient_id"] == "one slip apart"
    assert "patient_id" not in agreement(compare(record(mrn="1000001"), record(17, mrn="77"), TOWN))


def test_a_number_of_another_issuer_is_another_number() -> None:
    pair = compare(record(mrn="1000001", issuer="A"), record(17, mrn="1000001", issuer="B"), TOWN)
    assert "patient_id" not in agreement(pair)
    same = compare(record(mrn="1000001", issuer="A"), record(17, mrn="0001000001", issuer="A"), TOWN)
    assert agreement(same)["patient_id"] == "equal after normalisation"


@pytest.mark.parametrize(
    "other",
    [
        record(17, confidential=True),
        record(17, merged_into=5),
        record(17, linked=(3,)),
        record(17, quarantined=True),
    ],
)
def test_some_pairs_are_never_proposed_and_say_why(other: PersonRecord) -> None:
    pair = compare(ANNA, other, TOWN)
    assert (pair.likeness, pair.bits, pair.reasons) == (PairClass.NOT, 0.0, ())
    assert len(pair.conflicts) == 1


def test_comparison_is_symmetric() -> None:
    one, other = record(phones=("040 123456",)), record(17, "FISHER^ANNE", "1960-05-18", phones=("+49 40 123456",))
    here, there = compare(one, other, TOWN), compare(other, one, TOWN)
    assert (here.bits, here.likeness, here.survivor_id) == (there.bits, there.likeness, there.survivor_id)
    assert agreement(here) == agreement(there)


def test_the_case_of_a_pair_is_the_same_whichever_record_was_looked_at() -> None:
    one, other = record(3), record(17)
    here = finding(one, other, compare(one, other, TOWN))
    there = finding(other, one, compare(other, one, TOWN))
    assert here.subject == there.subject == subject(17, 3) == "persons:3/17"
    assert digest(here.evidence) == digest(there.evidence)
    assert (here.kind, here.owner, here.severity) == (CaseKind.DUPLICATE_PATIENTS, CaseOwner.REGISTRATION, 1)
    assert load(type(here), dump(here)) == here


def test_evidence_does_not_drift_with_the_population_or_the_usage() -> None:
    one, other = record(3), record(17)
    now = finding(one, other, compare(one, other, TOWN))
    later = record(17, orders=12)
    grown = finding(one, later, compare(one, later, Population(2_000_000, namesakes={"anna/fischer": 12})))
    assert digest(now.evidence) == digest(grown.evidence)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GARCIA LOPEZ^MARIA JOSE", "GARCIA LOPEZ^MARIA CARMEN"),
        ("SILVA SANTOS^JOAO PEDRO", "SILVA SANTOS^JOAO PAULO"),
        ("NGUYEN^VAN ANH", "NGUYEN^VAN DUNG"),
        ("KIM^MIN JUN", "KIM^MIN JI"),
        ("FISCHER^HANS-PETER", "FISCHER^HANS-JUERGEN"),
        ("IVANOV^IVAN^IVANOVICH", "IVANOV^IVAN^PETROVICH"),
        ("SMITH^JOHN^A", "SMITH^JOHN^B"),
    ],
)
def test_twins_may_share_the_first_of_several_given_names(one: str, other: str) -> None:
    home = {"street": "4 High Street", "postcode": "20095", "city": "Hamburg", "phones": ("040 123456",)}
    pair = compare(record(3, one, **home), record(17, other, **home), TOWN)
    assert pair.likeness is PairClass.POSSIBLE
    assert pair.conflicts == ("further given names differ: twins may share the first one",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IVANOVA^ANNA^IVANOVNA", "IVANOV^ANNA^IVANOVICH"),
        ("SMITH^JOHN^A", "SMITH^JOHN^ALBERT"),
        ("SMITH^JOHN^ALBERT", "SMITH^JOHN"),
        ("SMITH^JOHN^ALBERT", "SMITH^JOHN^ALBERTO"),
    ],
)
def test_further_given_names_that_fit_are_no_conflict(one: str, other: str) -> None:
    pair = compare(record(3, one), record(17, other), TOWN)
    assert (pair.likeness, pair.conflicts) == (PairClass.LIKELY, ())
