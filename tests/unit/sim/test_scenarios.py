"""Each scenario as a script: what the RIS says and what reaches the PACS, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import hl7
import pytest

from radrecon.config import PacsConfig
from radrecon.sim import scenarios
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.exams import Exam
from radrecon.sim.faults import FAULTS, Scenario
from radrecon.sim.images import Acquired
from radrecon.sim.people import register
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.ris_messages import Written
from radrecon.sim.scenarios import play
from radrecon.sim.ward import Ward


class Rehearsal(Ward):
    """A ward without sockets and waits: notes what would have happened."""

    def __init__(self) -> None:
        plan = HospitalPlan(
            mllp=("127.0.0.1", 9),
            dicom=("127.0.0.1", 9, "RADRECON"),
            pacs=PacsConfig(name="p", ae_title="P", port=9),
            opened=datetime(2026, 11, 22, 14, 30, tzinfo=UTC),
        )
        super().__init__(plan, register(1), asyncio.Event(), lambda what, facts: None)
        self.script: list[str] = []
        self.messages: list[hl7.Message] = []
        self.studies: list[Acquired] = []

    async def send(self, message: Written) -> None:
        parsed = hl7.parse(message.text)
        self.messages.append(parsed)
        control = f" {parsed['ORC.F1']}" if message.message_type in {"ORM^O01", "OMI^O23"} else ""
        self.script.append(message.message_type.split("^")[1].replace("O23", "O01") + control)

    async def pause(self, seconds: float) -> None:
        return

    async def perform(self, study: Acquired) -> None:
        await self.store(study)

    async def picked(self, exam: Exam) -> Acquired:
        return performed_by_worklist(exam, exam.start)

    async def store(self, study: Acquired) -> None:
        self.script.append("images")
        self.studies.append(study)


@pytest.fixture
async def ward() -> AsyncIterator[Rehearsal]:
    ward = Rehearsal()
    yield ward
    await ward.close()


SCRIPTS = {
    Scenario.CLEAN: "A04, O01 NW, images, O01 SC, R01, R01",
    Scenario.BOOKED: "A04, O01 NW",
    Scenario.CANCELLED: "A04, O01 NW, O01 CA",
    Scenario.UPDATED_IN_TIME: "A04, O01 NW, A08, images, O01 SC, R01, R01",
    Scenario.ACCESSION_MISSING: "A04, O01 NW, images",
    Scenario.ACCESSION_MISTYPED: "A04, O01 NW, images",
    Scenario.NAME_TYPO: "A04, O01 NW, images",
    Scenario.MANUAL_ENTRY: "A04, O01 NW, images",
    Scenario.ACCESSION_COLLISION: "A04, O01 NW, A04, O01 NW, images, images",
    Scenario.ORDER_LOST: "A04, images",
    Scenario.UPDATE_NOT_ROUTED: "A04, O01 NW, images, A08",
    Scenario.MERGE_AFTER_IMAGES: "A04, O01 NW, images, A04, A40",
    Scenario.REGISTERED_TWICE: "A04, A04, O01 NW, images",
    Scenario.OVERLAY: "A04, O01 NW, images, A08",
    Scenario.UNREGISTERED: "images",
}


@pytest.mark.parametrize("scenario", Scenario)
async def test_a_scenario_goes_by_its_script(ward: Rehearsal, scenario: Scenario) -> None:
    await play(scenario, ward)
    assert ", ".join(ward.script) == SCRIPTS[scenario]
    assert ward.tally.visits == {scenario.value: 1}


@pytest.mark.parametrize("scenario", Scenario)
async def test_every_fault_and_nothing_else_is_noted_as_one(ward: Rehearsal, scenario: Scenario) -> None:
    await play(scenario, ward)
    assert ward.tally.faults == ({scenario.value: 1} if scenario in FAULTS else {})


async def test_two_people_collide_on_one_accession_number(ward: Rehearsal) -> None:
    await play(Scenario.ACCESSION_COLLISION, ward)
    one, other = ward.studies
    assert one.accession_number == other.accession_number
    assert one.patient_id != other.patient_id


async def test_a_merge_leaves_the_number_that_the_images_carry(ward: Rehearsal) -> None:
    await play(Scenario.MERGE_AFTER_IMAGES, ward)
    (study,), merge = ward.studies, ward.messages[-1]
    assert str(merge["MRG.F1.R1.C1"]) == study.patient_id
    assert str(merge["PID.F3.R1.C1"]) != study.patient_id


async def test_one_person_with_two_numbers_keeps_name_and_birth_date(ward: Rehearsal) -> None:
    await play(Scenario.REGISTERED_TWICE, ward)
    first, second, order = ward.messages
    assert str(first.segment("PID")[5]) == str(second.segment("PID")[5])
    assert str(first.segment("PID")[7]) == str(second.segment("PID")[7])
    assert str(first["PID.F3.R1.C1"]) == ward.studies[0].patient_id
    assert str(order["PID.F3.R1.C1"]) == str(second["PID.F3.R1.C1"]) != ward.studies[0].patient_id


@pytest.mark.parametrize("scenario", [Scenario.ACCESSION_MISSING, Scenario.ACCESSION_MISTYPED])
async def test_a_study_with_a_wrong_accession_has_no_other_tie_to_its_order(
    ward: Rehearsal, scenario: Scenario
) -> None:
    await play(scenario, ward)
    fault, (study,) = ward.tally.injected[0], ward.studies
    assert study.accession_number != fault.ordered_accession_number
    assert study.request is None
    assert study.study_instance_uid not in {str(message) for message in ward.messages}


async def test_an_overlay_changes_name_and_birth_date_under_the_same_number(ward: Rehearsal) -> None:
    await play(Scenario.OVERLAY, ward)
    before, after = ward.messages[0].segment("PID"), ward.messages[-1].segment("PID")
    assert str(before[3]) == str(after[3])
    assert str(before[5]) != str(after[5])
    assert str(before[7]) != str(after[7])


def test_every_scenario_can_be_played() -> None:
    assert set(scenarios.PLAYS) == set(Scenario)
