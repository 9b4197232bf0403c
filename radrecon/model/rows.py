"""Plain rows for lists: what the desk's tables and the command line's JSON show.

Field names are the contract's JSON keys. Instants are ISO 8601 text with offset; wall clocks (scheduled and performed
times) carry the site's offset. Every row has its integer `id`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from radrecon.model.case import Candidate, Difference, Odds, Pair
from radrecon.model.duplicate import Particulars
from radrecon.model.study import SeriesFacts


@dataclass(frozen=True)
class OrderRow:
    id: int
    accession_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    modality: str
    scheduled_station_ae_title: str
    scheduled_start: str
    requested_procedure_description: str
    placer_order_number: str
    filler_order_number: str
    study_instance_uid: str
    priority: str
    patient_class: str
    status: str
    received_at: str
    person_id: int
    linked_study_id: int = 0
    flags: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict, hash=False)  # paths in the message


@dataclass(frozen=True)
class ReportRow:
    """One version of a report. `kind`: preliminary, final, addendum, corrected …; `text` is what stands after it.

    `text_sent`: whether this version brought text itself. Flags: anomaly, wrong_patient, deleted, text_not_sent …
    """

    id: int
    order_id: int
    accession_number: str
    placer_order_number: str
    filler_order_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    study_instance_uid: str
    status: str
    kind: str
    number: int
    versions: int
    observed_at: str
    received_at: str
    text: str
    text_sent: bool
    sender: str
    message_id: int
    flags: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class StudyRow:
    id: int
    pacs: str
    study_instance_uid: str
    accession_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    modality: str
    station_name: str
    performed_at: str
    study_description: str
    series: int
    instances: int
    status: str  # arriving, complete, gone
    judged: bool
    first_seen: str
    order_id: int = 0
    link_state: str = ""  # "", auto, pending, confirmed
    reported: str = "unknown"
    wrong_worklist_entry: bool = False  # by its modality's word (MPPS, DCM 110514)
    status_since: str = ""
    match_class: str = ""  # linked, suggested, orphan, outside, follows, not_judged; "" before it was looked at
    not_judged: str = ""  # why not
    order_ids: tuple[int, ...] = ()  # of one study for several orders, order_id's first
    follows: int = 0  # the study that one of companions only goes with
    prior_of: int = 0  # the person whom an outside study may be a prior of


@dataclass(frozen=True)
class PatientRow:
    id: int
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    other_patient_ids: tuple[str, ...]
    merged_into: int
    quarantined: bool
    orders: int
    studies: int


@dataclass(frozen=True)
class CaseRow:
    """A case in a list. `candidates`: dicts of order_id, accession_number, probability, reasons (texts), vetoes and
    conflict."""

    id: int
    kind: str
    state: str
    severity: int
    cause: str
    owner: str
    opened_at: str
    updated_at: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    accession_number: str
    modality: str
    station_name: str
    performed_at: str
    study_id: int
    order_id: int
    person_id: int
    study_instance_uid: str
    study_status: str
    priority: str
    fields: tuple[str, ...] = ()
    candidates: tuple[dict[str, Any], ...] = ()
    closed_at: str = ""
    close_reason: str = ""
    correction_id: int = 0


@dataclass(frozen=True)
class WorklistRow:
    """One scheduled procedure step with its order and patient.

    On a station's list: `similar_to` are ids of lines that another person's similar name is on, `warnings` why this
    modality would drop the line or show it wrongly.
    """

    id: int
    order_id: int
    accession_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    modality: str
    scheduled_station_ae_title: str
    scheduled_station_name: str
    scheduled_start: str
    scheduled_procedure_step_id: str
    scheduled_procedure_step_description: str
    requested_procedure_description: str
    requested_procedure_id: str
    study_instance_uid: str
    priority: str
    status: str
    similar_to: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorklistQueryRow:
    """One C-FIND that a modality made.

    `narrowed`: what its scope stood in for (date, station, modality, location); `ignored`: keys that could not be used;
    `status`: the final one in hex, `0000 after 500` where there was more.
    """

    id: int
    at: str
    peer_ae_title: str
    address: str
    keys: dict[str, str]
    matches: int
    milliseconds: float
    status: str = ""
    narrowed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageRow:
    id: int
    direction: str
    received_at: str
    message_type: str
    control_id: str
    sending_application: str
    sending_facility: str
    peer: str
    state: str
    reason: str
    patient_id: str
    accession_number: str
    size: int
    raw: str = ""
    first_id: int = 0  # of a resend or replay: the message that it repeats
    found: str = ""  # what stands around the text that was looked for


@dataclass(frozen=True)
class MessageSearch:
    """What a search of the journal found, and `notes` that a person must know: how far the index of texts reaches."""

    rows: tuple[MessageRow, ...]
    indexed_to: int = 0
    newest: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageEffect:
    """One thing that a message did or belongs to; `id` is that of the `kind` of row named (0: none)."""

    kind: str  # person, order, report, visit, notice, accession, remark, message, delivery, correction, pair
    id: int
    text: str


@dataclass(frozen=True)
class MessageDetail:
    """One message with all that is known of it.

    `raw` read by `raw_encoding` gives its bytes back; `text` is what they mean in `charset`, which was guessed if it
    says so. `effects`: what it did; `related`: messages that it repeats or that repeat it, deliveries, pairs.
    """

    message: MessageRow
    raw_encoding: str
    text: str
    charset: str
    charset_guessed: bool
    sent_at: str
    flags: tuple[str, ...]
    ack_code: str
    ack: str
    effects: tuple[MessageEffect, ...] = ()
    related: tuple[MessageEffect, ...] = ()


@dataclass(frozen=True)
class ReplayRow:
    """What became (or, dry, would become) of one replayed message. `message_id` is the new row's, 0 if none was kept.

    `outcome`: applied, refused, not replayed.
    """

    replay_of: int
    message_type: str
    control_id: str
    was: str
    outcome: str
    ack_code: str
    reason: str
    message_id: int = 0


@dataclass(frozen=True)
class DeliveryRow:
    id: int
    correction_id: int
    case_id: int
    verb: str
    destination: str
    title: str
    state: str
    words: str
    attempts: int
    created_at: str
    updated_at: str
    provable: bool
    patient_id: str = ""
    study_instance_uid: str = ""
    message_id: int = 0
    correction_state: str = ""


@dataclass(frozen=True)
class PacsStateRow:
    id: int
    name: str
    up: bool
    last_success: str
    last_error: str
    studies: int
    baseline_done: bool
    send: bool
    feed: str = ""  # dicom, qido, orthanc
    mode: str = ""  # small, large; "" before the first look
    query_seconds: float = 0.0
    queries_per_minute: int = 0  # our bound; 0 = none
    changes_at: str = ""
    changes_error: str = ""
    sweep: str = ""  # under way: dated, undated
    sweep_down_to: str = ""  # ISO date that the sweep has come down to
    sweep_seen: int = 0
    sweep_hours: str = ""
    sweep_error: str = ""
    sweep_started: str = ""
    sweep_finished: str = ""


@dataclass(frozen=True)
class StudyChangeRow:
    """What a study was before its PACS showed it changed, gone or back: field → prior value."""

    id: int
    study_id: int
    at: str
    event: str
    prior: dict[str, Any]


@dataclass(frozen=True)
class EngineState:
    """`state`: none, starting, running, lost (no heartbeat), stopping."""

    state: str
    host: str = ""
    pid: int = 0
    version: str = ""
    endpoints: dict[str, Any] = field(default_factory=dict)
    heartbeat: str = ""
    worker_alive: bool = False


@dataclass(frozen=True)
class Summary:
    """The four sentences above triage, and the counts in the left rail."""

    cases: dict[str, int]
    oldest_unassigned: str
    orders: int
    orders_today: int
    studies: int
    studies_not_judged: int
    deliveries_unfinished: int
    deliveries_in_trouble: int
    messages: int
    messages_refused: int
    last_order_at: str
    last_message_at: str
    watch_from: str
    coverage_from: str
    oldest_case: dict[str, str] = field(default_factory=dict)
    studies_outside: int = 0  # of those not judged


@dataclass(frozen=True)
class TimelineRow:
    """One event in the life of a case, study, order or patient."""

    at: str
    what: str  # order, adt, study, case, correction, delivery, report, query, performed
    text: str
    message_id: int = 0


@dataclass(frozen=True)
class ListedRow:
    """An entry of another system's worklist, as it stood when a case was made of it."""

    source: str
    accession_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    modality: str
    scheduled_station_ae_title: str
    scheduled_start: str
    requested_procedure_description: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseDetail:
    """All that the case page shows. `verbs` maps a verb to "" where it applies, else to why it does not."""

    case: CaseRow
    differences: tuple[Difference, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    orders: dict[int, OrderRow] = field(default_factory=dict)
    study: StudyRow | None = None
    series: tuple[SeriesFacts, ...] = ()
    person: PatientRow | None = None
    persons: dict[int, PatientRow] = field(default_factory=dict)
    timeline: tuple[TimelineRow, ...] = ()
    corrections: tuple[CorrectionRow, ...] = ()
    verbs: dict[str, str] = field(default_factory=dict)
    listed: ListedRow | None = None
    decision: DecisionRow | None = None
    odds: Odds | None = None
    affected: tuple[AffectedRow, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    pair: Pair | None = None
    particulars: dict[int, Particulars] = field(default_factory=dict)


@dataclass(frozen=True)
class CorrectionRow:
    id: int
    case_id: int
    verb: str
    state: str  # under way, filed, acknowledged, in trouble, stale, undone
    summary: str
    reason: str
    ticket: str
    approved_by: str
    approved_at: str
    undo_of: int = 0
    undone_by: int = 0


@dataclass(frozen=True)
class CrosswalkRow:
    """A legacy patient number and what it is now.

    `state`: not heard (nobody has either number), open (one person has one of them), joined (one person has both),
    conflict (two persons: a person decides).
    """

    id: int
    legacy_patient_id: str
    legacy_issuer_of_patient_id: str
    patient_id: str
    issuer_of_patient_id: str
    state: str
    person_ids: tuple[int, ...]
    source: str
    imported_at: str


@dataclass(frozen=True)
class SenderRow:
    """One sender as it was heard (MSH-3, MSH-4), with the rules that it is read by.

    `skew_seconds`: from its MSH-7 to arrival, smoothed; negative: its clock is ahead of ours. `late`: messages that
    came long after they were written (a queue, a replay); they say nothing of the clock.
    """

    id: int
    sending_application: str
    sending_facility: str
    configured: bool
    tap: str
    owner_of: tuple[str, ...]
    accession_paths: tuple[str, ...]
    messages: int
    refused: int
    late: int
    first_heard: str
    last_heard: str
    skew_seconds: float | None
    skew_least: float | None
    skew_most: float | None
    clock: str


@dataclass(frozen=True)
class PairRow:
    """Two rows of the journal that are one message, or a message and a copy of its answer (`kind` hop, ack)."""

    id: int
    kind: str
    first_id: int
    second_id: int
    at: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class InterfaceRow:
    """What the interface engine does between two senders: `changes` by place, most frequent first."""

    before: str
    behind: str
    pairs: int
    unchanged: int
    changes: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class PerformedRow:
    """A performed procedure step as its modality told of it.

    `started_at` and `ended_at` are the modality's own wall clock. `references`: dicts of the identifiers named, with
    `placement` and the order and step meant; `series_facts`: dicts of each series. `flags`: unscheduled,
    wrong_worklist_entry, never_ended, patient_conflict, ambiguous, not_found, step_cancelled.
    """

    id: int
    sop_instance_uid: str
    performed_procedure_step_id: str
    status: str
    modality: str
    performed_station_ae_title: str
    performed_station_name: str
    started_at: str
    ended_at: str
    description: str
    discontinuation_reason: str
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    accession_number: str
    study_instance_uid: str
    series: int
    instances: int
    received_at: str
    updated_at: str
    peer_ae_title: str
    person_id: int = 0
    order_ids: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()
    references: tuple[dict[str, Any], ...] = ()
    series_facts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class AffectedRow:
    """One of several studies or orders that a case is about; `kind` is study or order, `at` when done or due."""

    id: int
    kind: str
    accession_number: str
    patient_id: str
    patient_name: str
    modality: str
    station_name: str
    at: str
    description: str
    status: str


@dataclass(frozen=True)
class DecisionRow:
    """A remembered decision: what the images said (`patient_id` … `day`), what was decided, how far and how long.

    `scope`: study, accession (of that patient at that station on that day) or patient (that patient id there that
    day); `state`: standing, expired, revoked, undone; `used_by`: ids of the studies that have followed it.
    """

    id: int
    verb: str
    scope: str
    state: str
    who: str
    at: str
    expires_at: str
    reason: str
    patient_id: str
    patient_name: str
    accession_number: str
    station_name: str
    day: str
    decided_patient_id: str
    decided_accession_number: str
    study_id: int
    study_instance_uid: str
    order_id: int
    case_id: int
    correction_id: int
    by_rule: str = ""
    used: int = 0
    used_by: tuple[int, ...] = ()
    revoked_at: str = ""
    revoked_by: str = ""
    revoke_reason: str = ""


@dataclass(frozen=True)
class Disagreement:
    """A rule would have linked a study to one order, a person to another (0: put aside)."""

    study_id: int
    by_rule: int
    decided: int


@dataclass(frozen=True)
class RuleRow:
    """A rule, its state, who set it and when (all "" for a default), and how it stands against people's decisions.

    `acted`: how many studies it has acted on, or in shadow would have; `agreed` and `disagreed`: of those that a person
    has decided.
    """

    id: int
    rule: str
    state: str
    text: str
    since: str
    set_by: str
    reason: str
    acted: int
    agreed: int
    disagreed: int
    undecided: int
    disagreements: tuple[Disagreement, ...] = ()
    sends: bool = False


@dataclass(frozen=True)
class ReplayedRule:
    """A rule over what people have decided (since that day, "" = ever): how often it would have acted, and how.

    `silent`: it would have left the study to a person; `would_solve`: of the studies with an open case now.
    """

    rule: str
    since: str
    decided: int
    would_have_acted: int
    agreed: int
    disagreed: int
    silent: int
    open_cases: int
    would_solve: int
    disagreements: tuple[Disagreement, ...] = ()
    solved_studies: tuple[int, ...] = ()
