"""Two records of the person index side by side: are they one person?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person


@dataclass(frozen=True)
class Particulars:
    """What registration knows of a person beside the identity block (HL7 PID-6, PID-11, PID-13 and 14, PID-19).

    Optional evidence: it never changes an identity. `street` is house number and street as one line.
    """

    street: str = ""
    other_designation: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    phones: tuple[str, ...] = ()
    national_id: str = ""
    mothers_name: str = ""

    def __bool__(self) -> bool:
        return self != Particulars()


@dataclass(frozen=True)
class Usage:
    """How a record is in use: its orders and visits from the first to the last, and the visits that go on now.

    `confidential`: one of them is (PV1-16, PD1-12); such a person is compared with nobody.
    """

    orders: int = 0
    studies: int = 0
    first: datetime | None = None
    last: datetime | None = None
    admitted: tuple[str, ...] = ()
    confidential: bool = False


@dataclass(frozen=True)
class PersonRecord:
    """A person as compared: the identity block as it stands, former ones, numbers in use, particulars, usage."""

    person: Person
    former: tuple[Demographics, ...] = ()
    in_use: tuple[PatientId, ...] = ()
    particulars: Particulars = Particulars()
    usage: Usage = Usage()
    linked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Population:
    """Among whom two records are compared: how many persons, and how many other records each has on average.

    `namesakes`: how many carry a full name (`recon.person_names.full_name`); `places`: how many live where
    (`recon.particulars.place_key`), among `counted` persons. What is not counted is taken for average.
    """

    persons: int = 100_000
    duplicates: float = 0.08
    counted: int = 0
    namesakes: dict[str, int] = field(default_factory=dict, hash=False)
    places: dict[str, int] = field(default_factory=dict, hash=False)
