"""A radiology world with its truth: register, orders, studies, and whose each study is in fact.

One block is a world of its own, made from (kind, seed, number) and nothing else, so that a run can stop and go on.
The generator knows nothing of how studies are matched: it builds the model's values and imports nothing of recon/.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from benchmarks._world_exams import UID_ROOT, Exam, Radiology, clock
from benchmarks._world_names import Names
from benchmarks._world_register import NORTH, Human, Register
from benchmarks._world_told import Event, Told
from radrecon.model.altering import altered
from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import OutsideRules, Person, Watch
from radrecon.model.study import RequestAttributes, SeriesFacts, Study, StudyFacts

WATCH_FROM = date(2026, 1, 1)
ORDERS_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_MINUTE = datetime(2026, 3, 2, tzinfo=UTC)
OWN = ("North Hospital", "South Hospital")
OUTSIDE = OutsideRules(institutions_own=OWN, import_days=30)
OWN_UID = 0.15
NAMES = Names.load()
SERIES, FACTS, STUDY = SeriesFacts(""), StudyFacts("PACS", ""), Study(StudyFacts("", ""), first_seen=FIRST_MINUTE)


class Group(StrEnum):
    """What a class of studies is for."""

    CLEAN = "clean"
    LINKABLE = "linkable"  # an exception with an order: the goal is to find it
    SPLIT = "split"  # one study of several orders
    FILED = "filed"  # one study of two orders of a patient, made at two times under the line of one
    ORPHAN = "orphan"  # its order was never sent
    OUTSIDE = "outside"  # none was ever made: other houses' images, phantoms
    TWICE = "twice"  # right, but a wrong pick or a wrong order has used the same numbers
    REPEATED = "repeated"  # right, and one of two studies of its order
    PICK = "pick"  # made under another patient's entry: the header is theirs throughout


@dataclass(frozen=True)
class Truth:
    """Of one study: who lay on the table (0: nobody), the orders it answers, its class."""

    human: int
    orders: frozenset[int]
    kind: str
    group: Group


@dataclass
class Header:
    """What the images say of patient and order; errors happen here."""

    accession: str = ""
    accession_issuer: str = ""
    uid: str = ""
    patient_id: str = ""
    issuer: str = ""
    name: str = ""
    birth: str = ""
    sex: str = ""


@dataclass
class World:
    """Studies are parallel to their truths; `humans` of orders and of persons are by id."""

    watch: Watch
    register: Register
    radiology: Radiology
    told: Told
    studies: list[Study] = field(default_factory=list)
    truths: list[Truth] = field(default_factory=list)
    by_uid: dict[str, int] = field(default_factory=dict)  # Study Instance UID → place among the studies

    @property
    def rng(self) -> random.Random:
        return self.register.rng

    def order_of(self, order_id: int) -> Order:
        return self.radiology.orders[order_id - 1]

    def human_of(self, order_id: int) -> int:
        return self.radiology.human_of_order[order_id]

    def header(self, order: Order, exam: Exam) -> Header:
        """As a modality takes it over from the worklist."""
        block = self.register.persons[order.person_id].demographics
        return Header(
            order.accession_number,
            order.issuer_of_accession if self.rng.random() < 0.1 else "",
            order.study_instance_uid,
            block.patient_id.value,
            self.stated(block.patient_id, exam),
            str(block.name),
            block.birth_date,
            block.sex,
        )

    def stated(self, number: PatientId, exam: Exam) -> str:
        """The issuer as images state it: few do, but where a site has one of its own the others' is always stated."""
        foreign = self.watch.patient_id_issuer not in ("", number.issuer)
        return number.issuer if foreign or exam.station.states_issuer else ""

    def delay(self, exam: Exam) -> int:
        """Minutes from the slot to the images: mostly within the hour, now and then another day."""
        rng = self.rng
        at = rng.random()
        if at < 0.90:
            return int(rng.gauss(12, 18))
        if at < 0.985:
            return int(rng.expovariate(1 / 150))
        return rng.choice((-1, 1, 1, 1, 2, 3)) * 1440 + rng.randrange(-120, 120)

    def perform(
        self,
        header: Header,
        exams: Sequence[Exam],
        truth: Truth,
        *,
        described: str = "",
        at: int | None = None,
        seen: int | None = None,
        institution: str | None = None,
        requests: Sequence[Order] = (),
        site: str | None = None,
    ) -> Study:
        """The images of one or several exams under one header, with the truth beside them.

        `at`: when, in minutes, and `seen`: when they came, if not at once; `requests`: orders that the images name;
        `site`: whose station made them, if not that of the order.
        """
        exam = exams[0]
        site = self._site(truth) if site is None else site
        exams = [replace(each, station=each.station.at(site)) for each in exams]
        start = exam.start + self.delay(exam) if at is None else at
        self._note(header, exam, truth, start)
        number = len(self.studies) + 1
        uid = header.uid or f"{UID_ROOT}.7.{number}"
        named = tuple(request_of(each) for each in requests)
        series = tuple(
            one for at, each in enumerate(exams) for one in self._series(uid, each, start + 3 * at, at, named)
        )
        facts = altered(
            FACTS,
            study_instance_uid=uid,
            accession_number=header.accession,
            issuer_of_accession=header.accession_issuer,
            patient=Demographics(
                PatientId(header.patient_id, header.issuer), name_of(header.name), header.birth, header.sex
            ),
            performed=clock(start),
            description=described or self._described(exam),
            modalities=(exam.procedure.modality,),
            series=series,
            instances=2 * len(series),
            institution_name=self._institution() if institution is None else institution,
        )
        arrived = FIRST_MINUTE + timedelta(minutes=start + 15 if seen is None else seen)
        study = altered(STUDY, facts=facts, id=number, first_seen=arrived)
        self.studies.append(study)
        self.truths.append(truth)
        self.by_uid[uid] = number - 1
        return study

    def perform_again(self, header: Header, exam: Exam, truth: Truth, *, at: int | None = None) -> bool:
        """A second examination under an entry of the worklist that has been used already: whether it is a study.

        Its Study Instance UID is the entry's (IHE RAD TF-2 4.6, the Append Case of Scheduled Workflow), and a UID is
        one study (PS3.3 C.7.2.1), so that the archive files the new series with those that it has, whatever they
        show. One console in seven or so (a guess: old ones, and such as never reuse a UID) makes a UID of its own.
        """
        if self.rng.random() < OWN_UID:
            self.perform(replace(header, uid=""), [exam], truth, at=at)
            return True
        place = self.by_uid[header.uid]
        first = self.studies[place].facts
        station = exam.station.at(self._site(truth))
        start = exam.start + self.delay(exam) if at is None else at
        self._note(header, exam, truth, start)
        made = self._series(header.uid, replace(exam, station=station), start, len(first.series), ())
        series = (*first.series, *made)
        begun = min((one.performed for one in series if one.performed), default=first.performed)
        facts = altered(first, series=series, instances=2 * len(series), performed=begun)
        self.studies[place] = altered(self.studies[place], facts=facts)
        return False

    def _note(self, header: Header, exam: Exam, truth: Truth, start: int) -> None:
        """For what the RIS is told of it."""
        line = self.radiology.order_of_uid.get(header.uid, 0)
        self.told.events.append(Event(truth.orders, line, start, exam.procedure.modality, exam.station.title))

    def tell(self) -> World:
        """The world with what its RIS told, now that everything has happened."""
        self.radiology.orders = self.told.tell(self.radiology.orders, self.radiology.exams)
        return self

    def _site(self, truth: Truth) -> str:
        """Where the order was to be made; without one, where whoever lies on the table was registered first."""
        if truth.orders:
            return self.radiology.sites[min(truth.orders)]
        records = self.register.humans[truth.human - 1].records if truth.human else []
        known = self.register.persons.get(records[0]) if records else None
        return known.demographics.patient_id.issuer if known else ""

    def _described(self, exam: Exam) -> str:
        """The words of the worklist, or the protocol's."""
        if self.rng.random() < 0.6:
            return exam.procedure.ordered.replace("*", exam.side)
        return self.rng.choice(exam.procedure.protocols)

    def _institution(self) -> str:
        return OWN[self.rng.random() < 0.3] if self.rng.random() < 0.9 else ""

    def _series(
        self, uid: str, exam: Exam, start: int, at: int, named: tuple[RequestAttributes, ...]
    ) -> list[SeriesFacts]:
        rng, procedure, side = self.rng, exam.procedure, exam.side
        letter = side[:1].upper() if side and rng.random() < 0.7 else ""
        protocol = rng.choice(procedure.protocols)
        part = procedure.part if rng.random() < 0.75 else ""
        first = altered(
            SERIES,
            series_instance_uid=f"{uid}.{at}.1",
            modality=procedure.modality,
            station_name=exam.station.named,
            body_part=part,
            laterality=letter,
            description=f"{protocol} {side}" if side and rng.random() < 0.5 else protocol,
            performed=clock(start),
            instances=2,
            requests=named,
        )
        if procedure.modality == "PT":
            return [first, altered(first, series_instance_uid=f"{uid}.{at}.2", modality="CT")]
        if procedure.modality == "CT" and rng.random() < 0.5:
            return [first, altered(first, series_instance_uid=f"{uid}.{at}.9", modality="SR", station_name="")]
        return [first]


def request_of(order: Order) -> RequestAttributes:
    """What a modality copies of an entry into Request Attributes Sequence (0040,0275)."""
    step = order.steps[0]
    return RequestAttributes(
        order.accession_number,
        order.requested_procedure_id,
        step.scheduled_procedure_step_id,
        order.study_instance_uid,
        step.description,
    )


def name_of(text: str) -> PersonName:
    return PersonName.parse(text)


def person_of(world: World, human: Human) -> Person:
    """One of a human's records that still stands."""
    live = [one for one in human.records if not world.register.persons[one].merged_into]
    return world.register.persons[live[0] if len(live) == 1 else world.rng.choice(live)]


def empty_world(name: str, number: int) -> World:
    """Every other world has a site of its own issuer; every third says which RIS dealt an accession number."""
    rng = random.Random(name)
    watch = Watch(WATCH_FROM, ORDERS_SINCE, "UTC", NORTH if number % 2 else "", outside=OUTSIDE)
    return World(watch, Register(rng, NAMES), Radiology(rng, number % 3 == 0), Told(name))
