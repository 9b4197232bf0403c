"""A modality: asks the worklist, makes images of what it picked or of what its operator typed, stores them.

Worklist C-FIND (PS3.4 K), MPPS (F.7), image IODs (PS3.3 A), C-STORE (PS3.4 B). Everything here blocks: call it off
the loop.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, Association, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    Verification,
)

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.sim.catalogue import Station

PENDING = {0xFF00, 0xFF01}
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
SECONDS = 10
RETURN_KEYS = (
    "PatientName",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "ReferringPhysicianName",
    "RequestedProcedureID",
    "RequestedProcedureDescription",
    "StudyInstanceUID",
    "AdmissionID",
)
STEP_RETURN_KEYS = (
    "ScheduledStationAETitle",
    "ScheduledStationName",
    "ScheduledProcedureStepStartTime",
    "ScheduledProcedureStepID",
    "ScheduledProcedureStepDescription",
)


def ask_worklist(address: tuple[str, int, str], station: Station, day: date, patient_id: str = "") -> list[Dataset]:
    """What the station would be shown: its modality, that day, any AE; `patient_id` narrows it to one patient.

    The AE title stays a universal key because ORM^O01 has no field for it and a step without one would not match.
    """
    with _associated(station, address, ModalityWorklistInformationFind) as talk:
        answers = talk.send_c_find(worklist_keys(station, day, patient_id), ModalityWorklistInformationFind)
        return [identifier for status, identifier in answers if _pending(status, station) and identifier is not None]


def worklist_keys(station: Station, day: date, patient_id: str = "") -> Dataset:
    """A query like real modalities make: matching keys and the return keys that the images will need."""
    keys, step = Dataset(), Dataset()
    keys.SpecificCharacterSet = "ISO_IR 192"
    for keyword in RETURN_KEYS:
        setattr(keys, keyword, "")
    keys.PatientID = patient_id
    for keyword in STEP_RETURN_KEYS:
        setattr(step, keyword, "")
    step.Modality = station.modality
    step.ScheduledProcedureStepStartDate = day.strftime("%Y%m%d")
    keys.ScheduledProcedureStepSequence = [step]
    return keys


def store(pacs: PacsConfig, station: Station, instances: Sequence[Dataset]) -> int:
    """Store them all in one association; how many the PACS took. Raises PeerTrouble at the first refusal."""
    classes = sorted({str(instance.SOPClassUID) for instance in instances})
    with _associated(station, (pacs.host, pacs.port, pacs.ae_title), *classes) as talk:
        for instance in instances:
            status = talk.send_c_store(instance)
            if status.get("Status") != 0x0000:
                raise PeerTrouble(f"{pacs.name} did not take an image: {_words(status)}")
    return len(instances)


def begin_step(address: tuple[str, int, str], station: Station, begun: Dataset) -> str:
    """N-CREATE of a performed procedure step; its UID. Raises PeerTrouble where it is not taken."""
    uid = generate_uid()
    with _associated(station, address, ModalityPerformedProcedureStep) as talk:
        _expect_success(address, talk.send_n_create(begun, ModalityPerformedProcedureStep, uid)[0])
    return str(uid)


def end_step(address: tuple[str, int, str], station: Station, uid: str, ended: Dataset) -> None:
    """N-SET of its end. Raises PeerTrouble where it is not taken."""
    with _associated(station, address, ModalityPerformedProcedureStep) as talk:
        _expect_success(address, talk.send_n_set(ended, ModalityPerformedProcedureStep, uid)[0])


def _expect_success(address: tuple[str, int, str], status: Dataset) -> None:
    if status.get("Status") != 0x0000:
        raise PeerTrouble(f"{address[2]} did not take a performed step: {_words(status)}")


def echo(address: tuple[str, int, str], station: Station) -> None:
    """C-ECHO; raises PeerTrouble if nobody answers."""
    with _associated(station, address, Verification) as talk:
        if (status := talk.send_c_echo()).get("Status") != 0x0000:
            raise PeerTrouble(f"{address[2]} answers the echo with {_words(status)}")


class _associated:
    """An association as a context: established or PeerTrouble, released at the end, no Nagle on its socket."""

    def __init__(self, station: Station, address: tuple[str, int, str], *classes: Any) -> None:
        self._station, self._address = station, address
        self._contexts = [build_context(sop_class, SYNTAXES) for sop_class in classes]

    def __enter__(self) -> Association:
        entity = AE(self._station.ae_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = SECONDS
        host, port, title = self._address
        handlers = [(evt.EVT_CONN_OPEN, no_delay)]
        self._talk = entity.associate(host, port, self._contexts, title, evt_handlers=handlers)
        if not self._talk.is_established:
            self._gone()
            raise PeerTrouble(f"{title} at {host}:{port} does not accept an association of {self._station.ae_title}")
        # the association's own thread looks into the same queue and now and then takes an answer: let it find nothing
        take = self._talk.dimse.get_msg
        self._talk.dimse.get_msg = lambda block=False: take(block=True) if block else (None, None)
        return self._talk

    def __exit__(self, *error: object) -> None:
        if self._talk.is_established:
            self._talk.release()
        self._gone()

    def _gone(self) -> None:
        """No thread of the association outlives it."""
        for thread in (self._talk, self._talk.dul):
            if thread.is_alive():
                thread.join(SECONDS)


def no_delay(event: Any) -> None:
    """pynetdicom leaves Nagle on: 40 ms per exchange."""
    plug = event.assoc.dul.socket
    if plug is not None and plug.socket is not None:
        plug.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _pending(status: Dataset, station: Station) -> bool:
    code = status.get("Status")
    if code in PENDING:
        return True
    if code != 0x0000:
        raise PeerTrouble(f"the worklist refuses {station.ae_title}: {_words(status)}")
    return False


def _words(status: Dataset) -> str:
    code = status.get("Status")
    return str(status.get("ErrorComment", "")) or ("no answer" if code is None else f"status {code:04X}")
