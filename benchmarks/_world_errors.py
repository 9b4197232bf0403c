"""What goes wrong in a radiology, one error at a time: what everybody does, and the errors of one header.

What an error leaves untouched stays as the worklist said it. Each maker adds the studies of one event to a world.
Errors of the identity are in `_world_identities`, those of the order in `_world_orders`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks import _world_slips as slips
from benchmarks._world import Group, Header, Truth, World, person_of
from benchmarks._world_exams import Exam, minute
from benchmarks._world_register import Human
from radrecon.model.order import Order, StepStatus
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
