"""Orders, studies, patients, worklists and performed steps in lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
    arrived: str = ""  # the RIS's word of its patient and of the examination
    begun: str = ""
    ended: str = ""


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
class StudyChangeRow:
    """What a study was before its PACS showed it changed, gone or back: field → prior value."""

    id: int
    study_id: int
    at: str
    event: str
    prior: dict[str, Any]


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
