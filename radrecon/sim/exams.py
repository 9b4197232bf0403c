"""Exams as the order filler books them, with numbers that come from one counter each, like a real RIS's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from pydicom.uid import generate_uid

from radrecon.model.patient import Demographics
from radrecon.sim.catalogue import Procedure, Station, procedures_for, stations_for


@dataclass(frozen=True)
class Exam:
    """One order with its single scheduled procedure step; `start` is the site's wall clock."""

    patient: Demographics
    procedure: Procedure
    station: Station
    start: datetime
    accession_number: str
    placer_order_number: str
    filler_order_number: str
    requested_procedure_id: str
    scheduled_procedure_step_id: str
    study_instance_uid: str
    visit_number: str
    priority: str = "R"
    patient_class: str = "O"


class Booking:
    """Books exams; equal seeds give equal exams. The state is the RIS's counters."""

    def __init__(self, seed: int, prefix: str = "A") -> None:
        self._seed = f"{seed} {prefix}"
        self._rng = random.Random(f"booking {self._seed}")
        self._numbers: Iterator[int] = count(self._rng.randrange(1_000_000, 8_000_000))
        self._prefix = prefix

    def book(self, patient: Demographics, start: datetime, procedure: Procedure | None = None) -> Exam:
        """An exam for the patient; the procedure, the station, class and priority as chance has it."""
        procedure = procedure or self._rng.choice(procedures_for(patient.sex))
        number = next(self._numbers)
        patient_class = self._rng.choice("OOIE")
        return Exam(
            patient=patient,
            procedure=procedure,
            station=self._rng.choice(stations_for(procedure)),
            start=start.replace(microsecond=0),
            accession_number=f"{self._prefix}{number}",
            placer_order_number=f"P{number}",
            filler_order_number=f"F{number}",
            requested_procedure_id=f"RP{number}",
            scheduled_procedure_step_id=f"SPS{number}",
            study_instance_uid=str(generate_uid(entropy_srcs=[self._seed, str(number)])),
            visit_number=f"V{number}",
            priority="S" if patient_class == "E" else self._rng.choice("RRRA"),
            patient_class=patient_class,
        )


def slot(now: datetime, rng: random.Random, soonest: int = -5, latest: int = 20) -> datetime:
    """A full five minutes, so many minutes from now."""
    near = now + timedelta(minutes=rng.randint(soonest, latest))
    return near.replace(minute=near.minute - near.minute % 5, second=0, microsecond=0)
