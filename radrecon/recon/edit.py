"""Edits of images as values: which attributes a study gets, who may not be given whose, and what must be proved.

The identity block is taken whole from its owner. What the owner does not know never blanks what the images hold,
unless the images carry somebody else's identity (PS3.3 C.2.2, C.2.3; UIDs are never among the values).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from radrecon.config import PacsConfig
from radrecon.model.correction import AttributeChange, DatasetEdit, EditReason, PlannedDelivery
from radrecon.model.errors import Refused
from radrecon.model.names import PersonName
from radrecon.model.order import Order
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.attributes import changed, identity_attributes, study_attributes
from radrecon.recon.identity import cannot_be_one
from radrecon.recon.normalise import name_key
from radrecon.recon.warn import study_warnings

PROVABLE = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber")
COPIES = "copies that have left the PACS before (viewers, teleradiology, exchange) are not changed"
EDITABLE = ("orthanc", "overwrite")


@dataclass(frozen=True)
class StudyContext:
    """One study for planning: `facts` fresh from the PACS, the person its present id leads to, its order now.

    `complete`: it is no longer arriving.
    """

    study: Study
    facts: StudyFacts
    person: Person | None = None
    order: Order | None = None
    complete: bool = True


def refuse_other_person(ctx: StudyContext, person: Person) -> None:
    """The one error that is never forgiven is giving one known person's images to another."""
    present = ctx.person
    if present is not None and person.id not in (present.id, present.merged_into):
        raise Refused("The images' present id is another known person's: that is a move to another patient, not this.")


def refuse_suspect(person: Person) -> None:
    if person.quarantined:
        raise Refused("This patient's identity is under suspicion (overlay); registration has to settle it first.")
    if person.merged_into:
        raise Refused("This patient was merged into another; take the survivor.")


def refuse_profile(pacs: PacsConfig) -> None:
    if pacs.profile not in EDITABLE:
        raise Refused(f"PACS {pacs.name} has profile {pacs.profile}: its images cannot be edited in place.")


def order_name(order: Order) -> str:
    return order.accession_number or order.placer_order_number or order.filler_order_number or str(order.id)


def identity_values(truth: Demographics, found: Demographics, watch: Watch) -> dict[str, str]:
    """The block to write. Somebody else's identity is replaced whole, blanks included."""
    if cannot_be_one(truth, found, watch.patient_id_issuer):
        return identity_attributes(truth)
    kept_groups = replace(truth, name=_with_groups(truth, found))
    return {keyword: text for keyword, text in identity_attributes(kept_groups).items() if text}


def _with_groups(truth: Demographics, found: Demographics) -> PersonName:
    """Ideographic and phonetic groups stay while the alphabetic name that they spell stays."""
    mine, theirs = truth.name, found.name
    same = name_key(mine.alphabetic) == name_key(theirs.alphabetic)
    if not same or mine.ideographic or mine.phonetic:
        return mine
    return replace(mine, ideographic=theirs.ideographic, phonetic=theirs.phonetic)


def needed_values(values: Mapping[str, str], facts: StudyFacts) -> dict[str, str]:
    """What must change. Issuer and descriptions, which few archives answer, go along with an edit but ask for none."""
    return {word: text for word, text in changed(values, study_attributes(facts)).items() if word in PROVABLE}


def edit_delivery(
    facts: StudyFacts,
    values: dict[str, str],
    items: tuple[dict[str, str], ...] | None,
    reason: EditReason,
    person: Person,
    watch: Watch,
) -> PlannedDelivery:
    uid, present = facts.study_instance_uid, study_attributes(facts)
    changes = [AttributeChange(word, present.get(word, ""), text) for word, text in changed(values, present).items()]
    if items is not None:
        steps = ", ".join(item.get("ScheduledProcedureStepID", "") or "no step id" for item in items)
        counted = "1 item" if len(items) == 1 else f"{len(items)} items"
        changes.append(AttributeChange("RequestAttributesSequence", "", f"{counted}: {steps}"))
    return PlannedDelivery(
        facts.pacs,
        study_keys(facts, person.demographics.patient_id, watch),
        tuple(changes),
        edit=DatasetEdit(facts.pacs, uid, values, items, reason),
        proof=facts.pacs,
        expect={uid: {keyword: values[keyword] for keyword in PROVABLE if keyword in values}},
        title=f"Edit {facts.instances} images at {facts.pacs}",
    )


def patient_key(patient_id: PatientId, watch: Watch) -> str:
    """The key that keeps what touches one patient in order; an unstated issuer is the site's."""
    return f"patient:{patient_id.value}^^^{patient_id.issuer or watch.patient_id_issuer}"


def study_keys(facts: StudyFacts, new: PatientId, watch: Watch) -> tuple[str, ...]:
    """Keys of the study and of its old and new patient."""
    ids = [each for each in (facts.patient.patient_id, new) if each.value]
    return (*dict.fromkeys(patient_key(each, watch) for each in ids), study_key(facts.study_instance_uid))


def study_key(study_instance_uid: str) -> str:
    return f"study:{study_instance_uid}"


def touches(target: Demographics, contexts: Sequence[StudyContext], orders: int = 0, more: int = 0) -> dict[str, int]:
    ids = {ctx.facts.patient.patient_id.value for ctx in contexts} | {target.patient_id.value}
    instances = sum(ctx.facts.instances for ctx in contexts)
    found = {"patients": len(ids - {""}) + more, "studies": len(contexts), "instances": instances, "orders": orders}
    return {what: count for what, count in found.items() if count}


def identity_edits(
    contexts: Iterable[StudyContext],
    person: Person,
    pacs_by_name: Mapping[str, PacsConfig],
    watch: Watch,
    again: frozenset[int] = frozenset(),
) -> tuple[list[StudyContext], tuple[PlannedDelivery, ...], tuple[str, ...]]:
    """The studies whose identity differs, an edit for each that can be edited, and what to know before."""
    touched: list[StudyContext] = []
    deliveries: list[PlannedDelivery] = []
    warnings: list[str] = []
    for ctx in contexts:
        values = identity_values(person.demographics, ctx.facts.patient, watch)
        if ctx.study.gone or not (ctx.study.id in again or needed_values(values, ctx.facts)):
            continue
        pacs = _pacs_of(ctx, pacs_by_name)
        touched.append(ctx)
        warnings += study_warnings(ctx.complete, ctx.facts, pacs)
        if pacs.profile != "hl7":
            refuse_profile(pacs)
            deliveries.append(edit_delivery(ctx.facts, values, None, EditReason.COERCE, person, watch))
    return touched, tuple(deliveries), tuple(dict.fromkeys(warnings))


def _pacs_of(ctx: StudyContext, pacs_by_name: Mapping[str, PacsConfig]) -> PacsConfig:
    pacs = pacs_by_name.get(ctx.facts.pacs)
    if pacs is None:
        raise Refused(f"PACS {ctx.facts.pacs} is not configured any more; its images cannot be edited.")
    return pacs
