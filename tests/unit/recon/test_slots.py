from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from radrecon.model.order import StepStatus
from radrecon.model.study import StudyFacts
from radrecon.recon.slots import Wanted, is_seen, waited_until

from .people import PERFORMED, facts
from .station import Due, due, nobody

OTHER = due(11, 2, "2026-11-22T14:30:00")


# -- which are wanted --------------------------------------------------------------------------------------------------


def test_those_due_near_one_of_the_times_are_chosen() -> None:
    reached, beyond = (Due(starts) for starts in (("", "2026-11-22T14:30:00"), ("2026-11-22T23:30:00", "no time")))
    assert Wanted(("2026-11-22T08:00:00", PERFORMED)).chosen([reached, beyond], nobody) == [reached]


def test_where_only_the_ris_could_tell_somebody_without_images_ended_about_then() -> None:
    told = Wanted((PERFORMED,), hinted=True)
    other = Due(("2026-11-22T14:30:00",), StepStatus.COMPLETED)
    assert told.chosen([other], nobody) == []
    assert told.chosen([replace(other, ended="2026-11-22T14:43:00")], nobody) != []
    assert told.chosen([replace(other, ended="2026-11-22T16:43:00")], nobody) == []
    assert told.chosen([replace(other, ended="2026-11-22T14:43:00")], lambda some: [one.id for one in some]) == []


# -- who was seen anyway -----------------------------------------------------------------------------------------------


def typed(performed: str = PERFORMED, modality: str = "CT", born: str | None = None) -> StudyFacts:
    images = facts("", performed=performed, modalities=(modality,), series=())
    return images if born is None else replace(images, patient=replace(images.patient, birth_date=born))


@pytest.mark.parametrize(
    ("images", "seen"),
    [
        (typed(), True),
        (typed(born=""), True),
        (typed(performed="2026-11-22T20:30:00"), False),
        (typed(performed=""), False),
        (typed(modality="MR"), False),
        (typed(born="1901-01-01"), False),
    ],
    ids=["typed by hand", "no birth date", "another time", "no time", "another modality", "another's number"],
)
def test_who_has_other_images_of_then_is_seen(images: StudyFacts, seen: bool) -> None:
    assert is_seen(OTHER, [images]) is seen


def test_the_waiting_ends_hours_after_the_examination_by_the_sites_clock() -> None:
    assert waited_until(facts(performed=PERFORMED), "Europe/Berlin") == datetime(2026, 11, 22, 17, 34, tzinfo=UTC)
    assert waited_until(facts(performed=""), "UTC") is None
