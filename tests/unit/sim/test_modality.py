"""The modality against pynetdicom's own worklist and storage providers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import (
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    Verification,
)

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.sim import modality
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.catalogue import STATIONS
from radrecon.sim.exams import Booking
from radrecon.sim.images import instances
from radrecon.sim.people import register

STATION = STATIONS[0]
DAY = date(2026, 11, 22)


class Peer:
    """Answers each worklist query with two entries and stores whatever comes, with the statuses it is told."""

    def __init__(self) -> None:
        self.queries: list[Dataset] = []
        self.stored: list[Dataset] = []
        self.callers: list[str] = []
        self.find_end, self.store_status = 0x0000, 0x0000
        entity = AE("PEER")
        entity.add_supported_context(Verification)
        entity.add_supported_context(ModalityWorklistInformationFind)
        entity.add_supported_context(ModalityPerformedProcedureStep)
        for context in AllStoragePresentationContexts:
            entity.add_supported_context(context.abstract_syntax)
        self.performed: list[tuple[str, Dataset]] = []
        self.performed_status = 0x0000
        handlers = [
            (evt.EVT_C_FIND, self.find), (evt.EVT_C_STORE, self.keep), (evt.EVT_C_ECHO, lambda event: 0),
            (evt.EVT_N_CREATE, self.begins), (evt.EVT_N_SET, self.ends),
        ]  # fmt: skip
        self.server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)

    @property
    def address(self) -> tuple[str, int, str]:
        return "127.0.0.1", self.server.socket.getsockname()[1], "PEER"

    @property
    def pacs(self) -> PacsConfig:
        return PacsConfig(name="peer", ae_title="PEER", port=self.address[1])

    def begins(self, event: Any) -> tuple[int, Dataset]:
        self.performed.append((str(event.request.AffectedSOPInstanceUID), event.attribute_list))
        return self.performed_status, Dataset()

    def ends(self, event: Any) -> tuple[int, Dataset]:
        self.performed.append((str(event.request.RequestedSOPInstanceUID), event.modification_list))
        return self.performed_status, Dataset()

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        self.queries.append(event.identifier)
        self.callers.append(event.assoc.requestor.ae_title)
        for number in (1, 2):
            entry = Dataset()
            entry.SpecificCharacterSet = "ISO_IR 192"
            entry.PatientName = "Nguyễn^Văn Đức"
            entry.AccessionNumber = f"A{number}"
            yield 0xFF00, entry
        yield self.find_end, None

    def keep(self, event: Any) -> int:
        self.stored.append(event.dataset)
        self.callers.append(event.assoc.requestor.ae_title)
        return self.store_status


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.server.shutdown()


def study() -> tuple[Dataset, ...]:
    exam = Booking(1).book(next(register(1)), datetime(2026, 11, 22, 14, 30, tzinfo=UTC))
    return tuple(instances(performed_by_worklist(exam, exam.start)))


def test_a_query_names_station_day_and_modality_and_asks_for_what_images_need(peer: Peer) -> None:
    answers = modality.ask_worklist(peer.address, STATION, DAY, "1234567")
    assert [entry.AccessionNumber for entry in answers] == ["A1", "A2"]
    assert str(answers[0].PatientName) == "Nguyễn^Văn Đức"
    (keys,) = peer.queries
    step = keys.ScheduledProcedureStepSequence[0]
    assert (keys.PatientID, step.Modality, step.ScheduledProcedureStepStartDate) == ("1234567", "CT", "20261122")
    assert "StudyInstanceUID" in keys
    assert peer.callers == ["CT1"]


def test_a_refused_query_is_trouble_with_the_status(peer: Peer) -> None:
    peer.find_end = 0xA900
    with pytest.raises(PeerTrouble, match="A900"):
        modality.ask_worklist(peer.address, STATION, DAY)


def test_every_instance_arrives_as_it_was_made(peer: Peer) -> None:
    made = study()
    assert modality.store(peer.pacs, STATION, made) == len(made)
    assert [ds.SOPInstanceUID for ds in peer.stored] == [ds.SOPInstanceUID for ds in made]
    assert [ds.PixelData for ds in peer.stored] == [ds.PixelData for ds in made]


def test_a_refused_image_is_trouble(peer: Peer) -> None:
    peer.store_status = 0xA700
    with pytest.raises(PeerTrouble, match="peer did not take an image: status A700"):
        modality.store(peer.pacs, STATION, study())
    assert len(peer.stored) == 1


# pynetdicom forgets the socket whose connection was refused
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_peer_that_is_down_is_trouble_and_not_a_hang() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(PeerTrouble, match="does not accept"):
        modality.ask_worklist(("127.0.0.1", port, "PEER"), STATION, DAY)


def test_echo_is_answered(peer: Peer) -> None:
    modality.echo(peer.address, STATION)


def test_nagle_is_off_on_the_modalitys_socket(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def spy(event: Any) -> None:
        original(event)
        seen.append(event.assoc.dul.socket.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    original = modality.no_delay
    monkeypatch.setattr(modality, "no_delay", spy)
    modality.echo(peer.address, STATION)
    assert seen
    assert all(seen)


def test_a_performed_step_begins_and_ends_under_one_uid(peer: Peer) -> None:
    begun, ended = Dataset(), Dataset()
    begun.PerformedProcedureStepStatus, ended.PerformedProcedureStepStatus = "IN PROGRESS", "COMPLETED"
    uid = modality.begin_step(peer.address, STATION, begun)
    modality.end_step(peer.address, STATION, uid, ended)
    assert [(one, told.PerformedProcedureStepStatus) for one, told in peer.performed] == [
        (uid, "IN PROGRESS"), (uid, "COMPLETED"),
    ]  # fmt: skip


def test_a_refused_step_is_trouble(peer: Peer) -> None:
    peer.performed_status = 0x0110
    told = Dataset()
    told.PatientID = "1"
    with pytest.raises(PeerTrouble, match="PEER did not take a performed step: status 0110"):
        modality.begin_step(peer.address, STATION, told)
