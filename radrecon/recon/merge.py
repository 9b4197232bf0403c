"""Merge two patients: A40 to the destinations, the non-survivor's images get the survivor's identity (HL7 3.6.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.config import PacsConfig
from radrecon.model.correction import IndexChange, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.person import Person, Watch
from radrecon.model.study import Inventory
from radrecon.recon.edit import COPIES, StudyContext, identity_edits, touches
from radrecon.recon.need import HL7Need, Planned
from radrecon.recon.warn import merge_warnings

NO_UNMERGE = "HL7 has no unmerge: what a receiver merges on A40 it may not take apart again"


def plan_merge(
    case_id: int,
    survivor: Person,
    non_survivor: Person,
    contexts: Sequence[StudyContext],
    pacs_by_name: Mapping[str, PacsConfig],
    watch: Watch,
    *,
    orders: int = 0,
) -> Planned:
    """Merge two patients: orders and studies follow the survivor, A40 to the destinations, the images edited.

    `contexts`: the non-survivor's studies; `orders`: how many orders follow. Where the index has merged them already
    (an A40 that the PACS never got) only what is downstream remains to be done.
    """
    _refuse_merge(survivor, non_survivor)
    for ctx in contexts:
        if ctx.person is not None and ctx.person.id not in (survivor.id, non_survivor.id):
            raise Refused("One of the studies carries a third person's id; correct that one first.")
    touched, deliveries, warnings = identity_edits(contexts, survivor, pacs_by_name, watch)
    mine, theirs = survivor.demographics, non_survivor.demographics
    text = f"{theirs.patient_id} becomes {mine.patient_id}; orders, steps and studies follow"
    values = {"survivor_id": survivor.id, "non_survivor_id": non_survivor.id}
    done = non_survivor.merged_into == survivor.id
    plan = Plan(
        Verb.MERGE,
        case_id,
        f"Merge {theirs.patient_id} into {mine.patient_id}",
        mine,
        () if done else (IndexChange("merge", text, values),),
        deliveries,
        tuple(Inventory.of(ctx.facts) for ctx in touched),
        touches(mine, touched, orders, more=0 if touched else 1),
        (*merge_warnings(mine, theirs), *warnings),
        (NO_UNMERGE, COPIES),
    )
    return plan, (HL7Need("A40", mine, theirs),)


def _refuse_merge(survivor: Person, non_survivor: Person) -> None:
    if survivor.id == non_survivor.id:
        raise Refused("A patient cannot be merged into itself.")
    if survivor.merged_into:
        raise Refused("The survivor was itself merged into another patient; take that one.")
    if non_survivor.merged_into not in (0, survivor.id):
        raise Refused("The non-survivor was merged into another patient already.")
    if survivor.quarantined or non_survivor.quarantined:
        raise Refused("An identity is under suspicion (overlay); registration has to settle it before a merge.")
