"""The identity that the images carry against the index: the case of a study whose patient's record says otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.model.case import CaseKind, CaseOwner, Difference, Finding, Weight
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import differences, important
from radrecon.recon.identity import resolve, survivor_of, truth_of
from radrecon.recon.issuers import assumed_issuer
from radrecon.recon.times import instant_of, local_day

GRAVE = 3
PLAIN = 2


def mismatch(study: Study, persons: Mapping[int, Person], order: Order | None, watch: Watch) -> Finding | None:
    """`order`: the study's own, None where it has none; None where nothing that matters differs."""
    order_id = order.id if order else 0
    person = _owner_of_identity(study, persons, order, watch)
    if person is None or person.quarantined or not _within_watch(study, person, watch):
        return None
    block = differences(truth_of(person), study.facts.patient, assumed_issuer(study, watch))
    grave = important(block)
    if not grave:
        return None
    fields = [each.field for each in grave]
    retired = study.person_id in persons and persons[study.person_id].merged_into != 0
    return Finding(
        CaseKind.DEMOGRAPHIC_MISMATCH,
        f"study:{study.id}",
        _mismatch_cause(grave, retired),
        CaseOwner.US,
        GRAVE if len(fields) > 1 or "patient_id" in fields else PLAIN,
        study_id=study.id,
        order_id=order_id,
        person_id=person.id,
        differences=block,
        evidence={"fields": [[each.field, each.truth, each.found] for each in grave], "order": order_id},
    )


def _owner_of_identity(study: Study, persons: Mapping[int, Person], order: Order | None, watch: Watch) -> Person | None:
    """The person of the study's order, else the one that its present id leads to."""
    present = study.person_id or resolve(study.facts.patient.patient_id, persons, assumed_issuer(study, watch))
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


def _mismatch_cause(grave: Sequence[Difference], retired: bool) -> str:
    if retired and any(each.field == "patient_id" for each in grave):
        return "the images carry the id of a patient who was merged"
    missing = [WORDS[each.field] for each in grave if each.weight is Weight.MISSING]
    others = [WORDS[each.field] for each in grave if each.weight is not Weight.MISSING]
    verb = "differs" if len(others) == 1 else "differ"
    differing = f"{_listed(others, 'and')} {verb} between index and images" if others else ""
    lacking = f"the images carry no {_listed(missing, 'or')}" if missing else ""
    return "; ".join(filter(None, (differing, lacking)))


def _listed(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
