from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.wrong_order import wrong_order

from .people import SLOT, facts, order


def asked(number: int, words: str, start: str = SLOT, modality: str = "CT", **changes: object) -> Order:
    step = Step(f"S{number}", modality, "CT2", start=start, description=words)
    return replace(
        order(number, f"A{number}"),
        requested_procedure_description=words,
        steps=(step,),
        **changes,  # type: ignore[arg-type]
    )


KNEE, HEAD = asked(11, "CT KNEE"), asked(10, "CT HEAD")
SHOWS_KNEE = facts(series=(SeriesFacts("1.1", "CT", "CT2", "KNEE"),))


def test_images_of_the_patients_other_order_name_both() -> None:
    found = wrong_order(SHOWS_KNEE, HEAD, [HEAD, KNEE], {}, 17)
    assert found is not None
    assert (found.named.id, found.fits.id) == (10, 11)
    assert found.against == ("the images show knee, ordered was head",)


def test_images_that_fit_their_order_are_left_alone() -> None:
    assert wrong_order(facts(), HEAD, [HEAD, KNEE], {}, 17) is None


@pytest.mark.parametrize(
    ("other", "taken"),
    [(KNEE, {11: 99}), (replace(KNEE, status=StepStatus.CANCELLED), {}), (asked(11, "CT FOOT"), {})],
    ids=["it has images", "it is cancelled", "it does not fit either"],
)
def test_an_order_that_cannot_be_meant_is_not_named(other: Order, taken: dict[int, int]) -> None:
    assert wrong_order(SHOWS_KNEE, HEAD, [HEAD, other], taken, 17) is None


def test_the_same_exam_on_two_days_goes_by_its_day() -> None:
    tomorrow = asked(10, "CT HEAD", "2026-11-23T14:30:00")
    found = wrong_order(facts(), tomorrow, [tomorrow, asked(11, "CT HEAD")], {}, 17)
    assert found is not None
    assert found.fits.id == 11


def test_two_of_one_exam_within_hours_are_not_told_apart() -> None:
    later = asked(10, "CT HEAD", "2026-11-22T16:30:00")
    assert wrong_order(facts(), later, [later, asked(11, "CT HEAD")], {}, 17) is None


def test_the_worklists_words_in_the_description_do_not_hide_it() -> None:
    copied: StudyFacts = facts(description="CT HEAD", modalities=("US",), series=(SeriesFacts("1.1", "US", "CT2"),))
    found = wrong_order(copied, HEAD, [HEAD, asked(11, "US THYROID", modality="US")], {}, 17)
    assert found is not None
