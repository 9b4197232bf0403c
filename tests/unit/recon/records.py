"""Records of the person index for tests of duplicates: only what a test says differs from one woman's."""

from __future__ import annotations

from typing import Any

from radrecon.model.duplicate import Particulars, PersonRecord, Population, Usage
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person

TOWN = Population()
PARTICULARS = frozenset(Particulars.__dataclass_fields__)
USAGE = frozenset(Usage.__dataclass_fields__)


def record(
    person_id: int = 3, name: str = "FISCHER^ANNA", birth: str = "1960-05-17", sex: str = "F", **more: Any
) -> PersonRecord:
    """`mrn`, `issuer`; fields of Particulars, Usage, Person; `former` names."""
    number = PatientId(more.pop("mrn", f"100{person_id:04}"), more.pop("issuer", "HOSP"))
    identity = Demographics(number, PersonName.parse(name), birth, sex)
    beside = {key: more.pop(key) for key in list(more) if key in PARTICULARS}
    usage = {key: more.pop(key) for key in list(more) if key in USAGE}
    former = tuple(Demographics(name=PersonName.parse(text), birth_date=birth) for text in more.pop("former", ()))
    linked = frozenset(more.pop("linked", ()))
    person = Person(person_id, identity, (number,) if number else (), **more)
    in_use = (number,) if number else ()
    return PersonRecord(person, former, in_use, Particulars(**beside), Usage(**usage), linked)
