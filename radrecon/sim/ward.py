"""The hospital at work: its one RIS interface, its modalities, its clock and its tally, as the scenarios use them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from radrecon.model.patient import Demographics, PatientId
from radrecon.sim import modality
from radrecon.sim.acquisition import entry_of, from_paper, from_worklist
from radrecon.sim.exams import Booking, Exam, slot
from radrecon.sim.faults import Scenario
from radrecon.sim.images import Acquired, instances
from radrecon.sim.performing import begun, completed, picked_wrongly, tells
from radrecon.sim.plan import HospitalPlan
from radrecon.sim.ris import RIS
from radrecon.sim.ris_messages import COMPLETED, NEW, Scribe, Written
from radrecon.sim.tally import Injected, Tally

T = TypeVar("T")
Tell = Callable[[str, dict[str, Any]], None]
LOOKS = 3
MISPICKED = 5  # one exam in so many of those that are told of


class Closing(Exception):
    """The hospital closes; whoever waits goes home."""


class Ward:
    """One hospital day. Whatever blocks runs in its few threads; every wait ends when `stop` is set."""

    def __init__(self, plan: HospitalPlan, people: Iterator[Demographics], stop: asyncio.Event, tell: Tell) -> None:
        self.plan, self.people, self.stop, self.tell = plan, people, stop, tell
        self.rng = random.Random(f"ward {plan.seed}")
        self.tally = Tally()
        self.scribe, self.booking = Scribe(), Booking(plan.seed)
        self.ris = RIS(*plan.mllp)
        self._bench = ThreadPoolExecutor(4, thread_name_prefix="modality")

    def now(self) -> datetime:
        return datetime.now(self.plan.tz)

    async def rest(self, breaths: float) -> None:
        """One of the short waits within a visit; raises Closing."""
        await self.pause(breaths * self.plan.breath)

    async def pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stop.wait()
        except TimeoutError:
            return
        raise Closing

    async def close(self) -> None:
        """Hang up and wait for the threads."""
        await self.ris.close()
        await asyncio.to_thread(self._bench.shutdown)

    async def send(self, message: Written) -> None:
        """One HL7 message, acknowledged; whatever the answer, the RIS goes on."""
        code = await self.ris.send(message)
        self.tally.messages_sent, self.tally.acks = self.ris.sent, self.ris.acks
        self.tell("message", {"message_type": message.message_type, "control_id": message.control_id, "ack": code})

    async def register(self, patient: Demographics) -> None:
        await self.send(self.scribe.adt("A04", patient, self.now()))

    async def update(self, patient: Demographics) -> None:
        await self.send(self.scribe.adt("A08", patient, self.now()))

    async def order(self, exam: Exam, control: tuple[str, str] = NEW) -> None:
        """A quarter of the orders come from the newer interface as OMI."""
        write = self.scribe.imaging_order if int(exam.accession_number[1:]) % 4 == 0 else self.scribe.order
        await self.send(write(exam, self.now(), control))

    def book(self, patient: Demographics) -> Exam:
        return self.booking.book(patient, slot(self.now(), self.rng))

    def same_person_again(self, patient: Demographics) -> Demographics:
        """A second registration of the same person, under a number of its own."""
        return replace(patient, patient_id=next(self.people).patient_id)

    def temporary_id(self) -> PatientId:
        return PatientId(f"T{self.rng.randrange(10_000, 100_000)}", next(self.people).patient_id.issuer)

    async def picked(self, exam: Exam) -> Acquired:
        """The console after the operator looked at the worklist; typed from paper where the exam is not on it."""
        for look in range(LOOKS):
            answers = await self.blocking(
                modality.ask_worklist, self.plan.dicom, exam.station, exam.start.date(), self._narrowed_to(exam)
            )
            self.tally.worklist_queries += 1
            self.tally.steps_served += len(answers)
            self.tell("worklist", {"station": exam.station.ae_title, "answers": len(answers)})
            if (entry := entry_of(exam, answers)) is not None:
                return from_worklist(entry, exam, self._wall())
            await self.rest(look + 1)
        self.tally.not_on_worklist += 1
        return from_paper(exam, self._wall())

    def typed(self, exam: Exam) -> Acquired:
        return from_paper(exam, self._wall())

    async def perform(self, study: Acquired) -> None:
        """The exam as its modality does it: one that tells begins the step, stores the images, and ends it."""
        if not tells(study):
            await self.store(study)
            return
        if int(study.accession_number[1:]) % MISPICKED == 0:  # the line beside it was meant; noticed before an image
            uid = await self.blocking(modality.begin_step, self.plan.dicom, study.station, begun(study))
            await self.blocking(modality.end_step, self.plan.dicom, study.station, uid, picked_wrongly(study))
            await self.rest(1)
        uid = await self.blocking(modality.begin_step, self.plan.dicom, study.station, begun(study))
        await self.store(study)
        done = completed(study, list(instances(study)))
        await self.blocking(modality.end_step, self.plan.dicom, study.station, uid, done)

    async def store(self, study: Acquired) -> None:
        made = tuple(await self.blocking(lambda: list(instances(study))))
        self.tally.images_stored += await self.blocking(modality.store, self.plan.pacs, study.station, made)
        self.tally.studies_stored += 1
        self.tell("study", {"station": study.station.ae_title, "images": len(made)})

    async def finish(self, exam: Exam) -> None:
        """The technologist closes the exam; somebody reads it, first as preliminary."""
        await self.order(exam, COMPLETED)
        await self.rest(4)
        await self.send(self.scribe.report(exam, self.now(), "P"))
        await self.rest(12)
        await self.send(self.scribe.report(exam, self.now(), "F"))

    def inject(self, scenario: Scenario, exam: Exam, study: Acquired | None = None) -> None:
        """Note a fault at the moment it has become one."""
        fault = Injected(
            scenario.value,
            study.study_instance_uid if study else "",
            study.patient_id if study else exam.patient.patient_id.value,
            study.accession_number if study else "",
            exam.accession_number,
        )
        self.tally.injected.append(fault)
        self.tell("fault", {"scenario": scenario.value, "study_instance_uid": fault.study_instance_uid})

    async def blocking(self, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.wrap_future(self._bench.submit(work, *args))

    def _wall(self) -> datetime:
        return self.now().replace(tzinfo=None)

    def _narrowed_to(self, exam: Exam) -> str:
        """Every third operator asks for one patient, the others for the day's list."""
        return exam.patient.patient_id.value if self.rng.random() < 0.33 else ""
