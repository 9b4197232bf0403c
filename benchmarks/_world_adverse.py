"""The worst of all worlds: everybody has somebody they can be taken for, and headers hold bits of both.

Each field of a header is the patient's own, the other's, missing, spoilt or unknown, in every combination. Where a
header is the other's throughout it is a *wrong pick*: nothing in it speaks of who lay on the table, and the study is
counted apart. Everything else must never be linked to the other's order.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

from rapidfuzz.distance import OSA

from benchmarks import _world_slips as slips
from benchmarks._world import Group, Header, Truth, World, empty_world, name_of
from benchmarks._world_errors import done
from benchmarks._world_exams import Exam
from benchmarks._world_kin import PAIRS, Role
from benchmarks._world_register import NORTH, SOUTH
from radrecon.model.order import Order
from radrecon.model.patient import PatientId

FIELDS = ("accession", "uid", "patient_id", "name", "birth", "sex")
IDENTIFYING = ("patient_id", "accession", "name", "birth")
OWN, OTHER, MISSING, SPOILT, OTHER_SPOILT, UNKNOWN = "own", "other", "missing", "spoilt", "other spoilt", "unknown"
SHARES = {
    "accession": ((OWN, 35), (OTHER, 22), (MISSING, 18), (SPOILT, 10), (OTHER_SPOILT, 5), (UNKNOWN, 10)),
    "uid": ((OWN, 45), (OTHER, 20), (MISSING, 35)),
    "patient_id": ((OWN, 42), (OTHER, 20), (MISSING, 15), (SPOILT, 12), (OTHER_SPOILT, 4), (UNKNOWN, 7)),
    "name": ((OWN, 55), (OTHER, 20), (MISSING, 4), (SPOILT, 18), (OTHER_SPOILT, 3)),
    "birth": ((OWN, 64), (OTHER, 14), (MISSING, 12), (SPOILT, 10)),
    "sex": ((OWN, 78), (OTHER, 10), (MISSING, 12)),
}
Sources = dict[str, str]


@dataclass(frozen=True)
class Side:
    """One of the two as a header could name them; `order` is None where it was never sent."""

    role: Role
    order: Order | None
    exam: Exam
    header: Header


def adversarial(seed: int, number: int, studies: int) -> World:
    """One block of the worst world with at least so many studies."""
    world = empty_world(f"adversarial/{seed}/{number}", number)
    while len(world.studies) < studies:
        kind, _, make = PAIRS[bisect(SUMS, world.rng.random() * SUMS[-1])]
        confuse(world, kind, make)
    return world.tell()


SUMS = list(accumulate(share for _, share, _ in PAIRS))


def confuse(world: World, kind: str, make: Callable[[World], Iterable[Role]]) -> None:
    """Two who could be confused, their orders in reach of each other, and images of one or both."""
    roles = list(make(world))
    if world.rng.random() < 0.05:
        unregister(world, roles)
    one, other = sides(world, roles)
    if world.rng.random() < 0.5:
        one, other = other, one
    sources = drawn(world)
    image(world, kind, one, other, sources)
    if world.rng.random() < 0.5:
        image(world, kind, other, one, sources if world.rng.random() < 0.4 else drawn(world))


def unregister(world: World, roles: list[Role]) -> None:
    """One of them the index has never heard of: another house's patient."""
    role = world.rng.choice(roles)
    owners = [each for each in roles if each.person and role.person and each.person.id == role.person.id]
    if role.person and len(owners) == 1 and role.human.records == [role.person.id]:
        del world.register.persons[role.person.id]
        role.person = None


# -- orders ------------------------------------------------------------------------------------------------------------


def sides(world: World, roles: list[Role]) -> list[Side]:
    """Mostly the same examination in the same room within the hour; numbers may collide or be neighbours."""
    rng, radiology = world.rng, world.radiology
    exam = radiology.exam()
    second = (
        replace(exam, start=exam.start + rng.choice((5, 10, 20, 30, 60))) if rng.random() < 0.7 else radiology.exam()
    )
    first = side(world, roles[0], exam, "")
    at, number = rng.random(), first.header.accession
    accession = number if at < 0.10 else slips.number_slip(rng, number) if at < 0.25 else ""
    return [first, side(world, roles[1], second, accession)]


def side(world: World, role: Role, exam: Exam, accession: str) -> Side:
    """Some orders were never sent; some patients were never registered either."""
    rng, human, person = world.rng, role.human, role.person
    if person is None or (rng.random() < 0.12 and not role.block):
        return Side(role, None, exam, unheard(world, role, exam))
    order = world.radiology.order(human, person, exam, accession=accession, patient=role.block, status=done(world))
    if role.flags:
        order = replace(order, flags=role.flags)
        world.radiology.orders[-1] = order
    header = world.header(order, exam)
    block = role.block or world.register.persons[person.id].demographics
    header.patient_id, header.name = block.patient_id.value, str(block.name)
    header.birth, header.sex = block.birth_date, block.sex
    return Side(role, order, exam, header)


def unheard(world: World, role: Role, exam: Exam) -> Header:
    number = role.person.demographics.patient_id if role.person else PatientId(f"{world.rng.randrange(10**7):07}")
    human, radiology = role.human, world.radiology
    return Header(
        radiology.accession(), "", radiology.uid(), number.value, "", str(human.name), human.birth, human.sex
    )  # fmt: skip


# -- headers -----------------------------------------------------------------------------------------------------------


def drawn(world: World) -> Sources:
    """Where each field comes from: a few deliberate patterns, otherwise each by itself."""
    rng, at = world.rng, world.rng.random()
    base = dict.fromkeys(FIELDS, OWN)
    if at < 0.10:  # one field of the other's
        return base | {rng.choice(FIELDS): OTHER}
    if at < 0.22:  # all of the other's but one or two
        return dict.fromkeys(FIELDS, OTHER) | {rng.choice(FIELDS): OWN, rng.choice(FIELDS): rng.choice((OWN, SPOILT))}
    if at < 0.30:  # the other's order, the own identity
        return base | {"accession": OTHER, "uid": OTHER}
    if at < 0.40:  # by hand: no numbers of the order
        return base | {"accession": MISSING, "uid": MISSING, rng.choice(FIELDS): rng.choice((MISSING, OTHER, SPOILT))}
    if at < 0.50:  # holes
        return base | {field: MISSING for field in FIELDS if rng.random() < 0.4}
    return {field: rng.choices(*zip(*shares, strict=True))[0] for field, shares in SHARES.items()}


def image(world: World, kind: str, one: Side, other: Side, sources: Sources) -> None:
    """Images of `one`; where nothing but the register's silence could tell, the case is left out."""
    header = Header(**{field: value(world, field, sources[field], one, other) for field in FIELDS})
    header.issuer = issuer(world, one, other, sources["patient_id"], header.patient_id)
    if header.uid and world.rng.random() < 0.5 and sources["uid"] != OTHER:
        header.uid = header.uid if one.exam.station.title == one.exam.station.named else ""
    picked = is_pick(header, sources, one, other)
    if picked is None:
        return
    orders = frozenset((one.order.id,)) if one.order else frozenset()
    group = Group.PICK if picked else Group.LINKABLE if orders else Group.ORPHAN
    name = f"{kind}_picked" if picked else kind if orders else f"{kind}_none"
    strayed = (NORTH, SOUTH)[len(world.studies) // 10 % 2] if len(world.studies) % 10 == 0 else None
    world.perform(header, [one.exam], Truth(one.role.human.id, orders, name, group), site=strayed)


def value(world: World, field: str, source: str, one: Side, other: Side) -> str:
    if source == UNKNOWN:
        return str(world.rng.randrange(10**6, 10**7)) if field == "patient_id" else world.radiology.accession()
    if source == MISSING:
        return world.rng.choice(("NONE", "0", "UNKNOWN")) if field == "accession" and world.rng.random() < 0.1 else ""
    whose_side = other if source in (OTHER, OTHER_SPOILT) else one
    text = number_of(world, whose_side) if field == "patient_id" else str(getattr(whose_side.header, field))
    return spoilt(world, field, text) if source in (SPOILT, OTHER_SPOILT) and text else text


def number_of(world: World, side: Side) -> str:
    """Mostly the one that the worklist has; now and then one of another site, or of the system that was replaced."""
    known = side.role.person.identifiers if side.role.person else ()
    if len(known) < 2 or world.rng.random() > 0.2:
        return side.header.patient_id
    return world.rng.choice(known).value


def spoilt(world: World, field: str, text: str) -> str:
    rng, at = world.rng, world.rng.random()
    if field == "name":
        if at < 0.4:
            return slips.rewritten(rng, text)
        return slips.name_slip(rng, text) if at < 0.75 else slips.swapped(text) if at < 0.9 else text.split("^")[0]
    if field == "birth":
        return slips.birth_slip(rng, text) if len(text) == len("1960-05-17") else ""
    if field == "patient_id" and at < 0.3:
        return slips.rewritten_number(rng, text)
    return slips.number_slip(rng, text)


def issuer(world: World, one: Side, other: Side, source: str, number: str) -> str:
    """Mostly not stated; sometimes the right one, the other's, or any."""
    at, whose = world.rng.random(), other if source in (OTHER, OTHER_SPOILT) else one
    if at < 0.7 or whose.role.person is None:
        return ""
    if at < 0.9:
        known = {one.value: one.issuer for one in whose.role.person.identifiers}
        return known.get(number, whose.role.person.demographics.patient_id.issuer)
    return world.rng.choice((NORTH, SOUTH))


# -- whose header it is ------------------------------------------------------------------------------------------------


def is_pick(header: Header, sources: Sources, one: Side, other: Side) -> bool | None:
    """Whether nothing in it speaks of the one and enough of the other; None where only the index's silence could tell.

    One field that speaks of the other is a slip; it is none where both numbers are the other's, or no order of one's
    own was ever sent.
    """
    own, others = exclusive(header, sources, one, other)
    if not own and others and one.role.person is None:
        return None
    throughout = named_throughout(header, other) and (others == 1 or one.order is None)
    return not own and (others > 1 - one_record(one, other) or throughout)


def exclusive(header: Header, sources: Sources, one: Side, other: Side) -> tuple[int, int]:
    """How many identifying fields speak of the one alone, and of the other alone; by what they say, not by intent.

    A spoilt value speaks for whoever it was, unless it is one slip from the other's as well. Accession number and
    Study UID count once: they come from one entry. Where both have one record (an alias, a wrong merge), the patient
    id speaks for neither, nor do names that one person may well have (Will and Willie). Of somebody whom the register
    does not know such a name, or one that a slip keeps from the other's, speaks for nobody: nothing says that it is
    another's. Nor does the accession number of an order that was never sent, for the same reason.
    """
    own = others = 0
    for field in IDENTIFYING[one_record(one, other) :]:
        speaks = whose(field, str(getattr(header, field)), sources[field], one, other)
        unknown = one_record(one, other) or one.role.person is None
        if field == "name" and unknown and alike(one.header.name, other.header.name):
            speaks = 0
        if field == "accession" and one.order is None and is_near(header.accession, other.header.accession):
            speaks = min(speaks, 0)
        if field == "accession" and not speaks:
            speaks = by_entry(header, one, other)
        if field == "patient_id":
            speaks = min(speaks, 0) if is_slip_of(header, other) else speaks
            speaks = by_record(header, one, other) or speaks or by_issuer(header, one, other)
        own, others = own + (speaks > 0), others + (speaks < 0)
    return own, others


def by_entry(header: Header, one: Side, other: Side) -> int:
    """Whose worklist entry gave the Study UID. No hand types it, and one of an order never sent is known to nobody."""
    theirs, mine = ((side.order is not None) and header.uid == side.header.uid for side in (other, one))
    return bool(header.uid) * (mine - theirs)


def by_record(header: Header, one: Side, other: Side) -> int:
    """Whose record alone has the number, retired ones too: a slip may make one of them."""
    mine, theirs = (
        {plain(each.value) for each in side.role.person.identifiers} if side.role.person else set()
        for side in (one, other)
    )
    text = plain(header.patient_id)
    return (text in mine - theirs) - (text in theirs - mine)


def is_slip_of(header: Header, other: Side) -> bool:
    """Whether the patient id is one slip from any number that the other has, those of other sites too."""
    numbers = other.role.person.identifiers if other.role.person else ()
    return any(is_near(header.patient_id, each.value) for each in numbers)


def by_issuer(header: Header, one: Side, other: Side) -> int:
    """One number, dealt out by both sites: the issuer that the images state says whose it is."""
    mine, theirs = (each.role.person and each.role.person.demographics.patient_id.issuer for each in (one, other))
    if not header.issuer or mine == theirs or plain(one.header.patient_id) != plain(other.header.patient_id):
        return 0
    return (header.issuer == mine) - (header.issuer == theirs)


def named_throughout(header: Header, other: Side) -> bool:
    """Accession number and patient id are the other's, letter by letter, and may be the one's as well.

    Any patient id of the other's: one of another site or of a former system names its owner as well.
    Where no order of one's own was ever sent, nobody could know that they may.
    """
    known = other.role.person.identifiers if other.role.person else ()
    numbers = {plain(other.header.patient_id), *(plain(each.value) for each in known)}
    return plain(header.accession) == plain(other.header.accession) and plain(header.patient_id) in numbers


def one_record(one: Side, other: Side) -> bool:
    mine, theirs = one.role.person, other.role.person
    return mine is not None and theirs is not None and mine.id == theirs.id


def whose(field: str, text: str, source: str, one: Side, other: Side) -> int:
    """1 the one's alone, -1 the other's alone, 0 neither's or both's."""
    mine, theirs = str(getattr(one.header, field)), str(getattr(other.header, field))
    if field == "name" and (apart := told_apart(text, mine, theirs)):
        return apart
    key = name_letters if field == "name" else plain
    text, mine, theirs = key(text), key(mine), key(theirs)
    if not text or source == UNKNOWN or mine == theirs:
        return 0
    if text in (mine, theirs):
        return 1 if text == mine else -1
    near_mine, near_theirs = (is_near(text, each) for each in (mine, theirs))
    if source in (SPOILT, OWN):
        return 0 if near_theirs else 1
    return 0 if near_mine else -1


def is_near(one: str, other: str) -> bool:
    return OSA.distance(plain(one), plain(other), score_cutoff=1) <= 1


def alike(one: str, other: str) -> bool:
    """One slip apart, or the same family name and given names that may be one: Will and Willie, Miguel and Michael."""
    mine, theirs = name_letters(one), name_letters(other)
    (family, _, given), (their_family, _, their_given) = mine.partition("^"), theirs.partition("^")
    one_name = given[:3] == their_given[:3] or (given[:2], given[-1:]) == (their_given[:2], their_given[-1:])
    return (family == their_family and one_name) or OSA.distance(mine, theirs, score_cutoff=1) <= 1


def plain(text: str) -> str:
    return "".join(text.split()).casefold().lstrip("0").rstrip("^")


def name_letters(text: str) -> str:
    """Family and first given name: what ways of writing leave alone."""
    group = name_of(text.replace(", ", "^")).alphabetic
    words = f"{group.family}^{(group.given.replace('-', ' ').split() or [''])[0]}".translate(slips.PLAIN)
    return "".join(each for each in slips.plain(words).casefold() if each.isalpha() or each == "^").strip("^")


def told_apart(text: str, mine: str, theirs: str) -> int:
    """What only one of two can be: a generation, a middle name, characters; stated in all three, and different."""
    for part in (_generation, _middle, _characters):
        said, own, others = part(text), part(mine), part(theirs)
        if said and own and others and own != others and said in (own, others):
            return 1 if said == own else -1
    return 0


def _generation(text: str) -> str:
    return name_of(text).alphabetic.suffix.strip(" .").casefold()


def _middle(text: str) -> str:
    return name_of(text).alphabetic.middle[:1].casefold()


def _characters(text: str) -> str:
    return str(name_of(text).ideographic)
