"""Which scheduled procedure steps of an order a study shows: an order may be for CT and ultrasound, or for two days.

A bone scan's late phase, the second day of a perfusion study and the ultrasound after the mammogram have the order's
one accession number; the first images of it are not yet theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.procedure import COMPANIONS, RADIOGRAPHY
from radrecon.recon.times import gap, second_of

IMAGING = RADIOGRAPHY | {"CT", "MR", "MG", "US", "NM", "PT"}  # what is done there always makes images
MAY_BE_IMAGES = frozenset(("OT", "SC"))  # what a frame grabber or a digitizer sends
TOGETHER = timedelta(hours=2)  # steps that are due so near to each other are often done at once


def steps_shown(order: Order, facts: StudyFacts) -> frozenset[int]:
    """Ids of the steps that the images can be of; all of them where nothing tells them apart."""
    alive = [step for step in order.steps if step.status is not StepStatus.CANCELLED]
    steps = _that_may_be(alive, _stated(facts))
    found = _due_then(_of_modality(steps, facts), facts) if len(steps) > 1 else steps
    return frozenset(step.id for step in found)


def may_show(order: Order, modalities: Iterable[str]) -> bool:
    """Whether a study of these modalities can be of the order at all."""
    return not order.steps or bool(_that_may_be(order.steps, _plain(modalities)))


def _that_may_be(steps: Sequence[Step], stated: set[str]) -> Sequence[Step]:
    """A scanned request, a dose report or a key object often comes before the images, and shows nothing of them; of
    examinations that make no images it may be all that comes."""
    if not stated or not stated <= COMPANIONS - MAY_BE_IMAGES:
        return steps
    return [step for step in steps if step.modality.strip().upper() not in IMAGING]


def show_different_steps(order: Order, one: StudyFacts, other: StudyFacts) -> bool:
    """Whether two studies are each of its own part of an order, so that neither takes it from the other."""
    return len(order.steps) > 1 and not steps_shown(order, one) & steps_shown(order, other)


def _stated(facts: StudyFacts) -> set[str]:
    return _plain((*facts.modalities, *(series.modality for series in facts.series)))


def _plain(modalities: Iterable[str]) -> set[str]:
    return {modality.strip().upper() for modality in modalities} - {""}


def _of_modality(steps: Sequence[Step], facts: StudyFacts) -> Sequence[Step]:
    performed = _alike(_stated(facts))
    fits = [step for step in steps if not step.modality or _alike([step.modality]) & performed]
    return fits or steps


def _alike(modalities: Iterable[str]) -> set[str]:
    """What is compared: companions are of every modality, and digital radiography goes by several names."""
    plain = _plain(modalities) - COMPANIONS
    return {"radiography" if modality in RADIOGRAPHY else modality for modality in plain}


def _due_then(steps: Sequence[Step], facts: StudyFacts) -> Sequence[Step]:
    """Of steps that are due at several times those nearest to one of the series, with those due together with them."""
    times = _times(facts)
    if len(steps) < 2 or not times or not all(second_of(step.start) for step in steps):
        return steps
    nearest = [min(steps, key=lambda step: _apart(made, step.start)) for made in times]
    return [step for step in steps if any(_apart(one.start, step.start) <= TOGETHER for one in nearest)]


def _times(facts: StudyFacts) -> list[str]:
    """When each series was made, () where one of them does not say so to the minute."""
    said = [one.performed for one in _images(facts)] or [facts.performed]
    return said if all(second_of(one) for one in said) else []


def _images(facts: StudyFacts) -> list[SeriesFacts]:
    return [series for series in facts.series if series.modality.strip().upper() not in COMPANIONS]


def _apart(one: str, other: str) -> timedelta:
    return abs(gap(one, other) or timedelta())
