"""The archives that the demo starts."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydicom import dcmread

from radrecon.model.errors import PeerTrouble
from radrecon.services import pacs_dimse
from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs
from radrecon.sim.qr_pacs import Archive, matches
from tests.wire.pacs_peers import CT, OWN_AE, make_study, put

pytestmark = pytest.mark.usefixtures("no_threads_left")


def test_what_is_stored_again_replaces_and_is_found_by_the_new_values_only(
    archive: RunningPacs, tmp_path: Path
) -> None:
    paths = make_study(tmp_path, values={"StudyDate": "20150101"})
    uid = put(archive.config, paths)
    for path in paths:
        dataset = dcmread(path)
        dataset.PatientID, dataset.PatientName, dataset.StudyDate = "NEW", "New^Name", "20150202"
        dataset.save_as(path)
    put(archive.config, paths)
    assert pacs_dimse.find_studies(archive.config, OWN_AE, "20150101", "20150101") == []
    (found,) = pacs_dimse.find_studies(archive.config, OWN_AE, "20150202", "20150202")
    assert (found.study_instance_uid, found.patient.patient_id.value, found.instances) == (uid, "NEW", 2)


def test_its_images_outlive_a_restart(tmp_path: Path) -> None:
    with pacs.qr_pacs(tmp_path / "pacs") as running:
        uid = put(running.config, make_study(tmp_path / "made"))
    with pacs.qr_pacs(tmp_path / "pacs") as again:
        found = pacs_dimse.find_study(again.config, OWN_AE, uid)
    assert found is not None
    assert found.instances == 2


def test_a_program_that_cannot_start_says_what_its_log_says(tmp_path: Path, archive: RunningPacs) -> None:
    second = pacs.qr_pacs(tmp_path / "second", dicom_port=archive.config.port)
    second.process.wait(60)
    second = RunningPacs(second.config, second.folder, second.process, lambda: False)
    with pytest.raises(PeerTrouble, match=r"(?s)simpacs did not start.*in use"):
        second.ready()


def test_an_index_takes_stores_from_several_threads(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    contents = [path.read_bytes() for path in make_study(tmp_path / "made", series=((CT,) * 8,))]
    uids = [f"1.2.{number}" for number in range(8)]
    threads = [threading.Thread(target=archive.store, args=pair) for pair in zip(uids, contents, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(archive.headers) == 8


@pytest.mark.parametrize(
    ("keyword", "wanted", "found"),
    [
        ("PatientName", "MILLER*", True),
        ("PatientName", "miller^jon", True),
        ("PatientName", "Smith", False),
        ("PatientID", "000001?", True),
        ("PatientID", "17", False),
        ("StudyDate", "20261101-20261130", True),
        ("StudyDate", "20261121-", False),
        ("StudyDate", "", True),
        ("AccessionNumber", "a100", False),
    ],
)
def test_keys_match_as_the_standard_says(tmp_path: Path, keyword: str, wanted: str, found: bool) -> None:
    header, query = dcmread(make_study(tmp_path)[0]), dcmread(make_study(tmp_path)[0])
    query.clear()
    setattr(query, keyword, wanted)
    assert matches(query, header) is found
