"""Orders, people and changes at random, for holding the book of waiting steps against all steps one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from radrecon.dicom.worklist import WorklistQuery
from radrecon.model.names import PersonName
from radrecon.model.order import Step, StepStatus
from radrecon.model.patient import PatientId
from radrecon.store import crosswalk, merges, orders, persons
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store
from radrecon.store.identifiers import give, of_person
from tests.builders import NOW, demographics, order

DAYS = ("2025-01-07", "2026-10-01", "2026-11-21", "2026-11-22", "2026-11-23", "2026-12-24")
STARTS = ("", "2026-11", "2026-11-22", *(f"{day}T{hour}:30:00" for day in DAYS for hour in ("07", "14", "23")))
STATIONS, MODALITIES = ("CT1", "CT2", "MR1", ""), ("CT", "ct", "MR", "")
NAMES = ("FISCHER^ANNA", "MÜLLER^JÜRGEN", "MEYER^BERT", "O'NEIL^MARY", "YAMADA^TARO=山田^太郎")
STATUSES = tuple(StepStatus)


class RandomWard:
    def __init__(self, store: Store, seed: int) -> None:
        self.random = random.Random(seed)
        self.store = store
        self.numbers = 0
        with store.transaction() as conn:
            self.people = [persons.insert(conn, demographics(f"00{n}", self.any(NAMES))) for n in range(6)]

    def any(self, values: tuple[str, ...]) -> str:
        return self.random.choice(values)

    def step(self) -> Step:
        self.numbers += 1
        return Step(
            f"S{self.numbers}" if self.random.random() < 0.8 else "",
            self.any(MODALITIES),
            self.any(STATIONS),
            self.any(("Room 1", "Room 2", "")),
            self.any(("WEST", "EAST", "")),
            self.any(STARTS),
            performing_physician=PersonName.parse(self.any(("HOUSE^GREG", "WILSON^JIM", ""))),
            status=self.random.choice((*STATUSES, StepStatus.SCHEDULED, StepStatus.SCHEDULED)),
        )

    def change(self, times: int = 1) -> None:
        changes = (self._hear, self._hear, self._again, self._status, self._rename, self._suspect, self._merge,
                   self._identifier, self._move)  # fmt: skip
        for _ in range(times):
            change: Callable[[Connection], None] = self.random.choice(changes)
            with self.store.transaction() as conn:
                change(conn)

    def _hear(self, conn: Connection) -> None:
        steps = tuple(self.step() for _ in range(self.random.randint(0, 3)))
        uid = f"1.2.{self.numbers}" if self.random.random() < 0.5 else ""
        who = self.random.choice((*self.people, 0))
        patient = demographics(f"{self.random.randint(0, 9)}", self.any(NAMES))
        number = f"A{self.random.randint(0, 40)}"
        heard = order(number, patient, steps=steps, study_instance_uid=uid, person_id=who)
        orders.save(conn, replace(heard, requested_procedure_id=self.any(("", "RP1", "RP2"))), at=NOW)

    def _again(self, conn: Connection) -> None:
        if one := orders.load_one(conn, self.random.randint(1, max(1, orders.total(conn)))):
            steps = tuple(replace(step, start=self.any(STARTS)) for step in one.steps)[: self.random.randint(0, 3)]
            orders.save(conn, replace(one, steps=steps, accession_number=f"A{self.random.randint(0, 40)}"), at=NOW)

    def _status(self, conn: Connection) -> None:
        at = self.random.randint(1, max(1, orders.total(conn)))
        orders.set_status(conn, at, self.random.choice(STATUSES), STATUSES)

    def _rename(self, conn: Connection) -> None:
        if person := persons.load_one(conn, self.random.choice(self.people)):
            identity = replace(person.demographics, name=PersonName.parse(self.any(NAMES)))
            persons.change_identity(conn, person, identity, event="A08", at=NOW)

    def _suspect(self, conn: Connection) -> None:
        persons.update(conn, self.random.choice(self.people), quarantined=self.random.random() < 0.5)

    def _merge(self, conn: Connection) -> None:
        survivor, loser = self.random.sample(self.people, 2)
        if merges.root(conn, survivor) == survivor and merges.root(conn, loser) == loser and len(self.people) > 2:
            merges.merge(conn, survivor, loser, at=NOW)

    def _identifier(self, conn: Connection) -> None:
        who = self.random.choice(self.people)
        persons.add_identifiers(conn, who, [PatientId(f"X{self.random.randint(0, 99)}", "OLD")])
        held = of_person(conn, self.random.choice(self.people))
        if held and self.random.random() < 0.5:
            give(conn, [held[-1].id], who)
        elif held:
            crosswalk.withdraw(conn, held[-1].id)

    def _move(self, conn: Connection) -> None:
        at = self.random.randint(1, max(1, orders.total(conn)))
        conn.execute(
            t.imaging_order.update().where(t.imaging_order.c.id == at).values(person_id=self.random.choice(self.people))
        )

    def query(self) -> WorklistQuery:
        """Few keys or many, exact or with wildcards, with and without a period."""
        keys = {
            "patient_id": self._values("001", "002", "00*", "3"),
            "accession_number": self._values("A1", "A7", "A1*", "a1"),
            "patient_name": self._values("fischer", "MEY*", "müller^j*", "*"),
            "requested_procedure_id": self._values("RP1", "A3"),
            "study_instance_uid": self._values("1.2.3", "1.2.4"),
            "scheduled_procedure_step_id": self._values("S4", "S1*", "SPS3"),
            "modality": self._values("CT", "ct", "MR", "?T"),
            "station_ae_title": self._values("CT1", "CT2", "CT?"),
            "station_name": self._values("room 1"),
            "location": self._values("west"),
            "performing_physician": self._values("HOUSE*"),
            "status": self._values("SCHEDULED"),
        }
        first, last = sorted(self.random.sample(DAYS, 2))
        period = self.random.choice(((first, last), (first, ""), ("", last), (first, first), ("", ""), ("", "")))
        times = self.random.choice((("08:00:00", "20:00:00"), ("", ""), ("", "")))
        combined = bool(all(period) and all(times) and period[0] < period[1] and self.random.random() < 0.5)
        return WorklistQuery(
            **{name: values for name, values in keys.items() if values},
            date_from=period[0], date_to=period[1], time_from=times[0], time_to=times[1], combined=combined,
        )  # fmt: skip

    def _values(self, *values: str) -> tuple[str, ...]:
        if self.random.random() < 0.85:
            return ()
        return tuple(self.random.sample(values, self.random.randint(1, min(2, len(values)))))
