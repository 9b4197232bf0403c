from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.patient import Demographics
from radrecon.recon.overlay import classify_person, names_another, suspected_overlay

from .people import ANNA, person, who

OTHER = who(name="SCHULZ^BERTA", birth="1971-01-02")

OVERLAYS = {
    "family name and birth date": (ANNA, OTHER, ("family name", "birth date")),
    "family name and sex": (ANNA, who(name="SCHULZ^UDO", sex="M"), ("family name", "sex")),
    "birth date and sex": (ANNA, who(birth="1971-01-02", sex="M"), ("birth date", "sex")),
    "all three": (
        ANNA,
        who(name="SCHULZ^UDO", birth="1971-01-02", sex="M"),
        ("family name", "birth date", "sex"),
    ),
    "family name and a birth date one digit off": (
        ANNA,
        who(name="SCHULZ^BERTA", birth="1960-05-11"),
        ("family name", "birth date"),
    ),
    "a real John Doe": (
        who(name="DOE^JOHN", birth="1960-05-17", sex="M"),
        who(name="ROE^JANE", birth="1971-01-02"),
        ("family name", "birth date", "sex"),
    ),
    "a name in other letters": (
        who(name="=山田^太郎"),
        who(name="=鈴木^花子", birth="1999-01-02"),
        ("family name", "birth date"),
    ),
}


@pytest.mark.parametrize(("old", "new", "fields"), OVERLAYS.values(), ids=OVERLAYS.keys())
def test_two_of_three_make_another_person(old: Demographics, new: Demographics, fields: tuple[str, ...]) -> None:
    assert suspected_overlay(old, new) == fields


EXEMPT = {
    "marriage": (ANNA, who(name="SCHULZ^ANNA")),
    "a birth date corrected": (ANNA, who(birth="1971-01-02")),
    "a sex corrected": (ANNA, who(sex="M")),
    "a typo in the name and the birth date": (ANNA, who(name="MEIER^ANNA", birth="1960-05-11")),
    "family and given name were swapped, and the sex": (ANNA, who(name="ANNA^MEYER", sex="M")),
    "a double name and the birth date": (ANNA, who(name="MEYER-SCHULZ^ANNA", birth="1960-05-11")),
    "case, and nothing else": (ANNA, who(name="meyer^anna")),
    "missing values filled in": (who(name="", birth="", sex=""), OTHER),
    "more precise": (who(birth="1960"), who(name="SCHULZ^ANNA")),
    "newborn naming": (who(name="MEYER^BABY BOY", sex=""), who(name="SCHULZ^MAX", sex="M")),
    "newborn girl named, sex corrected": (who(name="BABYGIRL^MEYER"), who(name="SCHULZ^MAX", sex="M")),
    "newborn of twins": (who(name="MEYER^BABYBOYA", sex="F"), who(name="SCHULZ^MAX", sex="M")),
    "newborn of twins, in two words": (who(name="MEYER^BOY B", sex="F"), who(name="SCHULZ^MAX", sex="M")),
    "newborn numbered": (who(name="MEYER^NEUGEBORENES 2", sex=""), who(name="SCHULZ^MIA", sex="F")),
    "newborn under BB": (who(name="BB^SCHMIDT", sex="F"), who(name="SCHULZ^MAX", sex="M")),
    "newborn in Spanish": (who(name="GARCIA^RN", sex="F"), who(name="LOPEZ^MARIO", sex="M")),
    "trauma alias resolved": (who(name="TRAUMA^ALPHA", birth="1900-01-01", sex="M"), OTHER),
    "unknown resolved": (who(name="UNKNOWN^MALE 7", sex="M"), OTHER),
    "Doe with an estimated birth date": (who(name="DOE^JANE", birth="1980-01-01"), OTHER),
    "sex not known in HL7's words": (who(sex="O"), who(name="SCHULZ^ANNA", sex="M")),
    "nothing": (ANNA, ANNA),
}


@pytest.mark.parametrize(("old", "new"), EXEMPT.values(), ids=EXEMPT.keys())
def test_exempt(old: Demographics, new: Demographics) -> None:
    assert suspected_overlay(old, new) == ()


def test_a_grown_person_over_a_newborn_is_an_overlay() -> None:
    assert suspected_overlay(who(name="MEYER^BABY BOY", birth="2026-11-20"), OTHER)


@pytest.mark.parametrize("name", ["BABYAK^ANNA", "BOYD^ANNA", "BOY^ANNA", "BOYA^ANNA", "MEYER^BOYD"])
def test_a_name_that_begins_like_a_newborns_is_none(name: str) -> None:
    assert suspected_overlay(who(name=name, sex="F"), who(name="SCHULZ^UDO", sex="M"))


def test_an_alias_over_a_real_person_is_an_overlay() -> None:
    assert suspected_overlay(ANNA, who(name="TRAUMA^ALPHA", birth="1900-01-01", sex="M"))


def test_a_quarantined_person_is_registrations_case() -> None:
    suspect = person(5, OTHER, quarantined=True, before_overlay=ANNA)
    (finding,) = classify_person(suspect)
    assert (finding.kind, finding.subject) == (CaseKind.SUSPECTED_OVERLAY, "person:5")
    assert finding.owner is CaseOwner.REGISTRATION
    assert finding.cause.startswith("family name and birth date changed at once")


def test_others_are_no_case() -> None:
    suspect = person(5, OTHER, quarantined=True, before_overlay=ANNA)
    assert classify_person(person()) == classify_person(replace(suspect, merged_into=1)) == ()


ORDERED_FOR_ANOTHER = {
    "a sister, born two years later": (who(name="MEYER^BERTA", birth="1962-02-02"), True),
    "a whole other name, born the same day": (who(name="SCHULZ^EVI"), False),
    "an overlay": (OTHER, True),
    "a second given name first": (who(name="MEYER^MARIA ANNA"), False),
    "a sister's name and nothing else": (who(name="MEYER^BERTA"), False),
    "marriage": (who(name="SCHULZ^ANNA"), False),
    "a birth date corrected": (who(birth="1971-01-02"), False),
    "an unknown patient": (who(name="UNBEKANNT^FRAU", birth=""), False),
    "nothing but the number": (who(name="", birth="", sex=""), False),
}


@pytest.mark.parametrize(("said", "another"), ORDERED_FOR_ANOTHER.values(), ids=ORDERED_FOR_ANOTHER.keys())
def test_an_order_for_somebody_else_than_its_numbers_owner(said: Demographics, another: bool) -> None:
    assert names_another(ANNA, said) is another
