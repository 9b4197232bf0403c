"""What the facts say of one study right now: its order, whether it is judged, and the cases that should be open.

A person's decision wins over any rule. A study from before the watch, or from before the first order was heard, is
*not judged*: it is no orphan, however little fits. Equal facts give equal findings, whatever came first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.model.case import CaseKind, CaseOwner, Difference, Finding
from radrecon.model.decision import Decision
from radrecon.model.order import Order
from radrecon.model.person import Link, LinkState, Person, Watch
from radrecon.model.rule import Act, RuleState, RuleStates
from radrecon.model.study import Study
from radrecon.recon.cause import evidence_of, owner_of, unassigned_cause
from radrecon.recon.compare import differences, important
from radrecon.recon.decisions import Ruling, ruling
from radrecon.recon.identity import resolve, survivor_of, truth_of
from radrecon.recon.late import annotated, late_finding
from radrecon.recon.match import Ranking, Weighed, candidates
from radrecon.recon.rules import Proposal, again, propose, with_reason
from radrecon.recon.times import instant_of, local_day
from radrecon.recon.veto import IDENTITY_DETAILS, VetoKind

GRAVE = 3
PLAIN = 2


@dataclass(frozen=True)
class Neighbourhood:
    """One study with everything that shares a key with it.

    `study_person_id`: whom its present id leads to (0 unknown); `links`: people's decisions on this study; `taken`:
    orders that a study has by decision, or by accession and UID; `correcting`: a correction of it is under way;
    `linked`: persons whom registration has linked with the study's; `decisions`: remembered ones that its numbers lead
    to; `rules`: the site's states (None: every rule is on).
    """

    study: Study
    orders: tuple[Order, ...] = ()
    persons: Mapping[int, Person] | None = None
    study_person_id: int = 0
    links: tuple[Link, ...] = ()
    taken: Mapping[int, int] | None = None
    orders_total: int = 0
    truncated: bool = False
    correcting: bool = False
    linked: frozenset[int] = frozenset()
    decisions: tuple[Decision, ...] = ()
    rules: RuleStates | None = None


@dataclass(frozen=True)
class Verdict:
    """`order_id` 0: not associated. While a correction is under way nothing new is found.

    `acts`: what rules do with the study, or would do (shadow); `ruling`: the decision that it falls under.
    """

    order_id: int
    link_state: LinkState | None
    judged: bool
    not_judged_reason: str
    ranking: Ranking
    findings: tuple[Finding, ...]
    acts: tuple[Act, ...] = ()
    ruling: Ruling | None = None


def classify(n: Neighbourhood, watch: Watch) -> Verdict:
    """Decide on one study."""
    study = replace(n.study, person_id=n.study_person_id or n.study.person_id)
    persons = n.persons or {}
    ranking = candidates(
        study,
        n.orders,
        persons,
        orders_total=n.orders_total,
        truncated=n.truncated,
        taken=n.taken or {},
        watch=watch,
        linked=n.linked,
    )
    followed = None if study.gone else ruling(study, n.decisions, persons, watch)
    link, proposal = _association(n, ranking, followed)
    reason = _why_not_judged(study, link, ranking, watch)
    quiet = study.gone or n.correcting
    found = () if quiet else _findings(study, n, link, ranking, not reason, watch, followed, proposal)
    acts = () if quiet else (*proposal.acts, *again(followed, found, n.rules))
    order_id, state = (link.order_id, link.state) if link else (0, None)
    return Verdict(order_id, state, not reason, reason, ranking, found, acts, followed)


def _association(n: Neighbourhood, ranking: Ranking, followed: Ruling | None) -> tuple[Link | None, Proposal]:
    decided = [link for link in n.links if link.study_id == n.study.id and link.state is not LinkState.AUTO]
    if decided:
        return max(decided, key=lambda link: link.correction_id), Proposal()
    proposal = Proposal() if n.study.gone else propose(ranking, followed, n.rules)
    return Link(n.study.id, proposal.order_id, LinkState.AUTO) if proposal.order_id else None, proposal


def _why_not_judged(study: Study, link: Link | None, ranking: Ranking, watch: Watch) -> str:
    """ "" where the study is judged."""
    if study.gone:
        return "the study is gone from the PACS"
    instant = instant_of(study, watch)
    if instant is None:
        return "it was there before us and has no usable date"
    if local_day(instant, watch) < watch.watch_from:
        return f"before {watch.watch_from.isoformat()}, from when the site is watched"
    if link is None and not _orders_heard(instant, watch) and not any(e.evidence.speaks for e in ranking.weighed):
        return "from before the first order was heard" if watch.orders_since else "no order has been heard yet"
    return ""


def _orders_heard(instant: datetime, watch: Watch) -> bool:
    return watch.orders_since is not None and instant >= watch.orders_since


def _findings(
    study: Study,
    n: Neighbourhood,
    link: Link | None,
    ranking: Ranking,
    judged: bool,
    watch: Watch,
    followed: Ruling | None,
    proposal: Proposal,
) -> tuple[Finding, ...]:
    """Late images of what was decided come first; whatever else is found says what was decided of images like these."""
    persons = n.persons or {}
    shown = with_reason(ranking.candidates, proposal.held)
    late = late_finding(study, followed, persons, shown, proposal.held, watch) if judged or link else None
    if late:
        return (late,)
    if followed and followed.puts_aside and any(act.state is RuleState.ON for act in proposal.acts):
        return ()
    found = _plain_findings(study, n, link, ranking, judged, watch, proposal)
    return tuple(annotated(each, followed, persons, watch) for each in found)


def _plain_findings(
    study: Study,
    n: Neighbourhood,
    link: Link | None,
    ranking: Ranking,
    judged: bool,
    watch: Watch,
    proposal: Proposal,
) -> tuple[Finding, ...]:
    known = _known_order(ranking) if link is None and not proposal.held else None
    if link is None and known is None and judged:
        return (_unassigned(study, n.persons or {}, ranking, watch, proposal.held),)
    order_id = link.order_id if link else known.candidate.order_id if known else 0
    mismatch = _mismatch(study, n, order_id, watch)
    return (mismatch,) if mismatch else ()


def _known_order(ranking: Ranking) -> Weighed | None:
    """The images name this order and this patient; only details of the identity keep the two apart.

    That is a mismatch to mend, not a study without an order. While the patient is quarantined it is neither.
    """
    details = IDENTITY_DETAILS | {VetoKind.QUARANTINED}
    fits = [
        each
        for each in ranking.weighed
        if each.evidence.order_key and each.evidence.identity.agrees and {veto.kind for veto in each.vetoes} <= details
    ]
    return fits[0] if len(fits) == 1 else None


def _unassigned(study: Study, persons: Mapping[int, Person], ranking: Ranking, watch: Watch, held: str = "") -> Finding:
    best = ranking.weighed[0] if ranking.weighed else None
    found = _against(study, best, persons, watch) if best else ()
    return Finding(
        CaseKind.UNASSIGNED_STUDY,
        f"study:{study.id}",
        f"{held}: a person decides" if held else unassigned_cause(study, ranking),
        owner_of(study, ranking),
        GRAVE,
        study_id=study.id,
        person_id=best.person_id if best and best.evidence.identity.agrees else 0,
        differences=found,
        candidates=with_reason(ranking.candidates, held),
        evidence=evidence_of(study, ranking, found) | ({"held": held} if held else {}),
    )


def _against(study: Study, best: Weighed, persons: Mapping[int, Person], watch: Watch) -> tuple[Difference, ...]:
    person = persons.get(best.person_id)
    truth = truth_of(person) if person else best.evidence.order.patient
    return differences(truth, study.facts.patient, watch.patient_id_issuer)


def _mismatch(study: Study, n: Neighbourhood, order_id: int, watch: Watch) -> Finding | None:
    persons = n.persons or {}
    person = _owner_of_identity(study, n, order_id, watch)
    if person is None or person.quarantined or not _within_watch(study, person, watch):
        return None
    block = differences(truth_of(person), study.facts.patient, watch.patient_id_issuer)
    grave = important(block)
    if not grave:
        return None
    fields = [each.field for each in grave]
    retired = study.person_id in persons and persons[study.person_id].merged_into != 0
    return Finding(
        CaseKind.DEMOGRAPHIC_MISMATCH,
        f"study:{study.id}",
        _mismatch_cause(fields, retired),
        CaseOwner.US,
        GRAVE if len(fields) > 1 or "patient_id" in fields else PLAIN,
        study_id=study.id,
        order_id=order_id,
        person_id=person.id,
        differences=block,
        evidence={"fields": [[each.field, each.truth, each.found] for each in grave], "order": order_id},
    )


def _owner_of_identity(study: Study, n: Neighbourhood, order_id: int, watch: Watch) -> Person | None:
    """The person of the study's order, else the one that its present id leads to."""
    persons = n.persons or {}
    order = next((order for order in n.orders if order.id == order_id), None)
    present = study.person_id or resolve(study.facts.patient.patient_id, persons, watch.patient_id_issuer)
    return persons.get(survivor_of(order.person_id if order else present, persons))


def _within_watch(study: Study, person: Person, watch: Watch) -> bool:
    """A study from before the watch is touched only by an update that came after its beginning."""
    instant = instant_of(study, watch)
    if instant is not None and local_day(instant, watch) >= watch.watch_from:
        return True
    return person.updated_at is not None and local_day(person.updated_at, watch) >= watch.watch_from


WORDS = {
    "patient_id": "patient id",
    "issuer_of_patient_id": "issuer of patient id",
    "patient_name": "name",
    "patient_birth_date": "birth date",
    "patient_sex": "sex",
}


def _mismatch_cause(fields: list[str], retired: bool) -> str:
    if retired and "patient_id" in fields:
        return "the images carry the id of a patient who was merged"
    words = [WORDS[field] for field in fields]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"{listed} {'differs' if len(words) == 1 else 'differ'} between index and images"
