"""The hospital over real sockets: an engine made of independent parts (the `hl7` package's MLLP server, pynetdicom's
worklist provider) and a real PACS.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hl7
import httpx
import pytest
from hl7.mllp import start_hl7_server
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import ModalityPerformedProcedureStep, ModalityWorklistInformationFind

from radrecon.config import PacsConfig
from radrecon.sim.apart import run_apart
from radrecon.sim.faults import FAULTS, Scenario
from radrecon.sim.history import fill_archive
from radrecon.sim.hospital import opening, run
from radrecon.sim.pacs import orthanc, orthanc_program
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.setting import quick

OPENED = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


class EngineStandIn:
    """Takes HL7 and serves as worklist what the orders in it say."""

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.entries: dict[str, Dataset] = {}
        self.told: Counter[str] = Counter()

    def performed(self, event: Any) -> tuple[int, Dataset]:
        said = getattr(event, "attribute_list" if event.event is evt.EVT_N_CREATE else "modification_list")
        self.told[said.PerformedProcedureStepStatus] += 1
        return 0x0000, Dataset()

    async def take(self, reader: Any, writer: Any) -> None:
        try:
            while True:
                message = await reader.readmessage()
                self.apply(message)
                writer.writemessage(message.create_ack())
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    def apply(self, message: hl7.Message) -> None:
        kind = "^".join(str(message.segment("MSH")[9]).split("^")[:2])
        self.types[kind] += 1
        if kind in {"ORM^O01", "OMI^O23"}:
            step = str(message["ORC.F2.R1.C1"])
            self.entries.pop(step, None)
            if str(message["ORC.F1"]) == "NW":
                self.entries[step] = entry(message, kind)

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        keys = event.identifier
        for found in list(self.entries.values()):
            modality = keys.ScheduledProcedureStepSequence[0].Modality
            if found.ScheduledProcedureStepSequence[0].Modality != modality:
                continue
            if keys.PatientID in {"", found.PatientID}:
                yield 0xFF00, found


def entry(message: hl7.Message, kind: str) -> Dataset:
    """The order as a worklist entry."""
    ds, step = Dataset(), Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientID = str(message["PID.F3.R1.C1"])
    ds.PatientName = "^".join(str(message.segment("PID")[5]).split("~")[0].split("^")[:2])
    ds.PatientBirthDate = str(message["PID.F7"])
    ds.PatientSex = str(message["PID.F8"])
    imaging = kind == "OMI^O23"
    ds.AccessionNumber = str(message["IPC.F1.R1.C1" if imaging else "OBR.F18"])
    ds.StudyInstanceUID = str(message["IPC.F3.R1.C1" if imaging else "ZDS.F1.R1.C1"])
    ds.RequestedProcedureID = str(message["IPC.F2.R1.C1" if imaging else "OBR.F19"])
    step.ScheduledProcedureStepID = str(message["IPC.F4.R1.C1" if imaging else "OBR.F20"])
    step.Modality = str(message["IPC.F5" if imaging else "OBR.F24"])
    ds.ScheduledProcedureStepSequence = [step]
    return ds


@asynccontextmanager
async def engine() -> AsyncIterator[tuple[EngineStandIn, tuple[str, int], tuple[str, int, str]]]:
    stand_in, entity = EngineStandIn(), AE("RADRECON")
    entity.maximum_associations = 50
    entity.add_supported_context(ModalityWorklistInformationFind)
    entity.add_supported_context(ModalityPerformedProcedureStep)
    handlers = [
        (evt.EVT_C_FIND, stand_in.find), (evt.EVT_N_CREATE, stand_in.performed), (evt.EVT_N_SET, stand_in.performed),
    ]  # fmt: skip
    worklist = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    async with await start_hl7_server(stand_in.take, host="127.0.0.1", port=0, encoding="utf-8", limit=1 << 20) as mllp:
        dicom = ("127.0.0.1", worklist.socket.getsockname()[1], "RADRECON")
        yield stand_in, mllp.sockets[0].getsockname()[:2], dicom
    await asyncio.to_thread(worklist.shutdown)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PacsConfig]:
    if orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with orthanc(tmp_path_factory.mktemp("pacs")) as running:
        yield quick(running.config)


def studies(pacs: PacsConfig) -> dict[str, dict[str, str]]:
    """Study UID → main tags of study and patient, as the PACS's own REST interface has them."""
    answer = httpx.get(f"{pacs.rest_url}/studies?expand", trust_env=False).json()
    return {
        one["MainDicomTags"]["StudyInstanceUID"]: one["MainDicomTags"] | one["PatientMainDicomTags"] for one in answer
    }


async def test_a_busy_day_brings_every_fault_and_the_tally_says_what_is_at_the_pacs(archive: PacsConfig) -> None:
    _people, past = opening(11, OPENED)
    assert await asyncio.to_thread(fill_archive, archive, past) > len(past)
    before = set(threading.enumerate())
    stop, all_faults = asyncio.Event(), set(FAULTS)

    def tell(what: str, facts: dict[str, Any]) -> None:
        if what == "fault":
            all_faults.discard(Scenario(facts["scenario"]))
        if not all_faults:
            stop.set()

    async with engine() as (heard, mllp, dicom):
        plan = HospitalPlan(mllp=mllp, dicom=dicom, pacs=archive, opened=OPENED, seed=11, pace=0.5)
        tally = await asyncio.wait_for(run(plan, stop, tell), 400)
    at_pacs = studies(archive)
    assert tally.trouble == []
    assert heard.told["IN PROGRESS"] == heard.told["COMPLETED"] + heard.told["DISCONTINUED"] > 0
    assert set(tally.faults) == set(FAULTS)
    assert tally.acks == {"AA": tally.messages_sent}
    assert sum(heard.types.values()) == tally.messages_sent
    assert {"ADT^A04", "ADT^A08", "ADT^A40", "ORM^O01", "OMI^O23"} <= set(heard.types)
    assert tally.steps_served >= tally.worklist_queries - 3 * tally.not_on_worklist > 0
    assert len(at_pacs) == tally.studies_stored + len(past)
    for fault in tally.injected:
        if fault.study_instance_uid:
            found = at_pacs[fault.study_instance_uid]
            assert found["PatientID"] == fault.patient_id
            assert found.get("AccessionNumber", "") == fault.accession_number
    assert {thread.name for thread in set(threading.enumerate()) - before if "modality" in thread.name} == set()


async def test_a_hospital_in_its_own_process_tells_the_same_and_ends_when_told(
    archive: PacsConfig, tmp_path: Path
) -> None:
    stop, told = asyncio.Event(), Counter[str]()

    def tell(what: str, facts: dict[str, Any]) -> None:
        told[what] += 1
        if told["study"] >= 2:
            stop.set()

    async with engine() as (heard, mllp, dicom):
        plan = HospitalPlan(mllp=mllp, dicom=dicom, pacs=archive, opened=OPENED, seed=12, pace=0.5)
        tally = await asyncio.wait_for(run_apart(plan, stop, tell, tmp_path / "log"), 400)
    assert tally.studies_stored == told["study"] >= 2
    assert tally.messages_sent == sum(heard.types.values()) == told["message"]
    assert (tmp_path / "log").read_text() == ""
