"""What each page loads, in one call on a worker thread: `(backend, query) → rows`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from radrecon.model.errors import Trouble
from radrecon.model.rows import (
    CaseDetail,
    CaseRow,
    DecisionRow,
    DeliveryRow,
    EngineState,
    MessageDetail,
    MessageRow,
    MessageSearch,
    OrderRow,
    PacsStateRow,
    PatientRow,
    RuleRow,
    StudyRow,
    Summary,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.ui.backend import Backend
from radrecon.ui.query import Query, parse
from radrecon.ui.sentences import KIND_WORDS, Sentence, patient_sentence
from radrecon.ui.times import seconds_since

Row = TypeVar("Row")
TROUBLE_STATES = ("uncertain", "refused", "failed", "not_applied", "stale")
CASE_LIMIT, ORDER_LIMIT, WORKLIST_LIMIT = 5000, 1000, 1000
UNASSIGNED = ("unassigned_study", "wrong_order")  # what nobody can read under its order
PANES = (*UNASSIGNED, "demographic_mismatch")
AHEAD_SECONDS = 4 * 3600
GONE = ("CANCELLED", "DISCONTINUED")
NOW_FIRST = {"S": 0, "STAT": 0, "A": 1, "HIGH": 1}
CLASS_FIRST = {"E": 0, "I": 1}


@dataclass(frozen=True)
class TroubleRow:
    """One line of triage's fourth strip; `opens` says which page shows it, `subject` which row there."""

    id: int
    kind: str
    opened_at: str
    text: str
    patient_name: str
    patient_id: str
    accession_number: str
    owner: str
    opens: str
    subject: int
    severity: int


@dataclass(frozen=True)
class ShellRows:
    summary: Summary
    engine: EngineState
    pacs: tuple[PacsStateRow, ...]
    worklist: int


@dataclass(frozen=True)
class TriageRows:
    summary: Summary
    pacs: tuple[PacsStateRow, ...]
    orders: list[OrderRow]
    unassigned: list[CaseRow]
    mismatches: list[CaseRow]
    others: list[TroubleRow]
    more_orders: bool = False  # than these were asked for


@dataclass(frozen=True)
class WorklistRows:
    stations: list[str]
    steps: list[WorklistRow]
    queries: list[WorklistQueryRow]
    last_order_at: str


def shell(backend: Backend) -> ShellRows:
    return ShellRows(
        backend.summary(),
        backend.engine_state(),
        tuple(backend.pacs_states()),
        len(backend.worklist(limit=WORKLIST_LIMIT)),
    )


def triage(backend: Backend, query: Query, now: datetime) -> TriageRows:
    """A pane that cannot be searched by a key shows nothing; only if none can is that trouble."""
    refusals: list[Trouble] = []
    cases = _ask(partial(backend.cases, limit=CASE_LIMIT), query, refusals)
    orders = _ask(partial(backend.orders, limit=ORDER_LIMIT), query, refusals)
    deliveries = _ask(partial(backend.deliveries, states=TROUBLE_STATES), query, refusals)
    messages = _ask(partial(backend.messages, direction="in", state="refused"), query, refusals)
    if len(refusals) == 4:
        raise refusals[0]
    others = [_case_trouble(case) for case in cases if case.kind not in PANES]
    others += [*map(_delivery_trouble, deliveries), *map(_message_trouble, messages)]
    return TriageRows(
        backend.summary(),
        tuple(backend.pacs_states()),
        sorted((order for order in orders if order.status.upper() not in GONE), key=partial(order_urgency, now=now)),
        sorted((case for case in cases if case.kind in UNASSIGNED), key=case_urgency),
        sorted((case for case in cases if case.kind == "demographic_mismatch"), key=case_urgency),
        sorted(others, key=lambda row: (-row.severity, row.opened_at)),
        more_orders=len(orders) >= ORDER_LIMIT,
    )


def _ask(rows: Callable[..., list[Row]], query: Query, refusals: list[Trouble]) -> list[Row]:
    """The rows that a query asks for; a list that does not know one of its keys has none."""
    try:
        return rows(query=query.text)
    except Trouble as refusal:
        if not query.text:
            raise
        refusals.append(refusal)
        return []


def order_urgency(order: OrderRow, now: datetime) -> tuple[int, int, int, int, str]:
    """Unlinked first, today's before what lies ahead, then STAT, ED, inpatient, then the longest wait."""
    return (
        int(order.linked_study_id != 0),
        int(seconds_since(order.scheduled_start, now) or 0) < -AHEAD_SECONDS,
        NOW_FIRST.get(order.priority.upper(), 2),
        CLASS_FIRST.get(order.patient_class.upper(), 2),
        order.scheduled_start or order.received_at,
    )


def case_urgency(case: CaseRow) -> tuple[int, int, int, str]:
    """STAT first, then the severe, complete before arriving, then the longest wait."""
    return (
        NOW_FIRST.get(case.priority.upper(), 2),
        -case.severity,
        int(case.study_status == "arriving"),
        case.opened_at,
    )


def _case_trouble(case: CaseRow) -> TroubleRow:
    return TroubleRow(
        case.id * 4, KIND_WORDS.get(case.kind, case.kind), case.opened_at, case.cause, case.patient_name,
        case.patient_id, case.accession_number, case.owner, "case", case.id, case.severity,
    )  # fmt: skip


def _delivery_trouble(row: DeliveryRow) -> TroubleRow:
    text = f"{row.destination}: {row.state}. {row.words}"
    return TroubleRow(
        row.id * 4 + 1, KIND_WORDS["delivery"], row.updated_at, text, "", row.patient_id, "", "us", "outbox", row.id, 3
    )


def _message_trouble(row: MessageRow) -> TroubleRow:
    text = f"{row.message_type} from {row.sending_application or row.peer}: {row.reason}"
    return TroubleRow(
        row.id * 4 + 2, KIND_WORDS["refused_message"], row.received_at, text, "", row.patient_id,
        row.accession_number, "ris", "messages", row.id, 2,
    )  # fmt: skip


def case(backend: Backend, case_id: int) -> CaseDetail:
    return backend.case_detail(case_id)


def studies(backend: Backend, query: Query) -> list[StudyRow]:
    return backend.studies(query=query.text)


def messages(backend: Backend, query: Query) -> MessageSearch:
    return backend.search_messages(query=query.text)


def engine(backend: Backend) -> EngineState:
    return backend.engine_state()


def persons(backend: Backend, text: str) -> list[PatientRow]:
    """Those whom a number (also `NUMBER^^^ISSUER`) or a name may mean."""
    return backend.patients(query=bare(text.split("^", 1)[0] if "^^^" in text else text), limit=12)


def bare(text: str) -> str:
    """Typed text as words of a query: nothing in it is a key."""
    return " ".join(f'"{word}"' if ":" in word else word for word in text.replace('"', " ").replace("^", " ").split())


def message(backend: Backend, message_id: int) -> MessageRow:
    return backend.message(message_id)


def message_detail(backend: Backend, message_id: int) -> MessageDetail:
    return backend.message_detail(message_id)


def outbox(backend: Backend, query: Query) -> list[DeliveryRow]:
    return backend.deliveries(query=query.text)


@dataclass(frozen=True)
class DecisionRows:
    decisions: list[DecisionRow]
    rules: list[RuleRow]


def decisions(backend: Backend) -> DecisionRows:
    return DecisionRows(backend.decisions(), backend.rules())


def worklist(backend: Backend, station: str, query: Query) -> WorklistRows:
    steps = backend.worklist(station=station, query=query.text)
    queries = backend.worklist_queries()
    asked = [row.peer_ae_title for row in queries]
    stations = list(dict.fromkeys([*backend.stations(), *asked]))
    return WorklistRows(stations, steps, queries, backend.summary().last_order_at)


@dataclass(frozen=True)
class Found:
    """What one look-up of a patient brought; `here` is of the station alone."""

    orders: list[OrderRow]
    steps: list[WorklistRow]
    studies: list[StudyRow]
    here: list[WorklistRow]

    def __add__(self, other: Found) -> Found:
        return Found(
            _both(self.orders, other.orders), _both(self.steps, other.steps), _both(self.studies, other.studies),
            _both(self.here, other.here),
        )  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.orders or self.steps or self.studies or self.here)


def find_patient(backend: Backend, text: str, station: str, now: datetime) -> Sentence:
    """The technologist's one box: MRN, name or accession → one sentence.

    A whole number counts before all that has it within: a short one is part of many.
    """
    found = Found([], [], [], [])
    if not re.search(r'[\s:*?"]|^-', text):
        found = _look_up(backend, f"mrn:{text}", station) + _look_up(backend, f"accession:{text}", station)
    if not found:
        found = _look_up(backend, bare(text) if parse(text).problem else text, station)
    return patient_sentence(found.orders, found.steps, found.studies, station, now, found.here)


def _look_up(backend: Backend, query: str, station: str) -> Found:
    return Found(
        backend.orders(query=query, limit=20),
        backend.worklist(query=query, limit=20),
        backend.studies(query=query, limit=20),
        backend.worklist(station=station, query=query, limit=20) if station else [],
    )


def _both(some: list[Row], more: list[Row]) -> list[Row]:
    return [*some, *(row for row in more if row not in some)]


def case_of_study(backend: Backend, study_id: int) -> int:
    """The open case about a study; 0 if there is none."""
    return next((case.id for case in backend.cases(limit=CASE_LIMIT) if case.study_id == study_id), 0)
