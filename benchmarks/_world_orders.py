"""Errors of the order: images under another one than their own, for several at once, or with none at all."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import _world_slips as slips
from benchmarks._world import Group, Header, Truth, World, person_of
from benchmarks._world_errors import anybody, done, linkable, no_accession, ordered, truth
from benchmarks._world_exams import PROCEDURES, Exam
from benchmarks._world_told import Ended
from radrecon.model.order import Order, StepStatus

# -- orders mistaken ---------------------------------------------------------------------------------------------------


def collision(world: World, kind: str) -> None:
    """Both RIS have dealt the same number; each patient has images."""
    first = ordered(world)
    human, person = anybody(world)
    exam = world.radiology.exam()
    order = world.radiology.order(human, person, exam, accession=first[1].accession_number, status=done(world))
    for whose, which, what in (first, (human, order, exam)):
        world.perform(world.header(which, what), [what], linkable(whose, which, kind))


def accession_of_other(world: World, kind: str) -> None:
    """Typed or scanned from the next request: somebody else's number under the right name."""
    human, order, exam = ordered(world)
    other = ordered(world, StepStatus.SCHEDULED)[1]
    header = world.header(order, exam)
    header.accession, header.accession_issuer, header.uid = other.accession_number, "", ""
    world.perform(header, [exam], linkable(human, order, kind))


def wrong_order(world: World, kind: str) -> None:
    """Made under another of the patient's own orders: another modality, another region, or the same on another day."""
    human, order, exam = ordered(world, StepStatus.SCHEDULED)
    person, at = world.register.persons[order.person_id], world.rng.random()
    if at < 0.8:
        same = [p for p in PROCEDURES if (p.modality == exam.procedure.modality) == (at < 0.4)
                and p.part != exam.procedure.part]  # fmt: skip
        procedure = world.rng.choice(same or [p for p in PROCEDURES if p.part != exam.procedure.part])
        other = world.radiology.exam(procedure, exam.start + world.rng.randrange(-60, 60))
    else:
        other = replace(exam, start=exam.start + 1440 * world.rng.choice((-2, -1, 1, 2)))
    named = world.radiology.order(human, person, other, status=done(world))
    header = world.header(named, other)
    world.perform(header, [exam], linkable(human, order, kind), described=_worklist_words(world, other))
    if at > 0.6 and not world.perform_again(header, other, truth(human, (named,), "done_twice", Group.TWICE)):
        world.truths[-1] = truth(human, (order, named), "wrong_order_both", Group.FILED)


def _worklist_words(world: World, exam: Exam) -> str:
    """The description goes along with the entry, where the modality takes it over."""
    return exam.procedure.ordered.replace("*", exam.side) if world.rng.random() < 0.6 else ""


def laterality(world: World, kind: str) -> None:
    """The order says one side and the images the other."""
    human, person = anybody(world)
    sided = [procedure for procedure in PROCEDURES if procedure.sided]
    exam = world.radiology.exam(world.rng.choice(sided))
    order = world.radiology.order(human, person, exam, status=done(world))
    other = "right" if exam.side == "left" else "left"
    header, turned = world.header(order, exam), replace(exam, side=other)
    world.perform(header, [turned], linkable(human, order, kind))


def split(world: World, kind: str) -> None:
    """One study for two orders (sometimes three) of one visit.

    Under the first one's number (with or without the requests in the images), under no number but with the requests,
    or under a number that the orders share.
    """
    human, order, exam = ordered(world)
    person, at = world.register.persons[order.person_id], world.rng.random()
    procedures = [p for p in PROCEDURES if p.modality == exam.procedure.modality and p.part != exam.procedure.part]
    if not procedures:
        return
    orders, exams = [order], [exam]
    for procedure in world.rng.sample(procedures, min(len(procedures), 1 if world.rng.random() < 0.9 else 2)):
        more = replace(
            world.radiology.exam(procedure, exam.start + world.rng.choice((0, 0, 5, 15))), station=exam.station
        )
        shared = order.accession_number if at > 0.8 else ""
        orders.append(world.radiology.order(human, person, more, accession=shared, status=StepStatus.SCHEDULED))
        exams.append(more)
    header = world.header(order, exam)
    if 0.55 < at < 0.8:
        header.accession = header.accession_issuer = ""
    named = orders if 0.4 < at < 0.8 else ()
    world.perform(header, exams, truth(human, tuple(orders), kind, Group.SPLIT), requests=named)


def wrong_pick(world: World, kind: str) -> None:
    """The wrong line of the worklist: everything in the header is of another patient of that room and day.

    A third are of the same examination (more in rooms that know one only). Whose line it was comes as well, mostly:
    more than half under that line again (also where the last patient's entry was left open), a fifth under that of the
    first patient. The rest do not come, or what is made of them is not here. `kind`: by what was examined and came of
    it.
    """
    human, order, exam = ordered(world, StepStatus.SCHEDULED)
    neighbour, person = anybody(world)
    while person.demographics.patient_id.issuer != world.radiology.sites[order.id]:  # of the same house
        neighbour, person = anybody(world)
    if neighbour.id == human.id:
        return
    other = _neighbouring(world, exam)
    same, at = other.procedure is exam.procedure, world.rng.random()
    came = "twice" if at < 0.55 else "swap" if at < 0.75 else "alone"
    kind = f"{kind}_{'same' if same else 'other'}_{came}"
    named = world.radiology.order(neighbour, person, other, status=StepStatus.SCHEDULED)
    _closed(world, order, named, came)
    header = world.header(named, other)
    picked = Truth(human.id, frozenset((order.id,)), kind, Group.PICK)
    world.perform(header, [exam], picked, described=_worklist_words(world, other))
    if came == "twice":
        world.perform_again(header, other, truth(neighbour, (named,), "done_twice", Group.TWICE))
    elif came == "swap":
        back = Truth(neighbour.id, frozenset((named.id,)), kind, Group.PICK)
        world.perform(world.header(order, exam), [other], back, described=_worklist_words(world, exam))


def _neighbouring(world: World, exam: Exam) -> Exam:
    """What the other line is of: in the same room, within the hour."""
    rng, procedure, side = world.rng, exam.procedure, exam.side
    others = [p for p in PROCEDURES if p.modality == procedure.modality and p.part != procedure.part]
    if others and rng.random() > 0.33:
        procedure = rng.choice(others)
        side = rng.choice(("left", "right")) if procedure.sided else ""
    start = max(0, exam.start + rng.choice((-60, -45, -30, -20, -10, 10, 20, 30, 45, 60)))
    return Exam(procedure, side, exam.station, start)


def _closed(world: World, order: Order, named: Order, came: str) -> None:
    """What the RIS says afterwards, where it says anything (`done`).

    By the modality or by a technologist who takes the wrong line there too, whose line it was is done; else who was
    there is (`_world_told`).
    """
    at, told = world.rng.random(), world.told
    if at > 0.65:
        world.rng.random()  # was asked for once: the worlds stay as they were
    if at < 0.30:
        return
    way = told.way_of_mix_up()
    right = way is Ended.HAND
    told.ways |= {order.id: way, named.id: Ended.HAND if way is Ended.MIXED_UP and came != "swap" else way}
    if right or came == "swap":
        world.radiology.close(order)
    if not right or came != "alone":
        world.radiology.close(named)


# -- without an order --------------------------------------------------------------------------------------------------


def never_sent(world: World, kind: str) -> None:
    """The order went to the modality, but never came here; the patient may have others."""
    human, person = anybody(world)
    exam = world.radiology.exam()
    block, radiology = person.demographics, world.radiology
    issuer = world.stated(block.patient_id, exam)
    header = Header(radiology.accession(), "", radiology.uid(), block.patient_id.value, issuer, str(block.name),
                    block.birth_date, block.sex)  # fmt: skip
    if world.rng.random() < 0.15:
        no_accession(world, header)
    world.perform(header, [exam], truth(human, (), kind, Group.ORPHAN))


def outside(world: World, kind: str) -> None:
    """Another house's images, as they came or under the patient's number here; their numbers may be someone's here."""
    rng, exam = world.rng, world.radiology.exam()
    human = anybody(world)[0] if rng.random() < 0.7 else world.register.stranger()
    number = str(rng.randrange(1_000_000, 1_060_000)) if rng.random() < 0.5 else f"X{rng.randrange(10**6)}"
    if human.records and rng.random() < 0.4:
        number = person_of(world, human).demographics.patient_id.value
    accession = rng.choice(
        (f"E{rng.randrange(10**7)}", str(40_000_000 + rng.randrange(90_000)), "", f"{rng.randrange(10**6)}")
    )
    name = slips.rewritten(rng, str(human.name)) if rng.random() < 0.5 else str(human.name)
    header = Header(accession, "", f"1.3.12.2.1107.{rng.randrange(10**9)}.{len(world.studies)}", number,
                    rng.choice(("", "", "OTHERHOSP")), name, human.birth, human.sex)  # fmt: skip
    station = replace(exam.station, named=rng.choice(("ICT256", "MAGNETOM", "XRAY", "")))
    back = 1440 * int(rng.expovariate(1 / 20))
    world.perform(
        header,
        [replace(exam, station=station)],
        truth(human, (), kind, Group.OUTSIDE),
        at=max(-80_000, exam.start - back),
    )


def phantom(world: World, kind: str) -> None:
    """Phantoms, quality assurance, test patients."""
    rng = world.rng
    name = rng.choice(("PHANTOM^QA", "QC^DAILY", "ACR^PHANTOM", "TEST^PATIENT", "Water^Phantom", "SERVICE^SIEMENS"))
    exam = world.radiology.exam(start=world.radiology.when("MR"))
    header = Header("", "", "", rng.choice(("QA", "QC1", "PHANTOM", f"{rng.randrange(10**6)}", "")), "", name,
                    rng.choice(("", "2000-01-01", "1900-01-01")), rng.choice(("", "O")))  # fmt: skip
    world.perform(header, [exam], Truth(0, frozenset(), kind, Group.OUTSIDE))
