"""Whether late images fall under what a person has decided before.

Three scopes (model/decision.py). A decision is followed only where the images say of their patient exactly what the
person saw, or what they decided; whatever speaks of another patient goes to a person. Equal facts and decisions give
equal rulings, whatever came first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from radrecon.model.correction import AttributeChange
from radrecon.model.decision import Before, Decision, Scope
from radrecon.model.patient import Demographics
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.attributes import equal_values, study_attributes
from radrecon.recon.compare import differences, important
from radrecon.recon.edit import PROVABLE
from radrecon.recon.identity import survivor_of
from radrecon.recon.normalise import accession_key, birth_date_key, fold, id_key, name_key
from radrecon.recon.times import day_of

MADE_FROM_IMAGES = frozenset(("PR", "SEG"))  # a workstation writes them under the identity that the PACS shows
NO_NUMBERS = frozenset(("UNKNOWN", "NONE", "NA", "NULL", "NIL", "0", "UNIDENTIFIED", "NOID"))
DAY_PRECISION = len("1960-05-17")


@dataclass(frozen=True)
class Ruling:
    """A decision that a study falls under. `against`: why it is not followed after all, "" where it is.

    `late`: what the images say again although the decision has changed it; `unseen`: how many images came after the
    correction, of which the PACS does not show what they say.
    """

    decision: Decision
    against: str = ""
    late: tuple[AttributeChange, ...] = ()
    unseen: int = 0

    @property
    def follows(self) -> bool:
        return not self.against

    @property
    def order_id(self) -> int:
        """The order that it gives another study; 0 where it gives none."""
        other = self.follows and self.decision.scope is Scope.ACCESSION and self.decision.verb == "link"
        return self.decision.order_id if other else 0

    @property
    def puts_aside(self) -> bool:
        return self.follows and self.decision.verb == "dismiss"


def keys_of(facts: StudyFacts) -> dict[Scope, frozenset[str]]:
    """What decisions about a study are found by. Numbers that say nothing are no keys."""
    found = {Scope.STUDY: frozenset((f"study:{facts.study_instance_uid}",))}
    day, number = day_of(facts.performed), id_key(facts.patient.patient_id.value)
    if not day or not number or number in NO_NUMBERS or not _is_somebody(facts.patient):
        return found
    stations = {fold(series.station_name) for series in facts.series} or {""}
    places = [f"{number}/{station}/{day}" for station in stations]
    found[Scope.PATIENT] = frozenset(f"patient:{place}" for place in places)
    if accession := accession_key(facts.accession_number):
        issuer = fold(facts.issuer_of_accession)
        found[Scope.ACCESSION] = frozenset(f"accession:{issuer}/{accession}/{place}" for place in places)
    return found


def _is_somebody(patient: Demographics) -> bool:
    """A name of two parts and a whole birth date: an alias may be given to two people on one day."""
    key = name_key(patient.name.alphabetic or patient.name.ideographic)
    return bool(key.family and key.given) and len(birth_date_key(patient.birth_date)) == DAY_PRECISION


def before(facts: StudyFacts) -> Before:
    stations = sorted({fold(series.station_name) for series in facts.series})
    return Before(
        patient=facts.patient,
        accession_number=facts.accession_number,
        issuer_of_accession=facts.issuer_of_accession,
        station=stations[0] if stations else "",
        day=day_of(facts.performed),
        instances=facts.instances,
        series=tuple(sorted((one.series_instance_uid, one.instances) for one in facts.series)),
    )


def scopes_for(verb: str, facts: StudyFacts, target: Demographics, numbers: Iterable[str] = ()) -> dict[Scope, str]:
    """Scope → key under which a decision on this study is remembered. `numbers`: every number of its patient."""
    found, station = keys_of(facts), before(facts).station
    wanted = [Scope.STUDY] + ([Scope.ACCESSION] if verb in ("link", "dismiss") else [])
    own = {id_key(one) for one in (target.patient_id.value, *numbers)}
    if verb in ("link", "fix") and id_key(facts.patient.patient_id.value) not in own:
        wanted.append(Scope.PATIENT)  # the number itself was wrong
    return {scope: _at(found[scope], station) for scope in wanted if scope in found}


def _at(keys: frozenset[str], station: str) -> str:
    return next((key for key in sorted(keys) if f"/{station}/" in key), min(keys))


def ruling(study: Study, decisions: Sequence[Decision], persons: Mapping[int, Person], watch: Watch) -> Ruling | None:
    """The decision that a study falls under, and whether it may be followed; None where nobody has decided.

    `decisions`: standing ones under one of the study's keys; `study.person_id`: whom its present id leads to.
    """
    newest = sorted(decisions, key=lambda one: (one.at, one.id), reverse=True)
    own = [one for one in newest if one.scope is Scope.STUDY]
    if own:
        return _of_itself(study, own[0], persons, watch)
    for scope in (Scope.ACCESSION, Scope.PATIENT):
        others = [one for one in newest if one.scope is scope and one.study_id != study.id]
        if others:
            return _of_another(study, _latest_per_study(others), persons, watch)
    return None


def _latest_per_study(newest: Sequence[Decision]) -> list[Decision]:
    seen: dict[int, Decision] = {}
    for one in newest:
        seen.setdefault(one.study_id, one)
    return list(seen.values())


def _of_itself(study: Study, one: Decision, persons: Mapping[int, Person], watch: Watch) -> Ruling | None:
    """Images of the decided study that came later, or came again as they were."""
    if one.verb == "dismiss":
        return None  # the case itself stays put aside until its evidence changes
    found, issuer = study.facts.patient, watch.patient_id_issuer
    numbers = {id_key(one.before.patient.patient_id.value), id_key(one.target.patient_id.value)}
    if id_key(found.patient_id.value) not in numbers:
        return Ruling(one, _another_patient(one))
    if against := _forbidden(study, one, persons):
        return Ruling(one, against)
    if not any(same_identity(each, found, issuer) for each in (one.before.patient, one.target)):
        return None
    late = said_again(one.changes, study.facts)
    unseen = 0 if late or not one.changes else came_after(one.before, study.facts)
    return Ruling(one, late=late, unseen=unseen) if late or unseen else None


def said_again(changes: Iterable[AttributeChange], facts: StudyFacts) -> tuple[AttributeChange, ...]:
    """Those changes whose old value the images show once more."""
    present = study_attributes(facts)
    return tuple(
        each
        for each in changes
        if each.where in PROVABLE
        and equal_values(each.where, each.old, present.get(each.where, ""))
        and not equal_values(each.where, each.new, present.get(each.where, ""))
    )


def came_after(what: Before, facts: StudyFacts) -> int:
    """How many images came since; what a workstation makes from the images themselves is left out."""
    known = dict(what.series)
    new = [(one, one.instances - known.get(one.series_instance_uid, 0)) for one in facts.series]
    if not known or not new:
        return max(facts.instances - what.instances, 0)
    return sum(count for one, count in new if count > 0 and one.modality not in MADE_FROM_IMAGES)


def _of_another(study: Study, found: Sequence[Decision], persons: Mapping[int, Person], watch: Watch) -> Ruling | None:
    """Another study under the same numbers, at the same station, on the same day."""
    issuer = watch.patient_id_issuer
    same = [one for one in found if same_identity(one.before.patient, study.facts.patient, issuer)]
    if not same:
        return Ruling(found[0], _another_patient(found[0]))
    if len({_outcome(one, persons) for one in same}) > 1:
        return Ruling(same[0], "people have decided differently about images like these")
    if len(same) < len(found):
        return Ruling(same[0], "images of another patient carry these numbers too")
    return Ruling(same[0], _forbidden(study, same[0], persons))


def _outcome(one: Decision, persons: Mapping[int, Person]) -> tuple[bool, int, int]:
    """What it says of images like these: a wrong patient number says whose they are, not which order's."""
    order_id = one.order_id if one.scope is Scope.ACCESSION else 0
    return one.verb == "dismiss", order_id, survivor_of(one.person_id, persons)


def _another_patient(one: Decision) -> str:
    return f"the images name another patient than those that {one.who} decided on"


def _forbidden(study: Study, one: Decision, persons: Mapping[int, Person]) -> str:
    """Evidence of another patient is never overridden by what somebody decided before it was there."""
    decided, present = survivor_of(one.person_id, persons), survivor_of(study.person_id, persons)
    if one.verb != "dismiss" and not decided:
        return "the patient of that decision is not known any more"
    if decided and present and present != decided:
        return "the images' patient id is another known person's"
    person = persons.get(decided)
    if person and person.quarantined:
        return "the patient's identity is under suspicion (overlay)"
    return ""


def same_identity(one: Demographics, other: Demographics, issuer: str) -> bool:
    """Nothing that matters differs, whichever of the two is taken for the truth."""
    return not important(differences(one, other, issuer)) and not important(differences(other, one, issuer))
