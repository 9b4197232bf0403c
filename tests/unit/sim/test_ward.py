from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydicom.dataset import Dataset

from radrecon.config import PacsConfig
from radrecon.sim import modality
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.images import Acquired
from radrecon.sim.people import register
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.ward import LOOKS, Closing, Ward


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    plan = HospitalPlan(
        mllp=("127.0.0.1", 9),
        dicom=("127.0.0.1", 9, "RADRECON"),
        pacs=PacsConfig(name="p", ae_title="P", port=9),
        opened=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        pace=0.01,
    )
    ward = Ward(plan, register(1), asyncio.Event(), lambda what, facts: None)
    yield ward
    await ward.close()


async def test_every_wait_ends_when_the_hospital_closes(ward: Ward) -> None:
    waiting = asyncio.ensure_future(ward.pause(60))
    await asyncio.sleep(0)
    ward.stop.set()
    with pytest.raises(Closing):
        await waiting


async def test_an_exam_that_is_not_on_the_worklist_is_typed_from_paper_after_some_looks(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modality, "ask_worklist", lambda *keys: [Dataset()])
    exam = ward.book(next(ward.people))
    study = await ward.picked(exam)
    assert study.request is None
    assert study.accession_number == exam.accession_number
    assert (ward.tally.worklist_queries, ward.tally.steps_served, ward.tally.not_on_worklist) == (LOOKS, LOOKS, 1)


async def test_an_exam_on_the_worklist_is_picked_at_the_first_look(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    exam = ward.book(next(ward.people))

    def answer(*keys: Any) -> list[Dataset]:
        entry = Dataset()
        entry.PatientID, entry.AccessionNumber = exam.patient.patient_id.value, exam.accession_number
        entry.StudyInstanceUID = exam.study_instance_uid
        entry.ScheduledProcedureStepSequence = [Dataset()]
        return [entry]

    monkeypatch.setattr(modality, "ask_worklist", answer)
    study: Acquired = await ward.picked(exam)
    assert study.study_instance_uid == exam.study_instance_uid
    assert ward.tally.worklist_queries == 1


async def test_a_quarter_of_the_orders_are_of_the_newer_kind(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = []

    async def send(message: Any) -> None:
        kinds.append(message.message_type)

    monkeypatch.setattr(ward, "send", send)
    for _ in range(40):
        await ward.order(ward.book(next(ward.people)))
    assert kinds.count("OMI^O23") == 10


async def test_what_blocks_runs_beside_the_loop(ward: Ward) -> None:
    import threading

    assert await ward.blocking(threading.get_ident) != threading.get_ident()


@pytest.mark.parametrize(
    ("kind", "accession", "told"),
    [
        ("CT", "A1001", ["IN PROGRESS", "stored", "COMPLETED"]),
        ("CT", "A1000", ["IN PROGRESS", "DISCONTINUED", "IN PROGRESS", "stored", "COMPLETED"]),
        ("US", "A1001", ["stored"]),
    ],
)
async def test_an_exam_is_told_of_as_it_goes(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, kind: str, accession: str, told: list[str]
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(modality, "begin_step", lambda _to, _at, said: heard.append(said.PerformedProcedureStepStatus))
    monkeypatch.setattr(
        modality, "end_step", lambda _to, _at, _uid, said: heard.append(said.PerformedProcedureStepStatus)
    )
    monkeypatch.setattr(modality, "store", lambda *_: heard.append("stored") or 1)
    exam = ward.book(next(ward.people))
    study = performed_by_worklist(exam, exam.start)
    station = replace(study.station, modality=kind)
    await ward.perform(replace(study, station=station, accession_number=accession))
    assert heard == told
