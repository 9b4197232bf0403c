"""The small codec against pydicom, and against bytes that lie."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset

from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Element, Item, encode, parse, walk
from radrecon.model.errors import ContentError

SYNTAXES = (IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE)


def sample() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "CTHEAD", "Head"
    step = Dataset()
    step.Modality, step.ScheduledProtocolCodeSequence = "CT", [code]
    dataset = Dataset()
    dataset.PatientName, dataset.StudyInstanceUID = "SMITH^JOHN", "1.2.3"
    dataset.ScheduledProcedureStepSequence = [step]
    dataset.RequestedProcedureCodeSequence = []
    return dataset


def written(dataset: Dataset, syntax: str, undefined: bool = False) -> bytes:
    if undefined:
        for element in dataset.iterall():
            element.is_undefined_length = element.VR == "SQ"
            for item in element.value if element.VR == "SQ" else ():
                item.is_undefined_length_sequence_item = True
    out = DicomBytesIO()
    out.is_implicit_VR, out.is_little_endian = syntax == IMPLICIT_LE, syntax != EXPLICIT_BE
    write_dataset(out, dataset)
    return bytes(out.getvalue())


@pytest.mark.parametrize("undefined", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_pydicom_writes_is_read(syntax: str, undefined: bool) -> None:
    found = parse(written(sample(), syntax, undefined), syntax)
    step = found[0x00400100].items[0]
    assert found[0x00100010].value == b"SMITH^JOHN"
    assert found[0x0020000D].value == b"1.2.3"
    assert found[0x00321064] == Element("SQ")
    assert step[0x00080060].value == b"CT"
    assert step[0x00400008].items[0][0x00080104].value == b"Head"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_is_written_pydicom_reads(syntax: str) -> None:
    item = parse(written(sample(), EXPLICIT_LE), EXPLICIT_LE) | {0x001021C0: Element("US", b"\x03\x00")}
    item[0x0020000D] = Element("UI", b"1.2.3\0")
    found = read_dataset(BytesIO(encode(item, syntax)), syntax == IMPLICIT_LE, syntax != EXPLICIT_BE)
    expected = sample()
    expected.PregnancyStatus = 3
    assert found == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x10\x00",
        b"\x10\x00\x10\x00PN\xff\xff",
        b"\x10\x00\x10\x00XX\x02\x00AB",
        b"\x10\x00\x10\x00\xff\xfe\x02\x00AB",
        b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff\x10\x00\x10\x00\x02\0\0\0AB",
        b"\x40\x00\x00\x01SQ\0\0\x08\0\0\0\xfe\xff\x00\xe0\xff\xff\0\0",
    ],
)
def test_bytes_that_lie_are_a_content_error(data: bytes) -> None:
    with pytest.raises(ContentError):
        parse(data, EXPLICIT_LE)


def test_nesting_has_a_bound() -> None:
    with pytest.raises(ContentError):
        parse(b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff" * 500, EXPLICIT_LE)


def test_a_sequence_sent_as_unknown_is_read_all_the_same() -> None:
    inner = encode({0x00080060: Element("CS", b"CT")}, IMPLICIT_LE)
    item = b"\xfe\xff\x00\xe0" + len(inner).to_bytes(4, "little") + inner
    data = b"\x40\x00\x00\x01UN\0\0" + len(item).to_bytes(4, "little") + item
    assert parse(data, EXPLICIT_LE)[0x00400100].items[0][0x00080060].value == b"CT"


@given(st.binary(max_size=300), st.sampled_from(SYNTAXES))
def test_any_bytes_are_elements_or_a_content_error(data: bytes, syntax: str) -> None:
    try:
        found: Item = parse(data, syntax)
    except ContentError:
        return
    assert sum(len(element.value) for _, element in walk(found)) <= len(data)
