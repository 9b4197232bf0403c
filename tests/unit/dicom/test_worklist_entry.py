"""Answers as they come over the wire, read from bytes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from radrecon.dicom.worklist_entry import LONGEST, entries
from radrecon.model.ris_worklist import WorklistEntry

STEP, ACCESSION, CHARSET, NAME, UID = 0x00400100, 0x00080050, 0x00080005, 0x00100010, 0x0020000D


def element(tag: int, value: bytes) -> bytes:
    """Implicit VR little endian."""
    padded = value + b" " * (len(value) % 2)
    return (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little") + _length(padded) + padded


def _length(value: bytes) -> bytes:
    return len(value).to_bytes(4, "little")


def read(*elements: bytes) -> WorklistEntry:
    (found,) = entries(parsed(b"".join(elements)))
    return found


def parsed(raw: bytes) -> Dataset:
    return read_dataset(BytesIO(raw), is_implicit_VR=True, is_little_endian=True)


def item(*elements: bytes) -> bytes:
    whole = b"".join(elements)
    return b"\xfe\xff\x00\xe0" + _length(whole) + whole


def test_a_whole_answer() -> None:
    step = item(element(0x00080060, b"ct"), element(0x00400001, b"CT1"), element(0x00400002, b"20261122"),
                element(0x00400003, b"143000.000"), element(0x00400009, b"S1"))  # fmt: skip
    issuer = item(element(0x00400031, b"NORTH"))
    found = read(
        element(ACCESSION, b"A100"), element(0x00080051, issuer), element(NAME, b"DOE^JOHN"),
        element(0x00100020, b"17"), element(0x00100021, b"HOSP"), element(0x00100030, b"19600517"),
        element(0x00100040, b"m"), element(UID, b"1.2.3\0"), element(STEP, step), element(0x00401001, b"RP1"),
    )  # fmt: skip
    assert (found.accession_number, found.issuer_of_accession, found.modality) == ("A100", "NORTH", "CT")
    assert (found.station_ae_title, found.start, found.study_instance_uid) == ("CT1", "2026-11-22T14:30:00", "1.2.3")
    assert (found.patient.sex, found.patient.birth_date, found.patient.patient_id.issuer) == ("M", "1960-05-17", "HOSP")
    assert found.flags == ()


@pytest.mark.parametrize(
    ("declared", "name", "shown", "flag"),
    [
        (b"ISO_IR 100", "MÜLLER^JÖRG".encode("latin-1"), "MÜLLER^JÖRG", ""),
        (b"ISO_IR 192", "山田^太郎".encode(), "山田^太郎", ""),
        (b"ISO 2022 IR 6\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B",
         "Yamada^Tarou=山田^太郎", ""),
        (b"", "MÜLLER^JÖRG".encode(), "MÜLLER^JÖRG", "letters beyond ASCII, and no character set declared"),
        (b"ISO_IR 192", "MÜLLER^JÖRG".encode("latin-1"), "MÜLLER^JÖRG",
         "text does not fit the declared character set ISO_IR 192"),
        (b"ISO_IR 6", "MÜLLER^JÖRG".encode(), "MÜLLER^JÖRG", "text does not fit the declared character set ISO_IR 6"),
        (b"ISO_IR 100", "MÜLLER".encode(), "MÃLLER", "declared ISO_IR 100, but reads like UTF-8"),
        (b"KLINGON", b"DOE", "DOE", "the character set that the answer declares is not known"),
    ],
)  # fmt: skip
def test_text_is_read_as_a_modality_reads_it(declared: bytes, name: bytes, shown: str, flag: str) -> None:
    found = read(element(CHARSET, declared), element(NAME, name), element(0x00100020, b"1"), element(STEP, item()))
    assert str(found.patient.name).replace("\x9c", "") == shown
    assert found.flags == ((flag,) if flag else ())


def test_an_item_has_the_character_set_of_its_answer() -> None:
    text = "Schädel".encode("latin-1")
    found = read(element(CHARSET, b"ISO_IR 100"), element(STEP, item(element(0x00400007, text))))
    assert found.step_description == "Schädel"


@pytest.mark.parametrize("uid", [b"../../x", b"1." + b"2" * 63, b"1..2", b"1.02", b"abc"])
def test_a_uid_that_is_none_is_kept_and_flagged(uid: bytes) -> None:
    found = read(element(UID, uid), element(0x00100020, b"1"), element(STEP, item()))
    assert found.flags == ("the Study Instance UID is none",)
    assert found.study_instance_uid == uid.decode()


def test_control_characters_and_what_is_too_long_are_cut() -> None:
    found = read(element(ACCESSION, b"A\x00\x1b1" + b"0" * 999))
    assert found.accession_number == ("A1" + "0" * 999)[:LONGEST]


def test_an_answer_without_step_or_patient_says_so() -> None:
    assert read(element(ACCESSION, b"A1")).flags == (
        "the answer has no scheduled procedure step", "the answer has no patient id",
    )  # fmt: skip


def test_several_steps_are_several_entries() -> None:
    both = item(element(0x00400009, b"S1")) + item(element(0x00400009, b"S2"))
    assert [one.scheduled_procedure_step_id for one in entries(parsed(element(STEP, both)))] == ["S1", "S2"]


@pytest.mark.parametrize("value", [b"no items", b"\xfe\xff\x00\xe0\xff\xff\xff\x7f", b""])
def test_a_sequence_that_is_none_is_read_past(value: bytes) -> None:
    assert read(element(ACCESSION, b"A1"), element(STEP, value)).accession_number == "A1"


@given(st.dictionaries(st.sampled_from([CHARSET, ACCESSION, NAME, UID, STEP, 0x00100030, 0x00400002]), st.binary()))
def test_reading_never_raises(values: dict[int, bytes]) -> None:
    raw = b"".join(element(tag, values[tag]) for tag in sorted(values))
    try:
        answer = parsed(raw)
    except Exception:  # the library's affair: such an answer has no data set
        return
    assert entries(answer)


def test_what_was_converted_already_is_read_too() -> None:
    answer: Any = Dataset()
    answer.PatientName, answer.PatientID = "DOE^JOHN", "17"
    answer.SpecificCharacterSet = ["ISO 2022 IR 6", "ISO 2022 IR 100"]
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = True, True
    write_dataset(buffer, answer)
    (one,), (other,) = entries(answer), entries(parsed(buffer.getvalue()))
    assert one == other
