from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag

from radrecon.dicom.elements import EXPLICIT_LE, Element, encode
from radrecon.dicom.identity import demographics, dicom_date, identity_values, iso_date, iso_date_time, items, text
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId


def dataset(**values: object) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("da", "iso"),
    [
        ("19600517", "1960-05-17"),
        ("1960.05.17", "1960-05-17"),
        ("19600230", "19600230"),
        ("1960", "1960"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_date_becomes_iso_and_junk_stays_as_it_came(da: str, iso: str) -> None:
    assert iso_date(da) == iso


@pytest.mark.parametrize(("iso", "da"), [("1960-05-17", "19600517"), ("1960-05", ""), ("1960", ""), ("junk", "")])
def test_only_a_whole_date_can_be_written(iso: str, da: str) -> None:
    assert dicom_date(iso) == da


@given(st.dates())
def test_dates_survive_the_round_trip(day: object) -> None:
    assert iso_date(dicom_date(str(day))) == str(day)


@pytest.mark.parametrize(
    ("da", "tm", "iso"),
    [
        ("20261122", "073015.123", "2026-11-22T07:30:15"),
        ("20261122", "0730", "2026-11-22T07:30"),
        ("20261122", "07", "2026-11-22T07"),
        ("20261122", "07:30:15", "2026-11-22T07:30:15"),
        ("20261122", "9999", "2026-11-22"),
        ("20261122", "", "2026-11-22"),
        ("", "0730", ""),
        ("junk", "0730", ""),
    ],
)
def test_a_time_is_as_precise_as_given(da: str, tm: str, iso: str) -> None:
    assert iso_date_time(da, tm) == iso


def test_the_identity_block_is_read_whole() -> None:
    other = dataset(PatientID="X9", IssuerOfPatientID="OUT")
    read = demographics(
        dataset(
            PatientID="0017 ",
            IssuerOfPatientID="HIS",
            PatientName="DOE^JOHN^^^",
            PatientBirthDate="19600517",
            PatientSex="m",
            OtherPatientIDs=["A1", "A2"],
            OtherPatientIDsSequence=[other],
        )
    )
    assert read.patient_id == PatientId("0017", "HIS")
    assert (str(read.name), read.birth_date, read.sex) == ("DOE^JOHN", "1960-05-17", "M")
    assert read.other_ids == (PatientId("X9", "OUT"), PatientId("A1"), PatientId("A2"))


def test_an_unknown_sex_is_none() -> None:
    assert demographics(dataset(PatientSex="U")).sex == ""


def test_nothing_in_makes_nothing_out() -> None:
    assert demographics(Dataset()) == Demographics()


def test_the_block_is_written_in_dicom_terms() -> None:
    patient = Demographics(PatientId("17", "HIS"), PersonName.parse("DOE^JOHN"), "1960-05-17", "M")
    assert identity_values(patient) == {
        "PatientID": "17",
        "IssuerOfPatientID": "HIS",
        "PatientName": "DOE^JOHN",
        "PatientBirthDate": "19600517",
        "PatientSex": "M",
    }


def test_several_values_are_one_text() -> None:
    assert text(dataset(ModalitiesInStudy=["CT", "SR"]), "ModalitiesInStudy") == "CT\\SR"


def test_nuls_go_wherever_they_stand() -> None:
    """A family name out of a buffer of fixed length; PostgreSQL takes no NUL."""
    found = demographics(dataset(PatientName="DOE\0\0\0^JOHN\0", PatientID="17\0\0"))
    assert (str(found.name), found.patient_id.value) == ("DOE^JOHN", "17")
    assert text(dataset(StudyDescription=" CT\0HEAD \0"), "StudyDescription") == "CTHEAD"
    assert text(dataset(StudyDescription="CT 😀 \ud83d"), "StudyDescription") == "CT 😀"


def test_what_cannot_be_read_is_empty_and_stops_nothing() -> None:
    broken = dataset(PatientID="17")
    for keyword, vr, value in (
        ("PatientName", "\0\0", b"DOE^JOHN"),
        ("OtherPatientIDsSequence", "SQ", b"\xfe\xff\0\xe0\x04\0\0\0\x10"),
        ("RequestAttributesSequence", "SQ", b"no"),
    ):
        tag = tag_for_keyword(keyword) or 0
        broken[tag] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)
    assert demographics(broken) == Demographics(PatientId("17"))
    assert items(broken, "RequestAttributesSequence") == items(broken, "IssuerOfAccessionNumberSequence") == []


def test_no_escape_sequence_is_left_in_a_chinese_name() -> None:
    found = Dataset()
    found.SpecificCharacterSet = "\\ISO 2022 IR 58"
    raw = b"Wang=\x1b$)A\xcd\xf5^\x1b$)A\xd0\xa1\xb6\xab"
    tag = Tag("PatientName")
    found[tag] = RawDataElement(tag, "PN", len(raw), raw, 0, False, True)
    assert text(found, "PatientName") == "Wang=王^小东"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("", "utf-8"),
        ("ISO_IR 6", "utf-8"),
        ("ISO_IR 6", "latin-1"),
        ("ISO_IR 100", "latin-1"),
        ("ISO_IR 192", "latin-1"),
        ("ISO_IR 192", "utf-8"),
        ("KLINGON", "utf-8"),
        ("GB18030", "gb18030"),
        ("\\ISO 2022 IR 87", "utf-8"),
    ],
)
def test_a_text_that_does_not_fit_its_declared_set_is_read_as_what_it_is(declared: str, codec: str) -> None:
    """An archive that passes on what modalities wrote, under one character set for all of them."""
    found = received(declared, "MÜLLER^JÜRGEN".encode(codec))
    assert str(demographics(found).name) == "MÜLLER^JÜRGEN"
    assert demographics(found).other_ids == (PatientId("X9", "MÜLLER^JÜRGEN"),)


def received(declared: str, raw: bytes) -> Dataset:
    """An answer as it comes out of an association."""
    padded = raw + b" " * (len(raw) % 2)
    issuer = Element("LO", padded)
    other = {0x00100020: Element("LO", b"X9"), 0x00100021: issuer}
    content = {0x00100010: Element("PN", padded), 0x00101002: Element("SQ", items=(other,))}
    if declared:
        content[0x00080005] = Element("CS", declared.encode() + b" " * (len(declared) % 2))
    return read_dataset(BytesIO(encode(content, EXPLICIT_LE)), is_implicit_VR=False, is_little_endian=True)
