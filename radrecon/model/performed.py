"""Performed procedure steps: what a modality says that it did (PS3.3 C.4.13–C.4.15, IHE RAD-6 and RAD-7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from radrecon.model.order import Code, StepStatus
from radrecon.model.patient import Demographics, PatientId

WRONG_ENTRY = "110514"
WRONG_ENTRY_MEANING = "incorrect worklist entry selected"


class PerformedStatus(StrEnum):
    """Performed Procedure Step Status (0040,0252); the last two are final."""

    IN_PROGRESS = "IN PROGRESS"
    COMPLETED = "COMPLETED"
    DISCONTINUED = "DISCONTINUED"

    @property
    def is_final(self) -> bool:
        return self is not PerformedStatus.IN_PROGRESS


class Placement(StrEnum):
    """What became of one reference to a scheduled step. Only an applied one moves the step."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    PATIENT_CONFLICT = "patient_conflict"
    STEP_CANCELLED = "step_cancelled"
    TAKEN_BACK = "taken_back"  # a person has said that its images are not this order's

    @property
    def is_settled(self) -> bool:
        return self in (Placement.APPLIED, Placement.TAKEN_BACK)


class Refusal(StrEnum):
    """Why a request is not taken."""

    DUPLICATE = "an instance with this UID exists"
    UNKNOWN = "no such performed procedure step"
    ENDED = "Performed Procedure Step Object may no longer be updated"
    NOT_IN_PROGRESS = "a step is created IN PROGRESS"
    EMPTY = "nothing says whose or which step this is"


@dataclass(frozen=True)
class StepReference:
    """One item of Scheduled Step Attributes Sequence: which step of which request was performed."""

    study_instance_uid: str = ""
    accession_number: str = ""
    requested_procedure_id: str = ""
    scheduled_procedure_step_id: str = ""
    placer_order_number: str = ""
    filler_order_number: str = ""

    @property
    def scheduled(self) -> bool:
        """Whether it names more than the study that every item must name."""
        return bool(
            self.accession_number
            or self.requested_procedure_id
            or self.scheduled_procedure_step_id
            or self.placer_order_number
            or self.filler_order_number
        )


@dataclass(frozen=True)
class PerformedSeries:
    """One series that was made; `images` and `others` count the instances that it refers to."""

    series_instance_uid: str
    protocol_name: str = ""
    description: str = ""
    performing_physician: str = ""
    operators: str = ""
    retrieve_ae_title: str = ""
    images: int = 0
    others: int = 0


@dataclass(frozen=True)
class PerformedStep:
    """One modality performed procedure step as far as it was told; "" and None are what was not.

    `start` and `end` are the modality's own wall clock, ISO text with the precision given: for showing only.
    """

    performed_procedure_step_id: str = ""
    status: PerformedStatus | None = None
    modality: str = ""
    station_ae_title: str = ""
    station_name: str = ""
    location: str = ""
    start: str = ""
    end: str = ""
    description: str = ""
    comments: str = ""
    study_id: str = ""
    procedure_code: Code = Code()
    discontinuation_reason: Code = Code()
    patient: Demographics = Demographics()
    references: tuple[StepReference, ...] = ()
    series: tuple[PerformedSeries, ...] = ()

    @property
    def wrong_worklist_entry(self) -> bool:
        """Discontinued because another entry of the worklist should have been selected (DCM 110514)."""
        reason = self.discontinuation_reason
        named = reason.value == WRONG_ENTRY and reason.scheme.upper() in ("DCM", "")
        said = not reason.value and reason.meaning.casefold() == WRONG_ENTRY_MEANING
        return self.status is PerformedStatus.DISCONTINUED and (named or said)

    @property
    def unscheduled(self) -> bool:
        return not any(reference.scheduled for reference in self.references)

    @property
    def instances(self) -> int:
        return sum(one.images + one.others for one in self.series)


@dataclass(frozen=True)
class Told:
    """One scheduled step as the worklist told it, with whom it is for; every identifier that leads to them is known."""

    order_id: int
    step_id: int
    status: StepStatus
    reference: StepReference
    modality: str = ""
    person_id: int = 0
    patient: Demographics = Demographics()
    identifiers: tuple[PatientId, ...] = ()


@dataclass(frozen=True)
class Placed:
    """A reference and the step that it means; ids 0 where none does. A conflict names the step that it is with."""

    reference: StepReference
    placement: Placement = Placement.NOT_FOUND
    order_id: int = 0
    step_id: int = 0


@dataclass(frozen=True)
class Performance:
    """One performed step as it counts for a scheduled one or for a study, in the order of their beginnings.

    `given_up`: never ended by its modality, and taken as done because its images came and nothing changed any more.
    """

    step: PerformedStep
    id: int = 0
    given_up: bool = False
