"""Make a plan: load what it needs, decide (pure), write the HL7 messages it calls for. Nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from radrecon.config import Config, HL7DestinationConfig
from radrecon.hl7v2 import build
from radrecon.model.case import CaseKind, CaseState
from radrecon.model.correction import AttributeChange, Plan, PlannedDelivery
from radrecon.model.decision import Scope
from radrecon.model.errors import NotFound, Refused
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.attributes import identity_attributes
from radrecon.recon.follow import is_companion
from radrecon.recon.identity import two_of_one_number
from radrecon.recon.late import of_another_study
from radrecon.recon.plan import HL7Need, Planned, StudyContext, patient_key, plan_fix, plan_link, plan_merge
from radrecon.recon.reused import left_alone
from radrecon.recon.step_images import show_different_steps
from radrecon.store import cases, decisions, orders, persons, settings, studies, study_links
from radrecon.store.database import Connection, Store
from radrecon.store.worklist import with_identity
from radrecon.workflow.acknowledging import OWN_APPLICATION, new_control_id
from radrecon.workflow.feed import is_complete
from radrecon.workflow.neighbourhood import taken_orders
from radrecon.workflow.reconcile import load_watch
from radrecon.workflow.reused_numbers import of_the_same, with_doubt


def plan(
    store: Store,
    case_id: int,
    verb: str,
    *,
    order_id: int = 0,
    values: Mapping[str, str] | None = None,
    now: datetime,
) -> Plan:
    """The dry run of `link`, `fix` or `merge` on a case. Raises Refused with what to do instead."""
    with store.reading() as conn:
        return _plan(conn, case_id, verb, order_id, dict(values or {}), now)


def _plan(conn: Connection, case_id: int, verb: str, order_id: int, values: dict[str, str], now: datetime) -> Plan:
    config = settings.load_config(conn)
    site = Site(config, load_watch(conn, config), now)
    case = cases.load_one(conn, case_id)
    if str(case.state) not in cases.LIVE:
        raise Refused(f"case {case_id} is {case.state}")
    if case.state is CaseState.CORRECTING:
        raise Refused(f"a correction of case {case_id} is under way")
    if verb not in _PLANS:
        raise Refused(f"{verb!r} is no correction; there are: {', '.join(_PLANS)}")
    made = with_messages(_PLANS[verb](conn, case, site, order_id, values), site)
    return replace(made, asked=values | {"order_id": str(order_id)})


def still_holds(conn: Connection, made: Plan, now: datetime) -> bool:
    """Whether the same plan comes of the facts as they are now. Raises Refused where none does any more."""
    if made.asked is None:
        return True
    values = dict(made.asked)
    order_id = int(values.pop("order_id"))
    return _sends(_plan(conn, made.case_id, str(made.verb), order_id, values, now)) == _sends(made)


def _sends(made: Plan) -> tuple[object, ...]:
    """What a plan would do, without the moment at which it was made."""
    sent = [(one.destination, one.edit, one.proof, one.expect, build.timeless(one.message)) for one in made.deliveries]
    return made.target, made.index_changes, sent


class Site:
    """What every plan of this moment shares."""

    def __init__(self, config: Config, watch: Watch, now: datetime) -> None:
        self.config, self.watch, self.now = config, watch, now
        self.pacs = {peer.name: peer for peer in config.pacs}


def _link(conn: Connection, case: cases.StoredCase, site: Site, order_id: int, values: dict[str, str]) -> Planned:
    if values:
        raise Refused("a link takes the order's values and the index's as they are, and none besides")
    study = _study_of(conn, case)
    order = orders.load_one(conn, order_id or case.finding.order_id or _best(case))
    if order is None:
        raise NotFound(f"no order {order_id}")
    person = persons.load_one(conn, order.person_id)
    pacs = site.pacs.get(study.facts.pacs)
    if person is None or pacs is None:
        raise Refused("the order has no patient" if person is None else f"PACS {study.facts.pacs} is not configured")
    named = with_identity(order, {person.id: person})
    linked = _linked_elsewhere(conn, study, order)
    beside = {one.id for one in linked if _stands_beside(study, order, one)}
    elsewhere = {*taken_orders(conn, study, [named], {person.id: person}, site.watch.outside).values()}
    elsewhere = (elsewhere | {one.id for one in linked}) - beside
    late = _decided_for(conn, case, order)
    context = study_context(conn, study, site)
    taken = bool(elsewhere - late)
    made = plan_link(
        case.id, context, named, person, taken, pacs, site.watch, bool(case.finding.evidence.get("unseen"))
    )
    made = of_another_study(made) if beside or (elsewhere and late) else made
    return with_doubt(conn, made, study, site.watch)


def _decided_for(conn: Connection, case: cases.StoredCase, order: Order) -> set[int]:
    """Studies that have the order by the very decision that a late one falls under: they stand beside it."""
    named = case.finding.evidence.get("decision") if case.kind is CaseKind.LATE_IMAGES else None
    if not named or named.get("scope") != Scope.ACCESSION or case.finding.order_id != order.id:
        return set()
    decided = decisions.load_one(conn, named["id"])
    linked = {link.study_id for link in study_links.links_of_orders(conn, [order.id])}
    return {decided.study_id} | (linked & set(decisions.users(conn, [decided.id])))


def _best(case: cases.StoredCase) -> int:
    if not case.finding.candidates:
        raise Refused("no order fits by itself; name one with --order")
    return case.finding.candidates[0].order_id


def _linked_elsewhere(conn: Connection, study: Study, order: Order) -> list[Study]:
    """Other studies of the order, with images. An automatic link counts too: two are not made by mistake.

    What another archive has of this very study is none.
    """
    linked = {link.study_id for link in study_links.links_of_orders(conn, [order.id])}
    uid = study.facts.study_instance_uid
    others = (one for one in studies.load_many(conn, linked) if one.facts.study_instance_uid != uid)
    return [one for one in others if not is_companion(one.facts)]


def _stands_beside(study: Study, order: Order, other: Study) -> bool:
    """Whether both can be the order's: a report of images, or images of another step. The first keeps its UID."""
    return is_companion(study.facts) or show_different_steps(order, study.facts, other.facts)


def _study_of(conn: Connection, case: cases.StoredCase) -> Study:
    study = studies.load_one(conn, case.finding.study_id)
    if study is None:
        raise Refused("this case is not about one study")
    return study


def study_context(conn: Connection, study: Study, site: Site) -> StudyContext:
    """A study with whom its present id leads to and the order it has now."""
    known = persons.find(conn, study.facts.patient.patient_id) if study.facts.patient.patient_id else None
    link = study_links.link_of_study(conn, study.id)
    pacs = site.pacs.get(study.facts.pacs)
    return StudyContext(
        study=study,
        facts=study.facts,
        person=persons.load_one(conn, known.person_id) if known else None,
        order=orders.load_one(conn, link.order_id) if link else None,
        complete=pacs is not None and is_complete(study, site.now, pacs.stable_seconds),
    )


def _fix(conn: Connection, case: cases.StoredCase, site: Site, _: int, values: dict[str, str]) -> Planned:
    """The owner's block into the case's study and every other study under the same number."""
    if values:
        raise Refused("identity comes whole from its owner: if the owner is wrong, ask registration for an update")
    study = _study_of(conn, case)
    person = persons.load_one(conn, case.finding.person_id)
    if person is None:
        raise Refused("nobody in the index is known to be this patient")
    others = _under_same_number(conn, study)
    blocks = [person.demographics, study.facts.patient]
    alike = [one for one in others if not _names_another(one, blocks, site)]
    same = of_the_same(conn, alike, study.id, site.watch)
    contexts = [study_context(conn, one, site) for one in (study, *same)]
    again = frozenset((study.id,)) if case.finding.evidence.get("unseen") else frozenset()
    planned = plan_fix(case.id, contexts, person, site.pacs, site.watch, again)
    planned = with_doubt(conn, planned, study, site.watch)
    return _without(planned, len(others) - len(alike), len(alike) - len(same))


def _under_same_number(conn: Connection, study: Study) -> list[Study]:
    """A PACS keeps one identity per patient number: the other studies that have the number are corrected with it."""
    number = study.facts.patient.patient_id
    ids = studies.of_identifiers(conn, [persons.normal(number.value)]) if number else []
    return [
        one
        for one in studies.load_many(conn, ids)
        if one.id != study.id
        and not one.gone
        and one.facts.pacs == study.facts.pacs
        and one.facts.patient.patient_id.value == number.value
    ]


def _names_another(study: Study, blocks: Sequence[Demographics], site: Site) -> bool:
    """Whether a study under the same number contradicts each of these identities."""
    return all(two_of_one_number(one, study.facts.patient, site.watch.patient_id_issuer) for one in blocks)


def _without(planned: Planned, others: int, next_ones: int) -> Planned:
    """The plan, which says that studies of the same number stay as they are."""
    made, needs = planned
    stay = "study stays as it is" if others == 1 else "studies stay as they are"
    said = [f"under the same number, but another patient's by name: {others} {stay}"] if others else []
    said += [left_alone(next_ones)] if next_ones else []
    return replace(made, warnings=(*said, *made.warnings)), needs


def _merge(conn: Connection, case: cases.StoredCase, site: Site, _: int, values: dict[str, str]) -> Planned:
    """Two patients become one: named by `survivor` and `non_survivor` numbers, else as the case suggests."""
    survivor, loser = _two_persons(conn, case, values)
    ids = studies.of_identifiers(conn, _numbers_of(conn, survivor, loser))
    found = [one for one in studies.load_many(conn, ids) if not one.gone]
    theirs = [one for one in found if not _names_another(one, [survivor.demographics, loser.demographics], site)]
    same = of_the_same(conn, theirs, case.finding.study_id, site.watch)
    contexts = [study_context(conn, one, site) for one in same]
    moving = len(orders.of_person(conn, loser.id)) if loser.merged_into != survivor.id else 0
    made, needs = plan_merge(case.id, survivor, loser, contexts, site.pacs, site.watch, orders=moving)
    pair = case.finding.pair
    doubts = (*pair.conflicts, *pair.remarks) if pair else ()
    made = replace(made, warnings=tuple(dict.fromkeys((*doubts, *made.warnings))))
    own = next((one for one in same if one.id == case.finding.study_id), None)
    planned = with_doubt(conn, (made, needs), own, site.watch) if own else (made, needs)
    return _without(planned, len(found) - len(theirs), len(theirs) - len(same))


def _numbers_of(conn: Connection, survivor: Person, loser: Person) -> Sequence[str]:
    if loser.merged_into != survivor.id:
        return persons.normals(conn, loser.id)
    return [persons.normal(loser.demographics.patient_id.value)]


def _two_persons(conn: Connection, case: cases.StoredCase, values: dict[str, str]) -> tuple[Person, Person]:
    if values.keys() - {"survivor", "non_survivor"}:
        raise Refused("a merge takes survivor and non_survivor, nothing else")
    survivor, loser = _proposed(conn, case)
    survivor = _named(conn, values["survivor"]) if "survivor" in values else survivor
    loser = _named(conn, values["non_survivor"], lost=True) if "non_survivor" in values else loser
    if survivor is None or loser is None:
        raise Refused("name both patients: --set survivor=NUMBER --set non_survivor=NUMBER")
    return survivor, loser


def _proposed(conn: Connection, case: cases.StoredCase) -> tuple[Person | None, Person | None]:
    """Who stays and who goes, as far as the case tells."""
    if pair := case.finding.pair:
        return persons.load_one(conn, pair.survivor_id), persons.load_one(conn, pair.non_survivor_id)
    if case.kind is CaseKind.TEMPORARY_IDENTITY:
        return None, persons.load_one(conn, case.finding.person_id)
    return _suggested_survivor(conn, case), _present(conn, case)


def _suggested_survivor(conn: Connection, case: cases.StoredCase) -> Person | None:
    person_id = case.finding.person_id
    if not person_id and case.finding.candidates:
        order = orders.load_one(conn, case.finding.candidates[0].order_id)
        person_id = order.person_id if order else 0
    return persons.load_one(conn, person_id)


def _present(conn: Connection, case: cases.StoredCase) -> Person | None:
    """Whom the images name now: also one who was merged away in the index, but not at the PACS."""
    study = studies.load_one(conn, case.finding.study_id)
    return _owner_of(conn, study.facts.patient.patient_id, lost=True) if study else None


def _named(conn: Connection, text: str, lost: bool = False) -> Person:
    """`NUMBER` or `NUMBER^^^ISSUER`."""
    value, *rest = text.split("^")
    person = _owner_of(conn, PatientId(value, rest[-1] if rest else ""), lost)
    if person is None:
        raise NotFound("no such patient number is known")
    return person


def _owner_of(conn: Connection, number: PatientId, lost: bool) -> Person | None:
    known = persons.find(conn, number) if number else None
    if known is None:
        return None
    former = persons.merged_away(conn, number) if lost and known.retired else None
    return persons.load_one(conn, former or known.person_id)


_PLANS = {"link": _link, "fix": _fix, "merge": _merge}


# -- messages ---------------------------------------------------------------------------------------------------------


def with_messages(planned: Planned, site: Site) -> Plan:
    """The plan with every message that its destinations take, as it will be sent."""
    made, needs = planned
    messages = [
        _delivery(destination, need, made, site)
        for need in needs
        for destination in site.config.hl7_destination
        if ("ORM" if need.event == "O01" else "ADT") in destination.messages
    ]
    return replace(made, deliveries=(*made.deliveries, *messages))


def _delivery(destination: HL7DestinationConfig, need: HL7Need, made: Plan, site: Site) -> PlannedDelivery:
    ids = [need.patient.patient_id, *([need.non_survivor.patient_id] if need.non_survivor else [])]
    expect = _proof_values(made.deliveries, destination.proof)
    return PlannedDelivery(
        destination=destination.name,
        keys=tuple(patient_key(one, site.watch) for one in ids if one),
        changes=tuple(_field_changes(need, made)),
        message=_text(destination, need, site),
        proof=destination.proof if expect else "",
        expect=expect,
        title=f"{TITLES.get(need.event, need.event)} to {destination.name}",
    )


TITLES = {
    "A08": "ADT^A08 update",
    "A28": "ADT^A28 restore person",
    "A31": "ADT^A31 update",
    "A40": "ADT^A40 merge",
    "O01": "ORM^O01 status",
}


def _proof_values(deliveries: Iterable[PlannedDelivery], proof: str) -> dict[str, dict[str, str]]:
    return {uid: expected for one in deliveries if one.proof == proof and proof for uid, expected in one.expect.items()}


def _text(destination: HL7DestinationConfig, need: HL7Need, site: Site) -> str:
    head: dict[str, Any] = {
        "now": site.now.astimezone(site.config.zone()),
        "control_id": new_control_id(),
        "sender": (OWN_APPLICATION, site.config.site.name),
        "receiver": (destination.receiving_application, destination.receiving_facility),
        "version": destination.version,
        "charset": destination.charset,
    }
    if need.order is not None:
        return build.order_status(need.order, **head)
    return build.adt(cast("build.AdtTrigger", need.event), need.patient, non_survivor=need.non_survivor, **head)


FIELDS = {
    "PatientID": "PID-3.1",
    "IssuerOfPatientID": "PID-3.4",
    "PatientName": "PID-5",
    "PatientBirthDate": "PID-7",
    "PatientSex": "PID-8",
}


def _field_changes(need: HL7Need, made: Plan) -> Iterable[AttributeChange]:
    """What the images said beside what the message says."""
    former = {change.where: change.old for one in made.deliveries for change in one.changes}
    for keyword, text in identity_attributes(need.patient).items():
        if text or keyword in former:
            yield AttributeChange(FIELDS[keyword], former.get(keyword, text), text)
    if need.non_survivor:
        yield AttributeChange("MRG-1", str(need.non_survivor.patient_id), str(need.patient.patient_id))
    if need.order:
        yield AttributeChange("ZDS-1", "", need.order.study_instance_uid)
