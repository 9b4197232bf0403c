from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import config, dcmread
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from radrecon.dicom.edits import edit_dataset, original_header, restore_dataset, shows_edit, shows_original
from radrecon.model.correction import DatasetEdit, EditReason
from radrecon.model.errors import Trouble

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
SAMPLES = ["CT_small.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm", "image_dfl.dcm", "test-SR.dcm", "priv_SQ.dcm"]
FILES = [get_testdata_file(name) for name in SAMPLES] + [str(path) for path in get_charset_files("*.dcm")]


def an_edit(*requests: dict[str, str], **values: str) -> DatasetEdit:
    return DatasetEdit("main", "1.2", values, requests or None, EditReason.COERCE)


def whole(name: str = "Yamada^Tarou=山田^太郎=やまだ^たろう") -> DatasetEdit:
    identity = {"PatientID": "P2", "IssuerOfPatientID": "HIS", "PatientName": name, "PatientBirthDate": "19700101"}
    return an_edit({"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "S1"}, **identity, AccessionNumber="B2")


def reread(dataset: Dataset) -> Dataset:
    return dcmread(io.BytesIO(_file(dataset)))


def _file(dataset: Dataset) -> bytes:
    content = io.BytesIO()
    dataset.save_as(content)
    return content.getvalue()


def ct(**values: object) -> Dataset:
    dataset = dcmread(get_testdata_file("CT_small.dcm"))
    for keyword, value in ({"PatientID": "P1", "IssuerOfPatientID": "HIS"} | values).items():
        setattr(dataset, keyword, value)
    return reread(dataset)


def text_of(dataset: Dataset) -> dict[str, object]:
    kept = Dataset({one.tag: one for one in dataset if one.tag.element})
    if "OriginalAttributesSequence" in kept:
        del kept.OriginalAttributesSequence
    return dict(kept.to_json_dict(suppress_invalid_tags=True))


def test_the_prior_values_are_noted_in_one_item_with_who_when_and_why() -> None:
    dataset = ct(PatientName="DOE^JOHN")
    edit_dataset(dataset, an_edit(PatientName="DOE^JANE", AccessionNumber="A2"), NOW, "radrecon")
    (note,) = reread(dataset).OriginalAttributesSequence
    assert note.SourceOfPreviousValues == "main"
    assert note.AttributeModificationDateTime == "20261122073000.000000+0000"
    assert (note.ModifyingSystem, note.ReasonForTheAttributeModification) == ("radrecon", "COERCE")
    (prior,) = note.ModifiedAttributesSequence
    assert [element.keyword for element in prior] == ["AccessionNumber", "PatientName"]
    assert prior.PatientName == "DOE^JOHN"


def test_the_issuer_goes_along_with_the_patient_id() -> None:
    dataset = ct()
    edit_dataset(dataset, an_edit(PatientID="P2", IssuerOfPatientID="HIS"), NOW, "radrecon")
    prior = dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert (prior.PatientID, prior.IssuerOfPatientID) == ("P1", "HIS")


def test_an_attribute_that_was_absent_is_noted_without_a_value() -> None:
    dataset = ct()
    assert "RequestAttributesSequence" not in dataset
    edit_dataset(dataset, an_edit({"RequestedProcedureID": "RP1"}, PatientComments="seen"), NOW, "radrecon")
    prior = reread(dataset).OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert list(prior.RequestAttributesSequence) == []
    assert prior.PatientComments == ""


def test_a_nested_change_notes_the_whole_sequence() -> None:
    first, second = Dataset(), Dataset()
    first.RequestedProcedureID, second.RequestedProcedureID = "OLD1", "OLD2"
    dataset = ct(RequestAttributesSequence=[first, second])
    edit_dataset(dataset, an_edit({"RequestedProcedureID": "NEW"}), NOW, "radrecon")
    prior = reread(dataset).OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
    assert [item.RequestedProcedureID for item in prior.RequestAttributesSequence] == ["OLD1", "OLD2"]


def test_notes_that_are_there_stay_and_ours_comes_last() -> None:
    note = Dataset()
    note.ModifyingSystem = "ACME"
    dataset = ct(OriginalAttributesSequence=[note])
    edit_dataset(dataset, an_edit(PatientSex="F"), NOW, "radrecon")
    assert [one.ModifyingSystem for one in reread(dataset).OriginalAttributesSequence] == ["ACME", "radrecon"]


def test_an_edit_that_is_there_already_leaves_no_trace() -> None:
    dataset = ct(PatientName="DOE^JANE", PatientSex="F")
    before = dataset.to_json_dict()
    edit_dataset(dataset, an_edit(PatientName="DOE^JANE", PatientSex="F"), NOW, "radrecon")
    assert dataset.to_json_dict() == before


def test_emptying_what_is_absent_is_no_change() -> None:
    dataset = ct()
    edit_dataset(dataset, an_edit(MilitaryRank=""), NOW, "radrecon")
    assert "MilitaryRank" not in dataset
    assert "OriginalAttributesSequence" not in dataset


def test_a_value_can_be_emptied() -> None:
    dataset = ct(AccessionNumber="A1")
    edit_dataset(dataset, an_edit(AccessionNumber=""), NOW, "radrecon")
    assert reread(dataset).AccessionNumber == ""
    assert dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0].AccessionNumber == "A1"


def test_a_value_that_does_not_fit_leaves_the_dataset_as_it_was() -> None:
    dataset = ct()
    before = dataset.to_json_dict()
    with pytest.raises(Trouble):
        edit_dataset(dataset, an_edit(PatientName="Ok^Name", AccessionNumber="A" * 17), NOW, "radrecon")
    assert dataset.to_json_dict() == before


@pytest.mark.parametrize("path", FILES)
def test_nothing_but_the_named_attributes_changes(path: str) -> None:
    before = text_of(dcmread(path))
    dataset = dcmread(path)
    edit = whole()
    edit_dataset(dataset, edit, NOW, "radrecon")
    after = text_of(reread(dataset))
    touched = {"00080005", "00080050", "00100010", "00100020", "00100021", "00100030", "00400275", "0040A370"}
    assert {tag for tag in before.keys() | after.keys() if before.get(tag) != after.get(tag)} <= touched
    assert shows_edit(reread(dataset), edit)


@pytest.mark.parametrize("new", ["Miller^Joan", "Mełler^Joan"])
def test_a_name_that_its_character_set_cannot_read_is_noted_and_comes_back_with_every_letter(new: str) -> None:
    """Latin-1 under ISO_IR 192: an archive that declares one set for all that it is sent."""
    raw = _file(ct(PatientName="MXLLER^JO", SpecificCharacterSet="ISO_IR 192")).replace(b"MXLLER", b"M\xdcLLER")
    original = original_header(dcmread(io.BytesIO(raw)), an_edit(PatientName=new))
    dataset = dcmread(io.BytesIO(raw))
    edit_dataset(dataset, an_edit(PatientName=new), NOW, "radrecon")
    edited = reread(dataset)
    (prior,) = edited.OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert (edited.PatientName, prior.PatientName) == (new, "MÜLLER^JO")
    restore_dataset(edited, original, NOW, "radrecon")
    assert reread(edited).PatientName == "MÜLLER^JO"
    assert shows_original(reread(edited), original)


def test_private_elements_in_a_sequence_that_changes_are_no_obstacle() -> None:
    """Implicit VR: nobody knows what they are."""
    item = Dataset()
    item.RequestedProcedureID = "RP0"
    item.add_new(0x00091010, "UN", b"\xfc\xfc")
    dataset = ct(RequestAttributesSequence=[item])
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    edited = dcmread(io.BytesIO(_file(dataset)))
    edit_dataset(edited, whole(), NOW, "radrecon")
    (prior,) = reread(edited).OriginalAttributesSequence[0].ModifiedAttributesSequence
    assert prior.RequestAttributesSequence[0][0x00091010].value == b"\xfc\xfc"


@pytest.mark.parametrize("path", FILES)
def test_undo_puts_every_attribute_and_the_character_set_back(path: str) -> None:
    dataset = dcmread(path)
    before, edit = text_of(dcmread(path)), whole("Nguyễn^Văn")
    original = original_header(dataset, edit)
    kept = json.loads(json.dumps(original.header))
    edit_dataset(dataset, edit, NOW, "radrecon")
    dataset = reread(dataset)
    assert not shows_original(dataset, original)
    restore_dataset(dataset, original, NOW, "radrecon", "main")
    dataset = reread(dataset)
    assert text_of(dataset) == before
    assert kept == original.header
    assert shows_original(dataset, original)
    first, second = dataset.OriginalAttributesSequence
    assert second.ModifiedAttributesSequence[0].PatientName == "Nguyễn^Văn"
    assert first.ModifiedAttributesSequence[0].PatientName == dcmread(path).get("PatientName", "")


def test_undo_leaves_alone_what_a_later_edit_changed() -> None:
    dataset = ct(PatientName="DOE^JOHN", AccessionNumber="A1")
    first = an_edit(PatientName="DOE^JANE")
    original = original_header(dataset, first)
    edit_dataset(dataset, first, NOW, "radrecon")
    edit_dataset(dataset, an_edit(AccessionNumber="A2"), NOW, "radrecon")
    restore_dataset(dataset, original, NOW, "radrecon")
    assert (dataset.PatientName, dataset.AccessionNumber) == ("DOE^JOHN", "A2")


def test_an_undo_run_twice_leaves_one_note() -> None:
    dataset = ct(PatientName="DOE^JOHN")
    edit = an_edit(PatientName="DOE^JANE")
    original = original_header(dataset, edit)
    edit_dataset(dataset, edit, NOW, "radrecon")
    for _ in range(2):
        restore_dataset(dataset, original, NOW, "radrecon")
    assert len(dataset.OriginalAttributesSequence) == 2


def test_a_junk_value_comes_back_as_it_was() -> None:
    dataset = ct()
    dataset._dict.pop(0x00100030, None)
    dataset.add(DataElement(0x00100030, "DA", "17.5.60", validation_mode=config.IGNORE))
    edit = an_edit(PatientBirthDate="19600517")
    original = original_header(dataset, edit)
    edit_dataset(dataset, edit, NOW, "radrecon")
    restore_dataset(dataset, original, NOW, "radrecon")
    assert reread(dataset).PatientBirthDate == "17.5.60"


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\^=\ufffd"), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(NAMES.filter(lambda name: name == name.strip()), st.sampled_from([None, "ISO_IR 100", "ISO_IR 192", "GB18030"]))
def test_any_name_goes_in_and_the_old_one_comes_back(name: str, charset: str | None) -> None:
    dataset = ct(PatientName="Müller^Jürg" if charset else "Mueller^Juerg", InstitutionName="Bern")
    dataset.SpecificCharacterSet = charset or ""
    before = dataset.PatientName
    dataset, edit = reread(dataset), an_edit(PatientName=name)
    original = original_header(dataset, edit)
    edit_dataset(dataset, edit, NOW, "radrecon")
    dataset = reread(dataset)
    assert str(dataset.PatientName) == name
    restore_dataset(dataset, original, NOW, "radrecon")
    assert reread(dataset).PatientName == before
