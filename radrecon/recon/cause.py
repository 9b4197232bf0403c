"""Why a study is without an order, in plain words; who can fix it; and the evidence that names the case.

The evidence holds no probability and no clock, so that it changes only when the facts do: a dismissed case comes back
then and only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from radrecon.model.case import CaseOwner, Difference
from radrecon.model.study import Study
from radrecon.recon.compare import Level
from radrecon.recon.match import Ranking, Weighed
from radrecon.recon.normalise import accession_key, id_key
from radrecon.recon.veto import VetoKind

LIKELY = 0.5
ORPHAN = 0.7  # that no order was heard is this much likelier than everything that was


def unassigned_cause(study: Study, ranking: Ranking, held: str = "") -> str:
    """`accession A1024 is not known; order A1042 of the same patient fits`; `held`: why that is left to a person."""
    wrong, fits = _what_is_wrong(study, ranking), _what_fits(ranking)
    if not held:
        return f"{wrong}; {fits}"
    named = ranking.automatic is not None and bool(ranking.automatic.evidence.order_key)
    return f"{wrong}; {held}: a person decides" if named else f"{wrong}; {fits}; {held}"


def _what_is_wrong(study: Study, ranking: Ranking) -> str:
    facts = study.facts
    named = next((each for each in ranking.weighed if each.evidence.order_key), None)
    if not id_key(facts.patient.patient_id.value):
        return "the images carry no patient id"
    if named is not None:
        return f"the images name order {_name(named)}" if named is ranking.automatic else _why_not(named)
    if study.wrong_worklist_entry:
        return "the images were made under a wrong worklist entry"
    if not accession_key(facts.accession_number):
        return "the images carry no accession number"
    return f"accession {facts.accession_number} is not known"


def _why_not(named: Weighed) -> str:
    veto = named.vetoes[0].text if named.vetoes else "more than one order fits"
    return f"the images name order {_name(named)}, but {veto}"


def _name(each: Weighed) -> str:
    """By accession number, else by another one, and then it says which: the images may carry it as an accession."""
    order = each.evidence.order
    if order.accession_number:
        return order.accession_number
    other = (("placer", order.placer_order_number), ("filler", order.filler_order_number))
    return next((f"with {word} number {number}" for word, number in other if number), str(order.id))


def _what_fits(ranking: Ranking) -> str:
    likely = [each for each in ranking.weighed if each.candidate.probability >= LIKELY]
    if likely and likely[0].evidence.order_key:
        return "a person has to decide"
    if likely and likely[0].evidence.identity.agrees:
        return f"order {_name(likely[0])} of the same patient fits"
    if likely:
        but = f", but {likely[0].vetoes[0].text}" if likely[0].vetoes else ""
        return f"order {_name(likely[0])} comes nearest{but}"
    if ranking.null_probability < ORPHAN and ranking.weighed:
        return _what_may_fit(ranking)
    return "no order that was heard fits"


def _what_may_fit(ranking: Ranking) -> str:
    first, *others = sorted(ranking.weighed, key=lambda each: -each.candidate.probability)
    if any(each.candidate.probability > first.candidate.probability / 2 for each in others):
        return "several orders fit"
    return f"order {_name(first)} may fit"


def owner_of(study: Study, ranking: Ranking) -> CaseOwner:
    """Who can fix it: us where an order fits, else whoever should have told us."""
    best = ranking.weighed[0] if ranking.weighed else None
    if study.wrong_worklist_entry:
        return CaseOwner.TECHNOLOGIST  # who knows whom they show
    if best and any(veto.kind is VetoKind.QUARANTINED for veto in best.vetoes):
        return CaseOwner.REGISTRATION
    if best and best.evidence.order_key and best.evidence.modality is Level.DIFFERENT:
        return CaseOwner.TECHNOLOGIST
    if ranking.null_probability < ORPHAN:
        return CaseOwner.US
    return CaseOwner.RIS if id_key(study.facts.patient.patient_id.value) else CaseOwner.TECHNOLOGIST


def evidence_of(study: Study, ranking: Ranking, found: Sequence[Difference]) -> dict[str, Any]:
    """Only candidates that something specific speaks for: a new order at the same station is no news."""
    facts = study.facts
    return {
        "accession_number": facts.accession_number,
        "patient_id": facts.patient.patient_id.value,
        "patient_name": str(facts.patient.name),
        "patient_birth_date": facts.patient.birth_date,
        "candidates": sorted(each.candidate.order_id for each in ranking.weighed if each.evidence.speaks),
        "differences": [[each.field, each.truth, each.found] for each in found],
        **({"wrong_worklist_entry": True} if study.wrong_worklist_entry else {}),
    }
