"""Images sent to the real engine by dcmtk's storescu: kept, counted, seen as studies, refused with a reason."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from pynetdicom import AE, build_context

from radrecon.dicom import study
from radrecon.services import image_spool
from radrecon.store import instances
from radrecon.store.database import open_store
from tests.e2e.hospital import ENVIRONMENT, Engine, dcmtk, engine, make_study, until

QUIET = "storage_quiet_seconds = 1\n"
ANYBODY = f'[engine]\nstorage = "any"\n{QUIET}'
DATA = Path(pydicom.__file__).parent / "data"


@pytest.fixture(scope="module", name="serving")
def serving_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("storage"), ANYBODY) as one:
        yield one


def send(serving: Engine, *paths: Path, ae: str = "CT1") -> subprocess.CompletedProcess[str]:
    host, port = serving.dicom
    command = [dcmtk("storescu"), "-aet", ae, "-aec", "RADRECON", host, str(port), *map(str, paths)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)


def known(serving: Engine, uid: str) -> list[dict[str, Any]]:
    return [row for row in serving.looks("studies") if row["study_instance_uid"] == uid]


def stored(serving: Engine, uid: str) -> tuple[int, int, int]:
    """Instances, arrivals and thumbnails of a study."""
    rows = [row for row in serving.looks("stored") if row["study_instance_uid"] == uid]
    return next(((row["instances"], row["arrivals"], row["thumbnails"]) for row in rows), (0, 0, 0))


def test_a_study_that_is_sent_is_seen_with_its_thumbnail(serving: Engine, tmp_path: Path) -> None:
    uid, paths = make_study(tmp_path, instances=5, PatientID="77", PatientName="MÜLLER^EVA", AccessionNumber="A77")
    assert send(serving, *paths).returncode == 0
    assert send(serving, *paths).returncode == 0  # again: the same five
    (row,) = until(lambda: [one for one in known(serving, uid) if (one["status"], one["instances"]) == ("complete", 5)])
    assert (row["patient_id"], row["accession_number"]) == ("77", "A77")
    assert row["pacs"] == "storage:CT1"
    until(lambda: stored(serving, uid) == (5, 10, 1))
    series = dcmread(paths[0]).SeriesInstanceUID
    store = open_store(serving.database)
    with store.reading() as conn:
        found = instances.thumbnail(conn, series)
    assert found is not None
    assert (found[0] or b"").startswith(b"\x89PNG")
    until(lambda: not list(image_spool.root(store).glob(f"{series}_*")))  # a moment after the thumbnail
    store.close()


def test_who_is_not_known_is_not_served(tmp_path: Path) -> None:
    toml = '[[modality]]\nae_title = "CT1"\n'
    _, paths = make_study(tmp_path / "images", instances=1)
    with engine(tmp_path / "known", toml) as one:
        assert send(one, *paths, ae="CT1").returncode == 0
        assert send(one, *paths, ae="STRANGER").returncode != 0
        (row,) = until(lambda: one.looks("refusals"))
        assert (row["ae_title"], row["address"]) == ("STRANGER", "127.0.0.1")
        assert row["reason"].startswith("not served: ")


@pytest.mark.parametrize(
    ("keyword", "value", "status"),
    [
        ("StudyInstanceUID", "../../x", 0xC000),
        ("SeriesInstanceUID", "1." + "2" * 70, 0xC000),
        ("StudyInstanceUID", "1.2\0.3", 0xC000),
        ("StudyInstanceUID", "", 0xC000),
        ("SOPInstanceUID", "1.2.3", 0xA900),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4", 0xA900),
    ],
)
def test_what_cannot_be_taken_is_refused_and_said(serving: Engine, keyword: str, value: str, status: int) -> None:
    from radrecon.dicom.dimse import C_STORE_RQ, Command
    from tests.e2e.rough_peer import EXPLICIT, RoughPeer, elements_of

    right = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "SOPInstanceUID": generate_uid(), "PatientID": "1"}
    right |= {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    command = Command(C_STORE_RQ, 1, affected_sop_class=right["SOPClassUID"], has_data_set=True)
    command = replace(command, affected_sop_instance=right["SOPInstanceUID"])
    with RoughPeer(serving.dicom) as peer:
        peer.associate((right["SOPClassUID"], (EXPLICIT,)))
        assert peer.request(command, elements_of(right)).status == 0
        answer = peer.request(command, elements_of(right | {keyword: value}))
    assert answer.status == status
    assert answer.error_comment
    wanted = f"not stored, {status:04X}: {answer.error_comment}"
    until(lambda: wanted in [row["reason"] for row in serving.looks("refusals")])


def test_every_file_of_pydicom_is_taken_or_refused_with_a_reason(serving: Engine) -> None:
    """All character sets and transfer syntaxes; the facts are those that pydicom reads."""
    accepted = 0
    store = open_store(serving.database)
    for path in sorted(DATA.rglob("*_files/**/*")):
        dataset = _readable(path)
        if dataset is None:
            continue
        status = _store(serving, dataset)
        if status is None:
            continue  # pynetdicom or pydicom cannot send it
        if "StudyInstanceUID" not in dataset or "SeriesInstanceUID" not in dataset:
            assert status == 0xC000, path.name
            continue
        assert status == 0, path.name
        accepted += 1
        _same_facts(store, dataset, path.name)
    store.close()
    assert accepted > 60


def _readable(path: Path) -> Any:
    try:
        dataset = dcmread(path)
        return dataset if dataset.file_meta.get("TransferSyntaxUID") and dataset.get("SOPClassUID") else None
    except Exception:  # a folder, or a file that is broken on purpose
        return None


def _store(serving: Engine, dataset: Any) -> int | None:
    ae = AE(ae_title="CT1")
    ae.requested_contexts = [build_context(dataset.SOPClassUID, dataset.file_meta.TransferSyntaxUID)]
    association = ae.associate(*serving.dicom)
    assert association.is_established
    try:
        return int(association.send_c_store(dataset).Status) if association.accepted_contexts else None
    except (ValueError, AttributeError, RuntimeError, TypeError):
        return None
    finally:
        association.release()


def _same_facts(store: Any, dataset: Any, name: str) -> None:
    from radrecon.dicom import stored

    with store.reading() as conn:
        headers = instances.headers_of(conn, dataset.StudyInstanceUID)
    wanted = _uncounted(study.study_facts("", dataset, [dataset]))
    each = [_uncounted(stored.facts("", [one])) for one in headers]
    assert wanted in each, name


def _uncounted(facts: Any) -> Any:
    return replace(facts, instances=0, series=tuple(replace(one, instances=0) for one in facts.series))


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    uid, paths = make_study(tmp_path / "images", instances=20)
    with engine(tmp_path / "killed", ANYBODY) as one:
        assert send(one, *paths).returncode == 0
        one.kill()
        one.start()
        (row,) = until(lambda: [row for row in one.looks("stored") if row["study_instance_uid"] == uid])
        assert row["instances"] == 20
        until(lambda: [row for row in known(one, uid) if row["instances"] == 20])
