"""An index of a million people and a million orders, written straight into the tables as workflow/ would have written.

Skewed as real ones are: a few families and given names are very common, one in a hundred birth dates is New Year's Day
of a round year, some stations are busy, accession numbers are dealt out in a row; one patient has 500 orders, and one
station 10,000 on one day. The keys are those of recon/, not of their own.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, islice
from typing import Any

import sqlalchemy as sa

from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.normalise import blocking_keys_of_order
from radrecon.store import orders, persons
from radrecon.store import tables as t
from radrecon.store.codec import key_number, normal
from radrecon.store.database import Connection, Store
from radrecon.store.statement import driven
from radrecon.workflow.keys import person_keys_of

SYLLABLES = re.findall(
    "[A-Z]{2,4}", "BA KO MIL SCHU NOV FER LIN TAN OKA RU HAN VES DOR GAL PET ZI WEI MOR SA TUR KEL BRA"
)
ENDS = re.findall("[A-Z]{2,5}", "ER MANN SEN SKI EZ OVA STEIN BERG LEY TON RA NI")
COMMON = ("SMITH", "MILLER", "FISCHER", "GARCIA", "NGUYEN", "JOHNSON", "MEYER", "KIM")
GIVEN_ENDS = ("A", "IA", "INE", "US", "O", "ETTE", "IKA")
GIVEN_COMMON = (
    "ANNA", "JONATHAN", "MARIA", "PETER", "LINH", "PIOTR", "GIULIA", "SANNE", "CLAIRE", "LARS", "CHIOMA", "THOMAS",
    "JOHN", "MARY",
)  # fmt: skip
EXAMS = (("CT", "CHEST", "CT chest"), ("CR", "KNEE", "XR knee"), ("MR", "BRAIN", "MR brain"), ("US", "ABDOMEN", "US"))
STATIONS = 60
A_DAY = 1000  # orders
FIRST_DAY = date(2023, 1, 2)
HEARD = datetime(2023, 1, 1, tzinfo=UTC)
FREQUENT, FREQUENT_ORDERS = 1, 500  # a patient (their number), and how many orders are theirs
CROWD, CROWD_ORDERS = "CROWD", 10_000  # a station, and how many orders are there on the first day
CHUNK = 20_000


class Register:
    """Who the people are and what was ordered; the same for the same seed and sizes."""

    def __init__(self, people: int, count: int, seed: int = 1) -> None:
        chance = random.Random(seed)
        rare = [f"{a}{b}{end}" for a in SYLLABLES for b in SYLLABLES for end in ENDS]
        given = [f"{a}{b}" for a in SYLLABLES for b in GIVEN_ENDS]
        chance.shuffle(rare)
        chance.shuffle(given)
        self.people, self.count = people, count
        self.families, self.given = [*COMMON, *rare], [*GIVEN_COMMON, *given]
        self._family, self._given = _zipf(len(self.families)), _zipf(len(self.given))
        self._seed = seed

    def person(self, number: int) -> Demographics:
        """The person with this id (from 1)."""
        chance = random.Random(number * 7919 + self._seed)
        family = chance.choices(self.families, cum_weights=self._family)[0]
        given = chance.choices(self.given, cum_weights=self._given)[0]
        born = date(1930, 1, 1) + timedelta(days=int(chance.random() ** 0.8 * 33_000))
        if chance.random() < 0.01:
            born = date(born.year // 10 * 10, 1, 1)
        return Demographics(
            PatientId(f"{number + 1_000_000:07}", "HOSP"),
            PersonName.parse(f"{family}^{given}"),
            born.isoformat(),
            "FM"[number % 2],
        )

    def owner(self, number: int) -> int:
        """Whose an order is: some have many."""
        if number <= FREQUENT_ORDERS:
            return FREQUENT
        chance = random.Random(number * 104_729 + self._seed)
        return 1 + int(chance.random() ** 2 * (self.people - 1))

    def order(self, number: int) -> Order:
        """The order with this id (from 1), of its owner."""
        modality, part, words = EXAMS[number % len(EXAMS)]
        crowded = FREQUENT_ORDERS < number <= FREQUENT_ORDERS + CROWD_ORDERS
        station = CROWD if crowded else f"{modality}{int((number * 37 % 1009 / 1009) ** 2 * STATIONS)}"
        person = self.owner(number)
        step = Step(
            f"S{number}",
            modality=modality,
            station_ae_title=station,
            start=self.moment(number).isoformat(),
            description=words,
        )
        return Order(
            accession_number=accession(number),
            placer_order_number=f"P{number:08}",
            filler_order_number=f"F{number:08}",
            requested_procedure_id=f"R{number}",
            requested_procedure_description=f"{words} {part.lower()}",
            study_instance_uid=uid(number),
            patient=self.person(person),
            steps=(step,),
            sources={"accession_number": "OBR-18", "study_instance_uid": "ZDS-1"},
            sender="RIS",
            id=number,
            person_id=person,
        )

    def moment(self, number: int) -> datetime:
        crowded = FREQUENT_ORDERS < number <= FREQUENT_ORDERS + CROWD_ORDERS
        day, minute = (0, number % 600) if crowded else divmod(number, A_DAY)
        return datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time()) + timedelta(minutes=420 + minute)

    def study(self, number: int, **more: Any) -> StudyFacts:
        """Images as they should be for an order."""
        order = self.order(number)
        step = order.steps[0]
        performed = (self.moment(number) + timedelta(minutes=9)).isoformat()
        series = SeriesFacts(f"{uid(number)}.1", step.modality, step.station_ae_title, instances=40)
        given = {
            "study_instance_uid": uid(number),
            "accession_number": order.accession_number,
            "patient": order.patient,
            "performed": performed,
            "description": step.description,
            "modalities": (step.modality,),
            "series": (series,),
            "instances": 40,
        }
        return StudyFacts("main", **(given | more))


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 3) for rank in range(count)))


def accession(number: int) -> str:
    return f"A{number + 20_000_000:08}"


def uid(number: int) -> str:
    return f"1.2.826.0.1.3680043.9.7000.{number}"


# -- tables -----------------------------------------------------------------------------------------------------------


def fill(store: Store, register: Register) -> None:
    """People and orders with their keys; the tables exist and are empty."""
    for first in range(1, register.people + 1, CHUNK):
        _write(store, _people(register, range(first, min(first + CHUNK, register.people + 1))))
    for first in range(1, register.count + 1, CHUNK):
        _write(store, _orders(register, range(first, min(first + CHUNK, register.count + 1))))
    with store.transaction() as conn:
        for table in (t.person, t.identifier, t.imaging_order, t.step) if not store.is_sqlite else ():
            conn.execute(sa.text(f"SELECT setval('{table.name}_id_seq', (SELECT max(id) FROM {table.name}))"))
    with store.lone_connection() as conn:
        conn.exec_driver_sql("ANALYZE")


Rows = dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]


def _people(register: Register, numbers: Iterable[int]) -> Rows:
    who = {number: register.person(number) for number in numbers}
    columns = tuple(persons.columns(next(iter(who.values()))))
    claims = [
        (number, number, one.patient_id.value, "HOSP", normal(one.patient_id.value)) for number, one in who.items()
    ]
    keys = [(key, number) for number, one in who.items() for key in person_keys_of(Person(number, one))]
    return {
        "person": (("id", *columns), [(number, *persons.columns(one).values()) for number, one in who.items()]),
        "identifier": (("id", "person_id", "value", "issuer", "normal"), claims),
        "person_key": (("key", "person_id"), sorted(keys)),
    }


def _orders(register: Register, numbers: Iterable[int]) -> Rows:
    found = [register.order(number) for number in numbers]
    heard = [(HEARD + timedelta(minutes=one.id)) for one in found]
    rows = [{"id": one.id, **orders._columns(one), "received_at": at} for one, at in zip(found, heard, strict=True)]
    steps = [{"id": one.id, **orders._step_columns(one.id, one.steps[0])} for one in found]
    keys = [(key_number(*key), one.id) for one in found for key in blocking_keys_of_order(one)]
    for row in rows:
        row["received_at"] = int((row["received_at"] - t.EPOCH).total_seconds() * 1_000_000)
    return {
        "imaging_order": (tuple(rows[0]), [tuple(row.values()) for row in rows]),
        "step": (tuple(steps[0]), [tuple(row.values()) for row in steps]),
        "order_key": (("key", "order_id"), sorted(keys)),
    }


def _write(store: Store, tables: Rows) -> None:
    with store.transaction() as conn:
        for name, (columns, rows) in tables.items():
            _copy(conn, name, columns, rows)


def _copy(conn: Connection, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    listed = ", ".join(columns)
    if conn.dialect.name == "sqlite":
        driven(conn, f"INSERT INTO {name} ({listed}) VALUES ({', '.join('?' * len(columns))})", rows, many=True)
        return
    raw: Any = conn.connection.driver_connection
    with raw.cursor().copy(f"COPY {name} ({listed}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def chosen(register: Register, count: int, seed: int) -> Iterator[int]:
    """Numbers of orders at random, of nobody and nowhere that is an extreme."""
    chance = random.Random(seed)
    first = FREQUENT_ORDERS + CROWD_ORDERS + 1
    numbers = (chance.randrange(first, register.count + 1) for _ in range(10 * count))
    return islice((one for one in numbers if register.owner(one) != FREQUENT), count)
