"""A backend in memory with the small hospital in it; it notes the thread of every call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from radrecon.model.correction import Plan, Verb
from radrecon.model.errors import NotFound, Refused, Trouble
from radrecon.model.rows import (
    CaseDetail,
    CaseRow,
    DecisionRow,
    DeliveryRow,
    EngineState,
    MessageDetail,
    MessageEffect,
    MessageRow,
    MessageSearch,
    OrderRow,
    PacsStateRow,
    PatientRow,
    ReplayRow,
    RuleRow,
    StudyRow,
    Summary,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.store.query_text import fold, parse
from tests.ui import fake_hospital
from tests.ui.fake_case import detail_of, link_plan
from tests.ui.fake_hospital import EVIL, PEOPLE, at, decision, order, rule, study


class FakeWatch:
    def __init__(self, backend: FakeBackend) -> None:
        self._backend = backend

    def stop(self) -> None:
        self._backend.callbacks.clear()


class FakeBackend:
    """Lists are plain attributes: a test changes them and calls `notify`."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.callbacks: list[Callable[[frozenset[str]], None]] = []
        self.approved: list[tuple[Plan, str, str]] = []
        self.investigated: list[tuple[int, str]] = []
        self.dismissed: list[tuple[int, str]] = []
        self.revoked: list[tuple[int, str]] = []
        self.switched: list[tuple[str, str, str]] = []
        self.decision_rows = [decision(1), decision(2, state="expired")]
        self.rule_rows = [
            rule(1, "link_by_accession", "on"),
            rule(2, "correct_late_images", "off", sends=True),
        ]
        self.replayed: list[tuple[list[int], str]] = []
        self.edited: list[tuple[int, dict[str, str]]] = []
        self.retried: list[int] = []
        self.parked: list[int] = []
        self.refusal: Trouble | None = None
        self.order_rows = [order(n) for n in range(1, 34)]
        self.order_rows += [order(n, scheduled_start=at(-30 * (n - 33))) for n in range(34, 40)]
        self.study_rows = [study(n) for n in range(1, 60)]
        self.case_rows = fake_hospital.some_cases()
        self.delivery_rows = fake_hospital.some_deliveries()
        self.message_rows = fake_hospital.some_messages()
        self.engine = EngineState(
            "running", "ws-pacs-1", 4711, "0.1", {"mllp": ["127.0.0.1", 2575], "dicom": ["127.0.0.1", 11112]},
            at(0), True,
        )  # fmt: skip
        self.pacs = [PacsStateRow(1, "ORTHANC", True, at(0.2), "", 59, True, True)]
        self.not_judged = 30

    def notify(self, *topics: str) -> None:
        for callback in list(self.callbacks):
            callback(frozenset(topics))

    def _called(self) -> None:
        self.threads.add(threading.get_ident())

    # lists

    def summary(self) -> Summary:
        self._called()
        kinds = [row.kind for row in self.case_rows if row.state in ("open", "correcting")]
        trouble = sum(1 for row in self.delivery_rows if row.state in ("failed", "refused", "uncertain"))
        unfinished = sum(1 for row in self.delivery_rows if row.state not in ("filed", "acknowledged"))
        return Summary(
            cases={kind: kinds.count(kind) for kind in kinds}, oldest_unassigned="", orders=len(self.order_rows),
            orders_today=21, studies=max(len(self.study_rows), self.not_judged), studies_not_judged=self.not_judged,
            deliveries_unfinished=unfinished, deliveries_in_trouble=trouble, messages=1843, messages_refused=2,
            last_order_at=at(0.7) if self.order_rows else "", last_message_at=at(0.2), watch_from="2026-11-20",
            coverage_from=at(2900) if self.order_rows else "",
        )  # fmt: skip

    def cases(
        self, *, kinds: Sequence[str] = (), states: Sequence[str] = (), query: str = "", limit: int = 1000
    ) -> list[CaseRow]:
        self._called()
        live = [row for row in self.case_rows if row.state in (states or ("open", "correcting"))]
        return _found([row for row in live if not kinds or row.kind in kinds], query)[:limit]

    def case_detail(self, case_id: int) -> CaseDetail:
        self._called()
        row = next((row for row in self.case_rows if row.id == case_id), None)
        if row is None:
            raise NotFound(f"no case {case_id}")
        return detail_of(row, self.order_rows, self.study_rows)

    def orders(self, *, query: str = "", limit: int = 500) -> list[OrderRow]:
        self._called()
        return _found(self.order_rows, query)[:limit]

    def studies(self, *, query: str = "", limit: int = 500) -> list[StudyRow]:
        self._called()
        return _found(self.study_rows, query)[:limit]

    def patients(self, *, query: str = "", limit: int = 500) -> list[PatientRow]:
        self._called()
        return [fake_hospital.person(number) for number in range(1, len(PEOPLE) + 1)]

    def worklist(self, *, station: str = "", query: str = "", limit: int = 500) -> list[WorklistRow]:
        self._called()
        rows = [fake_hospital.step(row) for row in self.order_rows if row.status == "SCHEDULED"]
        rows = [row for row in rows if not station or row.scheduled_station_ae_title == station]
        if station and len(rows) > 2:
            long = "AccessionNumber has 18 characters, and SH holds 16"
            rows[0], rows[1] = replace(rows[0], similar_to=(rows[1].id,)), replace(rows[1], similar_to=(rows[0].id,))
            rows[2] = replace(rows[2], warnings=(long,))
        return _found(rows, query)[:limit]

    def worklist_queries(self, *, limit: int = 100) -> list[WorklistQueryRow]:
        self._called()
        day = {"scheduled_start_date": "20261122", "modality": "CT", "scheduled_station_ae_title": "CT2"}
        return [
            WorklistQueryRow(3, at(1.5), "CT2", "10.20.4.12", day, 14, 3.1),
            WorklistQueryRow(
                2, at(6), "MR1", "10.20.4.31", {"modality": "MR"}, 41, 4.0, "0000", narrowed=("date", "station")
            ),
            WorklistQueryRow(1, at(50), "CT1", "10.20.4.11", {**day, "scheduled_station_ae_title": "CT1"}, 9, 2.2),
        ]

    def messages(self, *, query: str = "", direction: str = "", state: str = "", limit: int = 200) -> list[MessageRow]:
        self._called()
        rows = [row for row in self.message_rows if not state or row.state == state]
        rows = [replace(row, raw="") for row in rows if not direction or row.direction == direction]
        return _found(rows, query)[:limit]

    def search_messages(self, *, query: str = "", limit: int = 200) -> MessageSearch:
        terms = [term for term in parse(query).terms if term.key == "text" or term.quoted]
        words = [term.value for term in terms]
        rows = self.messages(query="" if terms else query, limit=limit)
        rows = (
            [replace(row, found=f"… {words[0]} …") for row in rows if words[0] in _raw_of(self, row)] if words else rows
        )
        notes = ("indexed up to message 1,840 of 1,843",) if words else ()
        return MessageSearch(tuple(rows), 1840, 1843, notes)

    def message_detail(self, message_id: int) -> MessageDetail:
        row = self.message(message_id)
        effects = (
            MessageEffect("person", 7, "FISCHER^ANNA MARIE · 4471023 · HOSP"),
            MessageEffect("order", 1, "A102001 · CT HEAD W/O CONTRAST · scheduled"),
            MessageEffect("remark", 0, EVIL),
        )
        related = (MessageEffect("message", 5, "sent again as message 5, resend"),)
        return MessageDetail(
            row, "utf-8", row.raw, "8859/1", True, "20261122081000", ("charset_guessed",), "AA", "MSH|\rMSA|AA\r",
            effects, related,
        )  # fmt: skip

    def message(self, message_id: int) -> MessageRow:
        self._called()
        return next(row for row in self.message_rows if row.id == message_id)

    def deliveries(self, *, states: Sequence[str] = (), query: str = "", limit: int = 500) -> list[DeliveryRow]:
        self._called()
        return _found([row for row in self.delivery_rows if not states or row.state in states], query)[:limit]

    def delivery_plan(self, correction_id: int) -> Plan:
        self._called()
        return link_plan(detail_of(self.case_rows[0], self.order_rows, self.study_rows), 1)

    def pacs_states(self) -> list[PacsStateRow]:
        self._called()
        return self.pacs

    def stations(self) -> list[str]:
        self._called()
        return ["CT1", "CT2", "DX-ED", "MR1", "US3"]

    def engine_state(self) -> EngineState:
        self._called()
        return self.engine

    def watch(self, callback: Callable[[frozenset[str]], None]) -> FakeWatch:
        self._called()
        self.callbacks.append(callback)
        return FakeWatch(self)

    def decisions(self, *, limit: int = 500) -> list[DecisionRow]:
        self._called()
        return self.decision_rows[:limit]

    def rules(self) -> list[RuleRow]:
        self._called()
        return self.rule_rows

    # verbs

    def _may(self) -> None:
        self._called()
        if self.refusal is not None:
            raise self.refusal

    def plan(self, case_id: int, verb: str, *, order_id: int = 0, values: Mapping[str, str] | None = None) -> Plan:
        self._may()
        detail = self.case_detail(case_id)
        if verb == "link" and not order_id:
            raise Refused("link needs an order")
        return link_plan(detail, order_id or detail.case.order_id, Verb(verb))

    def approve(self, plan: Plan, *, reason: str, ticket: str = "") -> int:
        self._may()
        self.approved.append((plan, reason, ticket))
        correction = 41 + len(self.approved)
        fresh = [
            replace(
                self.delivery_rows[0], id=1000 + place, correction_id=correction, case_id=plan.case_id,
                verb=str(plan.verb), destination=each.destination, title=each.title, state="queued", words="",
                attempts=0, created_at=at(0), updated_at=at(0),
            )
            for place, each in enumerate(plan.deliveries)
        ]  # fmt: skip
        self.delivery_rows = fresh + self.delivery_rows
        self.case_rows = [replace(r, state="correcting") if r.id == plan.case_id else r for r in self.case_rows]
        return correction

    def plan_undo(self, correction_id: int) -> Plan:
        self._may()
        detail = detail_of(self.case_rows[0], self.order_rows, self.study_rows)
        plan = link_plan(detail, 1, Verb.UNDO)
        return replace(plan, summary=f"Undo correction {correction_id}", undo_of=correction_id)

    def investigate(self, study_id: int, *, reason: str) -> int:
        self.investigated.append((study_id, reason))
        return self.cases()[0].id

    def dismiss(self, case_id: int, *, reason: str) -> None:
        self._may()
        self.dismissed.append((case_id, reason))
        self.case_rows = [row for row in self.case_rows if row.id != case_id]

    def revoke(self, decision_id: int, *, reason: str) -> None:
        self._may()
        self.revoked.append((decision_id, reason))

    def set_rule(self, rule: str, state: str, *, reason: str) -> None:
        self._may()
        self.switched.append((rule, state, reason))

    def replay(self, message_ids: Sequence[int], *, reason: str) -> list[ReplayRow]:
        self._may()
        self.replayed.append((list(message_ids), reason))
        return [ReplayRow(one, "ORM^O01", "", "refused", "applied", "AA", "", 1900) for one in message_ids]

    def replay_edited(self, message_id: int, values: Mapping[str, str], *, reason: str) -> ReplayRow:
        self._may()
        self.edited.append((message_id, dict(values)))
        return ReplayRow(message_id, "ORM^O01", "", "refused", "refused", "AE", "PID-3 is empty", 1900)

    def retry(self, delivery_id: int) -> None:
        self._may()
        self.retried.append(delivery_id)

    def park(self, delivery_id: int) -> None:
        self._may()
        self.parked.append(delivery_id)

    def ask(self, kind: str, arguments: Mapping[str, str], *, seconds: float = 30) -> int:
        self._may()
        return 1


def _raw_of(backend: FakeBackend, row: MessageRow) -> str:
    return next(one.raw for one in backend.message_rows if one.id == row.id)


def _found(rows: list[Any], query: str) -> list[Any]:
    """Bare words and keys, as far as the tests need them."""
    terms = parse(query).terms
    return [row for row in rows if all(_holds(row, term.key, term.value) for term in terms)]


def _holds(row: Any, key: str, value: str) -> bool:
    key = "station_name" if key == "station" and hasattr(row, "station_name") else key
    if key and not hasattr(row, key):
        raise Trouble(f"{type(row).__name__} cannot be searched by {key}")
    texts = [str(getattr(row, key))] if key else [str(part) for part in vars(row).values()]
    return any(fold(value) in fold(text) for text in texts)
