"""The classes of a study beyond one study, one order: what each rule of its own module finds, put together.

Nothing here associates anything; `classify` takes from it what may stand and what a person has to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from radrecon.model.order import Order
from radrecon.model.person import Person
from radrecon.model.study import RequestAttributes, Study
from radrecon.recon.identity import survivor_of
from radrecon.recon.match import Ranking, Weighed
from radrecon.recon.normalise import accession_key
from radrecon.recon.slots import Slot, waited_until
from radrecon.recon.split import Named, as_named, covers, named_orders, together, unmet
from radrecon.recon.veto import DEAD, VetoKind
from radrecon.recon.wrong_order import WrongOrder, wrong_order
from radrecon.recon.wrong_pick import WrongPick, wrong_pick

Rank = Callable[[Study], Ranking]
IDENTITY = frozenset(
    (VetoKind.ID, VetoKind.NAME, VetoKind.BIRTH_DATE, VetoKind.SEX, VetoKind.QUARANTINED, VetoKind.CHIMERA)
)  # fmt: skip


@dataclass(frozen=True)
class Split:
    """A set of orders that one study is for. `automatic`: each is named by the images and stands by itself.

    `missing`: accession numbers that the images name beside them, and no order has. `unnamed`: the images name at most
    one of them, and the set is only proposed.
    """

    orders: tuple[Order, ...]
    automatic: bool = False
    missing: tuple[str, ...] = ()
    unnamed: bool = False

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(order.id for order in self.orders)


@dataclass(frozen=True)
class Around:
    """What the rules look at. `waited`: whoever was due at the time has had the time to come; `person_of` an order."""

    study: Study
    orders: tuple[Order, ...]
    requests: tuple[RequestAttributes, ...]
    taken: Mapping[int, int]
    slots: tuple[Slot, ...]
    waited: bool
    until: datetime | None = None
    persons: Mapping[int, Person] = field(default_factory=dict, hash=False)

    def person_of(self, order: Order) -> int:
        return survivor_of(order.person_id, self.persons)


@dataclass(frozen=True)
class Found:
    """What the rules say. `look_again`: when time alone may change it."""

    ranking: Ranking
    split: Split | None = None
    wrong_order: WrongOrder | None = None
    wrong_pick: WrongPick | None = None
    look_again: datetime | None = None


def around(
    study: Study,
    orders: Sequence[Order],
    requests: Sequence[RequestAttributes],
    taken: Mapping[int, int],
    slots: Sequence[Slot],
    at: datetime | None,
    zone: str,
    persons: Mapping[int, Person],
) -> Around:
    until = waited_until(study.facts, zone)
    waited = at is None or until is None or at >= until
    return Around(
        study, tuple(orders), tuple(requests), taken, tuple(slots), waited, None if waited else until, persons
    )


def find(a: Around, rank: Rank) -> Found:
    """Rank the orders and ask each rule; the first that holds is the one that explains the study."""
    named = named_orders(a.study.facts, a.requests, a.orders)
    ranking = rank(_under_its_only_request(a.study, named))
    if split := _named_split(a, named, ranking, rank):
        return Found(_first(ranking, split[1]), split[0])
    first = _header_order(ranking)
    wrong, pick = (_wrong_order(a, first), _wrong_pick(a, first)) if first else (None, None)
    if wrong and not (pick and pick.settled and pick.fit > wrong.fit):
        return Found(_first(ranking, _weighed_of(ranking, wrong.fits)), wrong_order=wrong)
    split_unnamed = None if pick and not pick.mixed else _unnamed_split(a, first or _best(ranking))
    pick = None if split_unnamed else pick
    waits = (pick is not None and not pick.settled) or (
        split_unnamed is not None and first is not None and not a.waited
    )
    return Found(
        ranking,
        split=None if waits else split_unnamed,
        wrong_pick=pick if pick and pick.settled else None,
        look_again=a.until if waits else None,
    )


# -- one study, several orders ----------------------------------------------------------------------------------------


def _under_its_only_request(study: Study, named: Sequence[Named]) -> Study:
    """Images without an accession number that name one order in their request attributes name it all the same."""
    if accession_key(study.facts.accession_number) or len(named) != 1:
        return study
    number = named[0].order.accession_number
    return replace(study, facts=replace(study.facts, accession_number=number)) if number else study


def _named_split(
    a: Around, named: Sequence[Named], ranking: Ranking, rank: Rank
) -> tuple[Split, tuple[Weighed, ...]] | None:
    live = [one for one in named if one.order.status not in DEAD]
    if len(live) < 2:
        return None
    judged = [(one, rank(as_named(a.study, one))) for one in live]
    weighed = [(one, _weighed_of(found, one.order)) for one, found in judged]
    agreeing = [(one, each[0]) for one, each in weighed if each and each[0].evidence.identity.agrees]
    if len(agreeing) < 2 or len({each.person_id or -each.candidate.order_id for _, each in agreeing}) > 1:
        return None
    orders = tuple(one.order for one, _ in agreeing)
    by_itself = all(
        found.automatic is not None and found.automatic.candidate.order_id == one.order.id for one, found in judged
    )
    missing = unmet(a.study.facts, a.requests, named)
    whole = len(orders) == len(named) and not missing
    split = Split(orders, by_itself and whole and covers(a.study.facts, orders), missing)
    return split, tuple(each for _, each in agreeing)


def _unnamed_split(a: Around, first: Weighed | None) -> Split | None:
    if first is None or not first.person_id:
        return None
    others = {order_id: study_id for order_id, study_id in a.taken.items() if study_id != a.study.id}
    orders = together(a.study.facts, first.evidence.order, a.orders, a.person_of, others)
    return Split(orders, unnamed=True) if len(orders) > 1 else None


# -- the header and what was done -------------------------------------------------------------------------------------


def _header_order(ranking: Ranking) -> Weighed | None:
    """The one order that the header names, of a patient who agrees with it."""
    found = [each for each in ranking.weighed if each.evidence.order_key and _identity_holds(each)]
    return found[0] if len(found) == 1 else None


def _identity_holds(each: Weighed) -> bool:
    return each.evidence.identity.agrees and not {veto.kind for veto in each.vetoes} & IDENTITY


def _best(ranking: Ranking) -> Weighed | None:
    """Whose identity agrees: where only a set is proposed, a veto of the identity is the person's to weigh."""
    best = ranking.weighed[0] if ranking.weighed else None
    return best if best and best.evidence.identity.agrees else None


def _wrong_order(a: Around, first: Weighed) -> WrongOrder | None:
    same = [order for order in a.orders if first.person_id and a.person_of(order) == first.person_id]
    return wrong_order(a.study.facts, first.evidence.order, same, a.taken, a.study.id)


def _wrong_pick(a: Around, first: Weighed) -> WrongPick | None:
    """Only where the header agrees with itself throughout."""
    identity = first.evidence.identity
    if not (identity.name_and_birth and first.evidence.order_key):
        return None
    order = first.evidence.order
    twice = a.taken.get(order.id, a.study.id) != a.study.id
    return wrong_pick(a.study.facts, order, a.slots, own_person=first.person_id, twice=twice, waited=a.waited)


# -- rankings ---------------------------------------------------------------------------------------------------------


def _weighed_of(ranking: Ranking, order: Order) -> tuple[Weighed, ...]:
    return tuple(each for each in ranking.weighed if each.candidate.order_id == order.id)


def _first(ranking: Ranking, these: Sequence[Weighed]) -> Ranking:
    """The same candidates with these in front."""
    ids = {each.candidate.order_id for each in these}
    weighed = (*these, *(each for each in ranking.weighed if each.candidate.order_id not in ids))
    return replace(ranking, weighed=weighed, candidates=tuple(each.candidate for each in weighed))
