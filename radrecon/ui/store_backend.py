"""The backend on a real store: lists from store/, verbs from workflow/, each in its own short transaction."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from radrecon.model.correction import Plan
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
    ReplayRow,
    RuleRow,
    StudyRow,
    Summary,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.store import decisions, listings
from radrecon.store.changes import Watch as StoreWatch
from radrecon.store.database import Store
from radrecon.ui.backend import OPEN_STATES, Topics, Watch


def now() -> datetime:
    return datetime.now(UTC)


class StoreBackend:
    """See `Backend`. Workflow is imported when a verb is first used: the window shows before that is needed."""

    def __init__(self, store: Store, who: str = "") -> None:
        self.store, self.who = store, who or getpass.getuser()

    def summary(self) -> Summary:
        with self.store.reading() as conn:
            return listings.summary(conn)

    def cases(
        self, *, kinds: Sequence[str] = (), states: Sequence[str] = OPEN_STATES, query: str = "", limit: int = 1000
    ) -> list[CaseRow]:
        with self.store.reading() as conn:
            return listings.cases(conn, kinds=kinds, states=states, query=query, limit=limit)

    def case_detail(self, case_id: int) -> CaseDetail:
        from radrecon.workflow.casework import case_detail

        return case_detail(self.store, case_id)

    def orders(self, *, query: str = "", limit: int = 500) -> list[OrderRow]:
        with self.store.reading() as conn:
            return listings.orders(conn, query=query, limit=limit)

    def studies(self, *, query: str = "", limit: int = 500) -> list[StudyRow]:
        with self.store.reading() as conn:
            return listings.studies(conn, query=query, limit=limit)

    def patients(self, *, query: str = "", limit: int = 500) -> list[PatientRow]:
        with self.store.reading() as conn:
            return listings.patients(conn, query=query, limit=limit)

    def worklist(self, *, station: str = "", query: str = "", limit: int = 500) -> list[WorklistRow]:
        if station:
            from radrecon.workflow.worklists import station_list

            return station_list(self.store, station, datetime.now(UTC), query=query, limit=limit)
        with self.store.reading() as conn:
            return listings.worklist(conn, query=query, limit=limit)

    def worklist_queries(self, *, limit: int = 100) -> list[WorklistQueryRow]:
        with self.store.reading() as conn:
            return listings.worklist_queries(conn, limit=limit)

    def messages(self, *, query: str = "", direction: str = "", state: str = "", limit: int = 200) -> list[MessageRow]:
        with self.store.reading() as conn:
            return listings.messages(conn, query=query, direction=direction, state=state, limit=limit)

    def message(self, message_id: int) -> MessageRow:
        with self.store.reading() as conn:
            return listings.message(conn, message_id)

    def search_messages(self, *, query: str = "", limit: int = 200) -> MessageSearch:
        from radrecon.workflow.journal_search import search

        return search(self.store, query, limit=limit)

    def message_detail(self, message_id: int) -> MessageDetail:
        from radrecon.workflow.message_detail import message_detail

        return message_detail(self.store, message_id)

    def deliveries(self, *, states: Sequence[str] = (), query: str = "", limit: int = 500) -> list[DeliveryRow]:
        with self.store.reading() as conn:
            return listings.deliveries(conn, states=states, query=query, limit=limit)

    def delivery_plan(self, correction_id: int) -> Plan:
        with self.store.reading() as conn:
            return listings.delivery_plan(conn, correction_id)

    def decisions(self, *, limit: int = 500) -> list[DecisionRow]:
        with self.store.reading() as conn:
            return decisions.rows(conn, now(), everything=True, limit=limit)

    def rules(self) -> list[RuleRow]:
        from radrecon.workflow.ruling import rows

        return rows(self.store)

    def pacs_states(self) -> list[PacsStateRow]:
        with self.store.reading() as conn:
            return listings.pacs_states(conn)

    def stations(self) -> list[str]:
        with self.store.reading() as conn:
            return listings.stations(conn)

    def engine_state(self) -> EngineState:
        with self.store.reading() as conn:
            return listings.engine_state(conn)

    def watch(self, callback: Callable[[Topics], None]) -> Watch:
        return StoreWatch(self.store, callback)

    # verbs

    def plan(self, case_id: int, verb: str, *, order_id: int = 0, values: Mapping[str, str] | None = None) -> Plan:
        from radrecon.workflow.planning import plan

        return plan(self.store, case_id, verb, order_id=order_id, values=values or {}, now=now())

    def approve(self, plan: Plan, *, reason: str, ticket: str = "") -> int:
        from radrecon.workflow.approval import approve

        return approve(self.store, plan, reason=reason, ticket=ticket, who=self.who, now=now())

    def plan_undo(self, correction_id: int) -> Plan:
        from radrecon.workflow.undoing import plan_undo

        return plan_undo(self.store, correction_id, now())

    def investigate(self, study_id: int, *, reason: str) -> int:
        from radrecon.workflow.investigation import investigate

        return investigate(self.store, study_id, reason=reason, who=self.who, now=now())

    def dismiss(self, case_id: int, *, reason: str) -> None:
        from radrecon.workflow.dismissal import dismiss

        dismiss(self.store, case_id, reason=reason, who=self.who, now=now())

    def replay(self, message_ids: Sequence[int], *, reason: str) -> list[ReplayRow]:
        from radrecon.workflow.replaying import replay

        return replay(self.store, message_ids, who=self.who, reason=reason)

    def replay_edited(self, message_id: int, values: Mapping[str, str], *, reason: str) -> ReplayRow:
        from radrecon.workflow import replaying

        raw = replaying.edit(self.store, message_id, values)
        return replaying.replay_edited(self.store, message_id, raw, who=self.who, reason=reason)

    def revoke(self, decision_id: int, *, reason: str) -> None:
        from radrecon.workflow.deciding import revoke

        revoke(self.store, decision_id, reason=reason, who=self.who, now=now())

    def set_rule(self, rule: str, state: str, *, reason: str) -> None:
        from radrecon.workflow.ruling import set_state

        set_state(self.store, rule, state, who=self.who, reason=reason, now=now())

    def retry(self, delivery_id: int) -> None:
        from radrecon.workflow.outbox import retry

        retry(self.store, delivery_id, who=self.who, now=now())

    def park(self, delivery_id: int) -> None:
        from radrecon.workflow.outbox import park

        park(self.store, delivery_id, who=self.who, now=now())

    def ask(self, kind: str, arguments: Mapping[str, str], *, seconds: float = 30) -> int:
        from radrecon.workflow.requests import ask

        asked = now()
        return ask(self.store, kind, dict(arguments), now=asked, deadline=asked + timedelta(seconds=seconds))
