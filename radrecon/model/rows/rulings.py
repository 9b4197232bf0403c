"""Remembered decisions, and rules beside what people decided."""

from __future__ import annotations

from dataclasses import dataclass


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
