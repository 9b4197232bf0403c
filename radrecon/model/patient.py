"""Patient identity: the identifiers, and the block of demographics that is only ever taken whole."""

from __future__ import annotations

from dataclasses import dataclass

from radrecon.model.altering import Compared
from radrecon.model.names import PersonName


@dataclass(frozen=True, eq=False)
class PatientId(Compared):
    """An identifier with its assigning authority (CX-4.1 / Issuer of Patient ID); the issuer may be unknown ("")."""

    value: str
    issuer: str = ""

    def __str__(self) -> str:
        return f"{self.value}^^^{self.issuer}" if self.issuer else self.value

    def __bool__(self) -> bool:
        return bool(self.value)


@dataclass(frozen=True, eq=False)
class Demographics(Compared):
    """The identity block: id, issuer, name, birth date and sex belong together and come from one record.

    `birth_date` is ISO text with the precision that was given (`1960`, `1960-05`, `1960-05-17`, "" unknown); text that
    is no date at all is kept as it came. `sex` is DICOM's M, F, O, "" (HL7's A, N, U, other words → O or "").
    """

    patient_id: PatientId = PatientId("")
    name: PersonName = PersonName()
    birth_date: str = ""
    sex: str = ""
    other_ids: tuple[PatientId, ...] = ()


@dataclass(frozen=True, eq=False)
class Visit(Compared):
    """A visit or account as far as orders and the worklist need it (PV1, PID-18)."""

    number: str = ""
    issuer: str = ""
    patient_class: str = ""
    location: str = ""
    referring: str = ""
    confidential: bool = False
