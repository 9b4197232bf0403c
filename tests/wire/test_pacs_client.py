"""Edits and their undo at real archives: Orthanc by REST, and two that overwrite what is stored again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from radrecon.model.correction import DatasetEdit, OriginalHeader
from radrecon.model.errors import NotFound, PeerTrouble, PeerUncertain, Refused, Stale
from radrecon.services import pacs_client, pacs_dimse
from radrecon.sim.pacs import RunningPacs, free_port
from tests.wire.pacs_desk import NOW, Desk, correction, matched, without_notes
from tests.wire.pacs_peers import CT, MR, OWN_AE, make_study, mixed_series, put

pytestmark = [
    pytest.mark.usefixtures("no_threads_left"),
    # pynetdicom drops the socket of a refused connection without closing it
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def desk(any_pacs: RunningPacs, spool: Path) -> Desk:
    return Desk(any_pacs, spool)


def test_a_fresh_query_shows_the_correction_and_nothing_of_the_old(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path, series=((CT, CT), (MR,))))
    desk.edit(correction(uid))
    facts = desk.facts(uid)
    patient = facts.patient
    assert (str(patient.name), patient.birth_date, patient.sex) == ("Miller^Joan", "1961-05-17", "F")
    assert patient.patient_id.value == f"P{uid[-8:]}"
    assert facts.accession_number == "B200"
    assert (facts.instances, len(facts.series)) == (3, 2)
    listed = pacs_dimse.find_studies(desk.pacs.config, OWN_AE)
    assert [one.patient.patient_id.value for one in listed if one.study_instance_uid == uid] == [f"P{uid[-8:]}"]


def test_every_instance_notes_its_prior_values_once(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path))
    desk.edit(correction(uid))
    for dataset in desk.held(uid).values():
        (note,) = dataset.OriginalAttributesSequence
        assert (note.ModifyingSystem, note.ReasonForTheAttributeModification) == ("radrecon", "CORRECT")
        assert note.SourceOfPreviousValues == "pacs"
        (prior,) = note.ModifiedAttributesSequence
        assert (prior.PatientID, prior.IssuerOfPatientID, prior.PatientName) == ("0000017", "HIS", "Miller^Jon")
        assert prior.AccessionNumber == "A100"
        assert [item.RequestedProcedureID for item in dataset.RequestAttributesSequence] == ["RP7"]


def test_only_what_the_edit_names_is_changed(desk: Desk, tmp_path: Path) -> None:
    paths = make_study(tmp_path, series=mixed_series(desk.pacs))
    uid = put(desk.pacs.config, paths)
    before = desk.held(uid)
    desk.edit(correction(uid))
    after = desk.held(uid)
    assert after.keys() == before.keys()
    touched = {"00100020", "00100021", "00100010", "00100030", "00100040", "00080050", "00400275", "0040A370"}
    for sop, dataset in after.items():
        assert dataset.file_meta.TransferSyntaxUID == before[sop].file_meta.TransferSyntaxUID
        old, new = without_notes(before[sop]), without_notes(dataset)
        assert {tag for tag in old.keys() | new.keys() if old.get(tag) != new.get(tag)} <= touched


def test_undo_brings_every_attribute_back(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path, series=mixed_series(desk.pacs)))
    before, facts = desk.held(uid), desk.facts(uid)
    desk.edit(correction(uid, PatientName="Nguyễn^Văn"))
    desk.undo(correction(uid))
    after = desk.held(uid)
    assert {sop: without_notes(one) for sop, one in after.items()} == {
        sop: without_notes(one) for sop, one in before.items()
    }
    assert desk.facts(uid) == facts
    for dataset in after.values():
        _, second = dataset.OriginalAttributesSequence
        assert second.ModifiedAttributesSequence[0].PatientName == "Nguyễn^Văn"


@pytest.mark.parametrize("name", ["Müller^Jürg", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Nguyễn^Thị"])
@pytest.mark.parametrize("charset", ["ISO_IR 100", "ISO_IR 192", None])
def test_no_letter_is_lost_whatever_the_images_character_set(
    desk: Desk, tmp_path: Path, name: str, charset: str | None
) -> None:
    values = {"PatientName": "Jäger^Jörg" if charset else "Jaeger^Joerg"}
    uid = put(desk.pacs.config, make_study(tmp_path, charset=charset, values=values))
    desk.edit(correction(uid, PatientName=name))
    assert str(desk.facts(uid).patient.name) == name
    for dataset in desk.held(uid).values():
        assert dataset.PatientName == name
        assert dataset.InstitutionName == ("Zürich" if charset else "Zurich")
        prior = dataset.OriginalAttributesSequence[0].ModifiedAttributesSequence[0]
        assert prior.PatientName == values["PatientName"]


def test_other_studies_of_the_patient_are_left_alone(desk: Desk, tmp_path: Path) -> None:
    values: dict[str, object] = {"PatientID": f"SAME{generate_uid()[-6:]}"}
    uid = put(desk.pacs.config, make_study(tmp_path / "one", values=values))
    other = put(desk.pacs.config, make_study(tmp_path / "other", values=values))
    before, facts = {sop: without_notes(one) for sop, one in desk.held(other).items()}, desk.facts(other)
    desk.edit(correction(uid))
    desk.edit(correction(uid, PatientName="Changed^Again"))
    assert desk.facts(other) == facts
    assert {sop: without_notes(one) for sop, one in desk.held(other).items()} == before


def test_a_name_is_fixed_under_the_same_patient_id(desk: Desk, tmp_path: Path) -> None:
    values: dict[str, object] = {"PatientID": f"SAME{generate_uid()[-6:]}"}
    uid = put(desk.pacs.config, make_study(tmp_path / "one", values=values))
    other = put(desk.pacs.config, make_study(tmp_path / "other", values=values))
    desk.edit(DatasetEdit("pacs", uid, {"PatientName": "Miller^Joan", "PatientSex": "F"}))
    assert str(desk.facts(uid).patient.name) == "Miller^Joan"
    assert desk.facts(uid).patient.sex == "F"
    assert desk.facts(uid).instances == 2
    assert str(desk.facts(other).patient.name) == "Miller^Jon"


def test_a_study_moves_to_a_patient_whom_the_pacs_knows(desk: Desk, tmp_path: Path) -> None:
    survivor: dict[str, object] = {"PatientID": f"S{generate_uid()[-6:]}", "PatientName": "Real^Person"}
    there = put(desk.pacs.config, make_study(tmp_path / "there", values=survivor))
    uid = put(desk.pacs.config, make_study(tmp_path / "moves"))
    desk.edit(DatasetEdit("pacs", uid, {key: str(value) for key, value in survivor.items()}))
    for study in (there, uid):
        assert str(desk.facts(study).patient.name) == "Real^Person"
        assert desk.facts(study).patient.patient_id.value == survivor["PatientID"]


def test_notes_of_others_stay(desk: Desk, tmp_path: Path) -> None:
    paths = make_study(tmp_path, series=((CT, CT, CT),))
    for number, path in enumerate(paths[:2]):
        dataset = dcmread(path)
        note, prior = Dataset(), Dataset()
        prior.PatientName = f"Before^Us{number}"
        if number:
            prior.add_new(0x00290010, "LO", "ACME")
            prior.add_new(0x00291001, "OB", b"\x01\x02")
        note.ModifiedAttributesSequence = [prior]
        note.ModifyingSystem, note.SourceOfPreviousValues = "ACME", ""
        note.AttributeModificationDateTime, note.ReasonForTheAttributeModification = "20200101", "COERCE"
        dataset.OriginalAttributesSequence = [note]
        dataset.save_as(path)
    uid = put(desk.pacs.config, paths)
    desk.edit(correction(uid))
    after = desk.held(uid)
    ours = [after[dcmread(path).SOPInstanceUID].OriginalAttributesSequence for path in paths]
    assert [len(one) for one in ours] == [2, 2, 1]
    assert ours[0][0].ModifiedAttributesSequence[0].PatientName == "Before^Us0"
    assert ours[1][0].ModifiedAttributesSequence[0][0x00291001].value == b"\x01\x02"


def test_originals_are_kept_before_anything_changes(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path))
    before = desk.facts(uid)

    def disk_full(originals: Sequence[OriginalHeader]) -> None:
        assert len(originals) == 2
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        desk.edit(correction(uid), disk_full)
    assert desk.facts(uid) == before


def test_an_edit_run_twice_changes_nothing_more(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path))
    desk.edit(correction(uid))
    first, kept = desk.held(uid), list(desk.kept)
    desk.edit(correction(uid))
    assert desk.held(uid) == first
    assert desk.kept == kept
    assert len(list((desk.spool / "edit" / "originals").iterdir())) == 2


def test_an_edit_that_broke_off_is_completed_and_keeps_the_first_originals(desk: Desk, tmp_path: Path) -> None:
    """As after a crash: two of three instances were corrected and originals were kept."""
    paths = make_study(tmp_path, series=((CT, CT, CT),))
    uid = put(desk.pacs.config, paths)
    values = correction(uid, PatientID="0000017")
    desk.edit(values)
    kept = list(desk.kept)
    pacs_dimse.store(desk.pacs.config, OWN_AE, paths[:1])
    desk.edit(values)
    assert desk.kept == kept
    assert [len(one.OriginalAttributesSequence) for one in desk.held(uid).values()] == [1, 1, 1]
    assert {str(one.PatientName) for one in desk.held(uid).values()} == {"Miller^Joan"}


def with_a_late_image(desk: Desk, folder: Path) -> str:
    """A study whose only image was corrected to Joan when another came, which says Jon."""
    paths = make_study(folder, series=((CT, CT),), values={"PatientID": f"L{generate_uid()[-6:]}"})
    uid = put(desk.pacs.config, paths[:1])
    desk.edit(DatasetEdit("pacs", uid, {"PatientName": "Miller^Joan"}))
    put(desk.pacs.config, paths[1:])
    return uid


@pytest.mark.parametrize("former", [{}, {"PatientName": "Miller^Jane"}])
def test_undo_stops_at_an_image_that_came_since_and_says_something_else(
    desk: Desk, tmp_path: Path, former: dict[str, str]
) -> None:
    uid = with_a_late_image(desk, tmp_path)
    with pytest.raises(Stale, match="came after the correction"):
        desk.undo(DatasetEdit("pacs", uid, former))
    assert {str(one.PatientName) for one in desk.held(uid).values()} == {"Miller^Joan", "Miller^Jon"}


def test_an_image_that_came_since_and_says_what_the_originals_say_stays_as_it_is(desk: Desk, tmp_path: Path) -> None:
    uid = with_a_late_image(desk, tmp_path)
    (late,) = (sop for sop, one in desk.held(uid).items() if one.PatientName == "Miller^Jon")
    desk.undo(DatasetEdit("pacs", uid, {"PatientName": "Miller^Jon"}))
    after = desk.held(uid)
    assert {str(one.PatientName) for one in after.values()} == {"Miller^Jon"}
    assert len(after) == 2
    assert "OriginalAttributesSequence" not in after[late]


def test_nothing_is_put_back_where_nothing_was_kept(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path))
    with pytest.raises(Refused, match="no originals were kept"):
        desk.undo(correction(uid))


def test_a_study_that_vanished_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound, match="has no images of this study"):
        desk.edit(correction("1.2.3.4.5"))


def test_a_value_that_does_not_fit_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    uid = put(desk.pacs.config, make_study(tmp_path))
    before = desk.facts(uid)
    with pytest.raises(Exception, match="AccessionNumber holds at most 16 characters"):
        desk.edit(correction(uid, AccessionNumber="B" * 17))
    assert desk.facts(uid) == before


def test_a_pacs_that_is_down_is_plain_trouble(desk: Desk) -> None:
    port = free_port()
    down = desk.pacs.config.model_copy(update={"port": port, "rest_url": f"http://127.0.0.1:{port}"})
    with pytest.raises(PeerTrouble, match="cannot be reached") as raised:
        pacs_client.edit(down, OWN_AE, correction("1.2.3"), desk.keep, [], NOW, desk.spool)
    assert not isinstance(raised.value, PeerUncertain)  # nothing was begun


@pytest.mark.parametrize("profile", ["iocm", "hl7"])
def test_profiles_to_come_are_refused(archive: RunningPacs, spool: Path, profile: str) -> None:
    config = archive.config.model_copy(update={"profile": profile})
    with pytest.raises(Refused, match="not built yet"):
        pacs_client.edit(config, OWN_AE, correction("1.2.3"), lambda _: None, [], NOW, spool)


def test_the_index_is_matched_by_the_new_values_only(desk: Desk, tmp_path: Path) -> None:
    """Asked by dcmtk for values rather than the UID, also where another study has the same patient id."""
    values: dict[str, object] = {"PatientID": f"I{generate_uid()[-6:]}"}
    uid = put(desk.pacs.config, make_study(tmp_path / "one", values=values))
    other = put(desk.pacs.config, make_study(tmp_path / "other", values=values))
    desk.edit(DatasetEdit("pacs", uid, {"PatientName": "Miller^Joan", "PatientSex": "F", "AccessionNumber": "B2"}))
    config = desk.pacs.config
    assert matched(config, StudyInstanceUID=uid, PatientName="Miller^Joan", AccessionNumber="B2") == 1
    assert matched(config, StudyInstanceUID=uid, PatientName="Miller^Jon") == 0
    assert matched(config, StudyInstanceUID=uid, AccessionNumber="A100") == 0
    assert matched(config, StudyInstanceUID=other, PatientName="Miller^Jon", AccessionNumber="A100") == 1


def test_the_orders_that_images_name_are_told_where_the_archive_does(orthanc: RunningPacs, tmp_path: Path) -> None:
    items = []
    for accession in ("A100", "A200"):
        item = Dataset()
        item.AccessionNumber, item.RequestedProcedureID = accession, f"RP-{accession}"
        items.append(item)
    values: dict[str, object] = {"RequestAttributesSequence": items, "PatientIdentityRemoved": "YES"}
    uid = put(orthanc.config, make_study(tmp_path, values=values))
    facts = pacs_dimse.find_study(orthanc.config, OWN_AE, uid)
    assert facts is not None
    assert [one.accession_number for one in facts.requests] == ["A100", "A200"]
    assert (facts.institution_name, facts.identity_removed) == ("Zürich", True)
