"""Does a scheduled procedure step answer a query, and if not, which key keeps it out (PS3.4 K.6.1.2.2).

A value that nobody knows matches only a key that asks for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from radrecon.dicom.person_name_match import glob, name_matches
from radrecon.dicom.ranges import WHOLE_DAY
from radrecon.dicom.worklist_attributes import requested_procedure_id, study_uid
from radrecon.dicom.worklist_query import WorklistQuery
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step, StepStatus

WAITING = (StepStatus.SCHEDULED, StepStatus.ARRIVED)


@dataclass(frozen=True)
class Objection:
    """What keeps a step out: the key or rule, and the words, which are made only where somebody wants them."""

    rule: str
    words: Callable[[], str]


def matches(query: WorklistQuery, order: Order, step: Step) -> bool:
    return next(_objections(query, order, step), None) is None


def why_not(query: WorklistQuery, order: Order, step: Step) -> str | None:
    """The first key that keeps the step off the list, in words; None where it is on it."""
    objection = next(_objections(query, order, step), None)
    return objection.words() if objection else None


def _objections(query: WorklistQuery, order: Order, step: Step) -> Iterator[Objection]:
    if step.status not in WAITING:
        words = f"the step is {step.status.lower()}, so it has left the worklist"
        yield Objection("Scheduled Procedure Step Status", lambda: words)
    yield from key_objections(query, order, step)


def key_objections(query: WorklistQuery, order: Order, step: Step) -> Iterator[Objection]:
    """Each key that the step does not match."""
    for rule in RULES:
        if (asked := getattr(query, rule.field)) and not rule.takes(asked, order, step):
            words = partial(_differs, rule.words, rule.stored(order, step), asked)
            yield Objection(rule.words, words)
    if not _in_period(query, step):
        yield Objection("Scheduled Procedure Step Start", lambda: _outside(query, step))


@dataclass(frozen=True)
class Rule:
    """One matching key. `same` compares a key's value with the stored one."""

    field: str
    words: str
    stored: Callable[[Order, Step], str | PersonName]
    same: Callable[[str, str | PersonName], bool]

    def takes(self, asked: tuple[str, ...], order: Order, step: Step) -> bool:
        stored = self.stored(order, step)
        return bool(stored) and any(self.same(value, stored) for value in asked)


def _text(asked: str, stored: str | PersonName) -> bool:
    return glob(asked, str(stored).strip())


def _any_case(asked: str, stored: str | PersonName) -> bool:
    return glob(asked.casefold(), str(stored).strip().casefold())


def _name(asked: str, stored: str | PersonName) -> bool:
    return isinstance(stored, PersonName) and name_matches(asked, stored)


RULES = (
    Rule("station_ae_title", "Scheduled Station AE Title", lambda _order, step: step.station_ae_title, _text),
    Rule("modality", "Modality", lambda _order, step: step.modality, _any_case),
    Rule("accession_number", "Accession Number", lambda order, _step: order.accession_number, _text),
    Rule("patient_id", "Patient ID", lambda order, _step: order.patient.patient_id.value, _text),
    Rule("patient_name", "Patient's Name", lambda order, _step: order.patient.name, _name),
    Rule("requested_procedure_id", "Requested Procedure ID", lambda o, _step: requested_procedure_id(o), _text),
    Rule("study_instance_uid", "Study Instance UID", lambda order, _step: study_uid(order), _text),
    Rule(
        "scheduled_procedure_step_id",
        "Scheduled Procedure Step ID",
        lambda _order, step: step.scheduled_procedure_step_id or f"SPS{step.id}",
        _text,
    ),
    Rule("station_name", "Scheduled Station Name", lambda _order, step: step.station_name, _any_case),
    Rule("location", "Scheduled Procedure Step Location", lambda _order, step: step.location, _any_case),
    Rule("performing_physician", "Scheduled Performing Physician", lambda _o, step: step.performing_physician, _name),
    Rule("status", "Scheduled Procedure Step Status", lambda _order, step: str(step.status), _any_case),
)


def _in_period(query: WorklistQuery, step: Step) -> bool:
    """`combined` is one period from the first day's time to the last day's; otherwise day and time are separate."""
    if not (query.date_from or query.date_to or query.time_from or query.time_to):
        return True
    day, earliest, latest = _start(step)
    if query.combined:
        first = f"{query.date_from}T{query.time_from or WHOLE_DAY[0]}" if query.date_from else ""
        last = f"{query.date_to}T{query.time_to or WHOLE_DAY[1]}" if query.date_to else ""
        return bool(day) and _within(f"{day}T{earliest}", first, "") and _within(f"{day}T{latest}", "", last)
    if (query.date_from or query.date_to) and not (day and _within(day, query.date_from, query.date_to)):
        return False
    if not (query.time_from or query.time_to):
        return True
    return earliest == latest and _within(earliest, query.time_from, query.time_to)


def _start(step: Step) -> tuple[str, str, str]:
    """Day, earliest and latest time of the start; they differ only where the time is not known."""
    day = step.start[:10] if len(step.start) >= 10 else ""
    clock = step.start[11:19]
    if not clock:
        return day, *WHOLE_DAY
    whole = clock + WHOLE_DAY[0][len(clock) :]
    return day, whole, whole


def _within(value: str, first: str, last: str) -> bool:
    return first <= value and (not last or value <= last)


def _differs(words: str, stored: str | PersonName, asked: tuple[str, ...]) -> str:
    wanted = " or ".join(asked)
    return f"{words} is {stored}, not {wanted}" if stored else f"{words} is not known, and {wanted} was asked for"


def _outside(query: WorklistQuery, step: Step) -> str:
    if not step.start:
        return "the start is not known, and a time was asked for"
    first = f"{query.date_from} {query.time_from}".strip() or "any time"
    last = f"{query.date_to} {query.time_to}".strip() or "any time"
    return f"it starts {step.start.replace('T', ' ')}, not between {first} and {last}"
