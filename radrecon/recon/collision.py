"""One accession number on two patients: on their orders, on their studies, or on an order and a study.

Counters are reset, two RIS nodes deal from one range, a prefix changes. The PACS then files silently under the wrong
patient, so that the collision is worth a case before the images arrive. Two hops or updates of one order, and a slip
in one patient's identity, are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.model.case import CaseKind, CaseOwner, Finding
from radrecon.model.order import Order
from radrecon.model.patient import Demographics
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.identity import cannot_be_one, survivor_of
from radrecon.recon.normalise import accession_key, fold
from radrecon.recon.times import instant_of, local_day
from radrecon.recon.veto import DEAD


def classify_accession(
    accession: str,
    issuer: str,
    orders: Sequence[Order],
    studies: Sequence[Study],
    persons: Mapping[int, Person],
    watch: Watch | None = None,
) -> tuple[Finding, ...]:
    """Judge one accession number of one issuer; records that name no issuer count as its.

    With `watch`, studies from before the watch or from before the first order are compared with orders only.
    """
    if not accession_key(accession):
        return ()
    live = _orders_with(accession, issuer, orders)
    present = _studies_with(accession, issuer, studies)
    site_issuer = watch.patient_id_issuer if watch else ""
    people = {survivor_of(order.person_id, persons) or -order.id for order in live}
    by_orders = len(people) > 1
    apart = [study for study in present if live and all(_conflict(study, each, persons, site_issuer) for each in live)]
    rivals = _studies_of_two([study for study in present if _judged(study, watch)], persons, site_issuer)
    if not (by_orders or apart or rivals):
        return ()
    involved = {study.id: study for study in (*apart, *rivals, *(present if by_orders else ()))}
    return (_finding(accession, issuer, live, sorted(involved.values(), key=lambda study: study.id), by_orders),)


def _orders_with(accession: str, issuer: str, orders: Sequence[Order]) -> list[Order]:
    found = [
        order
        for order in orders
        if order.status not in DEAD
        and _is_its(order.issuer_of_accession, issuer)
        and compare_accessions(order.accession_number, accession) in SAME
    ]
    return sorted(found, key=lambda order: order.id)


def _studies_with(accession: str, issuer: str, studies: Sequence[Study]) -> list[Study]:
    found = [
        study
        for study in studies
        if not study.gone
        and _is_its(study.facts.issuer_of_accession, issuer)
        and compare_accessions(study.facts.accession_number, accession) in SAME
    ]
    return sorted(found, key=lambda study: study.id)


def _is_its(stated: str, issuer: str) -> bool:
    return not stated.strip() or not issuer.strip() or fold(stated) == fold(issuer)


def _judged(study: Study, watch: Watch | None) -> bool:
    if watch is None:
        return True
    instant = instant_of(study, watch)
    if instant is None or watch.orders_since is None:
        return False
    return local_day(instant, watch) >= watch.watch_from and instant >= watch.orders_since


def _conflict(study: Study, order: Order, persons: Mapping[int, Person], issuer: str) -> bool:
    """The study is of somebody else than the order, by more than a slip."""
    mine, theirs = survivor_of(study.person_id, persons), survivor_of(order.person_id, persons)
    if mine and mine == theirs:
        return False
    person = persons.get(theirs)
    truths = (person.demographics, order.patient) if person else (order.patient,)
    known = person.identifiers if person else ()
    return all(cannot_be_one(truth, study.facts.patient, issuer, known) for truth in truths)


def _studies_of_two(studies: Sequence[Study], persons: Mapping[int, Person], issuer: str) -> list[Study]:
    """Those that cannot be of the same person as some other of them."""
    return [
        study
        for study in studies
        if any(_two_people(study, other, persons, issuer) for other in studies if other.id != study.id)
    ]


def _two_people(one: Study, other: Study, persons: Mapping[int, Person], issuer: str) -> bool:
    mine, theirs = survivor_of(one.person_id, persons), survivor_of(other.person_id, persons)
    if mine and theirs:
        return mine != theirs
    return cannot_be_one(_identity(one, persons), _identity(other, persons), issuer)


def _identity(study: Study, persons: Mapping[int, Person]) -> Demographics:
    person = persons.get(survivor_of(study.person_id, persons))
    return person.demographics if person else study.facts.patient


def _finding(accession: str, issuer: str, live: list[Order], studies: list[Study], by_orders: bool) -> Finding:
    number = accession.strip()
    if by_orders:
        cause = f"accession {number} is on the orders of several patients"
    elif live:
        cause = f"accession {number} is on images of another patient than its order's"
    else:
        cause = f"accession {number} is on images of several patients"
    return Finding(
        CaseKind.ACCESSION_COLLISION,
        f"accession:{issuer.strip()}/{number}",
        cause,
        CaseOwner.RIS if by_orders else CaseOwner.US,
        3,
        study_id=studies[0].id if len(studies) == 1 else 0,
        order_id=live[0].id if len(live) == 1 else 0,
        evidence={
            "accession_number": number,
            "issuer_of_accession": issuer.strip(),
            "orders": [order.id for order in live],
            "studies": [study.id for study in studies],
            "persons": sorted(
                {each for each in (*(o.person_id for o in live), *(s.person_id for s in studies)) if each}
            ),
        },
    )
