"""The index of persons: identifiers by assigning authority, identity blocks with their history, merges."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.store import codec, crosswalk
from radrecon.store import tables as t
from radrecon.store.codec import dump, load
from radrecon.store.database import Connection, changed
from radrecon.store.kept import by_id
from radrecon.store.statement import Among, Insert, Statement

normal = codec.normal


@dataclass(frozen=True)
class Known:
    """Where an identifier leads; `retired`: it is a non-survivor's number."""

    person_id: int
    retired: bool


def find(conn: Connection, patient_id: PatientId) -> Known | None:
    """The person whom an identifier leads to: value and issuer exactly; an unknown issuer only if it is unambiguous."""
    found = _meant(_claims(conn, patient_id.value), patient_id)
    return Known(found.person_id, bool(found.retired)) if found else None


def _claims(conn: Connection, value: str) -> Sequence[Claim]:
    looked_up = normal(value)
    return by_id(
        conn,
        "claims",
        [looked_up],
        lambda _: {looked_up: [Claim(*row) for row in _CLAIMS.all(conn, looked_up=looked_up)]},
    )[looked_up]


def read_together(conn: Connection, patient_ids: Iterable[PatientId]) -> None:
    """Whom several identifiers lead to, in one look; where what is read is kept, `find` has it then."""
    wanted = sorted({normal(one.value) for one in patient_ids if one})
    by_id(conn, "claims", wanted, lambda some: _claims_of(conn, some))


def _claims_of(conn: Connection, wanted: Sequence[str]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {one: [] for one in wanted}
    for looked_up, *row in _CLAIMS_AMONG.all(conn, wanted):
        found[looked_up].append(Claim(*row))
    return found


def holders(conn: Connection, value: str) -> list[tuple[int, str]]:
    """Persons to whom a number leads, whoever has given it out, each with the issuer."""
    return [(row.person_id, row.issuer) for row in _claims(conn, value)]


def _meant(rows: Sequence[Claim], patient_id: PatientId) -> Claim | None:
    value, issuer = patient_id.value, patient_id.issuer
    exact = [row for row in rows if row.issuer == issuer]
    exact = [row for row in exact if row.value == value] or exact
    loose = [row for row in rows if not (row.issuer and issuer)]
    found = exact or (loose if len({row.person_id for row in loose}) == 1 else [])
    return found[0] if found else None


def recognise(conn: Connection, patient_id: PatientId) -> tuple[Known, Demographics] | None:
    """The same with the identity block as it stands now, in one look: on the path of every order."""
    rows = [Claim(*row) for row in _DESCRIBED_CLAIMS.all(conn, looked_up=normal(patient_id.value))]
    found = _meant(rows, patient_id)
    if found is None:
        return None
    value, issuer, name, birth_date, sex = found.identity
    block = Demographics(PatientId(value, issuer), PersonName.parse(name), birth_date, sex)
    return Known(found.person_id, bool(found.retired)), block


class Claim(NamedTuple):
    """One identifier and whom it leads to."""

    person_id: int
    issuer: str
    retired: bool
    value: str
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        return self[4:]


_i, _p = t.identifier.c, t.person.c
_CLAIMS = Statement(
    sa.select(_i.person_id, _i.issuer, _i.retired, _i.value)
    .where(_i.normal == sa.bindparam("looked_up"))
    .order_by(_i.retired, _i.id)
)


_CLAIMS_AMONG = Among(sa.select(_i.normal, *_CLAIMS.clause.selected_columns).order_by(_i.retired, _i.id), _i.normal)
_IDENTITY = (_p.patient_id, _p.issuer_of_patient_id, _p.patient_name, _p.patient_birth_date, _p.patient_sex)
_DESCRIBED_CLAIMS = Statement(
    sa.select(*_CLAIMS.clause.selected_columns, *_IDENTITY)
    .join_from(t.identifier, t.person, _i.person_id == _p.id)
    .where(_i.normal == sa.bindparam("looked_up"))
    .order_by(_i.retired, _i.id)
)


def merged_away(conn: Connection, patient_id: PatientId) -> int:
    """The non-survivor whose own number this was, 0 if none."""
    p = t.person.c
    query = sa.select(p.id).where(p.patient_id == patient_id.value, p.merged_into != 0)
    if patient_id.issuer:
        query = query.where(p.issuer_of_patient_id.in_((patient_id.issuer, "")))
    return int(conn.execute(query.order_by(p.id.desc()).limit(1)).scalar() or 0)


def load_many(conn: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Persons by id, each with all identifiers that lead to them."""
    return dict(by_id(conn, "person", sorted(set(ids) - {0}), lambda some: _loaded(conn, some)))


def _loaded(conn: Connection, wanted: Sequence[int]) -> dict[int, Person]:
    rows: dict[int, Sequence[Any]] = {}
    identifiers: dict[int, list[PatientId]] = {}
    for *row, value, issuer in _PERSONS_AMONG.all(conn, wanted):
        rows.setdefault(row[0], row)
        if value is not None:
            identifiers.setdefault(row[0], []).append(PatientId(value, issuer))
    return {id_: _person(_PersonRow(*row), identifiers.get(id_, [])) for id_, row in rows.items()}


_PersonRow = namedtuple("_PersonRow", [column.name for column in t.person.columns])  # type: ignore[misc]
_PERSONS_AMONG = Among(
    sa.select(*t.person.columns, _i.value, _i.issuer)
    .join_from(t.person, t.identifier, _i.person_id == _p.id, isouter=True)
    .order_by(_p.id, _i.id),
    _p.id,
)


def total(conn: Connection) -> int:
    """About how many persons there are; nobody counts a million to weigh a name."""
    return int(conn.execute(sa.select(sa.func.max(_p.id))).scalar() or 0)


def load_one(conn: Connection, person_id: int) -> Person | None:
    """On the path of every message: fixed statements."""
    row = _PERSON.first(conn, wanted=person_id)
    if row is None:
        return None
    return _person(_PersonRow(*row), [PatientId(*one) for one in _IDENTIFIERS.all(conn, wanted=person_id)])


_PERSON = Statement(t.person.select().where(_p.id == sa.bindparam("wanted")))
_IDENTIFIERS = Statement(sa.select(_i.value, _i.issuer).where(_i.person_id == sa.bindparam("wanted")).order_by(_i.id))


def _person(row: Any, identifiers: Sequence[PatientId]) -> Person:
    before = load(Demographics, row.before_overlay) if row.before_overlay else None
    return Person(
        id=row.id,
        demographics=demographics(row, tuple(identifiers)),
        identifiers=tuple(identifiers),
        quarantined=row.quarantined,
        before_overlay=before,
        updated_at=row.updated_at,
        merged_into=row.merged_into,
        version=row.version,
        registered=row.registered != 0,
    )


def demographics(row: Any, identifiers: tuple[PatientId, ...] = ()) -> Demographics:
    """The identity block of a person's or study's row."""
    own = PatientId(row.patient_id, row.issuer_of_patient_id)
    return Demographics(
        patient_id=own,
        name=PersonName.parse(row.patient_name),
        birth_date=row.patient_birth_date,
        sex=row.patient_sex,
        other_ids=tuple(other for other in identifiers if other != own),
    )


def columns(identity: Demographics) -> dict[str, str]:
    """An identity block → the columns that persons and studies share."""
    return {
        "patient_id": identity.patient_id.value,
        "issuer_of_patient_id": identity.patient_id.issuer,
        "patient_name": str(identity.name),
        "patient_birth_date": identity.birth_date,
        "patient_sex": identity.sex,
    }


def insert(conn: Connection, identity: Demographics, message_id: int = 0, *, registered: bool = False) -> int:
    """A new person with their identifiers; `registered`: an ADT names them."""
    person_id = _INSERT.run(conn, **columns(identity), message_id=message_id, registered=int(registered))
    add_identifiers(conn, person_id, (identity.patient_id, *identity.other_ids))
    changed(conn, "patients")
    return person_id


def add_identifiers(conn: Connection, person_id: int, identifiers: Iterable[PatientId]) -> int:
    """Let identifiers that nobody has lead to this person, with what the crosswalk knows of them; how many are new.

    Those that someone has are left alone.
    """
    named = [one for one in dict.fromkeys(identifiers) if one.value]
    added = _claim(conn, person_id, named)
    return added + _claim(conn, person_id, crosswalk.partners(conn, named)) if added else 0


def _claim(conn: Connection, person_id: int, named: Iterable[PatientId]) -> int:
    free = [one for one in named if _CLAIMED.first(conn, number=one.value, authority=one.issuer) is None]
    rows = [{"owner": person_id, "number": x.value, "authority": x.issuer, "looked_up": normal(x.value)} for x in free]
    return _CLAIM.many(conn, rows)


_INSERT = Insert(
    t.person, "patient_id", "issuer_of_patient_id", "patient_name", "patient_birth_date", "patient_sex", "message_id",
    "registered",
)  # fmt: skip
_number, _authority = sa.bindparam("number", type_=sa.Text), sa.bindparam("authority", type_=sa.Text)
_CLAIMED = Statement(sa.select(_i.id).where(_i.value == _number, _i.issuer == _authority))
_CLAIM = Statement(
    sa.insert(t.identifier).values(
        person_id=sa.bindparam("owner"), value=_number, issuer=_authority, normal=sa.bindparam("looked_up")
    )
)


def change_identity(
    conn: Connection,
    person: Person,
    identity: Demographics,
    *,
    event: str,
    at: datetime,
    message_id: int = 0,
    correction_id: int = 0,
    **more: Any,
) -> None:
    """Replace the identity block, keeping the prior one in the history. `more` are further columns (quarantined …)."""
    history = t.person_history.insert().values(
        person_id=person.id,
        at=at,
        event=event,
        prior=dump(person.demographics),
        message_id=message_id,
        correction_id=correction_id,
    )
    conn.execute(history)
    update(conn, person.id, **columns(identity), **more)
    add_identifiers(conn, person.id, (identity.patient_id, *identity.other_ids))


def register(conn: Connection, person_id: int) -> bool:
    """An ADT has named them; whether none had before."""
    return _REGISTER.run(conn, wanted=person_id) > 0


_REGISTER = Statement(
    sa.update(t.person).where(_p.id == sa.bindparam("wanted"), _p.registered == 0).values(registered=1)
)


def update(conn: Connection, person_id: int, **values: Any) -> None:
    if "before_overlay" in values and values["before_overlay"] is None:
        values["before_overlay"] = sa.null()
    values["version"] = t.person.c.version + 1
    conn.execute(t.person.update().where(t.person.c.id == person_id).values(**values))
    changed(conn, "patients")


def normals(conn: Connection, person_id: int) -> tuple[str, ...]:
    """The normal forms of all identifiers that lead to a person: what studies are found by."""
    query = sa.select(t.identifier.c.normal).where(t.identifier.c.person_id == person_id)
    return tuple(conn.execute(query).scalars())


def normals_of(conn: Connection, person_ids: Iterable[int]) -> dict[int, set[str]]:
    """The same of several persons, by person."""
    found: dict[int, set[str]] = {}
    for person_id, one in _NORMALS_AMONG.all(conn, sorted(set(person_ids) - {0})):
        found.setdefault(person_id, set()).add(one)
    return found


_NORMALS_AMONG = Among(sa.select(t.identifier.c.person_id, t.identifier.c.normal), t.identifier.c.person_id)
