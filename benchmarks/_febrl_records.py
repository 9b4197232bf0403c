"""A row of Febrl as a person of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.model.duplicate import Particulars, PersonRecord
from radrecon.model.names import NameGroup, PersonName
from radrecon.model.patient import Demographics
from radrecon.model.person import Person

Row = Mapping[str, str]


def record(row: Row, number: int, *, full: bool) -> PersonRecord:
    """`full`: with the address and the social security number; else name and birth date only."""
    name = PersonName(NameGroup(family=row["surname"], given=row["given_name"]))
    person = Person(number, Demographics(name=name, birth_date=row["date_of_birth"]))
    return PersonRecord(person, particulars=_particulars(row) if full else Particulars())


def _particulars(row: Row) -> Particulars:
    return Particulars(
        street=" ".join(filter(None, (row["street_number"], row["address_1"]))),
        other_designation=row["address_2"],
        city=row["suburb"],
        state=row["state"],
        postcode=row["postcode"],
        national_id=row["soc_sec_id"],
    )


def person_of(row: Row) -> str:
    """`rec-1070-org` and `rec-1070-dup-0` are one person's."""
    return "-".join(row["rec_id"].split("-")[:2])


def pairs_of_truth(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[int, int]]:
    """Places of the records that are one person's."""
    places = {person_of(row): place for place, row in enumerate(right)}
    return {(place, places[person_of(row)]) for place, row in enumerate(left) if person_of(row) in places}
