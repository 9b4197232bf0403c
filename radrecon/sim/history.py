"""What lay in the archive before anybody watched: studies of last month, of yesterday and of this morning.

Orders of this morning are sent again when the interface opens (a RIS's backfill); older ones are not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from radrecon.config import PacsConfig
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics
from radrecon.sim.acquisition import performed_by_worklist
from radrecon.sim.exams import Booking, Exam
from radrecon.sim.images import Acquired, instances
from radrecon.sim.modality import store

AGES = (
    timedelta(days=31),
    timedelta(days=8),
    timedelta(days=1, hours=3),
    timedelta(hours=3),
    timedelta(hours=2),
    timedelta(minutes=75),
    timedelta(minutes=50),
)


@dataclass(frozen=True)
class PastStudy:
    exam: Exam
    acquired: Acquired
    ordered: bool


def past_studies(seed: int, opened: datetime, people: Iterator[Demographics]) -> tuple[PastStudy, ...]:
    """Takes its patients from `people`; the last of today's carries a maiden name, the one before no accession."""
    booking, rng = Booking(seed, "B"), random.Random(f"history {seed}")
    past = []
    for age in AGES:
        exam = booking.book(next(people), opened - age)
        acquired = performed_by_worklist(exam, opened - age + timedelta(minutes=rng.randint(2, 9)))
        past.append(PastStudy(exam, acquired, ordered=age < timedelta(days=1)))
    past[-1] = replace(past[-1], acquired=with_maiden_name(past[-1].acquired))
    return tuple(past)


def with_maiden_name(study: Acquired) -> Acquired:
    name = PersonName.parse(study.patient_name).alphabetic
    return replace(study, patient_name=str(PersonName(replace(name, family="Vermeulen"))))


def fill_archive(pacs: PacsConfig, past: tuple[PastStudy, ...]) -> int:
    """Store them; how many images. Blocks."""
    return sum(store(pacs, study.acquired.station, tuple(instances(study.acquired))) for study in past)
