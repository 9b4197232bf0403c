"""Lists of legacy patient numbers."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.crosswalk import CrosswalkEntry, Issuers
from radrecon.model.errors import Trouble
from radrecon.model.patient import PatientId
from radrecon.recon.identifiers import read_crosswalk

HEAD = "legacy_patient_id,legacy_issuer,patient_id,issuer\n"


def lines(text: str, issuers: Issuers = Issuers("OLD", "HOSP")) -> list[tuple[int, str]]:  # noqa: B008
    return [(one.line, one.text) for one in read_crosswalk(text, issuers)[1]]


def test_a_line_leads_from_a_legacy_number_to_the_present_one() -> None:
    entries, problems = read_crosswalk(HEAD + "L1,OLD,123,HOSP\n\n L2 ,, 124 ,\n", Issuers("RIS", "EMR"))
    assert entries == [
        CrosswalkEntry(PatientId("L1", "OLD"), PatientId("123", "HOSP"), 2),
        CrosswalkEntry(PatientId("L2", "RIS"), PatientId("124", "EMR"), 4),
    ]
    assert problems == []


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_and_be_parted_as_spreadsheets_do(mark: str) -> None:
    text = f"\ufeffPatient ID{mark}Legacy Patient ID\r\n123{mark}L1\r\n"
    assert read_crosswalk(text, Issuers("OLD", "HOSP"))[0] == [
        CrosswalkEntry(PatientId("L1", "OLD"), PatientId("123", "HOSP"), 2)
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (",OLD,123,HOSP", "legacy_patient_id is empty"),
        ("L1,OLD,,HOSP", "patient_id is empty"),
        ("L1,OLD", "patient_id is empty"),
        ("L1,OLD,123,HOSP,5", "more values than columns"),
        ("1,HOSP,1,HOSP", "1^^^HOSP leads to itself"),
        ("L" * 201 + ",OLD,123,HOSP", "no patient number"),
        ("L\x071,OLD,123,HOSP", "no patient number"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_taken(line: str, words: str) -> None:
    text = HEAD + "A,OLD,1,HOSP\n" + line + "\nB,OLD,2,HOSP\n"
    entries, (problem,) = read_crosswalk(text, Issuers())
    assert [entry.legacy.value for entry in entries] == ["A", "B"]
    assert problem.line == 3
    assert words in problem.text


def test_what_was_said_before_is_named_with_its_line() -> None:
    text = HEAD + "A,OLD,1,HOSP\nA,OLD,1,HOSP\nA,OLD,2,HOSP\nA,NEW,2,HOSP\n"
    assert lines(text) == [
        (3, "the same as line 2"),
        (4, "A^^^OLD leads to 1^^^HOSP in line 2 already; not taken"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("L1,123\n", "no such column: 'l1'"),
        ("legacy_patient_id,issuer\n", "patient_id are needed"),
        ("patient_id,patient_id,legacy_patient_id\n", "each once"),
    ],
)
def test_a_file_whose_columns_are_not_named_is_not_guessed_at(text: str, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        read_crosswalk(text, Issuers())


@given(st.text())
def test_any_text_is_read_or_is_trouble(text: str) -> None:
    with contextlib.suppress(Trouble):
        entries, problems = read_crosswalk(HEAD + text, Issuers("OLD", "HOSP"))
        assert len(entries) + len(problems) <= 1 + len(text)
