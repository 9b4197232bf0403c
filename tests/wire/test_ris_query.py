"""Asking real worklist servers as a modality would, and ones that misbehave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined,unused-ignore]

from radrecon.dicom.worklist_request import modality_queries
from radrecon.model.errors import PeerTrouble
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.services import ris_query
from radrecon.services.pacs_association import PeerDown
from radrecon.services.ris_query import CutOff
from radrecon.sim.pacs import free_port
from tests.wire.ris_peers import entry, misbehaving, orthanc_worklist, plugin, silent, source, wlm, wlmscpfs

pytestmark = [
    pytest.mark.usefixtures("no_threads_left"),
    # pynetdicom drops the socket of a refused connection without closing it
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]
DAY = "20261122"


def asks(port: int, calling: str = "CT1", modalities: tuple[str, ...] = ("CT",), **more: Any) -> list[WorklistEntry]:
    queries = modality_queries(calling, modalities, "2026-11-22", "2026-11-23")
    return list(ris_query.ask(source(port, **more), calling, queries))


@wlm
def test_wlmscpfs_gives_each_modality_its_own(tmp_path: Path) -> None:
    with wlmscpfs(tmp_path) as (port, files):
        files.put(entry("A1", day=DAY))
        files.put(entry("A2", day=DAY, station="CT2"))
        files.put(entry("A3", day=DAY, modality="PT"))
        files.put(entry("A4", day="20261125"))
        assert [one.accession_number for one in asks(port)] == ["A1"]
        assert {one.accession_number for one in asks(port, modalities=("CT", "PT"))} == {"A1", "A3"}
        assert [one.accession_number for one in asks(port, "CT2")] == ["A2"]
        (found,) = asks(port)
    assert (found.patient.birth_date, found.start, found.station_ae_title) == (
        "1960-05-17", "2026-11-22T14:30:00", "CT1",
    )  # fmt: skip
    assert (found.scheduled_procedure_step_id, found.requested_procedure_id) == ("S-A1-1", "RP-A1")


@plugin
def test_orthancs_plug_in_answers_in_the_character_set_it_has(tmp_path: Path) -> None:
    with orthanc_worklist(tmp_path) as (port, files):
        files.put(entry("A1", day=DAY, PatientName="MÜLLER^JÖRG", charset="ISO_IR 100"))
        files.put(entry("A2", day=DAY, station="CT2"))
        (found,) = asks(port)
    assert (str(found.patient.name), found.flags) == ("MÜLLER^JÖRG", ())


def test_who_is_not_there_is_down(tmp_path: Path) -> None:
    with pytest.raises(PeerDown, match=r"RIS .* cannot be reached"):
        asks(free_port())


def test_who_takes_the_connection_and_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("radrecon.services.pacs_association.CONNECT_SECONDS", 0.3)
    with misbehaving(silent) as port, pytest.raises(PeerTrouble):
        asks(port)


Answer = tuple[int, Dataset | None]


class Ris:
    """A worklist server of pynetdicom whose answers a test makes up."""

    def __init__(self) -> None:
        self.answers: Callable[[], Iterator[Answer]] = lambda: iter(())
        self.callers: list[str] = []
        self.asked: list[Dataset] = []
        self.threads: list[threading.Thread] = []
        entity = AE("RISWL")
        entity.add_supported_context(ModalityWorklistInformationFind)
        self.server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, self._find)])
        self.port: int = self.server.socket.getsockname()[1]  # type: ignore[union-attr]

    def _find(self, event: Any) -> Iterator[Answer]:
        self.threads.append(event.assoc)
        self.callers.append(event.assoc.requestor.ae_title)
        self.asked.append(event.identifier)
        yield from self.answers()


@pytest.fixture
def ris() -> Iterator[Ris]:
    one = Ris()
    yield one
    one.server.shutdown()  # type: ignore[no-untyped-call]
    for thread in one.threads:
        thread.join(20)


def test_it_is_asked_under_the_modalitys_name_and_with_its_keys(ris: Ris) -> None:
    assert asks(ris.port, "MR7", ("MR",)) == []
    (query,) = ris.asked
    (step,) = query.ScheduledProcedureStepSequence
    assert ris.callers == ["MR7"]
    assert (step.Modality, step.ScheduledStationAETitle) == ("MR", "MR7")
    assert step.ScheduledProcedureStepStartDate == "20261122-20261123"


@pytest.mark.parametrize(("status", "words"), [(0xA700, "A700"), (0xC001, "C001"), (0xB000, "B000")])
def test_a_list_that_ends_in_anything_but_success_is_not_whole(ris: Ris, status: int, words: str) -> None:
    ris.answers = lambda: iter([(0xFF00, entry(day=DAY)), (status, None)])
    with pytest.raises(CutOff, match=words):
        asks(ris.port)


def test_more_than_the_maximum_is_cut_off_and_the_peer_is_left(ris: Ris) -> None:
    def endless() -> Iterator[Answer]:
        for number in range(100_000):
            yield 0xFF00, entry(f"A{number}", day=DAY)

    ris.answers = endless
    with pytest.raises(CutOff, match="more than 20 entries"):
        asks(ris.port, max_answers=20)


def test_a_slow_one_is_given_up_in_its_time(ris: Ris) -> None:
    def slow() -> Iterator[Answer]:
        for number in range(1000):
            time.sleep(0.1)
            yield 0xFF00, entry(f"A{number}", day=DAY)

    ris.answers = slow
    with pytest.raises(CutOff, match=r"still answering after 2 s"):  # longer than any pause between two answers
        asks(ris.port, answer_seconds=2)


def test_one_that_takes_the_question_and_is_silent_is_given_up(ris: Ris) -> None:
    given_up = threading.Event()

    def silence() -> Iterator[Answer]:
        given_up.wait(60)
        yield 0x0000, None

    ris.answers = silence
    try:
        with pytest.raises(CutOff, match=r"RIS: no answer within 0\.5 s"):
            asks(ris.port, answer_seconds=0.5)
    finally:
        given_up.set()


def test_one_that_closes_in_the_middle_gives_no_list(ris: Ris) -> None:
    def half() -> Iterator[Answer]:
        yield 0xFF00, entry(day=DAY)
        for assoc in ris.server.active_associations:
            assoc.dul.socket.socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    ris.answers = half
    with pytest.raises(CutOff, match="connection broke"):
        asks(ris.port)


def test_hostile_values_come_as_text(ris: Ris) -> None:
    hostile = entry("../../etc", day=DAY, PatientName='DOE^JOHN<img src="file:///x">')
    hostile["StudyInstanceUID"]._value = "../../x"
    ris.answers = lambda: iter([(0xFF00, hostile)])
    (found,) = asks(ris.port)
    assert (found.accession_number, found.study_instance_uid) == ("../../etc", "../../x")
    assert str(found.patient.name) == 'DOE^JOHN<img src="file:///x">'
    assert found.flags == ("the Study Instance UID is none",)


def test_a_wrong_character_set_is_flagged(ris: Ris) -> None:
    wrong = entry(day=DAY, PatientName="MÜLLER^JÖRG")
    wrong.SpecificCharacterSet = "ISO_IR 192"
    wrong[0x00100010] = DataElement(0x00100010, "OB", "MÜLLER^JÖRG ".encode("latin-1"))
    ris.answers = lambda: iter([(0xFF00, wrong)])
    (found,) = asks(ris.port)
    assert found.flags == ("text does not fit the declared character set ISO_IR 192",)
    assert str(found.patient.name) == "MÜLLER^JÖRG"
