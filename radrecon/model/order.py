"""Imaging orders and their scheduled procedure steps (PS3.3 C.4.10–C.4.12, IHE RAD-4 / RAD-5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from radrecon.model.altering import Compared
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, Visit


class StepStatus(StrEnum):
    """Where a scheduled procedure step stands; only SCHEDULED and ARRIVED ones are on the worklist."""

    SCHEDULED = "SCHEDULED"
    ARRIVED = "ARRIVED"
    STARTED = "STARTED"
    HELD = "HELD"
    COMPLETED = "COMPLETED"
    DISCONTINUED = "DISCONTINUED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, eq=False)
class Code(Compared):
    """A coded entry: complete (value, scheme and meaning) or absent."""

    value: str = ""
    scheme: str = ""
    meaning: str = ""

    def __bool__(self) -> bool:
        return bool(self.value and self.scheme)


@dataclass(frozen=True)
class Step:
    """One scheduled procedure step. `start` is the site's wall clock, ISO text without offset, "" if unknown.

    The order numbers are those of the step's own request where they are not the order's: several requests may share
    one accession number.
    """

    scheduled_procedure_step_id: str = ""
    modality: str = ""
    station_ae_title: str = ""
    station_name: str = ""
    location: str = ""
    start: str = ""
    description: str = ""
    protocol_code: Code = Code()
    performing_physician: PersonName = PersonName()
    status: StepStatus = StepStatus.SCHEDULED
    placer_order_number: str = ""
    filler_order_number: str = ""
    id: int = 0


@dataclass(frozen=True)
class Order:
    """One imaging service request with its requested procedure.

    `status` is the order's own (ORC-1 + ORC-5); `sources` names the path that each identifying value was taken from,
    e.g. {"accession_number": "OBR-18"}. `flags` are remarks that a person should see (unknown control code, no step).
    `arrived`, `begun` and `ended` are the RIS's word of its patient's arrival and of the examination, never the
    modality's: the site's wall clock, ISO text without offset, "" if not told.
    """

    accession_number: str = ""
    issuer_of_accession: str = ""
    placer_order_number: str = ""
    issuer_of_placer_order_number: str = ""
    filler_order_number: str = ""
    issuer_of_filler_order_number: str = ""
    requested_procedure_id: str = ""
    requested_procedure_description: str = ""
    requested_procedure_code: Code = Code()
    study_instance_uid: str = ""
    reason: str = ""
    priority: str = ""
    requesting_physician: PersonName = PersonName()
    referring_physician: PersonName = PersonName()
    patient: Demographics = Demographics()
    visit: Visit = Visit()
    steps: tuple[Step, ...] = ()
    status: StepStatus = StepStatus.SCHEDULED
    control: str = ""
    pregnancy_status: str = ""
    medical_alerts: str = ""
    patient_state: str = ""
    patient_transport: str = ""
    sources: dict[str, str] = field(default_factory=dict, hash=False)
    flags: tuple[str, ...] = ()
    id: int = 0
    person_id: int = 0
    sender: str = ""
    arrived: str = ""
    begun: str = ""
    ended: str = ""


@dataclass(frozen=True)
class OrderRequest:
    """One order as a message asks for it, with what the order itself does not keep.

    `keeps_status`: the message says nothing of where the order stands. `deletes` and, per step of the order,
    `step_deletes`: fields sent as `""`, which empties them; a field that is only empty leaves the known value alone.
    """

    order: Order
    keeps_status: bool = False
    deletes: frozenset[str] = frozenset()
    step_deletes: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True)
class ReportVersion:
    """One ORU^R01 result as heard. `status` is P, F, C, A, X … of OBR-25; `text` never gets edited by radrecon."""

    accession_number: str = ""
    placer_order_number: str = ""
    filler_order_number: str = ""
    study_instance_uid: str = ""
    status: str = ""
    text: str = ""
    observed: str = ""
    patient: Demographics = Demographics()
    sources: dict[str, str] = field(default_factory=dict, hash=False)
    flags: tuple[str, ...] = ()
    id: int = 0


@dataclass(frozen=True)
class Outline:
    """What of an order is read without loading it; `starts` of its steps, one that is not known as ""."""

    id: int
    person_id: int
    accession_number: str
    study_instance_uid: str
    starts: tuple[str, ...]


@dataclass(frozen=True)
class Timed:
    """When an order's steps are due, and how it stands: what tells cheaply whether it is worth loading.

    `arrived` and `ended`: by the RIS's word, "" if not told.
    """

    id: int
    status: StepStatus
    starts: tuple[str, ...]
    arrived: str = ""
    ended: str = ""
