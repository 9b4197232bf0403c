"""The header in front of the pixels, piece by piece; the facts are those that pydicom reads."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from radrecon.dicom import stored, study
from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, UNDEFINED, parse
from radrecon.dicom.stored import HEADER_LIMIT, LONG_VALUE, HeaderReader
from radrecon.model.errors import ContentError
from radrecon.model.study import StudyFacts

CT, UID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"


def data_set(dataset: Dataset, syntax: str = EXPLICIT_LE) -> bytes:
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = syntax == IMPLICIT_LE, syntax != EXPLICIT_BE
    write_dataset(file, dataset)
    return file.getvalue()


def image(**values: object) -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CT, "1.2.3.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2", "1.2.3"
    dataset.PatientName, dataset.PatientID, dataset.InstanceNumber = "山田^太郎", "77", 4
    item = Dataset()
    item.PatientID, item.IssuerOfPatientID = "78", "OTHER"
    dataset.OtherPatientIDsSequence = [item]
    dataset.BitsAllocated = 16
    dataset.add_new(0x7FE00010, "OW", bytes(1000))
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def read(data: bytes, syntax: str = EXPLICIT_LE, piece: int = 100) -> HeaderReader:
    reader = HeaderReader(syntax)
    for at in range(0, len(data), piece):
        reader.feed(memoryview(data)[at : at + piece])
    reader.finish()
    return reader


def uncounted(facts: StudyFacts) -> StudyFacts:
    return replace(facts, instances=0, series=tuple(replace(one, instances=0) for one in facts.series))


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_the_header_ends_where_the_pixels_begin(syntax: str, piece: int) -> None:
    data = data_set(image(), syntax)
    reader = read(data, syntax, piece)
    assert data.startswith(reader.header)
    assert 0x7FE00010 not in parse(reader.header, syntax)
    assert reader.has_pixels
    found = stored.instance(reader, CT, "1.2.3.1", syntax, len(data))
    assert (found.study_instance_uid, found.series_instance_uid, found.instance_number) == ("1.2", "1.2.3", "4")
    assert uncounted(stored.facts("p", [(reader.header, syntax)])) == uncounted(
        study.study_facts("p", image(), [image()])
    )


def test_a_deflated_data_set_is_read_as_it_comes() -> None:
    packer = zlib.compressobj(wbits=-15)
    data = packer.compress(data_set(image())) + packer.flush()
    reader = read(data, stored.DEFLATED[0], 10)
    assert stored.instance(reader, CT, "1.2.3.1", stored.DEFLATED[0], 1).study_instance_uid == "1.2"
    assert stored.facts("p", [(reader.header, stored.DEFLATED[0])]).patient.patient_id.value == "77"


def test_long_values_are_left_out_and_what_follows_is_read() -> None:
    dataset = image(EncapsulatedDocument=bytes(LONG_VALUE + 2), MIMETypeOfEncapsulatedDocument="application/pdf")
    reader = read(data_set(dataset), piece=1000)
    found = parse(reader.header, EXPLICIT_LE)
    assert found[0x00420011].value == b""
    assert found[0x00420012].value == b"application/pdf "
    assert len(reader.header) < 2000


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
def test_a_long_item_is_left_out_and_the_patient_behind_it_is_read(syntax: str) -> None:
    """A key object of very many images: a sequence without a length, whose item has one."""
    instances = [Dataset() for _ in range(2000)]
    for number, one in enumerate(instances):
        one.ReferencedSOPInstanceUID = f"1.2.840.113619.{number}"
    series = Dataset()
    series.SeriesInstanceUID, series.ReferencedInstanceSequence = "1.2.9", instances
    dataset = image(ReferencedSeriesSequence=[series])
    dataset["ReferencedSeriesSequence"].is_undefined_length = True
    reader = read(data_set(dataset, syntax), syntax, piece=1000)
    assert stored.facts("p", [(reader.header, syntax)]).patient.patient_id.value == "77"
    assert parse(reader.header, syntax)[0x00081115].items == ({},)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize("piece", [1000, 1 << 20])
def test_a_long_sequence_without_a_length_is_left_out_and_the_patient_behind_it_is_read(
    syntax: str, piece: int
) -> None:
    """A segmentation of a long CT, as many toolkits write it: longer than all that is kept of a header."""
    images = [Dataset() for _ in range(6000)]
    for number, one in enumerate(images):
        one.ReferencedSOPInstanceUID = f"1.2.840.113619.2.55.3.{number:06}"
        one.is_undefined_length_sequence_item = True
    dataset = image(ReferencedImageSequence=images)
    dataset["ReferencedImageSequence"].is_undefined_length = True
    data = data_set(dataset, syntax)
    assert len(data) > HEADER_LIMIT
    reader = read(data, syntax, piece)
    assert (reader.flaw, parse(reader.header, syntax)[0x00081140].items) == ("", ())
    facts = stored.facts("p", [(reader.header, syntax)])
    assert (facts.study_instance_uid, facts.patient.patient_id.value) == ("1.2", "77")
    assert [one.value for one in facts.patient.other_ids] == ["78"]


def test_a_header_without_end_is_cut_at_the_limit() -> None:
    dataset = image()
    for number in range(0x1001, 0x10FF):
        dataset.add_new(0x00250000 | number, "UN", bytes(4000))
    dataset.add_new(0x00250010, "LO", "X")
    reader = read(data_set(dataset), piece=8000)
    assert len(reader.header) <= HEADER_LIMIT
    assert reader.flaw
    assert stored.instance(reader, CT, "1.2.3.1", EXPLICIT_LE, 1).study_instance_uid == "1.2"


def test_pixels_within_a_sequence_do_not_end_the_header() -> None:
    icon = Dataset()
    icon.Rows = 1
    icon.add_new(0x7FE00010, "OW", bytes(10))
    reader = read(data_set(image(IconImageSequence=[icon])))
    assert 0x00880200 in parse(reader.header, EXPLICIT_LE)


def test_headers_that_say_the_same_of_their_series_have_one_digest() -> None:
    def digest(**values: object) -> str:
        return stored.instance(read(data_set(image(**values))), CT, "1", EXPLICIT_LE, 1).digest

    assert digest(SOPInstanceUID="1.9", InstanceNumber=9) == digest()
    assert digest(PatientID="78") != digest()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"StudyInstanceUID": ""}, "no Study Instance UID"),
        ({"SeriesInstanceUID": ""}, "no Series Instance UID"),
    ],
)
def test_what_names_no_study_is_none(values: dict[str, str], why: str) -> None:
    with pytest.raises(ContentError, match=why):
        stored.instance(read(data_set(image(**values))), CT, "1.2", EXPLICIT_LE, 1)


def test_another_transfer_syntax_than_told_is_found_out() -> None:
    with pytest.raises(ContentError):
        stored.instance(read(data_set(image(), IMPLICIT_LE), EXPLICIT_LE), CT, UID, EXPLICIT_LE, 1)


def test_the_study_is_what_the_latest_header_says_and_has_every_series() -> None:
    headers = [
        (read(data_set(image(SeriesInstanceUID=uid, PatientID=number))).header, EXPLICIT_LE)
        for uid, number in (("1.2.5", "new"), ("1.2.3", "old"))
    ]
    facts = stored.facts("p", headers)
    assert facts.patient.patient_id.value == "new"
    assert [one.series_instance_uid for one in facts.series] == ["1.2.3", "1.2.5"]


def test_a_file_of_pydicom_end_to_end() -> None:
    dataset = dcmread(get_testdata_file("CT_small.dcm"))
    reader = read(data_set(dataset))
    wanted = uncounted(study.study_facts("p", dataset, [dataset]))
    assert uncounted(stored.facts("p", [(reader.header, EXPLICIT_LE)])) == wanted


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize("undefined", [False, True])
def test_the_orders_that_an_image_names_are_facts(syntax: str, undefined: bool) -> None:
    protocol, first, second = Dataset(), Dataset(), Dataset()
    protocol.CodeValue, protocol.CodingSchemeDesignator = "CTRIBS", "L"
    first.AccessionNumber, second.AccessionNumber = "A100", "A200"
    second.RequestedProcedureDescription, second.ScheduledProtocolCodeSequence = "Rippen", [protocol]
    made = image(RequestAttributesSequence=[first, second], InstitutionName="General", PatientIdentityRemoved="YES")
    made["RequestAttributesSequence"].is_undefined_length = undefined
    for one in (first, second):
        one.is_undefined_length_sequence_item = undefined
    found = stored.facts("main", [(read(data_set(made, syntax), syntax).header, syntax)])
    assert [(one.accession_number, one.description) for one in found.requests] == [("A100", ""), ("A200", "Rippen")]
    assert (found.institution_name, found.identity_removed) == ("General", True)


@pytest.mark.parametrize(("syntax", "undefined"), [(EXPLICIT_LE, False), (EXPLICIT_LE, True), (EXPLICIT_BE, False)])
def test_the_orders_are_read_out_of_a_sequence_that_an_archive_did_not_know(syntax: str, undefined: bool) -> None:
    """It keeps it as UN, with its content in implicit VR."""
    request, alone = Dataset(), Dataset()
    request.AccessionNumber, request.ScheduledProcedureStepID = "A100", "S1"
    alone.RequestAttributesSequence = [request]
    content = data_set(alone, IMPLICIT_LE)[8:] + (bytes.fromhex("feffdde000000000") if undefined else b"")
    order = ">" if syntax == EXPLICIT_BE else "<"
    head = struct.pack(order + "HH2sHI", 0x0040, 0x0275, b"UN", 0, UNDEFINED if undefined else len(content))
    pixels = struct.pack(order + "HH", 0x7FE0, 0x0010)
    data = data_set(image(), syntax).replace(pixels, head + content + pixels)
    found = stored.facts("main", [(read(data, syntax).header, syntax)])
    assert [one.accession_number for one in found.requests] == ["A100"]


def test_an_instance_number_is_kept_without_nuls() -> None:
    data = data_set(image(InstanceNumber=12345)).replace(b"12345 ", b"1\0002345")
    found = stored.instance(read(data), CT, "1.2.3.1", EXPLICIT_LE, 0)
    assert found.instance_number == "12345"
