"""The columns of each list: which facts, in which words, how wide, in which tone."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.rows import (
    AffectedRow,
    CaseRow,
    DecisionRow,
    DeliveryRow,
    MessageEffect,
    MessageRow,
    OrderRow,
    RuleRow,
    StudyRow,
    TimelineRow,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.ui import sentences, theme, times
from radrecon.ui.hl7_view import FieldLine
from radrecon.ui.loads import TroubleRow
from radrecon.ui.models.rows_model import Column
from radrecon.ui.plain import pn_text, straight

STATUS_TONES = {"COMPLETED": "muted", "CANCELLED": "muted", "DISCONTINUED": "muted", "STARTED": "good"}
DELIVERY_TONES = {"filed": "good", "acknowledged": "good"} | dict.fromkeys(
    ("uncertain", "refused", "failed", "not_applied", "stale"), "bad"
)
PRIORITY_WORDS = {"S": "STAT", "STAT": "STAT", "A": "high", "HIGH": "high"}
MESSAGE_TONES = {"applied": "good", "refused": "bad", "uncertain": "bad", "failed": "bad", "queued": "warn"}


name = pn_text


def identifier(row: OrderRow | CaseRow | StudyRow | WorklistRow) -> str:
    """`4471023 · HOSP`; an issuer alone would read as a number."""
    if not row.patient_id:
        return "○ no id"
    return " · ".join(filter(None, (row.patient_id, row.issuer_of_patient_id)))


def written_id(text: str) -> str:
    """An identifier in HL7's form (`NUMBER^^^ISSUER`) as people read it."""
    return " · ".join(filter(None, text.split("^")))


def birth_and_sex(row: OrderRow | StudyRow | WorklistRow) -> str:
    return " ".join(filter(None, (times.date_text(row.patient_birth_date), row.patient_sex)))


def glyph(severity: int) -> str:
    return theme.SEVERITY_GLYPHS.get(severity, "○")


def _urgent(row: OrderRow) -> bool:
    """STAT and still without images; what is linked hurries nobody here."""
    return row.priority.upper() in ("S", "STAT") and not row.linked_study_id


def _order_glyph(row: OrderRow, now: datetime) -> str:
    return f"{'▲' if _urgent(row) else '·'} {times.due(row.scheduled_start or row.received_at, now)}"


def _order_class(row: OrderRow, now: datetime) -> str:
    urgent = PRIORITY_WORDS.get(row.priority.upper(), "")
    return " ".join(filter(None, (urgent, sentences.CLASS_WORDS.get(row.patient_class.upper(), row.patient_class))))


def _order_accession(row: OrderRow, now: datetime) -> str:
    state = "linked" if row.linked_study_id else row.status.lower()
    return " · ".join(filter(None, (row.accession_number or "○ none", "" if state == "scheduled" else state)))


def _order_words(row: OrderRow, now: datetime) -> str:
    return " ".join(filter(None, (device(row.modality, row.scheduled_station_ae_title), _procedure(row))))


def _procedure(row: OrderRow) -> str:
    """Without the modality that stands before it already."""
    words = row.requested_procedure_description
    return words.removeprefix(f"{row.modality} ") if row.modality else words


def device(modality: str, station: str) -> str:
    """`CT CT-MAIN` is said as `CT-MAIN`."""
    return station if station.startswith(modality) else " ".join(filter(None, (modality, station)))


ORDERS: tuple[Column[OrderRow], ...] = (
    Column(
        "Due", _order_glyph, "Class", _order_class, lambda r: r.scheduled_start or r.received_at,
        lambda r, now: "bad" if _urgent(r) else "muted", width=9, live=True, rigid=True,
    ),
    Column(
        "Patient", lambda r, now: name(r.patient_name), "MRN, born",
        lambda r, now: "  ".join(filter(None, (r.patient_id, birth_and_sex(r)))), width=0, least=20, chips=True,
    ),
    Column(
        "Accession, exam", _order_accession, "Exam", _order_words,
        tone=lambda r, n: STATUS_TONES.get(r.status.upper(), "") if r.accession_number else "missing", width=19,
    ),
)  # fmt: skip


def _case_age(row: CaseRow, now: datetime) -> str:
    return f"{glyph(row.severity)} {times.age(row.opened_at, now)}"


def _case_owner(row: CaseRow, now: datetime) -> str:
    stat = "STAT · " if row.priority.upper() in ("S", "STAT") else ""
    return stat + ("sending" if row.state == "correcting" else sentences.OWNER_WORDS.get(row.owner, row.owner))


def _performed(row: CaseRow, now: datetime) -> str:
    return " ".join(filter(None, (device(row.modality, row.station_name), times.wall(row.performed_at, now))))


def cause(row: CaseRow, now: datetime) -> str:
    """The line under the whole row."""
    return (
        f"arriving · {sentences.without_rule(row.cause)}"
        if row.study_status == "arriving"
        else sentences.without_rule(row.cause)
    )


CASES: tuple[Column[CaseRow], ...] = (
    Column(
        "Age", _case_age, "For", _case_owner, lambda r: r.opened_at,
        lambda r, now: theme.SEVERITY_TONES.get(r.severity, "muted"), width=10, live=True, rigid=True,
    ),
    Column(
        "Patient", lambda r, now: name(r.patient_name), "MRN", lambda r, now: identifier(r), width=0, least=20,
        chips=True,
    ),
    Column(
        "Accession, exam", lambda r, now: r.accession_number or "○ none", "Exam", _performed,
        tone=lambda r, n: "" if r.accession_number else "missing", width=19,
    ),
)  # fmt: skip

TROUBLE: tuple[Column[TroubleRow], ...] = (
    Column(
        "Age", lambda r, now: f"{glyph(r.severity)} {times.age(r.opened_at, now)}", sort=lambda r: r.opened_at,
        tone=lambda r, now: theme.SEVERITY_TONES.get(r.severity, "muted"), width=9, live=True,
    ),
    Column("Kind", lambda r, now: r.kind, width=19),
    Column("What", lambda r, now: r.text, width=0),
    Column("Patient", lambda r, now: name(r.patient_name) or r.patient_id, width=20),
    Column("Accession", lambda r, now: r.accession_number, width=12),
    Column("For", lambda r, now: sentences.OWNER_WORDS.get(r.owner, r.owner), width=10),
)  # fmt: skip


AFFECTED: tuple[Column[AffectedRow], ...] = (
    Column("When", lambda r, now: times.wall(r.at, now), sort=lambda r: r.at, width=13),
    Column("Patient", lambda r, now: name(r.patient_name) or r.patient_id, width=20),
    Column("MRN", lambda r, now: r.patient_id, width=11),
    Column("Accession", lambda r, now: r.accession_number or "○ none", width=12),
    Column("Exam", lambda r, now: device(r.modality, r.station_name), width=13),
    Column("Description", lambda r, now: r.description, width=0),
    Column("State", lambda r, now: r.status.lower(), width=10),
)


def _linked_tone(row: StudyRow) -> str:
    if not row.judged or row.match_class == "follows":
        return "muted"
    return "good" if row.link_state else "bad"


def _linked(row: StudyRow, now: datetime) -> str:
    if row.match_class in ("outside", "follows"):
        return row.match_class
    if not row.judged:
        return "not judged"
    if row.wrong_worklist_entry and not row.link_state:
        return "wrong entry"
    if len(row.order_ids) > 1:
        return f"{len(row.order_ids)} orders"
    return {"auto": "linked", "pending": "linking", "confirmed": "linked, confirmed"}.get(row.link_state, "no order")


STUDIES: tuple[Column[StudyRow], ...] = (
    Column("Done", lambda r, now: times.wall(r.performed_at, now), sort=lambda r: r.performed_at, width=12),
    Column("Patient", lambda r, now: name(r.patient_name), width=0),
    Column("MRN", lambda r, now: identifier(r), width=18),
    Column("Born", lambda r, now: birth_and_sex(r), sort=lambda r: r.patient_birth_date, width=12, rigid=True),
    Column(
        "Accession", lambda r, now: r.accession_number or "○ none", width=11, rigid=True,
        tone=lambda r, n: "" if r.accession_number else "missing",
    ),
    Column("Exam", lambda r, now: device(r.modality, r.station_name), width=14),
    Column("Description", lambda r, now: r.study_description, width=0, least=18),
    Column(
        "Images", lambda r, now: f"{r.series} / {r.instances:,}", sort=lambda r: r.instances, width=9, right=True
    ),
    Column(
        "State", lambda r, now: r.status, tone=lambda r, n: "warn" if r.status == "arriving" else "", width=9,
        rigid=True,
    ),
    Column(
        "Order", _linked, width=12,
        tone=lambda r, n: _linked_tone(r),
    ),
    Column("PACS", lambda r, now: r.pacs, width=8),
)  # fmt: skip


def _remark(row: WorklistRow, now: datetime) -> str:
    """What this modality would drop the line for comes before who is called alike."""
    if row.warnings:
        more = f" (+{len(row.warnings) - 1})" if len(row.warnings) > 1 else ""
        return f"◆ {row.warnings[0]}{more}"
    return "◆ similar name" if row.similar_to else ""


WORKLIST: tuple[Column[WorklistRow], ...] = (
    Column("Start", lambda r, now: times.wall(r.scheduled_start, now), sort=lambda r: r.scheduled_start, width=13),
    Column("Patient", lambda r, now: name(r.patient_name), width=0),
    Column("MRN", lambda r, now: identifier(r), width=18),
    Column("Born", lambda r, now: birth_and_sex(r), sort=lambda r: r.patient_birth_date, width=12, rigid=True),
    Column("Accession", lambda r, now: r.accession_number, width=11, rigid=True),
    Column("Mod", lambda r, now: r.modality, width=5),
    Column("Station", lambda r, now: r.scheduled_station_ae_title or "any", width=10),
    Column(
        "Procedure",
        lambda r, now: r.scheduled_procedure_step_description or r.requested_procedure_description, width=0, least=20,
    ),
    Column("Priority", lambda r, now: r.priority, tone=lambda r, n: "bad" if r.priority == "STAT" else "", width=10),
    Column("State", lambda r, now: r.status.lower(), width=10, rigid=True),
    Column("Remark", _remark, tone=lambda r, n: "warn", width=15),
)  # fmt: skip


def _keys(row: WorklistQueryRow, now: datetime) -> str:
    return "  ".join(f"{key}={value}" for key, value in row.keys.items() if value) or "no keys: everything"


def _warning(row: WorklistQueryRow, now: datetime) -> str:
    """Over the limit, narrowed to the modality's scope, or wide open."""
    if " after " in row.status:
        return f"◆ cut off at {row.matches}"
    if row.narrowed:
        return f"◇ narrowed: {', '.join(row.narrowed)}"
    warning = sentences.query_warning(row.keys)
    return f"◆ {warning}" if warning else ""


def _warning_tone(row: WorklistQueryRow, now: datetime) -> str:
    return "muted" if row.narrowed and " after " not in row.status else "warn"


QUERIES: tuple[Column[WorklistQueryRow], ...] = (
    Column("Asked", lambda r, now: times.ago(r.at, now), sort=lambda r: r.at, width=12, live=True),
    Column("Peer", lambda r, now: r.peer_ae_title, width=10),
    Column("Got", lambda r, now: str(r.matches), sort=lambda r: r.matches, width=5, right=True),
    Column("ms", lambda r, now: f"{r.milliseconds:.0f}", sort=lambda r: r.milliseconds, width=5, right=True),
    Column("Warning", _warning, tone=_warning_tone, width=32),
    Column("Keys", _keys, width=0),
    Column("Address", lambda r, now: r.address, width=12),
)


def _type(row: MessageRow) -> str:
    """`ADT^A40`; the structure (MSH-9.3) is in the message."""
    return "^".join(row.message_type.split("^")[:2])


MESSAGES: tuple[Column[MessageRow], ...] = (
    Column("Time", lambda r, now: times.clock(r.received_at, now), sort=lambda r: r.received_at, width=13),
    Column("", lambda r, now: {"in": "→ in", "out": "← out"}.get(r.direction, r.direction), width=6),
    Column("Type", lambda r, now: _type(r), width=12),
    Column("From", lambda r, now: r.sending_application or r.peer, width=11),
    Column("Patient", lambda r, now: r.patient_id, width=11),
    Column("Accession", lambda r, now: r.accession_number, width=12),
    Column("State", lambda r, now: r.state, tone=lambda r, n: MESSAGE_TONES.get(r.state, ""), width=13),
    Column("Reason, text found", lambda r, now: r.found or r.reason, width=0),
    Column("Control id", lambda r, now: r.control_id, width=20),
    Column("Bytes", lambda r, now: f"{r.size:,}", sort=lambda r: r.size, width=8, right=True),
)


class EffectLine:
    """One thing that a message did or belongs to, with its place in the list for an id."""

    def __init__(self, number: int, effect: MessageEffect) -> None:
        self.id, self.effect = number, effect

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EffectLine) and (self.id, self.effect) == (other.id, other.effect)

    __hash__ = None  # type: ignore[assignment]


EFFECTS: tuple[Column[EffectLine], ...] = (
    Column("What", lambda r, now: r.effect.kind, sort=lambda r: r.id, tone=lambda r, now: "muted", width=10),
    Column("", lambda r, now: straight(r.effect.text), width=0),
)

FIELDS: tuple[Column[FieldLine], ...] = (
    Column("Field", lambda r, now: r.where, sort=lambda r: r.id, width=9),
    Column("Name", lambda r, now: r.name, tone=lambda r, n: "muted", width=24),
    Column("Value", lambda r, now: r.text, width=0, mono=True),
)

DELIVERIES: tuple[Column[DeliveryRow], ...] = (
    Column(
        "Age", lambda r, now: times.age(r.created_at, now), sort=lambda r: r.created_at, width=8, live=True, rigid=True
    ),
    Column("No", lambda r, now: str(r.correction_id), sort=lambda r: r.correction_id, width=5, right=True, rigid=True),
    Column("Verb", lambda r, now: r.verb, width=6, rigid=True),
    Column("Destination", lambda r, now: r.destination, width=12),
    Column("What", lambda r, now: r.title, width=22),
    Column(
        "State", lambda r, now: r.state.replace("_", " "), spread=lambda r: (r.state, r.provable),
        tone=lambda r, n: DELIVERY_TONES.get(r.state, ""), width=35, rigid=True,
    ),
    Column("The peer's words", lambda r, now: r.words, width=0),
    Column("Tries", lambda r, now: str(r.attempts), sort=lambda r: r.attempts, width=5, right=True, rigid=True),
    Column("Patient", lambda r, now: written_id(r.patient_id), width=14),
    Column("Correction", lambda r, now: r.correction_state, width=13, rigid=True),
)  # fmt: skip


class TimelineLine:
    """A timeline row with a place in the list for an id."""

    def __init__(self, number: int, row: TimelineRow) -> None:
        self.id, self.row = number, row

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimelineLine) and (self.id, self.row) == (other.id, other.row)

    __hash__ = None  # type: ignore[assignment]


TIMELINE: tuple[Column[TimelineLine], ...] = (
    Column("Time", lambda r, now: times.clock(r.row.at, now), sort=lambda r: r.row.at, width=13),
    Column("What", lambda r, now: r.row.what, tone=lambda r, n: "muted", width=9),
    Column("Event", lambda r, now: r.row.text, width=0),
    Column("Message", lambda r, now: str(r.row.message_id or ""), sort=lambda r: r.row.message_id, width=8, right=True),
)

CASE_MESSAGES: tuple[Column[TimelineLine], ...] = (
    Column("Time", lambda r, now: times.clock(r.row.at, now), sort=lambda r: r.row.at, width=13),
    Column("Event", lambda r, now: r.row.text, width=0),
    Column("No", lambda r, now: str(r.id), sort=lambda r: r.id, width=6, right=True),
)


SCOPE_WORDS = {
    "study": "this study",
    "accession": "this accession, patient, station, day",
    "patient": "this patient id, station, day",
}
VERB_WORDS = {"link": "linked", "fix": "fixed", "merge": "merged", "dismiss": "put aside"}


def _decided(row: DecisionRow) -> str:
    """`linked: A100, 1000001`."""
    values = ", ".join(filter(None, (row.decided_accession_number, row.decided_patient_id)))
    return f"{VERB_WORDS.get(row.verb, row.verb)}: {values}" if row.verb != "dismiss" else f"put aside: {row.reason}"


DECISIONS: tuple[Column[DecisionRow], ...] = (
    Column("When", lambda r, now: times.wall(r.at, now), sort=lambda r: r.at, width=12),
    Column("Who", lambda r, now: r.who, width=10),
    Column("Images said", lambda r, now: name(r.patient_name), width=0),
    Column("MRN", lambda r, now: r.patient_id, width=12),
    Column("Accession", lambda r, now: r.accession_number or "○ none", width=11),
    Column("Decided", lambda r, now: _decided(r), width=26),
    Column("Holds for", lambda r, now: SCOPE_WORDS.get(r.scope, r.scope), width=26),
    Column("Until", lambda r, now: times.wall(r.expires_at, now), sort=lambda r: r.expires_at, width=12),
    Column("Used", lambda r, now: str(r.used), sort=lambda r: r.used, width=5, right=True),
    Column("State", lambda r, now: r.state, width=9, tone=lambda r, n: "" if r.state == "standing" else "muted"),
)
RULES: tuple[Column[RuleRow], ...] = (
    Column("Rule", lambda r, now: r.rule, width=20),
    Column(
        "State", lambda r, now: {"shadow": "in shadow"}.get(r.state, r.state), width=9,
        tone=lambda r, n: {"on": "good", "shadow": "warn"}.get(r.state, "muted"),
    ),
    Column("Acted", lambda r, now: f"{r.acted:,}", sort=lambda r: r.acted, width=8, right=True),
    Column("Agreed", lambda r, now: f"{r.agreed:,}", sort=lambda r: r.agreed, width=8, right=True),
    Column(
        "Disagreed", lambda r, now: f"{r.disagreed:,}", sort=lambda r: r.disagreed, width=9, right=True,
        tone=lambda r, n: "bad" if r.disagreed else "",
    ),
    Column("Set by", lambda r, now: r.set_by or "default", width=10),
    Column("Since", lambda r, now: times.wall(r.since, now) if r.since else "", sort=lambda r: r.since, width=12),
    Column("What it does", lambda r, now: r.text, width=0),
)  # fmt: skip
