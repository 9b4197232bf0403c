"""Retrieving a whole study by C-GET or C-MOVE as it is: no transfer syntax is changed (PS3.4 C.4.2, C.4.3).

Files come from outside, so their names are made here and never from a UID that a file holds.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import (
    AllTransferSyntaxes,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE, AllStoragePresentationContexts, build_context, evt
from pynetdicom.sop_class import (  # type: ignore[attr-defined,unused-ignore]
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from radrecon.config import PacsConfig
from radrecon.dicom.identity import text
from radrecon.model.errors import NotFound, PeerTrouble
from radrecon.services.pacs_association import MAX_CONTEXTS, PENDING, association, words
from radrecon.services.pacs_query import find_instances

GET = StudyRootQueryRetrieveInformationModelGet
MOVE = StudyRootQueryRetrieveInformationModelMove
# tried first: what archives hold nearly always; the rest follows as far as an association has room
COMMON = [
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLosslessSV1,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
    JPEGLSLossless,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]
SYNTAXES = [*COMMON, *(uid for uid in AllTransferSyntaxes if uid not in COMMON)]


def retrieve(pacs: PacsConfig, own_ae: str, uid: str, folder: Path, retrieve_port: int = 0) -> list[Path]:
    """Bring every instance of a study into `folder`.

    Raises NotFound, PeerTrouble where one is missing, or OSError where one cannot be written.
    """
    listed = find_instances(pacs, own_ae, uid)
    if not listed:
        raise NotFound(f"{pacs.name} has no images of this study")
    folder.mkdir(parents=True, exist_ok=True)
    taker = _Taker(folder, uid)
    try:
        if pacs.retrieve == "move":
            _move(pacs, own_ae, uid, taker, retrieve_port)
        else:
            _get(pacs, own_ae, uid, taker, listed)
    finally:
        taker.check()
    paths = [file_of(folder, text(one, "SOPInstanceUID")) for one in listed]
    missing = sum(not path.exists() for path in paths)
    if missing:
        raise PeerTrouble(f"{pacs.name} lists {len(paths)} images and sent {len(paths) - missing} of them")
    return paths


def file_of(folder: Path, sop_instance_uid: str) -> Path:
    """Where an instance lies in a folder of ours."""
    return folder / f"{hashlib.sha256(sop_instance_uid.encode()).hexdigest()[:40]}.dcm"


def _get(pacs: PacsConfig, own_ae: str, uid: str, taker: _Taker, listed: Sequence[Dataset]) -> None:
    """One association where its contexts have room for all classes of the study, else one for each series."""
    classes = {text(one, "SOPClassUID") for one in listed}
    if "" not in classes and len(classes) <= MAX_CONTEXTS // len(COMMON):
        _get_part(pacs, own_ae, _identifier(uid), taker, sorted(classes))
        return
    for series, group in groupby(listed, lambda one: text(one, "SeriesInstanceUID")):
        known = sorted({text(one, "SOPClassUID") for one in group} - {""})
        _get_part(pacs, own_ae, _identifier(uid, series), taker, known or _likely_classes())


def _get_part(pacs: PacsConfig, own_ae: str, identifier: Dataset, taker: _Taker, classes: Sequence[str]) -> None:
    """A context of its own for each class and syntax: in a shared one the PACS picks one syntax and converts to it."""
    room = max(1, (MAX_CONTEXTS - 1) // len(classes))
    contexts = [build_context(one, syntax) for one in classes for syntax in SYNTAXES[:room]][: MAX_CONTEXTS - 1]
    handlers = [(evt.EVT_C_STORE, taker.take)]
    with association(pacs, own_ae, [build_context(GET), *contexts], receive=classes, handlers=handlers) as assoc:
        _follow(pacs, assoc.send_c_get(identifier, GET))


def _move(pacs: PacsConfig, own_ae: str, uid: str, taker: _Taker, port: int) -> None:
    if not port:
        raise PeerTrouble(f"{pacs.name} is set to C-MOVE, and engine.retrieve_port is not set")
    entity = AE(ae_title=own_ae)
    entity.maximum_pdu_size = 1 << 17
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, SYNTAXES)
    with _PORT:
        try:
            server = entity.start_server(
                (_own_address(pacs), port), block=False, evt_handlers=[(evt.EVT_C_STORE, taker.take)]
            )
        except OSError as error:
            raise PeerTrouble(f"port {port} for retrieving cannot be opened: {error.strerror}") from error
        try:
            with association(pacs, own_ae, [build_context(MOVE)]) as assoc:
                _follow(pacs, assoc.send_c_move(_identifier(uid), own_ae, MOVE))
        finally:
            server.shutdown()


_PORT = threading.Lock()  # there is one for C-MOVE: an edit and a proof take turns


def _own_address(pacs: PacsConfig) -> str:
    """The address of ours that the PACS sees; nobody else needs to reach this port."""
    with socket(AF_INET, SOCK_DGRAM) as probe:
        probe.connect((pacs.host, pacs.port))
        return str(probe.getsockname()[0])


def _follow(pacs: PacsConfig, answers: Iterator[tuple[Dataset, Dataset | None]]) -> None:
    """Read answers to the last. A failed sub-operation is found by the count afterwards, its words only here."""
    for status, _ in answers:
        if "Status" not in status:
            raise PeerTrouble(f"{pacs.name}: the connection broke while retrieving")
        if status.Status not in PENDING and status.Status != 0:
            raise PeerTrouble(f"{pacs.name} answered {words(status)} while retrieving")


class _Taker:
    """Writes what is retrieved. A disk that fails is our trouble, although the PACS is the one that says so."""

    def __init__(self, folder: Path, study_instance_uid: str) -> None:
        self._folder, self._uid = folder, study_instance_uid
        self._failed: OSError | None = None

    def take(self, event: Any) -> int:
        if text(event.dataset, "StudyInstanceUID") != self._uid:
            return 0xA900
        path = file_of(self._folder, str(event.request.AffectedSOPInstanceUID))
        partial = path.with_suffix(".part")
        try:
            partial.write_bytes(event.encoded_dataset())
            partial.replace(path)
        except OSError as error:
            self._failed = error
            return 0xA700
        return 0x0000

    def check(self) -> None:
        """Raises OSError where something was not written."""
        if self._failed:
            raise self._failed


def _identifier(study: str, series: str = "") -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "SERIES" if series else "STUDY"
    identifier.StudyInstanceUID = study
    if series:
        identifier.SeriesInstanceUID = series
    return identifier


def _likely_classes() -> list[str]:
    """For a PACS that does not tell the classes: those that radiology uses, as many as an association has room for."""
    wanted = ("CT Image", "MR Image", "Computed Radiography", "Digital X-Ray", "Ultrasound", "Secondary Capture", "SR")
    named = [str(context.abstract_syntax) for context in AllStoragePresentationContexts]
    names = {
        uid: getattr(context.abstract_syntax, "name", "")
        for uid, context in zip(named, AllStoragePresentationContexts, strict=True)
    }
    likely = [uid for uid in named if any(word in names[uid] for word in wanted)]
    return likely[: MAX_CONTEXTS // len(COMMON)]
