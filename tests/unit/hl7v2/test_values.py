"""Data types ↔ values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.hl7v2 import values
from radrecon.hl7v2.escape import Delimiters
from radrecon.hl7v2.reader import Field, Segment
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.order import Code
from radrecon.model.patient import PatientId

BERLIN = ZoneInfo("Europe/Berlin")


def repeats(text: str) -> list[Field]:
    return Segment(f"PID|{text}").repeats(1)


@pytest.mark.parametrize(
    ("xpn", "pn"),
    [
        ("DOE^JOHN^Q^JR^DR", "DOE^JOHN^Q^DR^JR"),
        ("DOE^JOHN", "DOE^JOHN"),
        ("DOE^JOHN^^^^MD", "DOE^JOHN^^^MD"),
        ("DOE^JOHN^Q^JR^DR^PHD^L", "DOE^JOHN^Q^DR^JR PHD"),
        ("MAIDEN^JANE^^^^^M~DOE^JANE^^^^^L", "DOE^JANE"),
        ("ALIAS^A^^^^^A~DOE^JANE", "DOE^JANE"),
        ("ALIAS^A^^^^^A", "ALIAS^A"),
        ("YAMADA^TAROU^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P", "YAMADA^TAROU=山田^太郎=やまだ^たろう"),
        ("山田^太郎^^^^^L^I", "=山田^太郎"),
        ("Velzen&van^Jan", "van Velzen^Jan"),
        ("van Velzen&van&Velzen^Jan", "van Velzen^Jan"),
        ("Velzen&van&Velzen^Jan", "van Velzen^Jan"),
        ("van Velzen-de Jong&van&Velzen&de&Jong^Eva", "van Velzen-de Jong^Eva"),
        ('""', ""),
        ("DOE^\\S\\=JOHN", "DOE^JOHN"),
        ("  DOE ^ JOHN ", "DOE^JOHN"),
        ("", ""),
    ],
)
def test_xpn_becomes_a_name(xpn: str, pn: str) -> None:
    assert str(values.person_name(repeats(xpn))) == pn


PART = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z"), exclude_characters="^="), max_size=8).filter(
    lambda text: text != '""'
)
GROUP = st.builds(NameGroup, PART, PART, PART, PART, PART)


@given(st.builds(PersonName, GROUP, GROUP, GROUP))
def test_a_name_written_as_xpn_comes_back(name: PersonName) -> None:
    assert values.person_name(repeats(values.xpn(name))) == name


@given(st.builds(PersonName, GROUP, GROUP, GROUP))
def test_a_name_comes_back_from_xpn_as_the_same_pn_text(name: PersonName) -> None:
    """XPN orders suffix before prefix, PN prefix before suffix; nothing changes places on the way."""
    assert str(values.person_name(repeats(values.xpn(PersonName.parse(str(name)))))) == str(name)


@given(st.builds(PersonName, GROUP, GROUP, GROUP), st.sampled_from(["!*@?+", "|^~\\&#", "$%§¶;"]))
def test_a_name_comes_back_with_other_delimiters(name: PersonName, marks: str) -> None:
    delimiters = Delimiters(*marks)
    written = Segment(f"PID{delimiters.field}{values.xpn(name, delimiters)}", delimiters)
    assert values.person_name(written.repeats(1)) == name


@given(text=st.text(max_size=60))
def test_a_name_read_from_any_text_is_stable(text: str) -> None:
    """What a PN cannot hold (^ and = inside a part, padding) is lost once, and never again."""
    name = values.person_name(repeats(text.translate({13: 32, 10: 32, 0: None})))
    assert values.person_name(repeats(values.xpn(name))) == name
    assert PersonName.parse(str(name)) == name


def test_a_name_too_long_to_be_kept_in_memory_is_read_all_the_same() -> None:
    assert values.person_name(repeats("A" * 5000 + "^B")).given == "B"
    assert values.physician_name(Field("1^" + "A" * 5000 + "^B")).given == "B"


def test_a_name_that_was_read_before_is_read_in_its_own_delimiters() -> None:
    assert values.person_name([Field("A*B^C", Delimiters("!", "*", "@", "?", "+"))]).family == "A"
    assert values.person_name([Field("A*B^C")]).family == "A*B"


@pytest.mark.parametrize(
    ("xcn", "pn"),
    [
        ("17^HOUSE^GREG^X^SR^DR", "HOUSE^GREG^X^DR^SR"),
        ("17", ""),
        ("DR GREG HOUSE", "DR GREG HOUSE"),
        ("^HOUSE", "HOUSE"),
        ("", ""),
    ],
)
def test_xcn_becomes_a_name(xcn: str, pn: str) -> None:
    assert str(values.physician_name(Field(xcn))) == pn


@pytest.mark.parametrize(
    ("cx", "expected"),
    [
        ("123^^^HIS^MR", PatientId("123", "HIS")),
        ("123^^^HIS&1.2.3&ISO^MR", PatientId("123", "HIS")),
        ("123^^^&1.2.3&ISO^MR", PatientId("123", "1.2.3")),
        ("123", PatientId("123", "SITE")),
        (" 0123 ", PatientId("0123", "SITE")),
        ('""', PatientId("")),
        ("^^^HIS", PatientId("")),
    ],
)
def test_cx_becomes_an_identifier(cx: str, expected: PatientId) -> None:
    assert values.patient_id(Field(cx), "SITE") == expected


@pytest.mark.parametrize("identifier", [PatientId("1^2&3", "A|B"), PatientId("7", "1.2.840.1"), PatientId("7", "HIS")])
def test_an_identifier_written_as_cx_comes_back(identifier: PatientId) -> None:
    assert values.patient_id(Segment(f"PID|{values.cx(identifier)}").field(1)) == identifier


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1960", "1960"),
        ("196005", "1960-05"),
        ("19600517", "1960-05-17"),
        ("2026112214", "2026-11-22T14:00:00"),
        ("202611221430", "2026-11-22T14:30:00"),
        ("20261122143015", "2026-11-22T14:30:15"),
        ("20261122143015.1234+0100", "2026-11-22T14:30:15+01:00"),
        ("202611221430-0330", "2026-11-22T14:30:00-03:30"),
        (" 20240229 ", "2024-02-29"),
    ],
)
def test_a_time_keeps_its_precision_and_zone(text: str, iso: str) -> None:
    point = values.when(text)
    assert point
    assert values.iso(point) == iso


@pytest.mark.parametrize(
    "text",
    ["", '""', "0", "00000000", "20261301", "20230229", "1960-05-17", "17.05.1960", "2026112225", "2026112214305",
     "20261122143015.", "202611221430.5", "20261122+1", "20261122+2500", "20261122+01:00", "٢٠٢٦", "20261122 1430"],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert values.when(text) is None


def test_the_wall_clock_is_the_sites() -> None:
    stated, plain, day, year = (values.when(text) for text in ("202611221430+0000", "202611221430", "20261122", "2026"))
    assert stated and plain and day and year  # noqa: PT018
    assert values.wall_clock(stated, BERLIN) == "2026-11-22T15:30:00"
    assert values.wall_clock(plain, BERLIN) == "2026-11-22T14:30:00"
    assert values.wall_clock(plain, BERLIN, sender_zone=ZoneInfo("Europe/London")) == "2026-11-22T15:30:00"
    assert values.wall_clock(day, BERLIN, sender_zone=UTC) == "2026-11-22"
    assert values.wall_clock(year, BERLIN) == ""


def test_an_instant_is_written_with_its_zone() -> None:
    assert values.ts(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=BERLIN)) == "20260102030405+0100"
    assert values.ts(datetime(2026, 11, 22, tzinfo=UTC)) == "20261122000000+0000"
    assert values.ts(datetime(2026, 11, 22, 14, 30, 5, tzinfo=timezone(timedelta(hours=-5)))) == "20261122143005-0500"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("19600517", "1960-05-17"),
        ("196005171205", "1960-05-17"),
        ("1960", "1960"),
        ("19600000", "1960"),  # only the year is known
        ("19600500", "1960-05"),
        ("19601300", "19601300"),
        ("19600017", "19600017"),
        ("00000000", "00000000"),
        ("unknown", "unknown"),
        ('""', ""),
        ("", ""),
    ],
)
def test_a_birth_date_stays_a_date(text: str, expected: str) -> None:
    assert values.birth_date(text) == expected


def test_a_birth_date_is_written_back() -> None:
    assert [values.da(text) for text in ("1960-05-17", "1960-05", "1960", "", "n/a")] == [
        "19600517", "196005", "1960", "", "n/a",
    ]  # fmt: skip


def test_sexes_are_dicoms() -> None:
    found = {text: values.sex(text) for text in ("M", "f", "A", "N", "O", "X", "U", "", '""', "?")}
    assert found == {"M": "M", "f": "F", "A": "O", "N": "O", "O": "O", "X": "O", "U": "", "": "", '""': "", "?": ""}


def test_codes_need_their_scheme_to_count() -> None:
    field = Field("CTCHE^CT CHEST & NECK^L^P1^PROTOCOL^99X")
    assert values.code(field) == Code("CTCHE", "L", "CT CHEST & NECK")
    assert values.code(field, 4) == Code("P1", "99X", "PROTOCOL")
    assert not values.code(Field("CTCHE^CT CHEST"))
    assert values.text_of(field) == "CT CHEST & NECK"
    assert values.text_of(Field("free text")) == "free text"
