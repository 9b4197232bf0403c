"""A PACS on loopback for the demo and the wire tests: Orthanc where it is installed, else the one in `qr_pacs`.

Each is a process of its own with its own folder, so that it can be killed, and nothing of a machine's installed Orthanc
(configuration, database, plug-ins) is touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from radrecon import program
from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble

LOOPBACK = "127.0.0.1"
# dcmtk, and Orthanc with it, waits 40 ms for an acknowledgement at each exchange unless told not to
NO_DELAY = {"TCP_NODELAY": "1"}
DICOMWEB = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


OF_NOBODY = range(20_000, 32_000)
"""Below what systems hand out to connections, which else would take a port between its choice and its use."""
_given: set[int] = set()
"""By this process: whoever was given one may not have bound it yet."""


def free_port() -> int:
    """A loopback port that nobody listens on right now. Raises PeerTrouble where there is none."""
    if len(_given) > len(OF_NOBODY) // 2:
        _given.clear()  # those given long ago are bound, or done with
    for port in random.SystemRandom().sample(OF_NOBODY, 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if port not in _given:
                probe.bind((LOOPBACK, port))
                _given.add(port)
                return port
    raise PeerTrouble("no port is free")


@dataclass(frozen=True)
class RunningPacs:
    """A started PACS process; `answers` asks it whether it serves already."""

    config: PacsConfig
    folder: Path
    process: subprocess.Popen[bytes]
    answers: Callable[[], bool]

    def ready(self, seconds: float = 30) -> None:
        """Wait until it serves. Raises PeerTrouble with the end of its log where it does not."""
        until = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise PeerTrouble(f"{self.config.name} did not start: {self.log()[-500:]}")
            time.sleep(0.05)

    def log(self) -> str:
        return (self.folder / "pacs.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        """End the process; what it holds stays in its folder."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> RunningPacs:
        self.ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def orthanc_program() -> str | None:
    """Where Orthanc is installed (Debian's package puts it into /usr/sbin, which may not be on a user's PATH)."""
    return shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/local/bin")


def dicomweb_plugin() -> str:
    """Orthanc's DICOMweb plug-in (Debian's orthanc-dicomweb). Raises PeerTrouble where it is not installed."""
    if not DICOMWEB.exists():
        raise PeerTrouble("Orthanc's DICOMweb plug-in is not installed")
    return str(DICOMWEB)


def orthanc(
    folder: Path,
    dicom_port: int = 0,
    http_port: int = 0,
    ae: str = "ORTHANC",
    own_ae: str = "RADRECON",
    own_port: int = 0,
    *,
    name: str = "orthanc",
    dicomweb: bool = False,
    stable_after: int = 5,
) -> RunningPacs:
    """Start Orthanc. `own_ae` and `own_port` are where it may C-MOVE to; port 0 = any free one.

    `dicomweb`: with its DICOMweb plug-in, below `/dicom-web`; `stable_after`: seconds without a new image until a study
    is announced as stable (a study is edited long after its last image here; Orthanc's own 60 s are late for that).
    Raises PeerTrouble where something is not installed.
    """
    server = orthanc_program()
    if server is None:
        raise PeerTrouble("Orthanc is not installed")
    dicom_port, http_port = dicom_port or free_port(), http_port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "orthanc.json"
    values = _orthanc_settings(folder, dicom_port, http_port, ae, own_ae, own_port)
    values |= {"Plugins": [dicomweb_plugin()] if dicomweb else [], "StableAge": stable_after}
    settings.write_text(json.dumps(values), "utf-8")
    rest = f"http://{LOOPBACK}:{http_port}"
    config = PacsConfig(name=name, ae_title=ae, port=dicom_port, profile="orthanc", rest_url=rest, send=True)
    started = _start([server, str(settings)], folder, program.foreign_environment())
    return RunningPacs(config, folder, started, lambda: _serves_http(rest))


def qr_pacs(
    folder: Path, dicom_port: int = 0, ae: str = "SIMPACS", own_ae: str = "RADRECON", own_port: int = 0
) -> RunningPacs:
    """Start our own small query/retrieve server, which overwrites what is stored again (profile overwrite)."""
    dicom_port = dicom_port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = program.command("simulate", "pacs", str(folder), str(dicom_port), ae, own_ae, str(own_port))
    config = PacsConfig(name="simpacs", ae_title=ae, port=dicom_port, profile="overwrite", send=True)
    return RunningPacs(config, folder, _start(wanted, folder), lambda: _listens(dicom_port))


def start(folder: Path) -> RunningPacs:
    """The PACS of the demo: Orthanc where it is installed."""
    return orthanc(folder) if orthanc_program() else qr_pacs(folder)


def _start(command: list[str], folder: Path, environment: Mapping[str, str] = os.environ) -> subprocess.Popen[bytes]:
    with (folder / "pacs.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=folder, env={**environment, **NO_DELAY}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _serves_http(url: str) -> bool:
    try:
        return httpx.get(f"{url}/system", timeout=1, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def _orthanc_settings(
    folder: Path, dicom_port: int, http_port: int, ae: str, own_ae: str, own_port: int
) -> dict[str, object]:
    data = str(folder / "data")
    return {
        "Name": ae,
        "StorageDirectory": data,
        "IndexDirectory": data,
        "HttpPort": http_port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "OrthancExplorerEnabled": True,
        "WebDavEnabled": False,
        "DicomAet": ae,
        "DicomPort": dicom_port,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": {own_ae: [own_ae, LOOPBACK, own_port]} if own_port else {},
        # a correction keeps the UIDs: without this the same instance stored again is ignored
        "OverwriteInstances": True,
        "DefaultEncoding": "Utf8",
        "LimitFindResults": 0,
        "LimitFindInstances": 0,
        "ConcurrentJobs": 2,
        "SaveJobs": False,
    }
