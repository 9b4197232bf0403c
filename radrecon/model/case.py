"""Cases: what is wrong, what says so, and who can mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CaseKind(StrEnum):
    UNASSIGNED_STUDY = "unassigned_study"
    DEMOGRAPHIC_MISMATCH = "demographic_mismatch"
    ACCESSION_COLLISION = "accession_collision"
    SUSPECTED_OVERLAY = "suspected_overlay"
    UNDER_INVESTIGATION = "under_investigation"
    NEVER_ACCESSIONED = "never_accessioned"
    DELETION_ANNOUNCED = "deletion_announced"
    RETIRED_IDENTIFIER = "retired_identifier"
    NOT_ON_RIS_WORKLIST = "not_on_ris_worklist"
    NEVER_ORDERED = "never_ordered"
    WORKLIST_MISMATCH = "worklist_mismatch"
    LATE_IMAGES = "late_images"
    WRONG_ORDER = "wrong_order"
    POSSIBLE_WRONG_PICK = "possible_wrong_pick"
    SPLIT_ACCESSION = "split_accession"
    ACCESSION_MISSING = "accession_missing"
    MISSING_UPDATE = "missing_update"
    TEMPORARY_IDENTITY = "temporary_identity"
    ORDER_WITHOUT_REGISTRATION = "order_without_registration"
    IMAGES_WITHOUT_REPORT = "images_without_report"
    REPORT_WITHOUT_IMAGES = "report_without_images"
    OVERDUE_ORDER = "overdue_order"
    DUPLICATE_PATIENTS = "duplicate_patients"


class MatchClass(StrEnum):
    """How a study stands to the orders.

    linked: associated, by a person or by rule; suggested: orders fit and a person decides; orphan: no order that was
    heard fits; outside: none is expected (imported, research, phantom, test); follows: only a companion (SR, KO, PR,
    SEG, capture) of another study that has no order itself.
    """

    LINKED = "linked"
    SUGGESTED = "suggested"
    ORPHAN = "orphan"
    OUTSIDE = "outside"
    FOLLOWS = "follows"
    NOT_JUDGED = "not_judged"


class CaseState(StrEnum):
    OPEN = "open"
    CORRECTING = "correcting"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Weight(StrEnum):
    """How much a difference matters; each has its glyph on the desk: ▲ differs, ○ missing, ≈ unimportant."""

    EQUAL = "equal"
    DIFFERS = "differs"
    MISSING = "missing"
    UNIMPORTANT = "unimportant"


class CaseOwner(StrEnum):
    """Who can fix it."""

    US = "us"
    REGISTRATION = "registration"
    RIS = "ris"
    TECHNOLOGIST = "technologist"


@dataclass(frozen=True)
class Difference:
    """One field in two records. `truth` is the owner's value, `found` what the images say; `note` is why ≈, if so."""

    field: str
    truth: str
    found: str
    weight: Weight
    note: str = ""


@dataclass(frozen=True)
class Reason:
    """One piece of evidence: how far a field agrees, what that is worth (log2 of m/u), and in words."""

    field: str
    level: str
    bits: float
    text: str


@dataclass(frozen=True)
class Candidate:
    """An order that a study may belong to. The reasons' bits add up to `bits`; `vetoes` forbid linking by itself.

    `conflict`: a hard one, in words; it is shown, and not the probability, which only ranks. `patient_probability`:
    the patient is right, whichever order; `order_probability`: the order is right if the patient is.
    """

    order_id: int
    accession_number: str
    probability: float
    bits: float
    reasons: tuple[Reason, ...] = ()
    vetoes: tuple[str, ...] = ()
    conflict: str = ""
    patient_probability: float = 0.0
    order_probability: float = 0.0


@dataclass(frozen=True)
class Odds:
    """How clear it is whose the images are: the likeliest person, no order at all, and bits to the next person."""

    person_probability: float = 0.0
    null_probability: float = 1.0
    margin: float = 0.0


class PairClass(StrEnum):
    """What a pair of records comes to; nothing is ever merged without a person."""

    LIKELY = "likely"
    POSSIBLE = "possible"
    NOT = "not"


@dataclass(frozen=True)
class Pair:
    """The comparison of two records. The reasons' bits add up to `bits`; `conflicts` say why they may be two people.

    `survivor_id` and `non_survivor_id` are a proposal, `proposal` is its reason; `remarks` are for whoever decides.
    """

    survivor_id: int
    non_survivor_id: int
    proposal: str
    likeness: PairClass
    probability: float
    bits: float
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What the facts say right now of one subject: a case that should be open.

    `subject` is stable text such as `study:17`, `accession:RIS/A100`, `person:5`; with `kind` it names the case.
    `evidence` is JSON-able and free of instants and probabilities that drift, so that equal evidence stays equal.
    `study_ids`, `order_ids`: those that one case is about together, the first of them; `total`: how many there are.
    """

    kind: CaseKind
    subject: str
    cause: str
    owner: CaseOwner = CaseOwner.US
    severity: int = 2
    study_id: int = 0
    order_id: int = 0
    person_id: int = 0
    differences: tuple[Difference, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict, hash=False)
    odds: Odds | None = None
    study_ids: tuple[int, ...] = ()
    order_ids: tuple[int, ...] = ()
    total: int = 0
    pair: Pair | None = None
