from __future__ import annotations

from datetime import UTC, datetime, timedelta

from radrecon.model.names import PersonName
from radrecon.sim.history import past_studies
from radrecon.sim.hospital import opening
from radrecon.sim.people import register

OPENED = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def test_everything_was_performed_before_the_doors_opened() -> None:
    past = past_studies(1, OPENED, register(1))
    assert all(study.acquired.performed < OPENED for study in past)


def test_only_orders_of_the_last_day_are_sent_again() -> None:
    past = past_studies(1, OPENED, register(1))
    assert {study.ordered for study in past} == {True, False}
    assert all(study.ordered == (OPENED - study.exam.start < timedelta(days=1)) for study in past)


def test_one_of_them_has_kept_a_maiden_name() -> None:
    past = past_studies(1, OPENED, register(1))
    other = [s for s in past if PersonName.parse(s.acquired.patient_name).family != s.exam.patient.name.family]
    assert len(other) == 1
    assert other[0].ordered


def test_both_processes_that_open_with_a_seed_see_the_same_past_and_the_same_next_patient() -> None:
    people, past = opening(4, OPENED)
    others, same = opening(4, OPENED)
    assert past == same
    assert next(people) == next(others)
    assert next(people) not in [study.exam.patient for study in past]
