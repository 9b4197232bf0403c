"""Other systems that serve a worklist: dcmtk's wlmscpfs, Orthanc's plug-in, and sockets that misbehave."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from radrecon.config import WorklistSourceConfig
from radrecon.sim.pacs import NO_DELAY, free_port
from tests.e2e.hospital import until

wlm = pytest.mark.skipif(not shutil.which("wlmscpfs"), reason="dcmtk's wlmscpfs is not installed")
PLUGIN = Path("/usr/share/orthanc/plugins/libModalityWorklists.so")
plugin = pytest.mark.skipif(not (shutil.which("Orthanc") and PLUGIN.exists()), reason="no Orthanc worklist plug-in")


def entry(accession: str = "A100", **values: Any) -> Dataset:
    """A worklist entry of a plain CT of one woman; step attributes by keyword as well."""
    step = Dataset()
    step.ScheduledStationAETitle, step.Modality = values.pop("station", "CT1"), values.pop("modality", "CT")
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = values.pop("day"), "143000"
    step.ScheduledPerformingPhysicianName = "DR^X"
    step.ScheduledProcedureStepDescription = values.pop("step_description", "CT chest")
    step.ScheduledProcedureStepID, step.ScheduledStationName = f"S-{accession}-1", ""
    dataset = Dataset()
    dataset.SpecificCharacterSet = values.pop("charset", "ISO_IR 192")
    dataset.AccessionNumber, dataset.PatientID, dataset.IssuerOfPatientID = accession, "1000001", "HOSP"
    dataset.PatientName, dataset.PatientBirthDate, dataset.PatientSex = "FISCHER^ANNA", "19600517", "F"
    dataset.StudyInstanceUID = generate_uid()
    dataset.RequestedProcedureID = f"RP-{accession}"
    dataset.RequestedProcedureDescription = "CT chest with contrast"
    dataset.ScheduledProcedureStepSequence = [step]
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


class WorklistFiles:
    """A folder of .wl files, as wlmscpfs and Orthanc read them at each query."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lockfile").touch()

    def put(self, dataset: Dataset, name: str = "") -> Path:
        """By rename, so that no query reads half a file."""
        path = self.folder / f"{name or dataset.AccessionNumber}.wl"
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta.MediaStorageSOPClassUID = "1.2.276.0.7230010.3.1.0.1"
        dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.save_as(path.with_suffix(".new"), enforce_file_format=True)
        path.with_suffix(".new").rename(path)
        return path

    def remove(self, name: str) -> None:
        (self.folder / f"{name}.wl").unlink()


def source(port: int, name: str = "RIS", ae_title: str = "RISWL", **more: Any) -> WorklistSourceConfig:
    return WorklistSourceConfig(name=name, ae_title=ae_title, port=port, **({"grace_minutes": 0} | more))


@contextlib.contextmanager
def wlmscpfs(folder: Path) -> Iterator[tuple[int, WorklistFiles]]:
    """dcmtk's worklist server, called RISWL."""
    port, files = free_port(), WorklistFiles(folder / "RISWL")
    command = ["wlmscpfs", "--data-files-path", str(folder), str(port)]
    with (folder / "wlmscpfs.log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | NO_DELAY, stdout=log, stderr=log)
    try:
        until(lambda: _listens(port))
        yield port, files
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def orthanc_worklist(folder: Path) -> Iterator[tuple[int, WorklistFiles]]:
    """Orthanc with nothing but its worklist plug-in."""
    port, http, files = free_port(), free_port(), WorklistFiles(folder / "worklists")
    settings = {
        "Name": "RIS", "DicomAet": "RISWL", "DicomPort": port, "HttpPort": http, "RemoteAccessAllowed": False,
        "StorageDirectory": str(folder / "db"), "IndexDirectory": str(folder / "db"), "Plugins": [str(PLUGIN)],
        "Worklists": {"Enable": True, "Database": str(files.folder), "FilterIssuerAet": False},
        "DicomAlwaysAllowFindWorklist": True, "DicomCheckCalledAet": False, "AuthenticationEnabled": False,
        "DefaultEncoding": "Utf8",
    }  # fmt: skip
    path = folder / "orthanc.json"
    path.write_text(json.dumps(settings), "utf-8")
    with (folder / "orthanc.log").open("wb") as log:
        process = subprocess.Popen(["Orthanc", str(path)], env=os.environ | NO_DELAY, stdout=log, stderr=log)
    try:
        until(lambda: _listens(port))
        yield port, files
    finally:
        process.terminate()
        process.wait(60)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def misbehaving(act: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port whose every connection is given to `act`, and then closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve(peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            act(peer)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(peer,), daemon=True))
                threads[-1].start()

    first = threading.Thread(target=accept, daemon=True)
    first.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (first, *threads):
            thread.join(20)


def silent(peer: socket.socket) -> None:
    """Take what comes and say nothing."""
    while peer.recv(4096):
        time.sleep(0.01)
