from __future__ import annotations

import io

import pytest
from pydicom import dcmread
from pydicom.data import get_charset_files
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from radrecon.dicom.recode import charset_of, fits, make_room, recode, return_to, texts_of
from radrecon.model.errors import Trouble


def image(charset: str | list[str] | None, **values: str) -> Dataset:
    """As it comes off the wire: bytes, not text."""
    made = FileDataset("", {}, file_meta=FileMetaDataset())
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = "1.2.3"
    if charset is not None:
        made.SpecificCharacterSet = charset
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return reread(made)


def reread(dataset: Dataset) -> Dataset:
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    content.seek(0)
    return dcmread(content)


@pytest.mark.parametrize(
    ("text", "charset", "held"),
    [
        ("Miller", [], True),
        ("Müller", [], False),
        ("Müller", ["ISO_IR 100"], True),
        ("Müller", ["ISO_IR 192"], True),
        ("山田", ["ISO_IR 100"], False),
        ("山田", ["", "ISO 2022 IR 87"], True),
        ("Müller", ["", "ISO 2022 IR 87"], False),
        ("Müller", ["ISO_IR 6"], False),
        ("Müller", ["nonsense"], False),
        ("Miller", ["nonsense"], True),
    ],
)
def test_a_text_fits_where_it_comes_back_as_it_went_in(text: str, charset: list[str], held: bool) -> None:
    assert fits([text], charset) is held


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        (None, "Miller", []),
        (None, "Müller", ["ISO_IR 100"]),
        (None, "山田", ["ISO_IR 192"]),
        ("ISO_IR 100", "Müller", ["ISO_IR 100"]),
        ("ISO_IR 100", "Nguyễn", ["ISO_IR 192"]),
        ("ISO_IR 192", "山田", ["ISO_IR 192"]),
        ("GB18030", "山田", ["GB18030"]),
    ],
)
def test_the_set_changes_only_where_it_must(before: str | None, text: str, after: list[str]) -> None:
    dataset = image(before)
    make_room(dataset, [text])
    assert charset_of(dataset) == after


@pytest.mark.parametrize("path", [str(path) for path in get_charset_files("*.dcm")])
def test_every_real_image_keeps_its_text_when_recoded(path: str) -> None:
    dataset = dcmread(path)
    before = list(texts_of(dcmread(path)))
    recode(dataset, "ISO_IR 192")
    assert list(texts_of(reread(dataset))) == before


@pytest.mark.parametrize("path", [str(path) for path in get_charset_files("*.dcm")])
def test_going_back_restores_set_and_text(path: str) -> None:
    dataset, untouched = dcmread(path), dcmread(path)
    recode(dataset, "ISO_IR 192")
    return_to(dataset, charset_of(untouched))
    again = reread(dataset)
    assert again.get("SpecificCharacterSet") == untouched.get("SpecificCharacterSet")
    assert list(texts_of(again)) == list(texts_of(untouched))


def test_text_that_its_set_cannot_read_is_left_as_it_is() -> None:
    dataset = image("ISO_IR 100", InstitutionName="Zürich")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    broken = reread(dataset)
    broken._dict[0x00080080] = image("ISO_IR 100", InstitutionName="Zürich").get_item(0x00080080)
    with pytest.raises(Trouble, match="cannot read"):
        recode(broken, "GB18030")


def test_going_back_keeps_new_text_in_the_notes_readable() -> None:
    dataset = image("ISO_IR 192", PatientName="Miller")
    note, prior = Dataset(), Dataset()
    prior.PatientName = "山田"
    note.ModifiedAttributesSequence = [prior]
    dataset.OriginalAttributesSequence = [note]
    return_to(dataset, ["ISO_IR 100"])
    again = reread(dataset)
    assert charset_of(again) == ["ISO_IR 100"]
    assert again.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].PatientName == "山田"


def test_there_is_no_going_back_where_a_letter_would_be_lost() -> None:
    dataset = image("ISO_IR 192", PatientName="山田")
    return_to(dataset, ["ISO_IR 100"])
    assert charset_of(dataset) == ["ISO_IR 192"]
