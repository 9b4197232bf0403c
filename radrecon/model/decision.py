"""What people have decided, remembered for images that come late: of what, for how long, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from radrecon.model.correction import AttributeChange
from radrecon.model.patient import Demographics


class Scope(StrEnum):
    """How far a decision reaches: this study; this accession of this patient at this station on this day; or this
    patient id at this station on this day (a number mistyped at the modality)."""

    STUDY = "study"
    ACCESSION = "accession"
    PATIENT = "patient"


@dataclass(frozen=True)
class Before:
    """What the images said when a person decided. `series`: their UIDs with how many instances each had."""

    patient: Demographics = Demographics()
    accession_number: str = ""
    issuer_of_accession: str = ""
    station: str = ""
    day: str = ""
    instances: int = 0
    series: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Decision:
    """One decision of a person in one scope; `key` is the text that late images are found by.

    `verb` is what they did: link, fix, merge or dismiss. `target` is the identity that they gave the images, `changes`
    what that changed in them. `study_id` and `order_id` are what it was about (0 none); instants are UTC. `by_rule`: a
    rule has done the same again on late images.
    """

    verb: str
    scope: Scope
    key: str
    before: Before
    target: Demographics
    changes: tuple[AttributeChange, ...]
    study_id: int
    order_id: int
    person_id: int
    case_id: int
    correction_id: int
    who: str
    reason: str
    at: datetime
    expires_at: datetime
    id: int = 0
    revoked_at: datetime | None = None
    by_rule: str = ""
