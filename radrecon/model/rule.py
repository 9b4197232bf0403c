"""Rules that act without a person, each with a state that the site sets: off, in shadow, or on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RuleState(StrEnum):
    """In shadow a rule does nothing; what it would have done is kept and compared with what people decide."""

    OFF = "off"
    SHADOW = "shadow"
    ON = "on"


class RuleName(StrEnum):
    LINK_BY_ACCESSION = "link_by_accession"
    LINK_BY_PATIENT_ID = "link_by_patient_id"
    FOLLOW_DECISION = "follow_decision"
    CORRECT_LATE_IMAGES = "correct_late_images"


@dataclass(frozen=True)
class Rule:
    """`default`: its state until somebody sets one. `sends`: it changes more than our own association."""

    name: RuleName
    default: RuleState
    text: str
    sends: bool = False


RULES = (
    Rule(
        RuleName.LINK_BY_ACCESSION,
        RuleState.ON,
        "a study that names its order by accession number or Study UID is linked to it, our association only",
    ),
    Rule(
        RuleName.LINK_BY_PATIENT_ID,
        RuleState.SHADOW,
        "a study whose patient id, name and birth date agree is linked to the one order that fits, association only",
    ),
    Rule(
        RuleName.FOLLOW_DECISION,
        RuleState.SHADOW,
        "a study that comes late is linked as a person has decided for its accession number, our association only",
    ),
    Rule(
        RuleName.CORRECT_LATE_IMAGES,
        RuleState.OFF,
        "late images of a corrected study get the same correction again, sent to the PACS",
        sends=True,
    ),
)
RuleStates = Mapping[RuleName, RuleState]
DEFAULTS: RuleStates = {rule.name: rule.default for rule in RULES}
ALL_ON: RuleStates = {rule.name: RuleState.ON for rule in RULES}


@dataclass(frozen=True)
class Act:
    """What a rule does or, in shadow, would do with a study: link it to an order (0: put it aside)."""

    rule: RuleName
    state: RuleState
    order_id: int
    decision_id: int = 0


@dataclass(frozen=True)
class Fitted:
    """Scores made honest by what people decided (log-odds in bits, ascending → as experience has them).

    Empty: too few decisions to learn from, scores are shown as computed. `candidates`: orders that were proposed for
    the `decided` studies, `right`: those of them that people took.
    """

    at: datetime
    decided: int
    candidates: int
    right: int
    scores: tuple[float, ...] = ()
    odds: tuple[float, ...] = ()


SMALLEST_REGISTER = 1000  # persons: what fewer are called says little of how common a name is


@dataclass(frozen=True)
class NamesCounted:
    """How many of a register's persons have a family or first given name (as written, upper case); the commonest."""

    at: datetime
    persons: int
    families: Mapping[str, int]
    givens: Mapping[str, int]
