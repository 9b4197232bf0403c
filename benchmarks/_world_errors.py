"""What goes wrong in a radiology, one error at a time: orders, what was done, and what the images say of it.

What an error leaves untouched stays as the worklist said it. Each maker adds the studies of one event to a world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks import _world_slips as slips
from benchmarks._world import Group, Header, Truth, World, name_of, person_of
from benchmarks._world_exams import PROCEDURES, Exam, minute
from benchmarks._world_register import LEGACY, Human, renamed
from benchmarks._world_told import Ended
from radrecon.model.altering import altered
from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import PatientId
from radrecon.model.person import Person

Make = Callable[[World, str], None]


# -- who and what ------------------------------------------------------------------------------------------------------


def anybody(world: World) -> tuple[Human, Person]:
    """Some come often."""
    register = world.register
    human = register.humans[int(register.regulars * world.rng.random() ** 1.5)]
    return human, person_of(world, human)


def ordered(world: World, status: StepStatus | None = None) -> tuple[Human, Order, Exam]:
    human, person = anybody(world)
    exam = world.radiology.exam()
    return human, world.radiology.order(human, person, exam, status=status or done(world)), exam


def done(world: World) -> StepStatus:
    """Not every RIS says when an examination was done."""
    return StepStatus.COMPLETED if world.rng.random() < 0.7 else StepStatus.SCHEDULED


def unused(world: World) -> None:
    """Cancelled, not come, or still to come; a few were closed in the RIS and have no images (one in two hundred).

    Broken off, done with a device that archives nothing, closed by mistake.
    """
    at = world.rng.random()
    ordered(world, StepStatus.CANCELLED if at < 0.31 else StepStatus.COMPLETED if at > 0.94 else StepStatus.SCHEDULED)


def truth(human: Human, orders: tuple[Order, ...], kind: str, group: Group) -> Truth:
    return Truth(human.id, frozenset(order.id for order in orders), kind, group)


def linkable(human: Human, order: Order, kind: str) -> Truth:
    return truth(human, (order,), kind, Group.LINKABLE)


# -- clean -------------------------------------------------------------------------------------------------------------


def clean(world: World, kind: str) -> None:
    """Everything as the worklist said; one in fifty comes for a second examination of another kind on that day.

    Some are gone on with after a pause, under the same entry.
    """
    human, order, exam = ordered(world)
    header, right = world.header(order, exam), truth(human, (order,), "clean", Group.CLEAN)
    made = world.perform(header, [exam], right)
    share, soonest, latest = GOES_ON[exam.procedure.modality]
    if world.rng.random() < share:
        _go_on(world, header, exam, right, made.facts.performed, world.rng.randrange(soonest, latest))
    if world.rng.random() < 0.02:
        second = replace(world.radiology.exam(), start=exam.start + world.rng.randrange(-90, 120))
        person = world.register.persons[order.person_id]
        other = world.radiology.order(human, person, second, status=done(world))
        world.perform(world.header(other, second), [second], truth(human, (other,), "clean", Group.CLEAN))


GOES_ON = {
    "DX": (0.01, 10, 60),  # one more view, once somebody has looked (retakes at once are no pause)
    "CT": (0.02, 10, 60),  # late phases
    "MR": (0.015, 15, 90),  # broken off and gone on with
    "US": (0.04, 10, 40),  # the radiologist scans as well
    "MG": (0.06, 15, 60),  # more views after the first reading
    "NM": (0.60, 120, 240),  # hours after the injection
    "PT": (0.05, 30, 90),
    "XA": (0.05, 20, 120),
    "RF": (0.05, 20, 120),
}
"""How often an examination has a second part, and how many minutes after the first: orders of magnitude, no counts."""


def _go_on(world: World, header: Header, exam: Exam, right: Truth, begun: str, pause: int) -> None:
    """Where the console makes a UID of its own, an order has two studies, and both are right."""
    repeated = replace(right, kind="repeated", group=Group.REPEATED)
    if world.perform_again(header, exam, repeated, at=minute(begun) + pause):
        world.truths[-2] = repeated


# -- errors of one header ----------------------------------------------------------------------------------------------


def by_header(*errors: Callable[[World, Header], None]) -> Make:
    """An order and its images, whose header one or several errors have spoilt."""

    def make(world: World, kind: str) -> None:
        human, order, exam = ordered(world)
        header = world.header(order, exam)
        for error in errors:
            error(world, header)
        world.perform(header, [exam], linkable(human, order, kind))

    return make


def by_hand(world: World, header: Header) -> None:
    """Typed at the console: no accession number, no UID of the RIS, the name as one types it."""
    rng = world.rng
    header.accession = rng.choice(("", "", "", "", "", "", "NONE", "0"))
    header.accession_issuer = header.uid = ""
    header.name = slips.rewritten(rng, header.name) if rng.random() < 0.5 else header.name
    if rng.random() < 0.04:
        header.name = slips.name_slip(rng, header.name)
    if rng.random() < 0.04:
        header.birth = ""
    if rng.random() < 0.02:
        header.patient_id = rng.choice(("", slips.number_slip(rng, header.patient_id)))
    header.sex = header.sex if rng.random() < 0.9 else rng.choice(("", "O"))


def formatting(world: World, header: Header) -> None:
    at = world.rng.random()
    if at < 0.75:
        header.name = slips.rewritten(world.rng, header.name)
    if at > 0.60:
        header.patient_id = slips.rewritten_number(world.rng, header.patient_id)
    if at > 0.95:
        header.accession = world.rng.choice((f"000{header.accession}", f" {header.accession}"))


def name_typo(world: World, header: Header) -> None:
    header.name = slips.name_slip(world.rng, header.name)
    if world.rng.random() < 0.1:
        header.name = slips.name_slip(world.rng, header.name)


def names_swapped(world: World, header: Header) -> None:
    header.name = slips.swapped(header.name)


def birth_date(world: World, header: Header) -> None:
    header.birth = slips.birth_slip(world.rng, header.birth)


def sex(world: World, header: Header) -> None:
    header.sex = {"F": "M", "M": "F"}.get(header.sex, world.rng.choice("MF"))


def accession_typo(world: World, header: Header) -> None:
    header.accession, header.uid = slips.number_slip(world.rng, header.accession), ""
    header.accession_issuer = ""


def no_accession(world: World, header: Header) -> None:
    header.accession = header.accession_issuer = header.uid = ""


HEADER_ERRORS = (formatting, name_typo, names_swapped, birth_date, sex, accession_typo, by_hand, no_accession)


def compound(world: World, kind: str) -> None:
    """Two or three errors at once."""
    by_header(*world.rng.sample(HEADER_ERRORS, world.rng.choice((2, 2, 3))))(world, kind)


# -- identities that changed -------------------------------------------------------------------------------------------


def legacy(mapped: bool) -> Make:
    """The scanner still sends the old system's number of ten digits."""

    def make(world: World, kind: str) -> None:
        human, order, exam = ordered(world)
        person = world.register.persons[order.person_id]
        known = [one.value for one in person.identifiers if one.issuer == LEGACY]
        number = known[0] if known and mapped else f"007{world.register.number(LEGACY).value}"
        if mapped and not known:
            also = PatientId(number, LEGACY)
            block = altered(person.demographics, other_ids=(*person.demographics.other_ids, also))
            world.register.persons[person.id] = altered(
                person, identifiers=(*person.identifiers, also), demographics=block
            )
        header = world.header(order, exam)
        header.patient_id, header.issuer = number, ""
        world.perform(header, [exam], linkable(human, order, kind))

    return make


def merged(world: World, kind: str) -> None:
    """The images carry the number that a merge retired; the order was placed before or after it."""
    human, survivor = anybody(world)
    loser = world.register.admit(human)
    before = world.rng.random() < 0.6
    block = altered(loser.demographics, other_ids=()) if before else None
    exam = world.radiology.exam()
    survivor = world.register.merge(loser, survivor)
    order = world.radiology.order(human, survivor, exam, patient=block, status=done(world))
    header = world.header(order, exam)
    number = loser.demographics.patient_id
    header.patient_id, header.issuer = number.value, world.stated(number, exam)
    world.perform(header, [exam], linkable(human, order, kind))


def name_change(world: World, kind: str) -> None:
    """The images carry the maiden name; the order does where it was placed before."""
    human = world.register.stranger()
    person = world.register.admit(human)
    old = altered(person.demographics, other_ids=())
    before = world.rng.random() < 0.6
    exam = world.radiology.exam()
    changed = world.register.change(person, name=renamed(world.register, human))
    order = world.radiology.order(human, changed, exam, patient=old if before else None, status=done(world))
    header = world.header(order, exam)
    header.name = str(old.name)
    world.perform(header, [exam], linkable(human, order, kind))


def trauma(world: World, kind: str) -> None:
    """An alias: settled by a merge, not yet settled, or used again for the next who comes unconscious."""
    register, at = world.register, world.rng.random()
    human, exam = register.stranger(), world.radiology.exam(start=world.radiology.when("CT"))
    sex = world.rng.choice((human.sex, "O", ""))
    word = world.rng.choice(("ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "UNKNOWN"))
    alias = register.human(name_of(f"TRAUMA^{word}"), world.rng.choice(("1900-01-01", "1901-01-01")), sex)
    record = register.record(alias, PatientId(f"T{len(register.persons):05}", world.register.site()))
    block = record.demographics
    if at < 0.4:
        person = register.merge(record, register.admit(human))
        order = world.radiology.order(human, person, exam, patient=block, status=done(world))
    else:
        order = world.radiology.order(human, record, exam, status=done(world))
    header = world.header(order, exam)
    header.patient_id, header.name = block.patient_id.value, str(block.name)
    header.birth, header.sex = block.birth_date, block.sex
    world.perform(header, [exam], linkable(human, order, kind))
    if at > 0.7:
        _again(world, record, kind)


def _again(world: World, record: Person, kind: str) -> None:
    """The same alias for somebody else, another day; the second's images are typed by hand."""
    human, exam = world.register.stranger(), world.radiology.exam()
    order = world.radiology.order(human, record, exam, status=done(world))
    header = world.header(order, exam)
    no_accession(world, header)
    world.perform(header, [exam], linkable(human, order, kind))


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


# -- traps -------------------------------------------------------------------------------------------------------------


def trap(how: str) -> Make:
    """Two who could be taken for each other, both expected at the same place within the hour; one is typed by hand."""

    def make(world: World, kind: str) -> None:
        register, rng = world.register, world.rng
        one = register.stranger()
        other = {"twin": register.twin, "generation": register.son, "namesake": register.namesake}[how](one)
        exam = world.radiology.exam()
        site = register.site()
        mine = world.radiology.order(one, register.admit(one, site), exam, status=done(world))
        theirs = replace(exam, start=exam.start + rng.choice((10, 20, 30)))
        world.radiology.order(other, register.admit(other, site), theirs, status=StepStatus.SCHEDULED)
        header = world.header(mine, exam)
        by_hand(world, header)
        at = rng.random()
        if at < 0.3:
            header.patient_id = ""
        elif at < 0.5:
            header.birth = ""
        elif at < 0.7:
            header.name = slips.name_slip(rng, header.name)
        world.perform(header, [exam], linkable(one, mine, kind))

    return make
