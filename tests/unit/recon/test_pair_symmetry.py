"""Whichever of two records is looked at first, they agree the same: a pair is decided from one side only."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from radrecon.model.case import Pair
from radrecon.model.duplicate import PersonRecord, Population
from radrecon.model.patient import PatientId
from radrecon.recon.duplicates import compare

from .records import record

TOWN = Population(namesakes={"anna/fischer": 9})
NAMES = (
    "FISCHER^ANNA", "FISCHER^ANNA MARIA", "FISCHER^MARIA ANNA", "FISCHER^ANNA^MARIA", "ANNA^FISCHER", "FISHER^ANNE",
    "HANNA^FISCHEL", "FISCHER-MEIER^ANNA", "MEIER^ANNA", "GARCIA LOPEZ^JUAN CARLOS", "JUAN CARLOS^GARCIA",
    "DE LA CRUZ^MARIA", "CRUZ^MARIA DE LA", "NGUYEN^VAN ANH", "VAN DER BERG^JAN", "SUHARTO", "^SUHARTO", "Nagy^János",
    "IVANOV^IVAN^IVANOVICH", "ИВАНОВ^ИВАН", "Yamada^Tarou=山田^太郎", "山田^太郎", "FISCHER^BABY GIRL A", "FISCHER^A",
)  # fmt: skip
BORN = ("1960-05-17", "1960-05-18", "1960-17-05", "1960-05", "1960-01-01", "")
NUMBERS = ("12345", "0012345", "12354", "12346", "77")


@st.composite
def records(draw: st.DrawFn) -> PersonRecord:
    """Of person 3, with names before the present one and with several numbers."""
    name, former = draw(st.sampled_from(NAMES)), draw(st.lists(st.sampled_from(NAMES), max_size=2))
    numbers = draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=2))
    found = record(3, name, draw(st.sampled_from(BORN)), draw(st.sampled_from("MF")), former=former, mrn=numbers[0])
    identifiers = tuple(PatientId(number, "HOSP") for number in numbers)
    return replace(found, person=replace(found.person, identifiers=identifiers))


def says(pair: Pair) -> list[object]:
    reasons = sorted((reason.field, reason.level, round(reason.bits, 6)) for reason in pair.reasons)
    return [pair.likeness, round(pair.bits, 6), reasons, len(pair.conflicts), pair.survivor_id, pair.non_survivor_id]


@given(one=records(), other=records())
@example(record(3, "DE LA CRUZ^MARIA"), record(3, "MEIER FISCHER^ANNA"))
@example(record(3, "FISCHER^MARIA ANNA"), record(3, "FISCHER^ANNA^MARIA"))
@example(record(3, "JUAN CARLOS^GARCIA"), record(3, "GARCIA^JUAN"))
def test_two_records_agree_the_same_from_either_side(one: PersonRecord, other: PersonRecord) -> None:
    second = replace(other, person=replace(other.person, id=17))
    assert says(compare(one, second, TOWN)) == says(compare(second, one, TOWN))
