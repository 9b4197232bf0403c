"""Fix demographics: the owner's identity block into the images that differ, A08 downstream (IHE PIR case 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radrecon.config import PacsConfig
from radrecon.model.correction import Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.person import Person, Watch
from radrecon.model.study import Inventory
from radrecon.recon.edit import COPIES, StudyContext, identity_edits, refuse_other_person, refuse_suspect, touches
from radrecon.recon.need import HL7Need, Planned


def plan_fix(
    case_id: int,
    contexts: Sequence[StudyContext],
    person: Person,
    pacs_by_name: Mapping[str, PacsConfig],
    watch: Watch,
    again: frozenset[int] = frozenset(),
) -> Planned:
    """Bring the owner's identity block into the images that differ, and to the destinations by A08.

    `again`: studies (ids) with images of which the PACS does not show what they say: edited in any case.
    """
    refuse_suspect(person)
    for ctx in contexts:
        refuse_other_person(ctx, person)
    touched, deliveries, warnings = identity_edits(contexts, person, pacs_by_name, watch, again)
    if not touched:
        raise Refused("The images already show what the index says; there is nothing to fix.")
    words = ", ".join(dict.fromkeys(change.where for each in deliveries for change in each.changes)) or "late images"
    plan = Plan(
        Verb.FIX,
        case_id,
        f"Fix {words} in {len(touched)} {'study' if len(touched) == 1 else 'studies'}",
        person.demographics,
        (),
        deliveries,
        tuple(Inventory.of(ctx.facts) for ctx in touched),
        touches(person.demographics, touched),
        warnings,
        (COPIES,),
    )
    return plan, (HL7Need("A08", person.demographics),)
