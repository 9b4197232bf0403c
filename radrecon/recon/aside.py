"""Orders that share a key with a study and cannot matter to it, for it names its order letter by letter.

A frequent patient has hundreds of orders, a common name many more. Those of another number and another week need not be
loaded and compared where what they could bring at most changes nothing: neither the odds, nor a veto, nor what else
could be found. The verdict is then the one over all of them; what this cannot show is decided over all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import exp2, log2

from radrecon.model.order import Outline
from radrecon.model.person import Person
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.bound import ROUNDING
from radrecon.recon.classify import Verdict
from radrecon.recon.compare import SAME, Level, compare_accessions
from radrecon.recon.evidence import Evidence, Scale
from radrecon.recon.match import BETTER_FIT, MARGIN_ENOUGH, ORDER_ENOUGH, PATIENT_ENOUGH, Weighed
from radrecon.recon.names import MOST
from radrecon.recon.normalise import accession_key
from radrecon.recon.split import is_explained
from radrecon.recon.times import day_of
from radrecon.recon.weigh import TYPICAL_PAIR
from radrecon.recon.wrong_order import FAR, is_in_doubt

FIT_FIELDS = ("modality", "station", "body_part", "procedure", "laterality")
AGAINST = -2.0  # bits of a field that speaks against an order
FAR_DAYS = 9  # whole days between two dates: further than any slot that could be meant


def is_plain(verdict: Verdict) -> bool:
    """One order is named letter by letter with its patient, nothing speaks against it, and nothing was found."""
    best = verdict.ranking.automatic
    return best is not None and bool(verdict.order_ids) and not verdict.findings and _agrees_throughout(best.evidence)


def _agrees_throughout(evidence: Evidence) -> bool:
    identity = evidence.identity
    named = evidence.accession is Level.EQUAL and identity.patient_id is Level.EQUAL and identity.name_and_birth
    return named and all(reason.bits > AGAINST for reason in evidence.reasons)


def named_by(facts: StudyFacts, outlines: Iterable[Outline]) -> list[Outline]:
    """The orders that the images name: by accession number, however it is written, or by Study UID."""
    return [one for one in outlines if _is_named(facts, one)]


def _is_named(facts: StudyFacts, one: Outline) -> bool:
    by_uid = bool(facts.study_instance_uid) and one.study_instance_uid == facts.study_instance_uid
    return by_uid or compare_accessions(one.accession_number, facts.accession_number) in SAME


def left_out(facts: StudyFacts, outlines: Iterable[Outline]) -> list[Outline]:
    """Those of another number and another time."""
    day = day_of(facts.performed)
    done = date.fromisoformat(day) if day else None
    return [one for one in outlines if done and _is_aside(facts, one, done)]


def _is_aside(facts: StudyFacts, one: Outline, done: date) -> bool:
    far = bool(one.starts) and all(_is_far(start, done) for start in one.starts)
    number = compare_accessions(one.accession_number, facts.accession_number)
    return far and number in (Level.DIFFERENT, Level.MISSING) and not _is_named(facts, one)


def _is_far(start: str, done: date) -> bool:
    try:
        return abs((date.fromisoformat(start[:10]) - done).days) >= FAR_DAYS
    except ValueError:
        return False


def changes_nothing(
    best: Weighed, study: Study, persons: Mapping[int, Person], left: Sequence[Outline], scale: Scale
) -> bool:
    """Whether the verdict that links `best`, whom the images name in every identifier, is the one with the orders left
    out, and with whoever else shares the name or the number.

    `persons`: the study's and the order's. A name that is written otherwise may be written so of somebody else. What
    remains to be asked is how likely patient and order still are, and whether another order fits better; the latter
    only where the examination leaves a doubt.
    """
    evidence, facts = best.evidence, study.facts
    own = [persons.get(study.person_id), persons.get(evidence.order.person_id)]
    to_the_letter = evidence.identity.name is Level.EQUAL and evidence.uid is not Level.DIFFERENT
    alone = to_the_letter and all(one is not None and not one.merged_into for one in own)
    on_time = evidence.gap is not None and abs(evidence.gap) <= FAR
    settled = on_time and not is_in_doubt(facts, evidence.order) and is_explained(facts, evidence.order)
    return alone and settled and _stays_likely(best, facts, left, scale)


def _stays_likely(best: Weighed, facts: StudyFacts, left: Sequence[Outline], scale: Scale) -> bool:
    """With as many more orders, each of a person of its own or the same, and each with the most that it can bring."""
    evidence, stands = best.evidence, best.standing
    fit = _fit(scale)
    most = _patient(scale) + fit + _number(facts, left, scale)
    odd = scale.weights.no_order / (1 - scale.weights.no_order)  # an order that the images name was heard
    more = len(left) * exp2(most + ROUNDING - evidence.bits)
    more += (len(left) + 1) * odd * exp2(_patient(scale) + ROUNDING - evidence.bits)
    return (
        fit < evidence.fit_bits + BETTER_FIT
        and stands.margin >= MARGIN_ENOUGH
        and -log2(more) >= MARGIN_ENOUGH
        and _less(stands.order_probability, more) >= ORDER_ENOUGH
        and _less(stands.patient_probability, more) >= PATIENT_ENOUGH
    )


def _number(facts: StudyFacts, left: Iterable[Outline], scale: Scale) -> float:
    """Of an accession number: another one speaks against an order, none or one of another number space does not."""
    other = scale.accessions[Level.DIFFERENT]
    numbered = not facts.issuer_of_accession and all(accession_key(one.accession_number) for one in left)
    return other if numbered else max(0.0, other)


def _less(probability: float, more: float) -> float:
    """What is left of it where others get `more` times the weight of the order."""
    return 1 / (1 / probability + more) if probability else 0.0


def _fit(scale: Scale) -> float:
    """Of an examination at quite another time."""
    most = scale.weights.most
    return sum(most[field] for field in FIT_FIELDS) + scale.weights.bits["performed"]["far"] + ROUNDING


def _patient(scale: Scale) -> float:
    """Of an identity that agrees throughout, under the rarest name."""
    most = scale.weights.most
    typical = scale.weights.bits["patient_name"][Level.EQUAL] / TYPICAL_PAIR
    name = most["patient_name"] + max(0.0, typical * (MOST - TYPICAL_PAIR))
    return max(0.0, *scale.ids.values()) + name + most["patient_birth_date"] + most["patient_sex"]
