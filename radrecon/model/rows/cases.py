"""Cases in lists and whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from radrecon.model.case import Candidate, Difference, Odds, Pair
from radrecon.model.duplicate import Particulars
from radrecon.model.rows.lists import OrderRow, PatientRow, StudyRow
from radrecon.model.rows.rulings import DecisionRow
from radrecon.model.rows.traffic import CorrectionRow
from radrecon.model.study import SeriesFacts


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
