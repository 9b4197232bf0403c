"""What a radiology does: procedures, rooms, and when; orders of two RIS that deal accession numbers from one range."""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from benchmarks._world_register import NORTH, SOUTH, Human
from radrecon.model.altering import altered
from radrecon.model.order import Order, Step, StepStatus
from radrecon.model.patient import Demographics
from radrecon.model.person import Person

MONDAY = date(2026, 3, 2)
DAYS = 28
DAY_TEXTS = [(MONDAY + timedelta(days=shift)).isoformat() for shift in range(-60, DAYS + 40)]
UID_ROOT = "1.2.826.0.1.3680043.9.7433"
GENERATED = {"study_instance_uid": "radrecon"}  # made here, so that nobody else knows it


@dataclass(frozen=True)
class Procedure:
    """`ordered`: the RIS's words; `protocols`: the modality's. `sided`: has a left and a right."""

    code: str
    modality: str
    part: str
    ordered: str
    protocols: tuple[str, ...]
    sided: bool = False


def _procedures() -> list[tuple[float, Procedure]]:
    lines = """
    24 DX CHEST|XR Chest PA and lateral|Chest PA;Thorax p.a.;CXR
    14 DX CHEST|XR Chest portable|Chest AP mobile;Bedside chest
    4 DX ABDOMEN|XR Abdomen|Abdomen supine;KUB
    4 DX KNEE|XR Knee *|Knee AP/LAT;Knee 2 views|sided
    4 DX HAND|XR Hand *|Hand 3 views;Hand PA/OBL|sided
    4 DX ANKLE|XR Ankle *|Ankle AP/LAT;Ankle 3 views|sided
    3 DX SHOULDER|XR Shoulder *|Shoulder AP/Y;Shoulder 3 views|sided
    3 DX HIP|XR Hip *|Hip AP;Hip with pelvis|sided
    2 DX LSPINE|XR Lumbar spine|L-Spine AP/LAT;LWS
    8 CT HEAD|CT Head without contrast|Head^Routine (Adult);CCT nativ;Neuro Head
    5 CT CHEST|CT Chest with contrast|Thorax^Routine (Adult);Chest CE
    3 CT CHEST|CT Pulmonary angiogram|Angio^PE (Adult);CTPA
    8 CT ABDOMEN|CT Abdomen and pelvis with contrast|Abdomen^Routine (Adult);Abd/Pel CE
    2 CT CSPINE|CT Cervical spine|Spine^C-Spine (Adult);HWS
    4 MR BRAIN|MR Brain with and without contrast|Head^Brain;MRI Brain W/WO;Schaedel
    3 MR LSPINE|MR Lumbar spine without contrast|Spine^L-Spine;MRI L-Spine WO
    3 MR KNEE|MR Knee * without contrast|Extremities^Knee;MRI Knee|sided
    1 MR SHOULDER|MR Shoulder * without contrast|Extremities^Shoulder;MRI Shoulder|sided
    5 US ABDOMEN|US Abdomen complete|Abdomen;US ABD
    3 US NECK|US Thyroid|Thyroid;Small parts
    2 US BREAST|US Breast *|Breast;US Breast|sided
    4 MG BREAST|MG Screening mammogram bilateral|Screening Bilateral;4 views
    1 MG BREAST|MG Diagnostic mammogram *|Diagnostic Unilateral;Mammography|sided
    1 NM BONE|NM Bone scan whole body|Whole Body Bone;Bone WB
    1 PT WHOLEBODY|PET/CT whole body FDG|PETCT WB;Onco FDG
    1 XA HEART|XA Coronary angiography|Coronary;Left Heart Cath
    1 RF ESOPHAGUS|RF Barium swallow|Esophagram;Swallow"""
    found = []
    for number, line in enumerate(lines.strip().splitlines()):
        head, ordered, protocols, *more = line.split("|")
        share, modality, part = head.split()
        found.append(
            (float(share), Procedure(f"P{number:03}", modality, part, ordered, tuple(protocols.split(";")), bool(more)))
        )
    return found


SHARED = _procedures()
PROCEDURES = [procedure for _, procedure in SHARED]
SHARES = list(accumulate(share for share, _ in SHARED))
ROOMS = {"DX": 7, "CT": 4, "MR": 3, "US": 4, "MG": 2, "NM": 1, "PT": 1, "XA": 1, "RF": 1}
MINUTES = {"DX": 10, "CT": 15, "MR": 30, "US": 20, "MG": 15, "NM": 45, "PT": 45, "XA": 60, "RF": 30}


@dataclass(frozen=True)
class Station:
    """`named`: what its images say; as often as not another word than the worklist's.

    Each site has such a station, but for portables and others that are `shared` between the sites.
    """

    title: str
    named: str
    states_issuer: bool
    shared: bool = False

    def at(self, site: str) -> Station:
        if self.shared or site != SOUTH or self.title.endswith("S"):
            return self
        return replace(self, title=f"{self.title}S", named=f"{self.named}S" if self.named else "")


MOVED = frozenset(("DX7", "US4", "CT4"))  # a tenth and more of the rooms: nobody can say whose numbers they send

STATIONS = {
    modality: [
        Station(
            f"{modality}{at + 1}",
            f"{modality}{at + 1}" if at % 2 == 0 else f"{modality}AWP6{at}17",
            at % 3 == 2,
            f"{modality}{at + 1}" in MOVED,
        )
        for at in range(rooms)
    ]
    for modality, rooms in ROOMS.items()
}


def said_of_stations() -> list[tuple[str, str]]:
    """As two houses would configure their modalities: AE title, and the name that images carry, with the issuer."""
    own = [
        (one.at(site), site)
        for rooms in STATIONS.values()
        for one in rooms
        if not one.shared
        for site in (NORTH, SOUTH)
    ]
    return [(name, site) for one, site in own for name in (one.title, one.named)]


@dataclass(frozen=True)
class Exam:
    """What was asked for, where and when: `start` in minutes from the first Monday."""

    procedure: Procedure
    side: str
    station: Station
    start: int


def clock(minutes: int) -> str:
    """Minutes from the first Monday → the site's wall clock."""
    day, rest = divmod(minutes, 1440)
    return f"{DAY_TEXTS[day + 60]}T{rest // 60:02}:{rest % 60:02}:00"


def minute(text: str) -> int:
    """And back."""
    return int((datetime.fromisoformat(text) - datetime.combine(MONDAY, time())).total_seconds() // 60)


class Radiology:
    """Two RIS: `even` states Study UIDs, the other leaves them to whoever hands out the worklist."""

    def __init__(self, rng: random.Random, states_issuers: bool) -> None:
        self.rng, self.states_issuers = rng, states_issuers
        self.last_accession, self.last_uid = 40_000_000, 0
        self.orders: list[Order] = []
        self.human_of_order: dict[int, int] = {}
        self.order_of_uid: dict[str, int] = {}
        self.exams: dict[int, Exam] = {}
        self.sites: dict[int, str] = {}

    # -- exams -------------------------------------------------------------------------------------------------------

    def procedure(self) -> Procedure:
        return PROCEDURES[bisect(SHARES, self.rng.random() * SHARES[-1])]

    def exam(self, procedure: Procedure | None = None, start: int = -1, station: Station | None = None) -> Exam:
        rng = self.rng
        procedure = procedure or self.procedure()
        side = ("left", "right")[rng.random() < 0.5] if procedure.sided else ""
        start = self.when(procedure.modality) if start < 0 else start
        return Exam(procedure, side, station or rng.choice(STATIONS[procedure.modality]), start)

    def when(self, modality: str) -> int:
        """A slot on a day of the four weeks; a quarter of the radiographs come at any hour."""
        rng = self.rng
        day = rng.randrange(DAYS)
        if day % 7 > 4 and rng.random() < 0.7:
            day -= 5 if day > 4 else 0
        if modality in ("DX", "CT") and rng.random() < 0.25:
            return day * 1440 + rng.randrange(1440)
        slot = MINUTES[modality]
        return day * 1440 + 420 + slot * rng.randrange(600 // slot)

    # -- orders ------------------------------------------------------------------------------------------------------

    def accession(self) -> str:
        """Both RIS take the next of one range: neighbours are of anybody."""
        self.last_accession += self.rng.choice((1, 1, 1, 2, 3, 10))
        return str(self.last_accession)

    def uid(self) -> str:
        self.last_uid += 1
        return f"{UID_ROOT}.{self.last_accession}.{self.last_uid}"

    def order(
        self,
        human: Human,
        person: Person,
        exam: Exam,
        *,
        accession: str = "",
        patient: Demographics | None = None,
        status: StepStatus = StepStatus.COMPLETED,
        ris: int = -1,
    ) -> Order:
        """An order of this record; `patient`: as the message named them, where that is not as the index has them."""
        number = len(self.orders) + 1
        ris = self.rng.randrange(2) if ris < 0 else ris
        text, site = exam.procedure.ordered.replace("*", exam.side), person.demographics.patient_id.issuer
        step = altered(
            STEP,
            scheduled_procedure_step_id=f"S{number}",
            modality=exam.procedure.modality,
            station_ae_title=exam.station.at(site).title,
            start=clock(exam.start),
            description=text,
            status=status,
            id=number,
        )
        order = altered(
            ORDER,
            id=number,
            person_id=person.id,
            accession_number=accession or self.accession(),
            issuer_of_accession=f"RIS{ris + 1}" if self.states_issuers else "",
            placer_order_number=f"PL{number}",
            filler_order_number=f"F{ris}{number}",
            requested_procedure_id=f"RP{number}",
            requested_procedure_description=text,
            study_instance_uid=self.uid(),
            sources={} if ris == 0 else GENERATED,
            patient=patient or altered(person.demographics, other_ids=()),
            steps=(step,),
            status=status,
            sender=f"RIS{ris + 1}",
        )
        self.orders.append(order)
        self.human_of_order[number] = human.id
        self.order_of_uid[order.study_instance_uid] = number
        self.exams[number] = exam
        self.sites[number] = site
        return order

    def close(self, order: Order) -> None:
        """The RIS says that it was done."""
        steps = tuple(altered(step, status=StepStatus.COMPLETED) for step in order.steps)
        self.orders[order.id - 1] = altered(order, status=StepStatus.COMPLETED, steps=steps)


STEP, ORDER = Step(), Order()
