"""What a modality's word does to performed steps, scheduled steps and studies (PS3.4 F.7.2, IHE SWF and PIR).

MPPS is evidence, never a must: what cannot be placed is kept and moves nothing. A step is never moved by another
patient's examination.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import Demographics
from radrecon.model.performed import (
    Performance,
    PerformedStatus,
    PerformedStep,
    Placed,
    Placement,
    Refusal,
    StepReference,
    Told,
)
from radrecon.model.study import StudyFacts
from radrecon.recon.compare import SAME, Level, compare_id_sets, compare_names

BY_MODALITY = "mpps"  # what a step's status comes from, beside messages and images
BY_IMAGES = "images"
_WAITING = (StepStatus.SCHEDULED, StepStatus.ARRIVED)
UNDONE = (*_WAITING, StepStatus.STARTED, StepStatus.HELD)
_DONE = (StepStatus.COMPLETED, StepStatus.DISCONTINUED)
NOTHING = PerformedStep()


@dataclass(frozen=True)
class Decision:
    """The step as it stands afterwards; `repeated`: it had been told all of this before."""

    step: PerformedStep
    refusal: Refusal | None = None
    repeated: bool = False


# -- N-CREATE and N-SET -----------------------------------------------------------------------------------------------


def created(known: PerformedStep | None, said: PerformedStep) -> Decision:
    """A new step. Without a status it is in progress, for that is how every step begins (F.7.2.1.3)."""
    if known is not None:
        return Decision(known, Refusal.DUPLICATE)
    if said.status not in (None, PerformedStatus.IN_PROGRESS):
        return Decision(said, Refusal.NOT_IN_PROGRESS)
    if not _names_something(said):
        return Decision(said, Refusal.EMPTY)
    return Decision(replace(said, status=PerformedStatus.IN_PROGRESS))


def changed(known: PerformedStep | None, said: PerformedStep) -> Decision:
    """A step told more of. After its end only what repeats it is taken, and changes nothing (F.7.2.2.3)."""
    if known is None:
        return Decision(said, Refusal.UNKNOWN)
    merged = merged_with(known, said)
    if known.status is not None and known.status.is_final:
        return Decision(known, repeated=True) if merged == known else Decision(known, Refusal.ENDED)
    return Decision(merged, repeated=merged == known)


def merged_with(known: PerformedStep, said: PerformedStep) -> PerformedStep:
    """Each attribute as said now, else as known: an empty one leaves alone. The patient is taken whole."""
    values = {one.name: getattr(said, one.name) for one in fields(PerformedStep)}
    stated = {name: value for name, value in values.items() if value != getattr(NOTHING, name)}
    if not said.patient.patient_id:
        stated.pop("patient", None)
    return replace(known, **stated)


def _names_something(said: PerformedStep) -> bool:
    patient = said.patient.patient_id or said.patient.name
    return bool(patient or said.references or said.performed_procedure_step_id)


# -- which scheduled step ---------------------------------------------------------------------------------------------

STUDY_UID, ACCESSION, STEP_ID, OTHER = 10, 8, 4, 1
"""What each agreement is worth: accession number and step id together outdo the Study UID, which all steps of a group
share."""


def place(
    step: PerformedStep, reference: StepReference, person_id: int, told: Sequence[Told], issuer: str = ""
) -> Placed:
    """The scheduled step that a reference means, of those told; `person_id` is whom the patient's id leads to.

    The worklist's own values decide, Study UID, accession number and step id before the rest. A step of another
    patient is never meant, however much agrees.
    """
    scored = [(_agreement(reference, one), one) for one in told]
    named = [(points, one) for points, one in scored if points]
    mine = [(points, one) for points, one in named if same_patient(step.patient, person_id, one, issuer)]
    if not mine:
        return _elsewhere(reference, named)
    best = max(points for points, _ in mine)
    return _among([one for points, one in mine if points == best], step, reference)


def _agreement(reference: StepReference, told: Told) -> int:
    """0 where nothing agrees, or both the study and the accession number are others."""
    pairs = (
        (STUDY_UID, "study_instance_uid"),
        (ACCESSION, "accession_number"),
        (STEP_ID, "scheduled_procedure_step_id"),
        (OTHER, "requested_procedure_id"),
        (OTHER, "placer_order_number"),
        (OTHER, "filler_order_number"),
    )
    points, against = 0, 0
    for worth, name in pairs:
        mine, theirs = _plain(getattr(reference, name)), _plain(getattr(told.reference, name))
        if mine and theirs:
            points += worth if mine == theirs else 0
            against += worth if mine != theirs else 0
    return 0 if against >= STUDY_UID + ACCESSION else points


def _plain(text: str) -> str:
    return text.strip().casefold()


def same_patient(said: Demographics, person_id: int, told: Told, issuer: str = "") -> bool:
    """Whether a step told may be this patient's: by the person, else by number, else, without one, by the name."""
    if person_id and told.person_id:
        return person_id == told.person_id
    numbers = (told.patient.patient_id, *told.patient.other_ids, *told.identifiers)
    by_number = compare_id_sets(said.patient_id, numbers, issuer)
    if by_number is not Level.MISSING:
        return by_number in SAME
    return compare_names(said.name, told.patient.name) in (*SAME, Level.MISSING)


def _elsewhere(reference: StepReference, named: Sequence[tuple[int, Told]]) -> Placed:
    """Nothing of this patient fits. Where the study or the accession number names another's step, that is said."""
    strong = [(points, one) for points, one in named if points >= ACCESSION]
    if not strong:
        return Placed(reference)
    _, other = max(strong, key=lambda pair: pair[0])
    return Placed(reference, Placement.PATIENT_CONFLICT, other.order_id, other.step_id)


def _among(best: Sequence[Told], step: PerformedStep, reference: StepReference) -> Placed:
    """One of several that fit alike: not a cancelled one, then one still to be done, then one of this modality."""
    alive = [one for one in best if one.status is not StepStatus.CANCELLED]
    if not alive:
        return Placed(reference, Placement.STEP_CANCELLED, best[0].order_id, best[0].step_id)
    for wanted in (_of_modality(alive, step), _still_open(alive), _of_modality(_still_open(alive), step), alive):
        if len(wanted) == 1:
            return Placed(reference, Placement.APPLIED, wanted[0].order_id, wanted[0].step_id)
    orders = {one.order_id for one in alive}
    return Placed(reference, Placement.AMBIGUOUS, orders.pop() if len(orders) == 1 else 0)


def _of_modality(told: Sequence[Told], step: PerformedStep) -> Sequence[Told]:
    return [one for one in told if one.modality and one.modality.upper() == step.modality]


def _still_open(told: Sequence[Told]) -> Sequence[Told]:
    return [one for one in told if one.status in UNDONE]


# -- where steps and orders stand -------------------------------------------------------------------------------------


def moved(order: Order, performed: Mapping[int, Sequence[Performance]]) -> Order:
    """The order as its modalities say: `performed` by step id, all that counts for each. Equal if nothing moves."""
    by = order.sources.get("status", "")
    steps = tuple(replace(step, status=_stands(step.status, performed.get(step.id, ()), by)) for step in order.steps)
    if steps == order.steps:
        return order
    sources = order.sources | {"status": BY_MODALITY}
    status = _of_steps([step.status for step in steps], order.status)
    if status in _WAITING and not any(step.status in (*_DONE, StepStatus.STARTED) for step in steps):
        sources.pop("status")  # scheduled again: as if nothing had been performed
    return replace(order, steps=steps, status=status, sources=sources)


def done_by_images(order: Order, told_of: Collection[int]) -> Order:
    """The order when its images are complete. Where modalities told of some steps, the others wait for theirs."""
    steps = tuple(
        replace(step, status=StepStatus.COMPLETED)
        if step.status in UNDONE and (not told_of or step.id in told_of)
        else step
        for step in order.steps
    )
    status = _of_steps([step.status for step in steps], StepStatus.COMPLETED) if told_of else StepStatus.COMPLETED
    if (steps, status) == (order.steps, order.status):
        return order
    return replace(order, status=status, steps=steps, sources=order.sources | {"status": BY_IMAGES})


def reopened(order: Order, only: Collection[StepStatus] = (StepStatus.COMPLETED,)) -> Order:
    """An order that lost what had ended it; a step that was cancelled by itself stays so."""
    steps = tuple(replace(step, status=StepStatus.SCHEDULED) if step.status in only else step for step in order.steps)
    sources = {key: value for key, value in order.sources.items() if key != "status"}
    return replace(order, status=StepStatus.SCHEDULED, steps=steps, sources=sources)


def _stands(now: StepStatus, performed: Sequence[Performance], by: str) -> StepStatus:
    """Cancelled stays cancelled, and what the RIS has ended stays so: only what modality or images did is moved.

    `by`: what the order's status is from. What its images have ended waits again only once it has lost them: a person
    may have looked past a wrong pick.
    """
    if not performed or now is StepStatus.CANCELLED or (now in _DONE and by not in (BY_MODALITY, BY_IMAGES)):
        return now
    said = _said(performed)
    if said is StepStatus.SCHEDULED and (now in (*_WAITING, StepStatus.HELD) or (now in _DONE and by == BY_IMAGES)):
        return now
    return said


def _said(performed: Sequence[Performance]) -> StepStatus:
    """Started while one goes on, done when one was completed; if every one was a wrong pick it waits again."""
    real = [one for one in performed if not one.step.wrong_worklist_entry]
    if any(is_under_way(one) for one in real):
        return StepStatus.STARTED
    if any(one.step.status is not PerformedStatus.DISCONTINUED for one in real):
        return StepStatus.COMPLETED
    return StepStatus.DISCONTINUED if real else StepStatus.SCHEDULED


def taken_back(order: Order, left: Mapping[int, Sequence[Performance]]) -> Order:
    """An order whose images, and what was performed to make them, a person has found to be another's.

    `left`: what else was performed of its steps.
    """
    if order.status is StepStatus.CANCELLED or order.sources.get("status") not in (BY_MODALITY, BY_IMAGES):
        return order
    return moved(reopened(order, (*_DONE, StepStatus.STARTED)), left)


def is_under_way(one: Performance) -> bool:
    return one.step.status is PerformedStatus.IN_PROGRESS and not one.given_up


def _of_steps(states: Sequence[StepStatus], known: StepStatus) -> StepStatus:
    """Started if a step is; waiting while one waits; else ended."""
    for status in (StepStatus.STARTED, *_WAITING, StepStatus.HELD, *_DONE):
        if status in states:
            return status
    return known


# -- images of a wrong pick -------------------------------------------------------------------------------------------


def wrong_entry(facts: StudyFacts, performed: Sequence[Performance]) -> bool:
    """Whether a study holds images made under an entry that should not have been selected.

    `performed`: the steps that name this study or one of its series, the oldest first. A wrong pick's series are
    known by their UIDs; where it lists none, or the PACS has listed none yet, the study's UID stands for them, until
    the step is performed again.
    """
    here = {one.series_instance_uid for one in facts.series}
    right = {series.series_instance_uid for one in performed if not _wrong(one) for series in one.step.series}
    for at, one in enumerate(performed):
        if _wrong(one):
            made = {series.series_instance_uid for series in one.step.series} - right
            if made & here or (not (made and here) and not _performed_again(performed[at + 1 :], facts)):
                return True
    return False


def _wrong(one: Performance) -> bool:
    return one.step.wrong_worklist_entry


def _performed_again(later: Iterable[Performance], facts: StudyFacts) -> bool:
    uid = facts.study_instance_uid
    return any(uid in (ref.study_instance_uid for ref in one.step.references) for one in later if not _wrong(one))
