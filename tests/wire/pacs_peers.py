"""Archives for the tests beside those of `radrecon.sim.pacs`, studies made of real files, and what archives hold."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.services import pacs_dimse
from radrecon.sim.pacs import NO_DELAY, RunningPacs, free_port

OWN_AE = "RADRECON"
CT, MR, JPEG, JPEG2000, RLE, SR = (
    "CT_small.dcm",
    "MR_small.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "JPEG2000.dcm",
    "MR_small_RLE.dcm",
    "test-SR.dcm",
)


QRSCP_SETTINGS = """NetworkTCPPort = {port}
MaxPDUSize = 131072
MaxAssociations = 16
HostTable BEGIN
own = ({own_ae}, 127.0.0.1, {own_port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
DCMQRSCP {data} RW (2000, 1024mb) ANY
AETable END
"""


def dcmqrscp(folder: Path, own_port: int) -> RunningPacs:
    """dcmtk's archive: nothing of it is ours. It gives no counts and converts answers to the asked character set."""
    port, data = free_port(), folder / "data"
    data.mkdir(parents=True)
    settings = folder / "dcmqrscp.cfg"
    settings.write_text(QRSCP_SETTINGS.format(port=port, own_ae=OWN_AE, own_port=own_port, data=data), "ascii")
    config = PacsConfig(name="dcmqrscp", ae_title="DCMQRSCP", port=port, profile="overwrite", send=True)
    with (folder / "pacs.log").open("wb") as log:
        command = ["dcmqrscp", "--config", str(settings)]
        process = subprocess.Popen(command, env=os.environ | NO_DELAY, stdout=log, stderr=log)
    return RunningPacs(config, folder, process, lambda: _answers(config))


def _answers(config: PacsConfig) -> bool:
    try:
        pacs_dimse.echo(config, OWN_AE)
    except PeerTrouble:
        return False
    return True


def make_study(
    folder: Path,
    *,
    series: Sequence[Sequence[str]] = ((CT, CT),),
    charset: str | None = "ISO_IR 100",
    values: dict[str, object] | None = None,
) -> list[Path]:
    """One file per name; the tests overwrite what they look at through `values`."""
    folder.mkdir(parents=True, exist_ok=True)
    study, paths = generate_uid(), []
    for names in series:
        series_uid = generate_uid()
        for name in names:
            paths.append(_write(folder, name, study, series_uid, charset, values or {}))
    return paths


def _write(folder: Path, name: str, study: str, series: str, charset: str | None, values: dict[str, object]) -> Path:
    dataset = dcmread(get_testdata_file(name))
    dataset.SpecificCharacterSet = charset
    if charset is None:
        del dataset.SpecificCharacterSet
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    standard: dict[str, object] = {
        "PatientID": "0000017",
        "IssuerOfPatientID": "HIS",
        "PatientName": "Miller^Jon",
        "PatientBirthDate": "19600517",
        "PatientSex": "M",
        "AccessionNumber": "A100",
        "InstitutionName": "Zürich" if charset else "Zurich",
        "StationName": "CT2",
        "StudyDate": "20261120",
        "StudyTime": "1015",
    }
    for keyword, value in (standard | values).items():
        setattr(dataset, keyword, value)
    path = folder / f"{dataset.SOPInstanceUID}.dcm"
    dataset.save_as(path)
    return path


def mixed_series(running: RunningPacs) -> Sequence[Sequence[str]]:
    """Several kinds of image and a report; dcmtk's archive gives out neither compressed images nor reports."""
    if running.config.name == "dcmqrscp":
        return ((CT, CT), (MR,))
    return ((CT, CT), (MR, SR), (JPEG, JPEG2000), (RLE,))


def put(pacs: PacsConfig, paths: Sequence[Path]) -> str:
    """Store a study; its UID."""
    pacs_dimse.store(pacs, OWN_AE, paths)
    return str(dcmread(paths[0], stop_before_pixels=True).StudyInstanceUID)


def held(pacs: PacsConfig, uid: str, folder: Path, retrieve_port: int = 0) -> dict[str, Dataset]:
    """What the archive gives out, whole files by SOP Instance UID."""
    paths = pacs_dimse.retrieve(pacs, OWN_AE, uid, folder, retrieve_port)
    datasets = [dcmread(path) for path in paths]
    return {dataset.SOPInstanceUID: dataset for dataset in datasets}
