"""Late images of what a person has decided: the case that says so, and the same correction once more.

Instead of a fresh unexplained case, it names who decided, when and by which correction, and proposes what brings the
late images along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from radrecon.model.case import Candidate, CaseKind, Finding
from radrecon.model.correction import Plan
from radrecon.model.decision import Decision, Scope
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import differences
from radrecon.recon.decisions import Ruling
from radrecon.recon.identity import survivor_of, truth_of
from radrecon.recon.issuers import assumed_issuer
from radrecon.recon.need import Planned

WORDS = {
    "PatientID": "patient id",
    "PatientName": "name",
    "PatientBirthDate": "birth date",
    "PatientSex": "sex",
    "AccessionNumber": "accession number",
}
PLAIN = 2


def words(one: Decision, watch: Watch) -> str:
    """`the decision of ann at 2026-11-22 15:05 (correction 3)`."""
    at = one.at.astimezone(ZoneInfo(watch.zone)).strftime("%Y-%m-%d %H:%M")
    made = f"correction {one.correction_id}" if one.correction_id else f"case {one.case_id}"
    return f"the decision of {one.who} at {at} ({made})"


def late_finding(
    study: Study,
    ruling: Ruling | None,
    persons: Mapping[int, Person],
    candidates: tuple[Candidate, ...],
    held: str,
    watch: Watch,
) -> Finding | None:
    """The case of late images; None where the decision calls for nothing, or may not be followed."""
    if ruling is None or not ruling.follows or not (ruling.late or ruling.unseen or ruling.order_id):
        return None
    one = ruling.decision
    person_id = survivor_of(one.person_id, persons)
    person = persons.get(person_id)
    block = differences(truth_of(person), study.facts.patient, assumed_issuer(study, watch)) if person else ()
    return Finding(
        CaseKind.LATE_IMAGES,
        f"study:{study.id}",
        f"follows {words(one, watch)}: {_what(study, ruling)}" + (f"; {held}" if held else ""),
        severity=PLAIN,
        study_id=study.id,
        order_id=one.order_id,
        person_id=person_id,
        differences=block,
        candidates=candidates,
        evidence=evidence(ruling)
        | {
            "late": [[each.where, each.old, each.new] for each in ruling.late],
            "unseen": ruling.unseen,
            "differences": [[each.field, each.truth, each.found] for each in block],
        },
    )


def _what(study: Study, ruling: Ruling) -> str:
    if ruling.late:
        return f"images came that say the former {_listed([WORDS[each.where] for each in ruling.late])} again"
    if ruling.unseen:
        images = "1 image" if ruling.unseen == 1 else f"{ruling.unseen} images"
        return f"{images} came after it; the PACS does not show whether they say what was corrected"
    return "another study with the same accession number, patient, station and day"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def evidence(ruling: Ruling) -> dict[str, object]:
    one = ruling.decision
    return {"decision": {"id": one.id, "verb": one.verb, "scope": str(one.scope), "against": ruling.against}}


def annotated(finding: Finding, ruling: Ruling | None, persons: Mapping[int, Person], watch: Watch) -> Finding:
    """A case of another kind with what has been decided about images like these."""
    if ruling is None:
        return finding
    said = _annotation(ruling, persons, watch)
    return replace(finding, cause=f"{finding.cause}; {said}", evidence=finding.evidence | evidence(ruling))


def _annotation(ruling: Ruling, persons: Mapping[int, Person], watch: Watch) -> str:
    one, named = ruling.decision, words(ruling.decision, watch)
    if ruling.against:
        return f"does not follow {named}: {ruling.against}, a person decides"
    if one.verb == "dismiss":
        return f"follows {named}: images like these were put aside ({one.reason})"
    if one.scope is Scope.PATIENT:
        person = persons.get(survivor_of(one.person_id, persons))
        number = person.demographics.patient_id.value if person else "another"
        return f"follows {named}: patient id {one.before.patient.patient_id.value} there that day was {number}"
    return f"follows {named}"


def of_another_study(planned: Planned) -> Planned:
    """A second study goes to an order that has one: the order keeps its first study's UID, and nobody is told anew."""
    plan, _ = planned
    changes = tuple(change for change in plan.index_changes if change.action != "take_uid")
    warning = "the order already has images: this study is added to them"
    made: Plan = replace(plan, index_changes=changes, warnings=(*plan.warnings, warning))
    return made, ()
