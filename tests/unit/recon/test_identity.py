from __future__ import annotations

import pytest

from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.identity import cannot_be_one, resolve, survivor_of, truth_of, two_of_one_number

from .people import ANNA, person, who


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (who(), False),
        (who("9999999"), False),
        (who("9999999", "SCHULZ^BERTA"), True),
        (who("9999999", "MEYER^ANNA", "1988-01-02"), True),
        (who("9999999", "MEYER^BERTA"), True),
        (who("4711010", "SCHULZ^BERTA"), False),
        (who("4711001", "SCHULZ^BERTA", "1988-01-02", "M"), False),
        (who("", "SCHULZ^BERTA", "1988-01-02"), True),
        (who("", "SCHULZ^BERTA"), False),
        (who("", "", ""), False),
    ],
)
def test_two_contradictions_without_the_id_are_two_people(found: Demographics, expected: bool) -> None:
    assert cannot_be_one(ANNA, found, "") is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (who(), False),
        (who(name="SCHULZ^BERTA"), False),  # a new family name, or a name typed over
        (who(birth="1988-01-02"), False),
        (who(name="SCHULZ^BERTA", birth="1988-01-02"), True),
        (who(name="MEIER^ANNA", birth="1988-01-02"), False),  # one slip
        (who(name="SCHULZ^BERTA", issuer="SOUTH"), True),
        (who(issuer="SOUTH"), False),
        (who(name="", birth="1988-01-02"), False),
        (who("9999999", "SCHULZ^BERTA"), False),  # what the number says is not asked
    ],
)
def test_under_one_number_two_contradictions_are_two_people(found: Demographics, expected: bool) -> None:
    assert two_of_one_number(ANNA, found, "HOSP") is expected


def test_merges_lead_to_the_survivor_and_cycles_end() -> None:
    chain = {1: person(1, merged_into=2), 2: person(2, merged_into=3), 3: person(3)}
    assert survivor_of(1, chain) == 3
    assert survivor_of(7, chain) == 7
    assert survivor_of(1, {1: person(1, merged_into=2), 2: person(2, merged_into=1)}) in (1, 2)


def test_an_identifier_of_two_people_leads_to_nobody() -> None:
    two = {1: person(1, who("5", issuer="A")), 2: person(2, who("5", issuer="B"))}
    assert resolve(PatientId("5"), two, "") == 0
    assert resolve(PatientId("5", "B"), two, "") == 2
    assert resolve(PatientId("5"), two, "A") == 1


def test_a_retired_number_of_the_same_issuer_is_not_in_good_standing() -> None:
    known = (PatientId("4711001"), PatientId("old"), PatientId("R1", "RIS"))
    assert truth_of(person(identifiers=known)).other_ids == (PatientId("R1", "RIS"),)
