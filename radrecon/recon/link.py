"""Link or re-link a study to an order: Study UID kept, accession, request attributes and identity into the images.

An order without images takes over the images' Study UID; an order that loses its study gives the UID back and can be
done again (IHE RAD SWF, wrong worklist entry selected).
"""

from __future__ import annotations

from dataclasses import replace

from radrecon.config import PacsConfig
from radrecon.model.correction import EditReason, IndexChange, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.order import Order
from radrecon.model.person import Person, Watch
from radrecon.model.study import Inventory
from radrecon.recon.edit import (
    COPIES,
    StudyContext,
    edit_delivery,
    identity_values,
    needed_values,
    order_name,
    refuse_other_person,
    refuse_profile,
    refuse_suspect,
    touches,
)
from radrecon.recon.need import HL7Need, Planned
from radrecon.recon.request import request_attributes
from radrecon.recon.veto import DEAD
from radrecon.recon.warn import link_warnings, study_warnings


def plan_link(
    case_id: int,
    ctx: StudyContext,
    order: Order,
    person: Person,
    order_has_other_images: bool,
    pacs: PacsConfig,
    watch: Watch,
    again: bool = False,
) -> Planned:
    """Link (or re-link) a study to an order: accession, request attributes and identity go into the images.

    `again`: images came after it was done once, and the PACS does not show what they say: they are edited in any case.
    """
    _refuse_link(ctx, order, person, order_has_other_images)
    refuse_profile(pacs)
    uid, facts = ctx.facts.study_instance_uid, ctx.facts
    values = identity_values(person.demographics, facts.patient, watch) | _order_values(order, ctx)
    items = request_attributes(order, uid)
    relinked = ctx.order is not None and ctx.order.id != order.id
    moved = again or relinked or needed_values(values, facts)
    delivery = edit_delivery(facts, values, items, EditReason.CORRECT, person, watch) if moved else None
    plan = Plan(
        Verb.LINK,
        case_id,
        _summary(ctx, order),
        person.demographics,
        _link_changes(ctx, order, uid),
        (delivery,) if delivery else (),
        (Inventory.of(facts),),
        touches(person.demographics, [ctx], orders=1 + relinked),
        (*study_warnings(ctx.complete, facts, pacs), *link_warnings(facts, order, person)),
        (COPIES,) if delivery else (),
    )
    return plan, (HL7Need("O01", person.demographics, None, replace(order, study_instance_uid=uid)),)


def _summary(ctx: StudyContext, order: Order) -> str:
    old = f" instead of {order_name(ctx.order)}" if ctx.order and ctx.order.id != order.id else ""
    return f"Link the study to order {order_name(order)}{old}"


def _refuse_link(ctx: StudyContext, order: Order, person: Person, order_has_other_images: bool) -> None:
    if ctx.study.gone:
        raise Refused("The study is gone from the PACS; there is nothing to link.")
    refuse_other_person(ctx, person)
    refuse_suspect(person)
    if order.person_id and order.person_id != person.id:
        raise Refused("The order is not this patient's; take the order's own patient.")
    name = order_name(order)
    if order.status in DEAD:
        raise Refused(f"Order {name} is {order.status.lower()}; link to a live order or ask for a new one.")
    if order_has_other_images:
        raise Refused(f"Order {name} already has images; two studies of one order are joined, not linked.")


def _order_values(order: Order, ctx: StudyContext) -> dict[str, str]:
    """Accession always; description and Study ID only where empty, or still those of the order it was linked to."""
    facts, before = ctx.facts, ctx.order or Order()
    values = {"AccessionNumber": order.accession_number} if order.accession_number else {}
    old_text, new_text = before.requested_procedure_description, order.requested_procedure_description
    for keyword, present, old, new in (
        ("StudyDescription", facts.description, old_text, new_text),
        ("StudyID", facts.study_id, before.requested_procedure_id, order.requested_procedure_id),
    ):
        if new and (not present.strip() or present == old):
            values[keyword] = new
    return values


def _link_changes(ctx: StudyContext, order: Order, uid: str) -> tuple[IndexChange, ...]:
    ours, old = ctx.study.id, ctx.order
    changes: list[IndexChange] = []
    if old is not None and old.id != order.id:
        text = f"order {order_name(old)} has no images again"
        changes.append(IndexChange("unlink", text, {"study_id": ours, "order_id": old.id}))
        if old.study_instance_uid == uid:
            changes.append(_take_uid(old, ""))
    text = f"the study belongs to order {order_name(order)}"
    changes.append(IndexChange("link", text, {"study_id": ours, "order_id": order.id}))
    if order.study_instance_uid != uid:
        changes.append(_take_uid(order, uid))
    return tuple(changes)


def _take_uid(order: Order, uid: str) -> IndexChange:
    text = (
        f"order {order_name(order)} takes over the images' Study UID"
        if uid
        else (f"order {order_name(order)} gives the images' Study UID back")
    )
    values = {"order_id": order.id, "study_instance_uid": uid, "prior": order.study_instance_uid}
    return IndexChange("take_uid", text, values)
