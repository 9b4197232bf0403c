"""Corrections as values: the plan that a person reads is the plan that the relay executes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from radrecon.model.patient import Demographics
from radrecon.model.study import Inventory


class Verb(StrEnum):
    LINK = "link"
    FIX = "fix"
    MERGE = "merge"
    UNDO = "undo"
    DISMISS = "dismiss"


class DeliveryState(StrEnum):
    """queued → sending → written → accepted → acknowledged → filed, or one of the last five."""

    QUEUED = "queued"
    SENDING = "sending"
    WRITTEN = "written"
    ACCEPTED = "accepted"
    ACKNOWLEDGED = "acknowledged"
    FILED = "filed"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_APPLIED = "not_applied"
    STALE = "stale"


class EditReason(StrEnum):
    """(0400,0565) Reason for the Attribute Modification (PS3.3 C.12.1.1.9)."""

    COERCE = "COERCE"
    CORRECT = "CORRECT"


@dataclass(frozen=True)
class AttributeChange:
    """One DICOM attribute or HL7 field before and after, for showing. `where` is a keyword (PatientName) or PID-5."""

    where: str
    old: str
    new: str


@dataclass(frozen=True)
class DatasetEdit:
    """An edit of one whole study in place, UIDs kept.

    `values`: DICOM keyword → new text (DICOM form: `19600517`, PN text; "" empties), set in every instance's top level.
    `request_attributes`: the new content of Request Attributes Sequence (0040,0275), keyword → text per item, or None
    to leave it alone. `restore_of`: the delivery whose kept originals are to come back (then values are only shown).
    """

    pacs: str
    study_instance_uid: str
    values: dict[str, str] = field(default_factory=dict, hash=False)
    request_attributes: tuple[dict[str, str], ...] | None = None
    reason: EditReason = EditReason.CORRECT
    restore_of: int = 0


@dataclass(frozen=True)
class PlannedDelivery:
    """One step of a plan: either an HL7 message (`message`, as it will be sent, CR ends) or a dataset edit.

    `keys` are the patient and study keys whose order must be kept (`patient:MRN^^^ISSUER`, `study:UID`).
    `proof` names the PACS whose fresh answer must show `expect` ({study uid: {keyword: text}}), "" if not provable.
    """

    destination: str
    keys: tuple[str, ...]
    changes: tuple[AttributeChange, ...] = ()
    message: str = ""
    edit: DatasetEdit | None = None
    proof: str = ""
    expect: dict[str, dict[str, str]] = field(default_factory=dict, hash=False)
    title: str = ""


@dataclass(frozen=True)
class IndexChange:
    """One change of radrecon's own records, applied in the commit that approves the plan.

    `action`: link, unlink, take_uid, merge, unmerge, dismiss; `values` are its arguments (ids and texts).
    """

    action: str
    text: str
    values: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Plan:
    """A correction before it is approved: values, not actions.

    `warnings` are read before sending; `irrevocable` names what no undo takes back; `touches` is the blast radius
    ({"patients": 1, "studies": 2, …}); `inventory` is what it was made from. `asked`: what the person named beside the
    case (`order_id`, or patient numbers), so that the plan can be made once more; None for an undo.
    """

    verb: Verb
    case_id: int
    summary: str
    target: Demographics = Demographics()
    index_changes: tuple[IndexChange, ...] = ()
    deliveries: tuple[PlannedDelivery, ...] = ()
    inventory: tuple[Inventory, ...] = ()
    touches: dict[str, int] = field(default_factory=dict, hash=False)
    warnings: tuple[str, ...] = ()
    irrevocable: tuple[str, ...] = ()
    undo_of: int = 0
    asked: dict[str, str] | None = field(default=None, hash=False)


@dataclass(frozen=True)
class OriginalHeader:
    """What one instance held before an edit: DICOM JSON model (PS3.18 F) of every attribute that the edit may touch.

    An attribute that was absent is null, so that a restore removes it and touches no later edit of another.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    header: dict[str, Any] = field(default_factory=dict, hash=False)
