"""A small query/retrieve archive on pynetdicom, for machines without Orthanc and for tests of `overwrite`.

What is stored again with the same SOP Instance UID replaces what was there, and queries show it at once. Files keep the
bytes and transfer syntax they came in. (pynetdicom's own `qrscp` answers neither birth date, sex, station nor counts,
and needs a patient id on every image.)
"""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import AllTransferSyntaxes
from pynetdicom import AE, AllStoragePresentationContexts, build_context, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined,unused-ignore]
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from radrecon.dicom.identity import text

MAX_CONTEXTS = 128
LOOPBACK = "127.0.0.1"
UNIQUE_KEYS = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}
COUNTED = {
    "NumberOfStudyRelatedSeries": "SeriesInstanceUID",
    "NumberOfStudyRelatedInstances": "SOPInstanceUID",
    "NumberOfSeriesRelatedInstances": "SOPInstanceUID",
}
NOT_MATCHED = {"QueryRetrieveLevel", "SpecificCharacterSet", "ModalitiesInStudy", *COUNTED}


@dataclass
class Archive:
    """Headers by SOP Instance UID in the order of their arrival, and the files beside them."""

    folder: Path
    headers: dict[str, Dataset] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self) -> None:
        for path in sorted(self.folder.glob("*.dcm")):
            self._index(dcmread(path, stop_before_pixels=True))

    def store(self, sop_instance_uid: str, content: bytes) -> None:
        path = self.path(sop_instance_uid)
        with self.lock:
            path.write_bytes(content)
            self._index(dcmread(path, stop_before_pixels=True))

    def path(self, sop_instance_uid: str) -> Path:
        return self.folder / f"{hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:40]}.dcm"

    def matching(self, query: Dataset) -> list[Dataset]:
        with self.lock:
            headers = list(self.headers.values())
        return [header for header in headers if matches(query, header)]

    def _index(self, header: Dataset) -> None:
        self.headers.pop(text(header, "SOPInstanceUID"), None)
        self.headers[text(header, "SOPInstanceUID")] = header


def matches(query: Dataset, header: Dataset) -> bool:
    """Single values, lists of UIDs, wildcards and ranges of dates; what is no key of ours is universal."""
    return all(
        _key_matches(element.VR, text(query, element.keyword), text(header, element.keyword))
        for element in query
        if element.keyword and element.VR != "SQ" and element.keyword not in NOT_MATCHED
    )


def _key_matches(vr: str, wanted: str, found: str) -> bool:
    if not wanted:
        return True
    if vr == "UI":
        return found in wanted.split("\\")
    if vr in {"DA", "TM"} and "-" in wanted:
        first, last = wanted.split("-", 1)
        return bool(found) and first <= found <= (last or "9")
    if vr == "PN":
        wanted, found = wanted.upper(), found.upper()
    return fnmatchcase(found, wanted.replace("[", "[[]"))


def answers(archive: Archive, query: Dataset) -> Iterator[Dataset]:
    """One per entity of the asked level, made from the instance that arrived last."""
    level = text(query, "QueryRetrieveLevel")
    groups: dict[str, list[Dataset]] = {}
    for header in archive.matching(query):
        groups.setdefault(text(header, UNIQUE_KEYS[level]), []).append(header)
    for group in groups.values():
        yield _answer(query, level, group)


def _answer(query: Dataset, level: str, group: list[Dataset]) -> Dataset:
    answer = Dataset()
    answer.SpecificCharacterSet = "ISO_IR 192"
    for element in query:
        if element.keyword in COUNTED:
            setattr(answer, element.keyword, len({text(one, COUNTED[element.keyword]) for one in group}))
        elif element.keyword == "ModalitiesInStudy":
            answer.ModalitiesInStudy = sorted({text(one, "Modality") for one in group})
        elif element.keyword and element.VR != "SQ" and element.keyword not in NOT_MATCHED:
            setattr(answer, element.keyword, text(group[-1], element.keyword).split("\\"))
    answer.QueryRetrieveLevel = level
    return answer


def _on_find(archive: Archive, event: Any) -> Iterator[tuple[int, Dataset | None]]:
    if text(event.identifier, "QueryRetrieveLevel") not in UNIQUE_KEYS:
        yield 0xA900, None
        return
    for answer in answers(archive, event.identifier):
        if event.is_cancelled:
            yield 0xFE00, None
            return
        yield 0xFF00, answer


def _on_store(archive: Archive, event: Any) -> int:
    archive.store(str(event.request.AffectedSOPInstanceUID), event.encoded_dataset())
    return 0x0000


def _on_get(archive: Archive, event: Any) -> Iterator[Any]:
    found = archive.matching(event.identifier)
    yield len(found)
    yield from _files(archive, found)


def _on_move(archive: Archive, destinations: dict[str, tuple[str, int]], event: Any) -> Iterator[Any]:
    address = destinations.get(event.move_destination)
    if address is None:
        yield None, None
    else:
        found = archive.matching(event.identifier)
        yield *address, {"contexts": _contexts(archive, found)}
        yield len(found)
        yield from _files(archive, found)


def _contexts(archive: Archive, headers: list[Dataset]) -> list[PresentationContext]:
    kinds = {(text(one, "SOPClassUID"), str(one.file_meta.TransferSyntaxUID)) for one in headers}
    return [build_context(*kind) for kind in sorted(kinds)][:MAX_CONTEXTS]


def _files(archive: Archive, headers: list[Dataset]) -> Iterator[tuple[int, Dataset]]:
    for header in headers:
        yield 0xFF00, dcmread(archive.path(text(header, "SOPInstanceUID")))


def _no_delay(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)


def serve(folder: Path, port: int, ae: str, destinations: dict[str, tuple[str, int]]) -> Callable[[], None]:
    """Start serving; the answer stops it."""
    archive = Archive(folder / "archive")
    archive.folder.mkdir(parents=True, exist_ok=True)
    archive.load()
    entity = AE(ae_title=ae)
    entity.maximum_associations = 32
    for model in (
        Verification,
        StudyRootQueryRetrieveInformationModelFind,
        StudyRootQueryRetrieveInformationModelGet,
        StudyRootQueryRetrieveInformationModelMove,
    ):
        entity.add_supported_context(model)
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, AllTransferSyntaxes, scu_role=True, scp_role=True)
    handlers = [
        (evt.EVT_CONN_OPEN, _no_delay),
        (evt.EVT_C_FIND, partial(_on_find, archive)),
        (evt.EVT_C_STORE, partial(_on_store, archive)),
        (evt.EVT_C_GET, partial(_on_get, archive)),
        (evt.EVT_C_MOVE, partial(_on_move, archive, destinations)),
    ]
    server = entity.start_server((LOOPBACK, port), block=False, evt_handlers=handlers)
    return lambda: server.shutdown()


def main(arguments: list[str]) -> None:
    """FOLDER PORT AE OWN_AE OWN_PORT: serve until SIGTERM or Ctrl+C."""
    folder, port, ae, own_ae, own_port = arguments
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    stop = serve(Path(folder), int(port), ae, {own_ae: (LOOPBACK, int(own_port))})
    ended.wait()
    stop()
