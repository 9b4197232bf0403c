"""A backend in memory with a small hospital in it; it notes the thread of every call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from radrecon.model.case import Candidate, Difference, Reason, Weight
from radrecon.model.correction import (
    AttributeChange,
    DatasetEdit,
    IndexChange,
    Plan,
    PlannedDelivery,
    Verb,
)
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
    TimelineRow,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.store.query_text import fold, parse

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
EVIL = "<img src=/etc/passwd><b>EVIL^JANE</b>"
UID = "1.2.826.0.1.3680043.8.498.1000000"


def at(minutes: float) -> str:
    """So many minutes before now."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


PEOPLE = [
    ("4471023", "FISCHER^ANNA MARIE", "1960-05-17", "F"),
    ("4471188", "OKONKWO^CHIDI^A", "1984-11-02", "M"),
    ("4470912", "NGUYEN^THI LAN", "1991-01-30", "F"),
    ("4471307", "MÜLLER^JÜRGEN", "1952-08-09", "M"),
    ("4471311", "O'BRIEN^SEAN PATRICK", "1978-03-14", "M"),
    ("4470007", "ROSSI^GIULIA", "2001-12-24", "F"),
    ("4471415", "HERNÁNDEZ DE LA CRUZ^MARÍA FERNANDA", "1969-07-07", "F"),
    ("4471502", "JOHANSSON^ERIK", "1947-02-18", "M"),
    ("4471533", "YAMADA^TARO=山田^太郎=やまだ^たろう", "1980-10-10", "M"),
    ("4471619", "SMITH^JOHN^Q", "1955-06-30", "M"),
]
EXAMS = [
    ("CT", "CT2", "CT HEAD W/O CONTRAST"),
    ("CT", "CT1", "CT ABDOMEN PELVIS W CONTRAST"),
    ("CR", "DX-ED", "XR CHEST PORTABLE"),
    ("MR", "MR1", "MR LUMBAR SPINE W/O"),
    ("US", "US3", "US ABDOMEN COMPLETE"),
    ("DX", "DX2", "XR ANKLE LEFT 3 VIEWS"),
    ("MG", "MG1", "MG SCREENING BILATERAL"),
]


def order(number: int, **more: Any) -> OrderRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    modality, station, words = EXAMS[number % len(EXAMS)]
    row = OrderRow(
        id=number, accession_number=f"A10{2000 + number}", patient_id=mrn, issuer_of_patient_id="HOSP",
        patient_name=name, patient_birth_date=born, patient_sex=sex, modality=modality,
        scheduled_station_ae_title=station, scheduled_start=at(11 * number + 29), requested_procedure_description=words,
        placer_order_number=f"P{number}", filler_order_number=f"F{number}", study_instance_uid="",
        priority="STAT" if number % 9 == 1 else "ROUTINE", patient_class="EIO"[number % 3],
        status="COMPLETED" if number % 5 == 4 else "SCHEDULED", received_at=at(11 * number + 90),
        person_id=(number - 1) % len(PEOPLE) + 1, linked_study_id=100 + number if number % 5 == 4 else 0,
    )  # fmt: skip
    return replace(row, **more)


def study(number: int, **more: Any) -> StudyRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    modality, station, words = EXAMS[number % len(EXAMS)]
    row = StudyRow(
        id=100 + number, pacs="ORTHANC", study_instance_uid=f"{UID}.{number}", accession_number=f"A10{2000 + number}",
        patient_id=mrn, issuer_of_patient_id="HOSP", patient_name=name, patient_birth_date=born, patient_sex=sex,
        modality=modality, station_name=station, performed_at=at(11 * number + 25), study_description=words,
        series=1 + number % 4, instances=3 + 37 * (number % 7), status="arriving" if number == 3 else "complete",
        judged=number < 30, first_seen=at(11 * number + 9), order_id=number if number % 5 == 4 else 0,
        link_state="auto" if number % 5 == 4 else "",
    )  # fmt: skip
    return replace(row, **more)


def case(number: int, kind: str, cause: str, of: StudyRow, **more: Any) -> CaseRow:
    row = CaseRow(
        id=number, kind=kind, state="open", severity=2, cause=cause, owner="us", opened_at=of.first_seen,
        updated_at=of.first_seen, patient_id=of.patient_id, issuer_of_patient_id=of.issuer_of_patient_id,
        patient_name=of.patient_name, accession_number=of.accession_number, modality=of.modality,
        station_name=of.station_name, performed_at=of.performed_at, study_id=of.id, order_id=0, person_id=0,
        study_instance_uid=of.study_instance_uid, study_status=of.status, priority="",
    )  # fmt: skip
    return replace(row, **more)


def candidate(order_id: int, probability: float, *texts: str) -> dict[str, Any]:
    return {
        "order_id": order_id, "accession_number": f"A10{2000 + order_id}", "probability": probability,
        "reasons": list(texts), "vetoes": [],
    }  # fmt: skip


A08 = (
    "MSH|^~\\&|RADRECON|DESK|PACS|HOSP|20261122094000||ADT^A08^ADT_A01|RR000017|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
    "EVN|A08|20261122094000||||20261122094000\r"
    "PID|1||4471023^^^HOSP^MR||FISCHER^ANNA MARIE||19600517|F|||12 HARBOUR ST^^KIEL^^24103\r"
    "PV1|1|E|ED^04^2||||0102^WEBER^INES\r"
)
ORM = (
    "MSH|^~\\&|RIS|HOSP|RADRECON|DESK|20261122081000||ORM^O01^ORM_O01|RIS0091|P|2.3.1\r"
    "PID|1||4471023^^^HOSP^MR||FISCHER^ANNA MARIE||19600517|F\rPV1|1|E|ED^04^2\r"
    "ORC|NW|P1|F1||SC||1^^^202611220830^^S\r"
    "OBR|1|P1|F1|CTHEAD^CT HEAD W/O CONTRAST^LOCAL||||||||||||0102^WEBER^INES||A102001|RP1|SPS1||||CT|||"
    "1^^^202611220830\r"
    "ZDS|1.2.826.0.1.3680043.8.498.77^^Application^DICOM\r"
)


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
        self.decision_rows = [_decision(1), _decision(2, state="expired")]
        self.rule_rows = [_rule(1, "link_by_accession", "on"), _rule(2, "correct_late_images", "off", sends=True)]
        self.replayed: list[tuple[list[int], str]] = []
        self.edited: list[tuple[int, dict[str, str]]] = []
        self.retried: list[int] = []
        self.parked: list[int] = []
        self.refusal: Trouble | None = None
        self.order_rows = [order(n) for n in range(1, 34)]
        self.order_rows += [order(n, scheduled_start=at(-30 * (n - 33))) for n in range(34, 40)]
        self.study_rows = [study(n) for n in range(1, 60)]
        self.case_rows = _cases()
        self.delivery_rows = _deliveries()
        self.message_rows = _messages()
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
        return _detail(row, self.order_rows, self.study_rows)

    def orders(self, *, query: str = "", limit: int = 500) -> list[OrderRow]:
        self._called()
        return _found(self.order_rows, query)[:limit]

    def studies(self, *, query: str = "", limit: int = 500) -> list[StudyRow]:
        self._called()
        return _found(self.study_rows, query)[:limit]

    def patients(self, *, query: str = "", limit: int = 500) -> list[PatientRow]:
        self._called()
        return [_person(number) for number in range(1, len(PEOPLE) + 1)]

    def worklist(self, *, station: str = "", query: str = "", limit: int = 500) -> list[WorklistRow]:
        self._called()
        rows = [_step(row) for row in self.order_rows if row.status == "SCHEDULED"]
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
        return link_plan(_detail(self.case_rows[0], self.order_rows, self.study_rows), 1)

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
        detail = _detail(self.case_rows[0], self.order_rows, self.study_rows)
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


def _cases() -> list[CaseRow]:
    first = study(1, accession_number="A102010", patient_name="FISHER^ANNA", patient_birth_date="1960-05-71")
    second = study(2, accession_number="", patient_id="", patient_name="UNKNOWN^MALE 7", patient_birth_date="")
    unassigned = [
        case(
            1, "unassigned_study", "accession A102010 is not known; order A102001 of the same patient fits", first,
            priority="STAT", severity=3, candidates=(candidate(1, 0.973, "accession transposed"), candidate(8, 0.021)),
        ),
        case(
            2, "unassigned_study", "the images carry no patient id; order A102002 fits", second,
            candidates=(candidate(2, 0.71, "4 min after the slot"),),
        ),
        case(
            3, "unassigned_study",
            "the images carry no accession number; no order is near", study(3, accession_number=""),
        ),
        case(
            4, "unassigned_study", "accession X77 is not known; no order is near", study(5, accession_number="X77"),
            owner="ris",
        ),
    ]  # fmt: skip
    mismatches = [
        case(
            5, "demographic_mismatch", "name differs between index and images",
            study(15, patient_name="O BRIEN^SHAWN"), order_id=15, person_id=5,
        ),
        case(
            6, "demographic_mismatch", "name and birth date differ between index and images",
            study(10, patient_name=EVIL), order_id=10, person_id=10, severity=3, owner="registration",
        ),
    ]  # fmt: skip
    others = [
        case(7, "accession_collision", "accession A102019 is on two patients", study(19), severity=3, owner="ris"),
        case(8, "suspected_overlay", "A08 changed family name and birth date at once", study(21), owner="registration"),
    ]
    return unassigned + mismatches + others


def _decision(number: int, **more: Any) -> DecisionRow:
    row = DecisionRow(
        number, "link", "accession", "standing", "ann", at(90), at(-20000), "typed wrong", "1000001", "FISCHER^ANNA",
        "X777", "ct1", "2026-11-22", "1000001", "A102001", 1, "1.2.3", 1, 1, 41, used=2, used_by=(3, 4),
    )  # fmt: skip
    return replace(row, **more)


def _rule(number: int, rule: str, state: str, **more: Any) -> RuleRow:
    return RuleRow(number, rule, state, "what it does", "", "", "", 40, 31, 2, 7, **more)


def _deliveries() -> list[DeliveryRow]:
    def row(number: int, correction: int, state: str, words: str, **more: Any) -> DeliveryRow:
        made = DeliveryRow(
            id=number, correction_id=correction, case_id=1, verb="link", destination="ORTHANC",
            title="3 images edited in place", state=state, words=words, attempts=1, created_at=at(7 * number),
            updated_at=at(7 * number), provable=True, patient_id="4471023", study_instance_uid=f"{UID}.1",
            correction_state="under way",
        )  # fmt: skip
        return replace(made, **more)

    return [
        row(1, 41, "sending", ""),
        row(2, 40, "uncertain", "connection closed after the message was written", destination="PACS-HL7",
            title="ADT^A08", verb="fix", message_id=3, correction_state="in trouble"),
        row(3, 40, "filed", "ORTHANC shows FISCHER^ANNA MARIE", verb="fix", correction_state="in trouble"),
        row(4, 39, "acknowledged", "AA", destination="VNA", title="ADT^A40", verb="merge", provable=False,
            correction_state="acknowledged"),
        row(5, 39, "filed", "", verb="merge", correction_state="acknowledged"),
    ]  # fmt: skip


def _messages() -> list[MessageRow]:
    def row(number: int, kind: str, raw: str, **more: Any) -> MessageRow:
        made = MessageRow(
            number, "in", at(3 * number), kind, f"RIS{number:04d}", "RIS", "HOSP", "10.20.1.5:40112", "applied", "",
            "4471023", "A102001", len(raw), raw,
        )  # fmt: skip
        return replace(made, **more)

    return [
        row(1, "ORM^O01", ORM),
        row(2, "ADT^A08", A08.replace("RADRECON|DESK", "HIS|HOSP"), sending_application="HIS", accession_number=""),
        row(3, "ADT^A08", A08, direction="out", state="acknowledged", sending_application="RADRECON"),
        row(4, "ORU^R01", ORM.replace("ORM^O01^ORM_O01", "ORU^R01"), state="refused", reason="PID-3 is empty"),
        *(row(n, ("ORM^O01", "ADT^A01", "ADT^A08", "ORU^R01")[n % 4], ORM) for n in range(5, 60)),
    ]


def _person(number: int) -> PatientRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    return PatientRow(number, mrn, "HOSP", name, born, sex, (), 0, False, 3, 2)


def _step(row: OrderRow) -> WorklistRow:
    return WorklistRow(
        row.id, row.id, row.accession_number, row.patient_id, row.issuer_of_patient_id, row.patient_name,
        row.patient_birth_date, row.patient_sex, row.modality, row.scheduled_station_ae_title, "", row.scheduled_start,
        f"SPS{row.id}", row.requested_procedure_description, row.requested_procedure_description, f"RP{row.id}", "",
        row.priority, row.status,
    )  # fmt: skip


def _detail(row: CaseRow, orders: list[OrderRow], studies: list[StudyRow]) -> CaseDetail:
    base = next(each for each in studies if each.id == row.study_id)
    shown = replace(
        base, patient_name=row.patient_name, accession_number=row.accession_number, patient_id=row.patient_id,
        patient_birth_date="1960-05-71" if row.id == 1 else base.patient_birth_date,
    )  # fmt: skip
    wanted = {each["order_id"] for each in row.candidates} | {row.order_id}
    found = {each.id: each for each in orders if each.id in wanted}
    people = {each.person_id: _person(each.person_id) for each in found.values()}
    linkable = "" if row.candidates else "no order is a candidate"
    return CaseDetail(
        case=row,
        differences=(Difference("patient_name", "FISCHER^ANNA MARIE", row.patient_name, Weight.DIFFERS),),
        candidates=tuple(_candidate(each) for each in row.candidates),
        orders=found,
        study=shown,
        person=people.get(row.person_id),
        persons=people,
        timeline=(
            TimelineRow(at(90), "order", "ORM^O01 NW from RIS: A102001, CT HEAD W/O CONTRAST", 1),
            TimelineRow(at(62), "query", "CT2 asked for the worklist and got 14"),
            TimelineRow(at(50), "study", "first seen at ORTHANC: 1 series, 40 images"),
            TimelineRow(at(49), "case", row.cause),
        ),
        verbs={
            "link": linkable,
            "fix": "" if row.kind == "demographic_mismatch" else "no order or person is known yet: link first",
            "merge": "only one person is involved",
        },
    )


def _candidate(each: dict[str, Any]) -> Candidate:
    reasons = (
        Reason("patient_id", "equal", 11.2, "MRN equal, same issuer"),
        Reason("accession_number", "transposed", 4.1, "accession A102001 ↔ A102010: two digits transposed"),
        Reason("patient_birth_date", "transposed", 3.2, "birth date digits transposed (17 ↔ 71)"),
        Reason("time", "near", 2.4, "4 min after the slot at CT2"),
        Reason("patient_name", "near", -1.1, "name near: FISCHER / FISHER, second given name missing"),
    )
    far = (
        Reason("patient_id", "different", -6.0, "another MRN"),
        Reason("modality", "equal", 1.0, "modality equal"),
    )
    strong = float(each["probability"]) > 0.5
    return Candidate(
        each["order_id"], each["accession_number"], each["probability"], 19.8 if strong else -5.0,
        reasons if strong else far, () if strong else ("the images carry another known person's id",),
    )  # fmt: skip


def link_plan(detail: CaseDetail, order_id: int, verb: Verb = Verb.LINK) -> Plan:
    """A plan with an edit, a message and a change of the index."""
    changes = (
        AttributeChange("PatientName", detail.case.patient_name, "FISCHER^ANNA MARIE"),
        AttributeChange("PatientBirthDate", "19600571", "19600517"),
        AttributeChange("AccessionNumber", "A102010", "A102001"),
        AttributeChange("RequestAttributesSequence", "", "1 item: RP1, SPS1, A102001"),
    )
    hl7 = (
        AttributeChange("PID-5", detail.case.patient_name, "FISCHER^ANNA MARIE"),
        AttributeChange("PID-7", "19600571", "19600517"),
    )
    edit = DatasetEdit(
        "ORTHANC", f"{UID}.1",
        {"PatientID": "4471023", "PatientName": "FISCHER^ANNA MARIE", "PatientBirthDate": "19600517", "PatientSex": "F",
         "AccessionNumber": "A102001"},
        ({"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "SPS1", "AccessionNumber": "A102001"},),
    )  # fmt: skip
    return Plan(
        verb, detail.case.id, f"{str(verb).capitalize()} study of {detail.case.patient_name} to order {order_id}",
        index_changes=(IndexChange("link", f"study 101 belongs to order {order_id}"),),
        deliveries=(
            PlannedDelivery("PACS-HL7", ("patient:4471023",), hl7, A08, proof="ORTHANC", title="ADT^A08 demographics"),
            PlannedDelivery("ORTHANC", ("study:1",), changes, edit=edit, proof="ORTHANC", title="40 images in place"),
        ),
        touches={"patients": 1, "studies": 1, "instances": 40, "steps": 1},
        warnings=("The study was reported (F): tell the radiologist.", "VNA keeps its own copy: tell it by phone."),
        irrevocable=("ADT^A08 to PACS-HL7: the receiver may have shown it to others.",),
    )  # fmt: skip
