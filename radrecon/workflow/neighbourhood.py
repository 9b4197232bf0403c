"""What there is around one study, found by keys: orders to compare with, persons, other studies that have an order.

Most studies name their order and their patient letter by letter. Those are decided over the orders that share an exact
key with them, which few do, and without those of the patient's other ones that change nothing (`recon/aside`); only
where anything is open or speaks against, everything that may belong to them is looked at. Each key has a bound, so that
a busy station or a common name costs no more than another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from radrecon.model.altering import altered
from radrecon.model.decision import Decision
from radrecon.model.order import Order, Outline
from radrecon.model.person import Link, LinkState, OutsideRules, Person, Watch
from radrecon.model.study import RequestAttributes, Study, StudyFacts
from radrecon.recon import aside
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from radrecon.recon.follow import is_companion
from radrecon.recon.issuers import as_issued
from radrecon.recon.match import scale_of
from radrecon.recon.normalise import NO_ACCESSION, accession_key, blocking_keys_of_study
from radrecon.recon.rivalry import takes
from radrecon.store import (
    corrections,
    order_keys,
    orders,
    performed,
    person_keys,
    person_links,
    persons,
    rivals,
    studies,
    study_links,
)
from radrecon.store.blocking import Holders
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.kept import once
from radrecon.store.rivals import Rival
from radrecon.store.worklist import with_identity
from radrecon.workflow import completing, deciding, former_keys, surroundings
from radrecon.workflow.deciding import Memory
from radrecon.workflow.issuing import issued
from radrecon.workflow.ordering import GENERATED
from radrecon.workflow.surroundings import request_keys, requested_by

STRONG = frozenset(("accession", "uid", "patient_id", "name_birth"))  # what an automatic link rests on
PERSONAL = frozenset(("patient_id", "name_birth"))  # what namesakes, twins and doubly given numbers share
COMMON_KEY = 100  # orders that share a day, a sound or a nearly equal number; a key of more says nothing
WEAK_LIMIT = 30  # of those, the orders that are compared: those that share most, rare keys first
NO_NUMBER = sorted(NO_ACCESSION | {"N/A", "NO ACCESSION", "000"})  # as they are written


@dataclass(frozen=True)
class Found:
    """Keys of a study by what they are good for."""

    strong: frozenset[int]
    weak: frozenset[int]
    personal: frozenset[int]

    @classmethod
    def of(cls, facts: StudyFacts) -> Found:
        numbers = [(kind, key_number(kind, value)) for kind, value in blocking_keys_of_study(Study(facts))]
        strong, personal = (
            frozenset(number for kind, number in numbers if kind in kinds) for kinds in (STRONG, PERSONAL)
        )
        return cls(strong, frozenset(number for _, number in numbers) - strong, personal)

    @property
    def all(self) -> frozenset[int]:
        return self.strong | self.weak


def found_of(conn: Connection, study: Study) -> Found:
    """Worked out once while what is read is kept."""
    known: dict[int, tuple[StudyFacts, Found]] = once(conn, "found", dict)
    before = known.get(study.id)
    if before is None or before[0] is not study.facts:
        before = known[study.id] = study.facts, Found.of(study.facts)
    return before[1]


def decide(
    conn: Connection, study: Study, watch: Watch, memory: Memory = deciding.EVERYTHING_ON
) -> tuple[Neighbourhood, Verdict]:
    """What there is around a study, and what follows from it: the same whichever way it was found."""
    return _decided(conn, _begun(conn, study, watch, memory), watch, memory)


def decide_many(
    conn: Connection, several: Sequence[Study], watch: Watch, memory: Memory
) -> list[tuple[Neighbourhood, Verdict]]:
    """The same of several: where what is read is kept (`Store.reading`), what they share is read once, and together."""
    persons.read_together(conn, [one.facts.patient.patient_id for one in several])
    begun = [_begun(conn, one, watch, memory) for one in several]
    _read_together(conn, begun)
    return [_decided(conn, one, watch, memory) for one in begun]


@dataclass(frozen=True)
class Begun:
    """A study, and the orders that share an exact key with it."""

    own: Own
    exact: Sequence[int]
    truncated: bool


def _begun(conn: Connection, study: Study, watch: Watch, memory: Memory) -> Begun:
    own = _own(conn, issued(conn, study, watch.issuers, watch.patient_id_issuer), memory, watch.outside)
    return Begun(own, *order_keys.by_keys(conn, own.exact))


def _read_together(conn: Connection, begun: Sequence[Begun]) -> None:
    """What each will ask for at first: its orders but those aside, whose they are, and who has them."""
    outlines = {one.id: one for one in orders.outlines(conn, {id_ for each in begun for id_ in each.exact})}
    wanted: set[int] = set()
    for one in begun:
        own = [outlines[id_] for id_ in one.exact if id_ in outlines]
        wanted |= {each.id for each in own} - {each.id for each in aside.left_out(one.own.study.facts, own)}
    near = orders.load_many(conn, wanted)
    persons.load_many(conn, {one.person_id for one in near} | {one.own.study.person_id for one in begun})
    rivals.read_together(conn, wanted)


def _decided(conn: Connection, begun: Begun, watch: Watch, memory: Memory) -> tuple[Neighbourhood, Verdict]:
    own, exact, truncated = begun.own, begun.exact, begun.truncated
    outlines = orders.outlines(conn, exact)
    if found := _at_once(conn, own, outlines, truncated, watch, memory):
        return found
    alike = person_keys.alike(conn, own.keys.personal)
    if own.asks_more or _may_be_plain(own, outlines):
        near = _load(conn, own, memory, exact, truncated, alike, watch.outside)
        verdict = classify(near, watch, learned=memory.learned)
        if aside.is_plain(verdict):
            return near, verdict
    near = _load(conn, own, memory, _with_nearly_named(conn, own, exact), truncated, alike, watch.outside)
    return near, classify(near, watch, learned=memory.learned)


def _may_be_plain(own: Own, outlines: Sequence[Outline]) -> bool:
    """Whether the images name an order and its patient (see `aside.is_plain`); without that a first look is in vain."""
    named, person_id = aside.named_by(own.study.facts, outlines), own.study.person_id
    known = bool(own.study.facts.patient.patient_id)
    return known and any(not person_id or one.person_id == person_id for one in named)


def _at_once(
    conn: Connection, own: Own, outlines: Sequence[Outline], truncated: bool, watch: Watch, memory: Memory
) -> tuple[Neighbourhood, Verdict] | None:
    """Without the orders and persons that change nothing for images that name their order; None where any could."""
    named, left = aside.named_by(own.study.facts, outlines), aside.left_out(own.study.facts, outlines)
    if truncated or own.asks_more or len(named) != 1 or not own.study.person_id:
        return None
    near_by = {one.id: one.person_id for one in outlines}
    for one in left:
        del near_by[one.id]
    if set(near_by.values()) != {own.study.person_id}:
        return None
    near = _load(conn, own, memory, near_by, truncated, NOBODY, watch.outside)
    verdict = classify(near, watch, learned=memory.learned)
    best = verdict.ranking.automatic
    if best is None or not aside.is_plain(verdict) or best.candidate.order_id != named[0].id:
        return None
    scale = scale_of(own.orders_total, watch, learned=memory.learned)
    sure = aside.changes_nothing(best, near.study, near.persons or {}, left, scale)
    return (near, verdict) if sure else None


NOBODY = Holders({}, frozenset())


@dataclass(frozen=True)
class Beside:
    """What modalities say that a study was made for, and whether under a wrong entry."""

    requests: tuple[RequestAttributes, ...]
    wrong_entry: bool

    @property
    def keys(self) -> frozenset[int]:
        return request_keys(self.requests)


def _beside(conn: Connection, study: Study) -> Beside:
    made = performed.of_study(conn, study.facts)
    return Beside(requested_by(made), completing.made_under_wrong_entry(study, made))


@dataclass(frozen=True)
class Own:
    """What is asked once of a study, whichever orders it is then compared with."""

    study: Study
    keys: Found
    beside: Beside
    decided: tuple[Link, ...]
    sources: tuple[Study, ...]
    remembered: tuple[Decision, ...]
    orders_total: int
    correcting: bool
    linked: frozenset[int]

    @property
    def exact(self) -> frozenset[int]:
        return self.keys.strong | self.beside.keys

    @property
    def asks_more(self) -> bool:
        """More than its own header speaks for or against orders: requests, people's decisions, linked patients."""
        named = self.beside.requests or self.study.facts.requests
        said = named or self.decided or self.remembered or self.sources or self.linked
        return bool(said) or is_companion(self.study.facts)


def _own(conn: Connection, study: Study, memory: Memory, rules: OutsideRules) -> Own:
    keys, beside, facts = found_of(conn, study), _beside(conn, study), study.facts
    number = as_issued(study).facts.patient.patient_id
    resolved = persons.find(conn, number) if number else None
    person_id = resolved.person_id if resolved else 0
    return Own(
        study=altered(study, person_id=person_id, wrong_worklist_entry=beside.wrong_entry),
        keys=keys,
        beside=beside,
        decided=tuple(link for link in study_links.links_of_study(conn, study.id) if link.state is not LinkState.AUTO),
        sources=surroundings.sources_of(conn, study, rules),
        remembered=deciding.decisions_for(conn, facts, memory),
        orders_total=orders.total(conn),
        correcting=bool(corrections.corrections_of_study(conn, facts.study_instance_uid)),
        linked=person_links.linked(conn, [person_id]),
    )


def _with_nearly_named(conn: Connection, own: Own, exact: Iterable[int]) -> list[int]:
    """Orders to compare with. Only the exact keys decide whether the list was cut off: automatic links rest on them."""
    former = former_keys.also_asked(conn, lambda: blocking_keys_of_study(own.study))
    return list(dict.fromkeys([*exact, *order_keys.near(conn, own.keys.weak | former, COMMON_KEY, WEAK_LIMIT)]))


def load_neighbourhood(
    conn: Connection, study: Study, memory: Memory = deciding.EVERYTHING_ON, watch: Watch | None = None
) -> Neighbourhood:
    """All that may speak for or against an order of this study; `memory.now`: None where nothing is waited for.

    `watch`: what is assumed of patient ids without issuer, and what is outside; nothing where it is None.
    """
    read = issued(conn, study, watch.issuers, watch.patient_id_issuer) if watch else study
    rules = watch.outside if watch else OutsideRules()
    own = _own(conn, read, memory, rules)
    exact, truncated = order_keys.by_keys(conn, own.exact)
    alike = person_keys.alike(conn, own.keys.personal)
    return _load(conn, own, memory, _with_nearly_named(conn, own, exact), truncated, alike, rules)


def _load(
    conn: Connection,
    own: Own,
    memory: Memory,
    order_ids: Iterable[int],
    truncated: bool,
    alike: Holders,
    rules: OutsideRules,
) -> Neighbourhood:
    """`alike`: persons who share a name or a number with the images; `rules`: what is none of the site's."""
    study, remembered = own.study, own.remembered
    said = {*(one.order_id for one in own.decided), *(one.order_id for one in remembered)}
    near = orders.load_many(conn, {*order_ids, *said})
    wanted = {study.person_id, *alike.ranked, *(order.person_id for order in near)}
    people = persons.load_many(conn, wanted) | deciding.people_of(conn, remembered)
    taken = taken_orders(conn, study, near, people, rules)
    return Neighbourhood(
        study=study,
        orders=tuple(_as_known(as_named(order, people), study.facts) for order in near),
        persons=people,
        study_person_id=study.person_id,
        links=(*own.decided, *surroundings.decided_links(conn, own.sources)),
        taken=taken,
        orders_total=own.orders_total,
        truncated=truncated,
        correcting=own.correcting,
        linked=own.linked,
        persons_truncated=bool(alike.too_common),
        rivals=_unnumbered(conn, study, people.get(study.person_id)),
        requests=own.beside.requests,
        slots=surroundings.slots_of(conn, study, near, taken),
        sources=own.sources,
        at=memory.now,
        decisions=remembered,
        rules=memory.states,
    )


def _unnumbered(conn: Connection, study: Study, person: Person | None) -> tuple[Study, ...]:
    """The patient's other studies that carry no accession number either: asked for only where the study has none."""
    if person is None or accession_key(study.facts.accession_number):
        return ()
    numbers = {persons.normal(one.value) for one in person.identifiers}
    found = studies.unnumbered(conn, sorted(numbers), NO_NUMBER)
    found = [one for one in found if not accession_key(one.facts.accession_number)]
    return tuple(one for one in found if one.id != study.id and not is_companion(one.facts))


def _as_known(order: Order, facts: StudyFacts) -> Order:
    """A Study UID of our own making, told only on our worklist, is evidence where it agrees and none where not."""
    ours = order.sources.get("study_instance_uid") == GENERATED
    differs = order.study_instance_uid != facts.study_instance_uid
    return altered(order, study_instance_uid="") if ours and differs else order


def as_named(order: Order, people: Mapping[int, Person]) -> Order:
    """With the patient as the order named them: images made before a change of name still fit their order.

    An order that contradicted its person from the beginning is judged by the person alone.
    """
    return with_identity(order, people) if "identity_conflict" in order.flags else order


def taken_orders(
    conn: Connection, study: Study, near: Sequence[Order], people: Mapping[int, Person], rules: OutsideRules
) -> dict[int, int]:
    """Orders that another study has by a person's decision, or by facts: the UID, or accession and patient number.

    A study for several orders has each that its images name.
    """
    owners = {order.id: people.get(order.person_id) for order in near}
    found = [one for one in rivals.of_orders(conn, list(owners)) if one.study_id != study.id]
    claims = [one for one in found if _may_be_theirs(one, study, owners[one.order_id])]
    taking = _taking(conn, study, near, claims, rules)
    ways = (rivals.REQUEST, rivals.ACCESSION), (rivals.UID,), (rivals.DECIDED,)  # the surest last
    return {one.order_id: one.study_id for same in ways for one in taking if one.way in same}


def _may_be_theirs(rival: Rival, study: Study, owner: Person | None) -> bool:
    if rival.study_instance_uid == study.facts.study_instance_uid:
        return False
    return rival.way in (rivals.UID, rivals.DECIDED) or _is_number_of(rival.patient_id, owner)


def _taking(
    conn: Connection, study: Study, near: Sequence[Order], claims: Sequence[Rival], rules: OutsideRules
) -> Sequence[Rival]:
    """Those that take their order away. What a person has linked is of the site's own, wherever it came from."""
    by_id = {order.id: order for order in near}
    known = {one.id: one.facts for one in studies.load_many(conn, {one.study_id for one in claims})}
    said = {rivals.DECIDED: OutsideRules()}
    return [
        one for one in claims if takes(known[one.study_id], by_id[one.order_id], study.facts, said.get(one.way, rules))
    ]


def _is_number_of(number: str, person: Person | None) -> bool:
    looked_up = persons.normal(number)
    return person is not None and any(persons.normal(one.value) == looked_up for one in person.identifiers)
