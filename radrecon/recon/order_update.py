"""What becomes of a known order when a message speaks of it again (chapter 4; IHE RAD-2, RAD-3, RAD-4).

Empty leaves alone, `""` deletes. An order is heard twice where two systems handle it: first with its placer's number,
then with the accession number that the filler gave. From then on the filler's word stands on number, procedure and
schedule; what the placer repeats fills gaps, changes the clinical fields and ends the order, but reopens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from radrecon.model.order import Order, OrderRequest, ReportVersion, Step, StepStatus
from radrecon.model.patient import Visit
from radrecon.recon.told import TIMES, told

Value = TypeVar("Value")

TAKEN_OVER = "images"  # an order's Study UID that came from its images is not given back by an update
GENERATED = "radrecon"  # ... one that nobody else knows says nothing against images with another
DONE = (StepStatus.COMPLETED, StepStatus.DISCONTINUED, StepStatus.CANCELLED)
OPEN = (StepStatus.SCHEDULED, StepStatus.ARRIVED)
ENDING = ("CA", "OC", "CR", "CP", "DC", "OD", "DR", "RP", "RQ", "RU")  # order controls that end all of an order
EXCHANGES = ("XO", "XX", "XR", "RO")  # ... that name all its steps: one that is left out is cancelled

STANDING = ("no_step", "no_start", "no_modality", "number_wanted")  # flags that follow from the order as it is
UNBOOKED = ("appointment_cancelled", "no_show")  # ... that a new time settles
STICKY = ("report_wrong_patient", *UNBOOKED)  # ... that an order message says nothing of

_STATED = (
    "accession_number", "issuer_of_accession", "placer_order_number", "issuer_of_placer_order_number",
    "filler_order_number", "issuer_of_filler_order_number", "requested_procedure_id",
    "requested_procedure_description", "requested_procedure_code", "reason", "priority", "requesting_physician",
    "referring_physician", "pregnancy_status", "medical_alerts", "patient_state", "patient_transport",
)  # fmt: skip
_FILLERS = frozenset((
    "accession_number", "issuer_of_accession", "placer_order_number", "issuer_of_placer_order_number",
    "filler_order_number", "issuer_of_filler_order_number", "requested_procedure_id",
    "requested_procedure_description", "requested_procedure_code",
))  # fmt: skip
_ISSUERS = {
    "accession_number": "issuer_of_accession",
    "placer_order_number": "issuer_of_placer_order_number",
    "filler_order_number": "issuer_of_filler_order_number",
}
_STEP_FIELDS = tuple(one.name for one in fields(Step) if one.name not in ("id", "status"))


def repeats_filler(order: Order) -> bool:
    """Whether what stands for the accession number is only the filler's: a cancel often has no OBR."""
    place = order.sources.get("accession_number", "")
    return order.accession_number == order.filler_order_number and place in ("OBR-3.1", "ORC-3.1")


def is_same(known: Order, order: Order) -> bool:
    """Whether a number that both bear is of one authority; authorities differ only where both are stated."""
    pairs = (
        (known.filler_order_number, order.filler_order_number),
        (known.placer_order_number, order.placer_order_number),
        (known.accession_number, order.accession_number),
    )
    issuers = (
        (known.issuer_of_filler_order_number, order.issuer_of_filler_order_number),
        (known.issuer_of_placer_order_number, order.issuer_of_placer_order_number),
        (known.issuer_of_accession, order.issuer_of_accession),
    )
    return any(
        mine and mine == theirs and not (first and second and first != second)
        for (mine, theirs), (first, second) in zip(pairs, issuers, strict=True)
    )


def updated(known: Order, request: OrderRequest) -> Order:
    """The known order as it stands after the message; its id stays, and no step of it is lost."""
    part = part_meant(known, request.order)
    if part and not _means_its_own(known, request.order):
        return _partly(known, request, part)
    order = _with_known_accession(known, request.order)
    behind = _is_behind(known, order)
    status = _status(known, request, behind)
    steps = _part_moved(known, request, part, behind) if part else _steps(known, request, status, behind)
    status = _of_part(steps, known.status) if part else _of_steps(steps, status) if status in DONE else status
    uid, uid_source = _study_uid(known, order, request.deletes, behind)
    sources = order.sources | known.sources if behind else known.sources | order.sources
    times, from_where = told(known, order, status)
    gone = request.deletes - frozenset(order.sources) | (TIMES - frozenset(from_where))
    said = (*order.flags, "already_done") if _comes_late(known, order, behind) else order.flags
    merged = replace(
        order,
        id=known.id,
        status=status,
        study_instance_uid=uid,
        sources={name: path for name, path in (sources | uid_source | from_where).items() if name not in gone},
        steps=steps,
        visit=_visit(known.visit, order.visit),
        sender=known.sender if behind else order.sender or known.sender,
        **_values(known, order, request.deletes, behind),
        **times,
    )
    return replace(merged, flags=_flags(known, said, merged))


NUMBERS = ("filler_order_number", "placer_order_number")


def part_meant(known: Order, said: Order | ReportVersion) -> tuple[int, ...]:
    """Positions of the steps whose order numbers a message names, where the order has others too; () for all of it."""
    for name in NUMBERS:
        named = _named(said, name)
        numbers = [getattr(step, name) or getattr(known, name) for step in known.steps]
        found = tuple(at for at, number in enumerate(numbers) if number in named)
        if found and len(found) < len(numbers):
            return found
    return ()


def _named(said: Order | ReportVersion, name: str) -> set[str]:
    steps = said.steps if isinstance(said, Order) else ()
    return {getattr(one, name) for one in (said, *steps)} - {""}


def _means_its_own(known: Order, order: Order) -> bool:
    """Whether the request is meant that the order itself is numbered by: only that one's values are the order's."""
    return any(getattr(known, name) in _named(order, name) for name in NUMBERS)


def _partly(known: Order, request: OrderRequest, part: Sequence[int]) -> Order:
    """A message about some of the order's requests moves only their steps."""
    steps = _part_moved(known, request, part, _is_behind(known, request.order))
    whole = replace(known, steps=steps, control=request.order.control, status=_of_part(steps, known.status))
    times, from_where = told(known, request.order, whole.status)
    sources = {name: path for name, path in known.sources.items() if name not in TIMES}
    whole = replace(whole, sources=sources | from_where, **times)
    return replace(whole, flags=_flags(known, request.order.flags, whole))


def _part_moved(known: Order, request: OrderRequest, part: Sequence[int], behind: bool) -> tuple[Step, ...]:
    """All steps, those of the part as the message says; what it adds comes last."""
    mine = replace(known, steps=tuple(known.steps[at] for at in part))
    moved = iter(_steps(mine, request, _status(mine, request, behind), behind))
    steps = [next(moved) if at in part else step for at, step in enumerate(known.steps)]
    return (*steps, *moved)


def part_done(order: Order, part: Sequence[int], only: Sequence[StepStatus]) -> Order:
    """With these steps performed, as far as they stand at one of `only`."""
    done = [
        replace(step, status=StepStatus.COMPLETED) if at in part and step.status in only else step
        for at, step in enumerate(order.steps)
    ]
    return replace(order, steps=tuple(done), status=_of_part(done, order.status))


def _of_part(steps: Sequence[Step], known: StepStatus) -> StepStatus:
    """Where an order stands some of whose steps have moved."""
    states = [step.status for step in steps]
    if not all(status in DONE for status in states):
        return _of_steps(steps, known)
    return StepStatus.COMPLETED if StepStatus.COMPLETED in states else states[0]


def _of_steps(steps: Sequence[Step], stated: StepStatus) -> StepStatus:
    """An order with one step still to be done is still to be done."""
    states = [step.status for step in steps]
    return next((one for one in (*OPEN, StepStatus.STARTED, StepStatus.HELD) if one in states), stated)


# -- values -----------------------------------------------------------------------------------------------------------


def _is_behind(known: Order, order: Order) -> bool:
    """The placer's message again, where the filler has spoken since: another sender, and no accession number."""
    told = bool(known.accession_number) and (not order.accession_number or repeats_filler(order))
    return told and bool(order.sender) and bool(known.sender) and order.sender != known.sender


def _comes_late(known: Order, order: Order, behind: bool) -> bool:
    """The placer's new order under the number of one that is done: a late copy, or a number used twice."""
    return behind and order.control == "NW" and known.status in DONE


def _with_known_accession(known: Order, order: Order) -> Order:
    """The filler's number, where an update names nothing better, corrects no accession number that came as such."""
    place = "accession_number"
    if not (known.accession_number and repeats_filler(order)) or known.sources.get(place) == order.sources.get(place):
        return order
    sources = {name: path for name, path in order.sources.items() if name != place}
    return replace(order, accession_number="", issuer_of_accession="", sources=sources)


def _values(known: Order, order: Order, deletes: frozenset[str], behind: bool) -> dict[str, Any]:
    """Each field as stated now, else as known; where the filler has spoken, as known first."""
    found: dict[str, Any] = {}
    for name in _STATED:
        old, new = getattr(known, name), getattr(order, name)
        if behind and name in _FILLERS:
            found[name] = old or new
        else:
            found[name] = _one(old, new, name in deletes)
    for number, issuer in _ISSUERS.items():
        if found[number] != getattr(known, number):
            found[issuer] = getattr(order, issuer)
    return found


def _one(old: Value, new: Value, deleted: bool) -> Value:
    return new if new or deleted or _says_more(new, old) else old


def _says_more(new: object, old: object) -> bool:
    """A code without its scheme counts as nothing, unless there was even less."""
    return not old and bool(getattr(new, "value", ""))


def _study_uid(known: Order, order: Order, deletes: frozenset[str], behind: bool) -> tuple[str, dict[str, str]]:
    """The Study UID and its source: what the images brought stays; what only we made up gives way."""
    name = "study_instance_uid"
    source = known.sources.get(name, "")
    if source == TAKEN_OVER or (behind and known.study_instance_uid and source != GENERATED):
        return known.study_instance_uid, {name: source} if source else {}
    uid = _one(known.study_instance_uid, order.study_instance_uid, name in deletes and source != GENERATED)
    return uid, {name: order.sources.get(name, "")} if order.study_instance_uid else {}


def _visit(known: Visit, stated: Visit) -> Visit:
    """Another visit is taken whole; of the same one, what is stated."""
    if stated.number not in ("", known.number):
        return stated
    return replace(known, **{name: value for name, value in vars(stated).items() if value})


# -- where it stands --------------------------------------------------------------------------------------------------


def _status(known: Order, request: OrderRequest, behind: bool) -> StepStatus:
    stated = request.order.status
    if request.keeps_status or (behind and (known.status in DONE or stated not in DONE)):
        return known.status
    return stated


def _flags(known: Order, said: Iterable[str], merged: Order) -> tuple[str, ...]:
    """What this message brought, what stands until somebody settles it, and what the order as it is lacks."""
    kept = [flag for flag in known.flags if flag in STICKY]
    if any(step.start for step in merged.steps if step.status in OPEN):
        kept = [flag for flag in kept if flag not in UNBOOKED]
    now = [flag for flag in said if flag not in STANDING]
    lacks = [flag for flag in lacking(merged) if not (flag == "no_start" and "bad_start" in now)]
    wanted = "number_wanted" in (*said, *known.flags) and not merged.placer_order_number
    return tuple(dict.fromkeys((*now, *kept, *lacks, *(["number_wanted"] if wanted else []))))


def lacking(order: Order) -> tuple[str, ...]:
    """What an order that is still to be done lacks to be found on a worklist."""
    if order.status is not StepStatus.SCHEDULED:
        return ()
    waiting = [step for step in order.steps if step.status in OPEN]
    found = (
        ("no_step", not order.steps),
        ("no_start", any(not step.start for step in waiting)),
        ("no_modality", any(not step.modality for step in waiting)),
    )
    return tuple(name for name, true in found if true)


# -- steps ------------------------------------------------------------------------------------------------------------


def _steps(known: Order, request: OrderRequest, status: StepStatus, behind: bool) -> tuple[Step, ...]:
    """Every known step, updated or moved, and those that the message adds."""
    stated = request.order.steps
    pairs = _paired(known.steps, stated)
    keeps = request.keeps_status or (behind and status is known.status)
    found = []
    for at, step in enumerate(known.steps):
        if at in pairs:
            new = stated[pairs[at]]
            moved = step.status if keeps else status if behind or _ends_all(request.order) else new.status
            found.append(replace(_merged(step, new, _deleted(request, pairs[at]), behind), status=moved))
        else:
            found.append(step if keeps else _left_out(step, known, request.order, status, bool(pairs)))
    added = [step for at, step in enumerate(stated) if at not in pairs.values()]
    return (*found, *added) if not behind and _may_add(known.steps, request.order) else tuple(found)


def _ends_all(order: Order) -> bool:
    return order.control in ENDING


def _deleted(request: OrderRequest, at: int) -> frozenset[str]:
    return request.step_deletes[at] if at < len(request.step_deletes) else frozenset()


def _left_out(step: Step, known: Order, order: Order, status: StepStatus, others_named: bool) -> Step:
    """A known step that the message does not name."""
    if not order.steps or _ends_all(order) or (not others_named and not _names_all(order)):
        own_way = step.status in DONE and step.status is not known.status and not _ends_all(order)
        return step if own_way else replace(step, status=status)
    if order.control in EXCHANGES and status not in DONE:
        return step if step.status in DONE else replace(step, status=StepStatus.CANCELLED)
    if status in DONE and not _names_all(order) and step.status not in DONE:
        return replace(step, status=status)
    return step


def _names_all(order: Order) -> bool:
    """Whether every step of a message has its id: then it speaks of these and no others."""
    return bool(order.steps) and all(step.scheduled_procedure_step_id for step in order.steps)


def _may_add(known: Sequence[Step], order: Order) -> bool:
    """A message without step ids speaks of an order whose steps are named as a whole: it adds none."""
    return not known or _names_all(order) or not all(step.scheduled_procedure_step_id for step in known)


def _paired(known: Sequence[Step], stated: Sequence[Step]) -> dict[int, int]:
    """Position of a known step → position of the stated one: by step id, else the unnamed in their order."""
    pairs: dict[int, int] = {}
    for at, step in enumerate(stated):
        same = (i for i, one in enumerate(known) if i not in pairs and _same_id(one, step))
        if (found := next(same, None)) is not None:
            pairs[found] = at
    left = [at for at in range(len(stated)) if at not in pairs.values()]
    free = [i for i in range(len(known)) if i not in pairs]
    unnamed = [i for i in free if not known[i].scheduled_procedure_step_id]
    nameless = [at for at in left if not stated[at].scheduled_procedure_step_id]
    if unnamed:
        return pairs | dict(zip(unnamed, left, strict=False))
    return pairs | dict(zip(free, nameless, strict=True)) if len(free) == len(nameless) else pairs


def _same_id(one: Step, other: Step) -> bool:
    return (
        one.scheduled_procedure_step_id != "" and one.scheduled_procedure_step_id == other.scheduled_procedure_step_id
    )


def _merged(old: Step, new: Step, deletes: frozenset[str], behind: bool) -> Step:
    """The step with what the message states of it; where the filler has spoken, only its gaps are filled."""
    values: dict[str, Any] = {}
    for name in _STEP_FIELDS:
        mine, stated = getattr(old, name), getattr(new, name)
        values[name] = mine or stated if behind else _one(mine, stated, name in deletes)
    return replace(old, **values)
