from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.step_images import may_show, show_different_steps, steps_shown

FIRST, SECOND = "2026-11-22T09:00:00", "2026-11-22T13:00:00"


def ordered(*steps: tuple[str, str]) -> Order:
    """Steps by modality and start, with ids from 1."""
    return Order(steps=tuple(Step(modality=one, start=start, id=at) for at, (one, start) in enumerate(steps, 1)))


def images(*series: tuple[str, str], performed: str = FIRST) -> StudyFacts:
    """Series by modality and time."""
    made = tuple(SeriesFacts(f"1.{at}", modality, performed=at_) for at, (modality, at_) in enumerate(series))
    return StudyFacts("main", "1", performed=performed, modalities=tuple({one for one, _ in series}), series=made)


CT_AND_US = ordered(("CT", FIRST), ("US", FIRST))
TWO_PHASES = ordered(("NM", FIRST), ("NM", SECOND))


@pytest.mark.parametrize(
    ("order", "facts", "shown"),
    [
        (CT_AND_US, images(("CT", FIRST)), {1}),
        (CT_AND_US, images(("US", SECOND), ("SR", SECOND)), {2}),
        (CT_AND_US, images(("CT", FIRST), ("US", FIRST)), {1, 2}),
        (CT_AND_US, images(("MR", FIRST)), {1, 2}),  # none of them: nothing tells which
        (CT_AND_US, images(), {1, 2}),
        (ordered(("CR", FIRST), ("US", FIRST)), images(("DX", FIRST)), {1}),
        (ordered(("CT", FIRST), ("", FIRST)), images(("CT", FIRST)), {1, 2}),
        (TWO_PHASES, images(("NM", "2026-11-22T09:12:00")), {1}),
        (TWO_PHASES, images(("NM", "2026-11-22T12:20:00")), {2}),
        (TWO_PHASES, images(("NM", FIRST), ("NM", "2026-11-22T13:05:00")), {1, 2}),
        (TWO_PHASES, images(("NM", FIRST), ("NM", "")), {1, 2}),  # the archive does not say when
        (TWO_PHASES, images(("NM", FIRST[:10])), {1, 2}),
        (TWO_PHASES, images(performed=SECOND), {2}),
        (ordered(("CT", FIRST), ("CT", "2026-11-22T10:30:00")), images(("CT", FIRST)), {1, 2}),  # done at once
        (ordered(("CT", FIRST)), images(("US", SECOND)), {1}),  # the only one
        (ordered(("CT", FIRST)), images(("DOC", FIRST), ("SR", FIRST)), set()),
        (ordered(("DOC", FIRST), ("CT", FIRST)), images(("DOC", FIRST)), {1}),
        (ordered(("US", FIRST)), images(("OT", FIRST)), {1}),  # a frame grabber's
        (ordered(("ECG", FIRST)), images(("DOC", FIRST)), {1}),  # is all that comes of it
    ],
)
def test_which_steps_a_study_can_show(order: Order, facts: StudyFacts, shown: set[int]) -> None:
    assert steps_shown(order, facts) == shown


@pytest.mark.parametrize(
    ("ordered_as", "modalities", "may"),
    [
        ("CT", ("CT",), True),
        ("CT", ("DOC", "SR"), False),
        ("CT", (), True),
        ("ECG", ("DOC",), True),
        ("", ("SR",), True),
    ],
)
def test_what_a_study_may_be_of_by_its_modalities_alone(ordered_as: str, modalities: Sequence[str], may: bool) -> None:
    assert may_show(ordered((ordered_as, FIRST)), modalities) is may
    assert may_show(Order(), modalities)


def test_a_cancelled_step_is_nobodys() -> None:
    first, second = CT_AND_US.steps
    order = replace(CT_AND_US, steps=(first, replace(second, status=StepStatus.CANCELLED)))
    assert steps_shown(order, images(("US", FIRST))) == {1}


def test_two_studies_of_one_order_are_rivals_unless_each_has_steps_of_its_own() -> None:
    ct, us = images(("CT", FIRST)), images(("US", FIRST))
    assert show_different_steps(CT_AND_US, ct, us)
    assert not show_different_steps(CT_AND_US, ct, images(("CT", FIRST)))
    assert not show_different_steps(CT_AND_US, ct, images(("CT", FIRST), ("US", FIRST)))
    assert not show_different_steps(ordered(("CT", FIRST)), ct, us)
