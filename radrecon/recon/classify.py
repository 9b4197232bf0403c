"""What the facts say of one study right now: its order, whether it is judged, and the cases that should be open.

A person's decision wins over any rule. A study from before the watch, or from before the first order was heard, is
*not judged*: it is no orphan, however little fits. Equal facts give equal findings, whatever came first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from radrecon.model.altering import altered
from radrecon.model.case import CaseKind, Difference, Finding, MatchClass
from radrecon.model.decision import Decision
from radrecon.model.order import Order
from radrecon.model.person import Link, LinkState, Person, Watch
from radrecon.model.rule import Act, RuleName, RuleState, RuleStates
from radrecon.model.study import RequestAttributes, Study
from radrecon.recon import classes
from radrecon.recon.cause import ORPHAN, evidence_of, owner_of, unassigned_cause
from radrecon.recon.class_findings import (
    accession_missing,
    possible_wrong_pick,
    split_accession,
    split_cause,
    wrong_order,
)
from radrecon.recon.compare import differences
from radrecon.recon.decisions import Ruling, ruling
from radrecon.recon.follow import is_companion, source_of
from radrecon.recon.identity import survivor_of, truth_of
from radrecon.recon.issuers import assumed_issuer
from radrecon.recon.late import annotated, late_finding
from radrecon.recon.learned import UNTAUGHT, Learned
from radrecon.recon.match import Ranking, Weighed, candidates
from radrecon.recon.mismatch import mismatch
from radrecon.recon.nobody import is_alias
from radrecon.recon.normalise import accession_key
from radrecon.recon.outside import Outside, why_outside
from radrecon.recon.rules import Proposal, again, propose, several, state_of, with_reason
from radrecon.recon.slots import Slot
from radrecon.recon.times import instant_of, local_day
from radrecon.recon.veto import IDENTITY_DETAILS, VetoKind
from radrecon.recon.weigh import DEFAULT, Weights

GRAVE = 3


@dataclass(frozen=True)
class Neighbourhood:
    """One study with everything that shares a key with it.

    `study_person_id`: whom its present id leads to (0 unknown); `links`: people's decisions on this study; `taken`:
    orders that a study has by decision, or by accession and UID; `correcting`: a correction of it is under way;
    `linked`: persons whom registration has linked with the study's; `persons_truncated`: there are more persons of
    this birth date than were loaded; `rivals`: this patient's other studies that carry no accession number;
    `requests`: orders that modalities say it was made for (MPPS); `slots`: orders at its station on its day;
    `sources`: studies of the same patient number and accession; `at`: the instant of the look, UTC; None where nothing
    is waited for; `decisions`: remembered ones that its numbers lead to; `rules`: the site's states (None: all on).
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
    persons_truncated: bool = False
    rivals: tuple[Study, ...] = ()
    requests: tuple[RequestAttributes, ...] = ()
    slots: tuple[Slot, ...] = ()
    sources: tuple[Study, ...] = ()
    at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    rules: RuleStates | None = None


@dataclass(frozen=True)
class Verdict:
    """`order_id` 0: not associated. While a correction is under way nothing new is found.

    `order_ids`: every order of the study, the first one first; `proposed_ids`: those that a person is asked to take;
    `follows`: the study that a companion goes with; `prior_of`: the person whom an outside study may be a prior of;
    `look_again`: when time alone may change the verdict; `closing`: why cases of the study that are not found any more
    close, where that is not plain; `acts`: what rules do with the study, or in shadow would do; `ruling`: the
    remembered decision that it falls under.
    """

    order_id: int
    link_state: LinkState | None
    judged: bool
    not_judged_reason: str
    ranking: Ranking
    findings: tuple[Finding, ...]
    match_class: MatchClass = MatchClass.NOT_JUDGED
    order_ids: tuple[int, ...] = ()
    proposed_ids: tuple[int, ...] = ()
    follows: int = 0
    prior_of: int = 0
    look_again: datetime | None = None
    closing: str = ""
    acts: tuple[Act, ...] = ()
    ruling: Ruling | None = None


def classify(n: Neighbourhood, watch: Watch, weights: Weights = DEFAULT, learned: Learned = UNTAUGHT) -> Verdict:
    """Decide on one study."""
    study = altered(n.study, person_id=n.study_person_id or n.study.person_id)
    near = classes.around(study, n.orders, n.requests, n.taken or {}, n.slots, n.at, watch.zone, n.persons or {})
    found = classes.find(near, lambda one: _rank(one, n, watch, weights, learned))
    source = source_of(study, n.sources, watch.patient_id_issuer) if is_companion(study.facts) else None
    outside = _outside(study, n, found.ranking, watch)
    followed = None if study.gone or outside else ruling(study, n.decisions, n.persons or {}, watch)
    links, proposal = _links(n, found, source, outside, followed)
    reason = _why_not_judged(study, links, found.ranking, watch, outside)
    quiet = study.gone or n.correcting or outside is not None
    findings = () if quiet else _findings(study, n, links, found, source, not reason, watch, followed, proposal)
    return Verdict(
        links[0].order_id if links else 0,
        links[0].state if links else None,
        not reason,
        reason,
        found.ranking,
        findings,
        match_class=_match_class(study, links, found, source, outside, reason),
        order_ids=tuple(link.order_id for link in links),
        proposed_ids=_proposed(links, found),
        follows=source.id if source else 0,
        prior_of=outside.prior_of if outside else 0,
        look_again=None if links and links[0].state is not LinkState.AUTO else found.look_again,
        acts=() if quiet else (*proposal.acts, *again(followed, findings, n.rules)),
        ruling=followed,
    )


def _rank(study: Study, n: Neighbourhood, watch: Watch, weights: Weights, learned: Learned) -> Ranking:
    return candidates(
        study,
        n.orders,
        n.persons or {},
        orders_total=n.orders_total,
        truncated=n.truncated,
        taken=n.taken or {},
        watch=watch,
        linked=n.linked,
        persons_truncated=n.persons_truncated,
        rivals=n.rivals,
        weights=weights,
        learned=learned,
    )


def _outside(study: Study, n: Neighbourhood, ranking: Ranking, watch: Watch) -> Outside | None:
    """None where a person has linked it: then it is ours."""
    if _decided(n):
        return None
    persons = n.persons or {}
    return why_outside(study, persons.get(survivor_of(study.person_id, persons)), ranking, persons, watch)


def _decided(n: Neighbourhood) -> tuple[Link, ...]:
    """What people's last decision links the study to."""
    decided = [link for link in n.links if link.study_id == n.study.id and link.state is not LinkState.AUTO]
    last = max((link.correction_id for link in decided), default=0)
    return tuple(link for link in decided if link.correction_id == last)


def _links(
    n: Neighbourhood, found: classes.Found, source: Study | None, outside: Outside | None, followed: Ruling | None
) -> tuple[tuple[Link, ...], Proposal]:
    """What stands: people's decision, else what may be associated without a person; and what rules say of it."""
    if decided := _decided(n):
        return decided, Proposal()
    if n.study.gone or outside or found.wrong_order:
        return (), Proposal()
    if found.split and found.split.automatic:
        together = several(found.split.ids, n.rules)
        ids = found.split.ids if together.order_id else ()
        return tuple(Link(n.study.id, order_id, LinkState.AUTO) for order_id in ids), together
    return _one_link(n, found, source, propose(found.ranking, followed, n.rules))


def _one_link(
    n: Neighbourhood, found: classes.Found, source: Study | None, proposal: Proposal
) -> tuple[tuple[Link, ...], Proposal]:
    if found.split and not accession_key(n.study.facts.accession_number):
        return (), Proposal()  # which of them it is, nothing says
    if proposal.order_id:
        return (Link(n.study.id, proposal.order_id, LinkState.AUTO),), proposal
    link = _following(n, found.ranking, source) if source and not proposal.held else None
    by_rule = state_of(n.rules, RuleName.LINK_BY_ACCESSION) is RuleState.ON
    return (link,) if link and by_rule else (), proposal


def _following(n: Neighbourhood, ranking: Ranking, source: Study) -> Link | None:
    """A companion's order is its source's: that the source has it already is no reason against it."""
    theirs = [link for link in n.links if link.study_id == source.id and link.state is not LinkState.AUTO]
    if theirs:
        return Link(n.study.id, max(theirs, key=lambda link: link.correction_id).order_id, LinkState.AUTO)
    taken = n.taken or {}
    fits = [
        each
        for each in ranking.weighed
        if each.evidence.order_key
        and each.evidence.identity.agrees
        and {veto.kind for veto in each.vetoes} == {VetoKind.TAKEN}
        and taken.get(each.candidate.order_id) == source.id
    ]
    return Link(n.study.id, fits[0].candidate.order_id, LinkState.AUTO) if len(fits) == 1 else None


def _match_class(
    study: Study,
    links: tuple[Link, ...],
    found: classes.Found,
    source: Study | None,
    outside: Outside | None,
    reason: str,
) -> MatchClass:
    if outside:
        return MatchClass.OUTSIDE
    if links:
        return MatchClass.LINKED
    if reason:
        return MatchClass.NOT_JUDGED
    if source:
        return MatchClass.FOLLOWS
    fits = found.split or found.wrong_order or found.ranking.null_probability < ORPHAN
    return MatchClass.SUGGESTED if fits else MatchClass.ORPHAN


def _proposed(links: tuple[Link, ...], found: classes.Found) -> tuple[int, ...]:
    if links and links[0].state is not LinkState.AUTO:
        return ()
    if found.split and not found.split.automatic:
        return found.split.ids
    if links:
        return ()
    return tuple(each.order_id for each in found.ranking.candidates[:1])


def _why_not_judged(
    study: Study, links: tuple[Link, ...], ranking: Ranking, watch: Watch, outside: Outside | None
) -> str:
    """ "" where the study is judged."""
    if study.gone:
        return "the study is gone from the PACS"
    if outside:
        return f"outside: {outside.reason}"
    instant = instant_of(study, watch)
    if instant is None:
        return "it was there before us and has no usable date"
    if local_day(instant, watch) < watch.watch_from:
        return f"before {watch.watch_from.isoformat()}, from when the site is watched"
    if not links and not _orders_heard(instant, watch) and not any(e.evidence.speaks for e in ranking.weighed):
        return "from before the first order was heard" if watch.orders_since else "no order has been heard yet"
    return ""


def _orders_heard(instant: datetime, watch: Watch) -> bool:
    return watch.orders_since is not None and instant >= watch.orders_since


def _findings(
    study: Study,
    n: Neighbourhood,
    links: tuple[Link, ...],
    found: classes.Found,
    source: Study | None,
    judged: bool,
    watch: Watch,
    followed: Ruling | None,
    proposal: Proposal,
) -> tuple[Finding, ...]:
    """Late images of what was decided come first; whatever else is found says what was decided of images like these."""
    persons = n.persons or {}
    shown = with_reason(found.ranking.candidates, proposal.held)
    late = late_finding(study, followed, persons, shown, proposal.held, watch) if judged or links else None
    if late:
        return (late,)
    if followed and followed.puts_aside and any(act.state is RuleState.ON for act in proposal.acts):
        return ()
    plain = _plain_findings(study, n, links, found, source, judged, watch, proposal.held)
    return tuple(annotated(each, followed, persons, watch) for each in plain)


def _plain_findings(
    study: Study,
    n: Neighbourhood,
    links: tuple[Link, ...],
    found: classes.Found,
    source: Study | None,
    judged: bool,
    watch: Watch,
    held: str,
) -> tuple[Finding, ...]:
    ranking = found.ranking
    unclear = links or found.wrong_order or found.split or held
    known = None if unclear else _known_order(ranking)
    if not links and known is None and judged:
        return (_without_order(study, n, found, watch, held),) if source is None else ()
    order_id = links[0].order_id if links else known.candidate.order_id if known else 0
    order = next((order for order in n.orders if order.id == order_id), None)
    differs = mismatch(study, n.persons or {}, order, watch)
    if known and judged and not (differs or _is_waited_for(known)):  # what keeps the two apart is no difference
        return (_without_order(study, n, found, watch, held),) if source is None else ()
    return ((differs,) if differs else ()) + (_of_classes(study, links, found) if judged else ())


def _is_waited_for(known: Weighed) -> bool:
    """Who the patient is has a case of its own: a suspected overlay, or a temporary identity once it is that old."""
    suspected = any(veto.kind is VetoKind.QUARANTINED for veto in known.vetoes)
    return suspected or is_alias(known.evidence.order.patient)


def _without_order(study: Study, n: Neighbourhood, found: classes.Found, watch: Watch, held: str) -> Finding:
    """The case of a study that has no order: that the one it names is the wrong one says more than that it has none."""
    if found.wrong_order:
        return wrong_order(study, found.wrong_order, found.ranking)
    pick = found.wrong_pick
    return possible_wrong_pick(study, pick, found.ranking) if pick else _unassigned(study, n, found, watch, held)


def _of_classes(study: Study, links: tuple[Link, ...], found: classes.Found) -> tuple[Finding, ...]:
    """What a person should look at of a study that has its order by rule; what people decided is not doubted."""
    if not links or links[0].state is not LinkState.AUTO:
        return ()
    made: list[Finding] = []
    if found.split and not found.split.automatic:
        made.append(split_accession(study, found.split, found.ranking))
    if found.wrong_pick:
        made.append(possible_wrong_pick(study, found.wrong_pick, found.ranking))
    if len(links) == 1 and (missing := accession_missing(study, links[0].order_id, found.ranking)):
        made.append(missing)
    return tuple(made)


def _known_order(ranking: Ranking) -> Weighed | None:
    """The images name this order and this patient; only details of the identity keep the two apart.

    That is a mismatch to mend, not a study without an order. While the patient is quarantined it is neither.
    """
    details = IDENTITY_DETAILS | {VetoKind.QUARANTINED, VetoKind.PERSON}
    fits = [
        each
        for each in ranking.weighed
        if each.evidence.order_key and each.evidence.identity.agrees and {veto.kind for veto in each.vetoes} <= details
    ]
    return fits[0] if len(fits) == 1 else None


def _unassigned(study: Study, n: Neighbourhood, said: classes.Found, watch: Watch, held: str) -> Finding:
    ranking, split = said.ranking, said.split
    best = ranking.weighed[0] if ranking.weighed else None
    found = _against(study, best, n.persons or {}, watch) if best else ()
    cause = split_cause(split) if split and not held else unassigned_cause(study, ranking, held)
    more = ({"orders": list(split.ids)} if split else {}) | ({"held": held} if held else {})
    return Finding(
        CaseKind.UNASSIGNED_STUDY,
        f"study:{study.id}",
        cause,
        owner_of(study, ranking),
        GRAVE,
        study_id=study.id,
        person_id=best.person_id if best and best.evidence.identity.agrees else 0,
        differences=found,
        candidates=with_reason(ranking.candidates, held),
        odds=ranking.odds,
        evidence=evidence_of(study, ranking, found) | more,
    )


def _against(study: Study, best: Weighed, persons: Mapping[int, Person], watch: Watch) -> tuple[Difference, ...]:
    person = persons.get(best.person_id)
    truth = truth_of(person) if person else best.evidence.order.patient
    return differences(truth, study.facts.patient, assumed_issuer(study, watch))
