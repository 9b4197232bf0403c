"""Real processes on loopback: an engine with its worker, Orthanc, and dcmtk's programs as modality."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from radrecon.__main__ import main
from radrecon.hl7v2.framing import Deframer, frame
from radrecon.sim.pacs import RunningPacs

ENVIRONMENT = os.environ | {"TCP_NODELAY": "1", "QT_QPA_PLATFORM": "offscreen"}


def until(what: Callable[[], Any], seconds: float = 60, every: float = 0.1) -> Any:
    """The first true answer; fails with the last one."""
    end, found = time.monotonic() + seconds, None
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s; last answer: {found!r}")


@dataclass
class Engine:
    """One engine process on its own database; `start` and `kill` may be called again and again."""

    folder: Path
    toml: str
    database: str
    process: subprocess.Popen[bytes] | None = None
    ready: dict[str, Any] = field(default_factory=dict)

    def start(self) -> Engine:
        config, ready = self.folder / "radrecon.toml", self.folder / "ready.json"
        config.write_text(self.toml, "utf-8")
        ready.unlink(missing_ok=True)
        log = (self.folder / "engine.log").open("ab")
        command = [sys.executable, "-m", "radrecon", "engine", "--config", str(config), "--database", self.database]
        command += ["--mllp-port", "0", "--dicom-port", "0", "--ready-file", str(ready)]
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        until(lambda: ready.exists() or self.process.poll() is not None, 120)
        assert ready.exists(), self.log()[-2000:]
        self.ready = json.loads(ready.read_text("utf-8"))
        return self

    def log(self) -> str:
        return (self.folder / "engine.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait(60)

    def processor_seconds(self) -> float:
        """What the engine has used of the processors; /proc counts in hundredths."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def mllp(self) -> tuple[str, int]:
        host, port = self.ready["mllp"]
        return host, port

    @property
    def dicom(self) -> tuple[str, int]:
        host, port = self.ready["dicom"]
        return host, port

    def radrecon(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the command line on this engine's database."""
        command = [sys.executable, "-m", "radrecon", *arguments, "--database", self.database]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False)
        assert not check or done.returncode == 0, f"{arguments}: {done.stderr}\n{self.log()[-1500:]}"
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self.radrecon(*arguments, "--json").stdout)

    def looks(self, *arguments: str) -> Any:
        """The same without a process of its own, for what is asked again and again: most of a test's time would be
        spent on starting Python."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            status = main([*arguments, "--json", "--database", self.database])
        assert status == 0, f"{arguments}\n{self.log()[-1500:]}"
        return json.loads(out.getvalue())


@contextlib.contextmanager
def engine(folder: Path, toml: str, database: str = "") -> Iterator[Engine]:
    folder.mkdir(parents=True, exist_ok=True)
    one = Engine(folder, toml, database or f"sqlite:///{folder / 'radrecon.sqlite3'}")
    try:
        yield one.start()
    finally:
        one.stop()


def pacs_toml(pacs: RunningPacs, **settings: object) -> str:
    """The [[pacs]] table of a running archive, with short waits."""
    config = pacs.config
    values: dict[str, object] = {
        "name": config.name, "ae_title": config.ae_title, "host": config.host, "port": config.port,
        "profile": config.profile, "poll_seconds": 0.5, "stable_seconds": 1, "send": True,
    }  # fmt: skip
    if config.rest_url:
        values["rest_url"] = config.rest_url
    values |= settings
    return "[[pacs]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()) + "\n"


# -- HL7 --------------------------------------------------------------------------------------------------------------


class Sender:
    """A RIS: one MLLP connection, send and wait for the answer."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = socket.create_connection(address, timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deframer = Deframer(1 << 20)

    def send(self, message: str) -> str:
        self._socket.sendall(frame(message.encode("utf-8")))
        while True:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("closed before the answer")
            for one in self._deframer.feed(data):
                return one.raw.decode("utf-8")

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def send(address: tuple[str, int], message: str) -> str:
    with Sender(address) as sender:
        return sender.send(message)


def code(answer: str) -> str:
    """MSA-1."""
    return next(line.split("|")[1] for line in answer.split("\r") if line.startswith("MSA"))


def orm(number: str, *, mrn: str = "1234567", name: str = "MILLER^JONATHAN", control: str = "NW", **more: str) -> str:
    """An ORM^O01 as RIS of version 2.3.1 write it; `number` makes its accession, placer and filler numbers."""
    now = datetime.now()
    values = {"birth": "19600517", "sex": "M", "station": "CT2", "uid": "", "id": f"{number}{control}"} | more
    return "\r".join(
        (
            f"MSH|^~\\&|RIS|HOSP|RADRECON|HOSP|{now:%Y%m%d%H%M%S}||ORM^O01|{values['id']}|P|2.3.1",
            f"PID|1||{mrn}^^^HOSP||{name}||{values['birth']}|{values['sex']}",
            "PV1|1|O",
            f"ORC|{control}|P{number}|F{number}||SC||^^^{now:%Y%m%d%H%M%S}^^R",
            f"OBR|1|P{number}|F{number}|CTHEAD^CT Head^L^CTH^CT Head^L||||||||||||||{number}|R{number}|S{number}"
            f"|{values['station']}|||CT|||^^^{now:%Y%m%d%H%M%S}^^R",
            f"ZDS|{values['uid'] or generate_uid()}^RIS^Application^DICOM",
        )
    )


def adt(
    event: str, mrn: str, name: str, *, birth: str = "19600517", sex: str = "M", prior: str = "", id: str = ""
) -> str:
    now = datetime.now()
    merge = f"\rMRG|{prior}^^^HOSP" if prior else ""
    return (
        f"MSH|^~\\&|HIS|HOSP|RADRECON|HOSP|{now:%Y%m%d%H%M%S}||ADT^{event}|{id or f'{event}{now:%H%M%S%f}'}|P|2.5.1\r"
        f"EVN|{event}|{now:%Y%m%d%H%M%S}\rPID|1||{mrn}^^^HOSP||{name}||{birth}|{sex}{merge}\rPV1|1|O"
    )


def oru(number: str, mrn: str, name: str, *, status: str = "F", id: str = "") -> str:
    """An ORU^R01 of the order that `orm` makes with the same number."""
    now = datetime.now()
    request = f"OBR|1|P{number}|F{number}|CTHEAD^CT Head^L" + "|" * 14 + number + "|" * 7 + status
    return "\r".join(
        (
            f"MSH|^~\\&|RIS|HOSP|RADRECON|HOSP|{now:%Y%m%d%H%M%S}||ORU^R01|{id or f'{number}{status}'}|P|2.3.1",
            f"PID|1||{mrn}^^^HOSP||{name}||19600517|M",
            request,
            f"OBX|1|TX|CTHEAD&GDT^CT Head^L||NO FRACTURE.||||||{status}",
        )
    )


# -- DICOM ------------------------------------------------------------------------------------------------------------


def dcmtk(program: str) -> str:
    found = shutil.which(program)
    assert found, f"{program} (dcmtk) is not installed"
    return found


def findscu(address: tuple[str, int], ae: str, folder: Path, *keys: str, worklist: bool = False) -> list[Any]:
    """What dcmtk's findscu brings back, as datasets."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("rsp*.dcm"):
        old.unlink()
    host, port = address
    command = [dcmtk("findscu"), "-W" if worklist else "-S", "-X", "-od", str(folder), "-aec", ae, host, str(port)]
    for key in keys:
        command += ["-k", key]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [dcmread(path, force=True) for path in sorted(folder.glob("rsp*.dcm"))]


def study_query(pacs: RunningPacs, folder: Path, uid: str) -> Any:
    """One study as the PACS lists it now."""
    keys = [
        "QueryRetrieveLevel=STUDY", f"StudyInstanceUID={uid}", "PatientID", "PatientName", "PatientBirthDate",
        "PatientSex", "AccessionNumber", "NumberOfStudyRelatedInstances",
    ]  # fmt: skip
    found = findscu((pacs.config.host, pacs.config.port), pacs.config.ae_title, folder, *keys)
    return found[0] if found else None


def make_study(folder: Path, *, instances: int = 3, **values: object) -> tuple[str, list[Path]]:
    """A small CT study of today; `values` are what the technologist typed."""
    folder.mkdir(parents=True, exist_ok=True)
    study, series, now = generate_uid(), generate_uid(), datetime.now()
    paths = []
    for number in range(1, instances + 1):
        dataset = dcmread(get_testdata_file("CT_small.dcm"))
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.StudyDate, dataset.StudyTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
        dataset.InstanceNumber, dataset.StationName = number, "CT2"
        dataset.StudyDescription = "CT Head"
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        path = folder / f"{study}.{number}.dcm"
        dataset.save_as(path)
        paths.append(path)
    return study, paths


def store(pacs: RunningPacs, paths: list[Path]) -> None:
    """dcmtk's storescu, as a modality sends."""
    command = [dcmtk("storescu"), "-aec", pacs.config.ae_title, pacs.config.host, str(pacs.config.port)]
    done = subprocess.run([*command, *map(str, paths)], env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
