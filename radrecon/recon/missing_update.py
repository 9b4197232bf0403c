"""Missing update: registration changed somebody, and a PACS still shows them as they were before.

A study that carries the very identity from before a message, and was there when it came, says that the message never
reached that PACS. All studies of the person that missed the same message are one case. Within the grace, and for
studies that fit no earlier identity (a slip at the modality, images that came later), it is a demographic mismatch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from radrecon.model.case import CaseKind, CaseOwner, Difference, Finding, Weight
from radrecon.model.expectation import Expectation
from radrecon.model.patient import Demographics
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study
from radrecon.recon.compare import differences, important
from radrecon.recon.expectation import on_wall
from radrecon.recon.identity import truth_of
from radrecon.recon.normalise import id_key

PLAIN, GRAVE = 2, 3
WORDS = {
    "patient_id": "number",
    "issuer_of_patient_id": "issuer",
    "patient_name": "name",
    "patient_birth_date": "birth date",
    "patient_sex": "sex",
}


@dataclass(frozen=True)
class Update:
    """One message that changed a person: `before` is the identity block that it ended, `at` when we heard it (UTC)."""

    message_id: int
    at: datetime
    event: str
    before: Demographics
    control_id: str = ""
    sender: str = ""


def missed(study: Study, updates: Sequence[Update], grace: timedelta, watch: Watch) -> Update | None:
    """The first message that the study's PACS has not applied; None where the difference has another cause.

    Of several identities that fit it is the latest: what came before that one was applied.
    """
    fits = [
        one
        for one in updates
        if _was_there(study, one.at + grace)
        and not important(differences(one.before, study.facts.patient, watch.patient_id_issuer))
        and _same_number(one.before, study)
    ]
    return max(fits, key=lambda one: (one.at, one.message_id), default=None)


def _was_there(study: Study, at: datetime) -> bool:
    return study.baseline or (study.first_seen is not None and study.first_seen <= at)


def _same_number(before: Demographics, study: Study) -> bool:
    return id_key(before.patient_id.value) == id_key(study.facts.patient.patient_id.value)


def under_old_number(study: Study, person: Person, issuer: str) -> Finding | None:
    """The images carry a number of their patient that a message has ended, and nothing else differs.

    As a number of another authority (a department's temporary one) it still leads to the patient, and is no mismatch; a
    PACS that files under it has not heard of the message all the same. `issuer`: the site's own.
    """
    if person.quarantined or study.gone:
        return None
    block = with_old_number(differences(truth_of(person), study.facts.patient, issuer))
    return Finding(
        CaseKind.DEMOGRAPHIC_MISMATCH,
        f"study:{study.id}",
        "",
        study_id=study.id,
        person_id=person.id,
        differences=block,
    )


def with_old_number(found: Sequence[Difference]) -> tuple[Difference, ...]:
    """A number that a message has ended is no longer as good as the present one."""
    return tuple(
        replace(each, weight=Weight.DIFFERS, note="")
        if each.field == "patient_id" and id_key(each.truth) != id_key(each.found)
        else each
        for each in found
    )


def expect(study: Study, mismatch: Finding, update: Update, watch: Watch) -> Expectation:
    """The update at the PACS. Its case is that of the person, the message and the number that the images carry."""
    block = with_old_number(mismatch.differences)
    fields = [each.field for each in important(block)]
    pacs, number = study.facts.pacs, study.facts.patient.patient_id.value
    finding = Finding(
        CaseKind.MISSING_UPDATE,
        f"update:{pacs}/{mismatch.person_id}/{update.message_id}/{id_key(number)}",
        "",
        CaseOwner.US,
        GRAVE if len(fields) > 1 or "patient_id" in fields else PLAIN,
        study_id=study.id,
        person_id=mismatch.person_id,
        differences=block,
        evidence={
            "pacs": pacs,
            "event": update.event,
            "message_id": update.message_id,
            "control_id": update.control_id,
            "sender": update.sender,
            "heard": on_wall(update.at, watch),
            "fields": [[each.field, each.truth, each.found] for each in important(block)],
        },
    )
    return Expectation(finding, f"study:{study.id}", update.at, f"{pacs}/{update.sender}")


def together(findings: Sequence[Finding]) -> Finding:
    """The case of one person and message with all studies that still show the old identity."""
    first, ids = findings[0], tuple(one.study_id for one in findings)
    said = first.evidence
    carry = "1 study carries" if len(ids) == 1 else f"{len(ids)} studies carry"
    sender = f" from {said['sender']}" if said["sender"] else ""
    message = f"{said['event']} of {said['heard']}{sender}"
    cause = f"{message} never reached {said['pacs']}: {carry} the old {_old(first.differences)}"
    return replace(first, cause=cause, study_ids=ids, total=len(ids))


def _old(found: Sequence[Difference]) -> str:
    fields = [each.field for each in important(found)]
    own = {"issuer_of_patient_id"} if "patient_id" in fields else set()  # another number's is no news besides
    words = [WORDS[field] for field in fields if field not in own]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
