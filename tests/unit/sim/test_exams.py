from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import islice

from radrecon.sim.exams import Booking, slot
from radrecon.sim.people import register

NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
PERSON = next(register(1))


def test_no_two_exams_share_a_number_or_a_study_uid() -> None:
    booking = Booking(1)
    exams = [booking.book(PERSON, NOW) for _ in range(100)]
    for field in ("accession_number", "placer_order_number", "scheduled_procedure_step_id", "study_instance_uid"):
        assert len({getattr(exam, field) for exam in exams}) == 100


def test_equal_seeds_book_equal_exams_and_a_prefix_keeps_them_apart() -> None:
    assert Booking(1).book(PERSON, NOW) == Booking(1).book(PERSON, NOW)
    assert Booking(1, "B").book(PERSON, NOW).accession_number[0] == "B"
    assert Booking(1, "B").book(PERSON, NOW).study_instance_uid != Booking(1).book(PERSON, NOW).study_instance_uid


def test_accession_numbers_fit_sh() -> None:
    assert all(len(Booking(seed).book(PERSON, NOW).accession_number) <= 16 for seed in range(50))


def test_the_station_makes_what_the_procedure_needs() -> None:
    booking = Booking(3)
    exams = [booking.book(person, NOW) for person in islice(register(2), 50)]
    assert all(exam.station.modality == exam.procedure.modality for exam in exams)


def test_slots_are_full_five_minutes_near_now() -> None:
    rng = random.Random(1)
    slots = [slot(NOW, rng) for _ in range(100)]
    assert all(s.minute % 5 == 0 and s.second == 0 for s in slots)
    assert all(-10 * 60 <= (s - NOW).total_seconds() <= 20 * 60 for s in slots)
