"""What is particular to Orthanc 1.10: its filing by patient id, its index, its own way to modify."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydicom.uid import generate_uid

from radrecon.model.correction import DatasetEdit
from radrecon.model.errors import PeerTrouble
from radrecon.services import pacs_client, pacs_dimse, pacs_orthanc
from radrecon.services.pacs_association import PeerDown
from radrecon.services.pacs_dimse import ListedTwice
from radrecon.services.pacs_rest import Orthanc
from radrecon.sim.pacs import RunningPacs
from tests.wire.pacs_desk import NOW, Desk, correction, matched
from tests.wire.pacs_peers import CT, JPEG, OWN_AE, RLE, make_study, put

pytestmark = [
    pytest.mark.usefixtures("no_threads_left"),
    # pynetdicom drops the socket of a refused connection without closing it
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def orthanc_desk(orthanc: RunningPacs, spool: Path) -> Desk:
    return Desk(orthanc, spool)


def test_the_port_of_another_protocol_is_told_from_a_pacs_that_is_down(orthanc: RunningPacs) -> None:
    http = urlsplit(orthanc.config.rest_url).port
    with pytest.raises(PeerDown, match="takes the connection and does not answer as DICOM does: is it the right port"):
        pacs_dimse.echo(orthanc.config.model_copy(update={"port": http}), OWN_AE)


def test_orthanc_left_with_both_copies_is_tidied_by_the_next_try(
    orthanc_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between the corrected copy and the deletion of the old one."""
    uid = put(orthanc_desk.pacs.config, make_study(tmp_path))
    with monkeypatch.context() as broken:
        broken.setattr(pacs_orthanc, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            orthanc_desk.edit(correction(uid))
    with pytest.raises(ListedTwice, match="under 2 patients"):
        orthanc_desk.look(uid)
    kept = list(orthanc_desk.kept)
    orthanc_desk.edit(correction(uid))
    assert orthanc_desk.facts(uid).patient.patient_id.value == f"P{uid[-8:]}"
    assert orthanc_desk.kept == kept
    assert [len(one.OriginalAttributesSequence) for one in orthanc_desk.held(uid).values()] == [1, 1]


def test_an_image_that_orthanc_loses_is_stored_again_and_said_loudly(
    orthanc_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = put(orthanc_desk.pacs.config, make_study(tmp_path))
    modify = Orthanc.modify

    def lossy(self: Orthanc, copies: list[pacs_orthanc.Copy], *order: object) -> None:
        modify(self, copies, *order)  # type: ignore[arg-type]
        self.delete(copies[0])

    monkeypatch.setattr(Orthanc, "modify", lossy)
    with pytest.raises(PeerTrouble, match="1 of 2 images do not show the correction; 1 were lost and stored again"):
        orthanc_desk.edit(correction(uid, PatientID="0000017"))
    assert len(orthanc_desk.held(uid)) == 2


def test_orthanc_under_the_profile_overwrite_keeps_the_old_copy_beside(orthanc_desk: Desk, tmp_path: Path) -> None:
    """Orthanc files by patient id: a changed one stored again is a second study, and its index of an unchanged one
    goes stale. That is why it has a profile of its own; the desk sees it and does not call it filed."""
    config = orthanc_desk.pacs.config.model_copy(update={"profile": "overwrite"})
    uid = put(config, make_study(tmp_path))
    with pytest.raises(PeerTrouble, match="had 2 images of this study and lists 4"):
        pacs_client.edit(config, OWN_AE, correction(uid), orthanc_desk.keep, [], NOW, orthanc_desk.spool)
    with pytest.raises(ListedTwice):
        orthanc_desk.look(uid)


def test_orthancs_index_goes_stale_when_instances_are_stored_again(orthanc_desk: Desk, tmp_path: Path) -> None:
    """With the same patient id the files are replaced and a query that needs the file shows it, but Orthanc still
    matches and lists by the old values. Why the profile orthanc has the index read again."""
    config = orthanc_desk.pacs.config.model_copy(update={"profile": "overwrite"})
    uid = put(config, make_study(tmp_path, values={"PatientID": f"O{generate_uid()[-6:]}"}))
    edit = DatasetEdit("pacs", uid, {"AccessionNumber": "B2"})
    pacs_client.edit(config, OWN_AE, edit, orthanc_desk.keep, [], NOW, orthanc_desk.spool)
    assert {one.AccessionNumber for one in orthanc_desk.held(uid).values()} == {"B2"}
    assert matched(config, StudyInstanceUID=uid, AccessionNumber="A100") == 1
    assert matched(config, StudyInstanceUID=uid, AccessionNumber="B2") == 0


def test_orthanc_edits_inside_itself_what_its_json_can_say(
    orthanc_desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study of several series that changes alike is one order to Orthanc; no image is uploaded."""
    uid = put(orthanc_desk.pacs.config, make_study(tmp_path, series=((CT, CT), (JPEG, RLE))))
    orders: list[int] = []
    modify = Orthanc.modify

    def counted(self: Orthanc, copies: list[pacs_orthanc.Copy], *order: object) -> None:
        orders.append(len(copies))
        modify(self, copies, *order)  # type: ignore[arg-type]

    monkeypatch.setattr(Orthanc, "modify", counted)
    monkeypatch.setattr(Orthanc, "upload", lambda *_: pytest.fail("uploaded"))
    orthanc_desk.edit(correction(uid, PatientName="Müller^Jürg"))
    assert orders == [4]
    assert str(orthanc_desk.facts(uid).patient.name) == "Müller^Jürg"
