"""The way back: a compensation plan made from the plan that was carried out (PS3.3 C.12.1.1.9, kept originals)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from radrecon.model.correction import AttributeChange, DatasetEdit, IndexChange, Plan, PlannedDelivery, Verb
from radrecon.model.errors import Refused
from radrecon.model.patient import Demographics
from radrecon.model.study import Inventory, StudyFacts
from radrecon.recon.attributes import IDENTITY, demographics_from
from radrecon.recon.merge import NO_UNMERGE
from radrecon.recon.need import HL7Need, Planned
from radrecon.recon.verify import shows

# PACS and Study UID → what that PACS now says; None: gone from there
Found = Mapping[tuple[str, str], StudyFacts | None]
LATER = (
    "images came after the correction: those that say what the images said before stay as they are; "
    "any other stops the undo before anything is changed"
)
INVERSE = {"link": "unlink", "unlink": "link", "merge": "unmerge", "unmerge": "merge"}


def plan_undo(
    correction_id: int,
    plan: Plan,
    facts: Found,
    delivery_ids: Mapping[int, int],
    *,
    prior: Demographics | None = None,
) -> Planned:
    """Undo one correction.

    `facts`: fresh answers, of each copy from the PACS where it lies; `delivery_ids`: position in `plan.deliveries` →
    the delivery that was carried out (absent: nothing was changed there). `prior`: for a merge the non-survivor, for a
    fix the identity as it was; a fix takes the images' former identity where none is given.
    """
    if plan.undo_of:
        raise Refused("This is an undo itself; plan the correction again instead.")
    if plan.verb is Verb.DISMISS:
        raise Refused("A dismissal is undone by opening the case again.")
    gone = _gone(plan, facts, delivery_ids)
    deliveries = tuple(_restores(plan, facts, {at: sent for at, sent in delivery_ids.items() if at not in gone}))
    if gone and not deliveries:
        raise Refused("A study of this correction is gone from the PACS; its originals cannot be put back.")
    changes = tuple(inverse(change) for change in reversed(plan.index_changes))
    if not deliveries and not changes and not _told(plan):
        raise Refused("Nothing of this correction was carried out; there is nothing to undo.")
    former = prior or _former_identity(plan)
    undo = Plan(
        Verb.UNDO,
        plan.case_id,
        f"Undo correction {correction_id}: {plan.summary}",
        former or plan.target,
        changes,
        deliveries,
        tuple(_inventories(deliveries, facts)),
        plan.touches,
        (*gone_warnings(gone), *_warnings(plan, facts, former)),
        (NO_UNMERGE,) if plan.verb is Verb.MERGE else (),
        undo_of=correction_id,
    )
    return undo, _needs(plan, former)


def _told(plan: Plan) -> bool:
    return any(delivery.message for delivery in plan.deliveries)


def _gone(plan: Plan, facts: Found, delivery_ids: Mapping[int, int]) -> dict[int, str]:
    """Position of each edit that was carried out on a copy that its PACS no longer has → the name of that PACS."""
    edits = {at: each.edit for at, each in enumerate(plan.deliveries) if each.edit is not None and at in delivery_ids}
    return {
        at: edit.pacs
        for at, edit in edits.items()
        if any(facts.get((edit.pacs, uid)) is None for uid in plan.deliveries[at].expect)
    }


def gone_warnings(gone: Mapping[int, str]) -> Iterator[str]:
    for pacs in dict.fromkeys(gone.values()):
        yield f"a study of this correction is no longer at {pacs}: nothing is put back there"


def _restores(plan: Plan, facts: Found, delivery_ids: Mapping[int, int]) -> Iterator[PlannedDelivery]:
    for at, delivery in enumerate(plan.deliveries):
        if delivery.edit is not None and at in delivery_ids:
            _refuse_changed(delivery, delivery.edit.pacs, facts)
            yield _restore(delivery, delivery.edit, delivery_ids[at])


def _refuse_changed(delivery: PlannedDelivery, pacs: str, facts: Found) -> None:
    for uid, expected in delivery.expect.items():
        found, former = facts[pacs, uid], expected | _old_values(delivery)
        if not (shows(found, expected).ok or shows(found, _only(former, expected)).ok):
            raise Refused("The study has been changed again since; undo the later change first.")


def _only(values: Mapping[str, str], keywords: Mapping[str, str]) -> dict[str, str]:
    return {keyword: text for keyword, text in values.items() if keyword in keywords}


def _old_values(delivery: PlannedDelivery) -> dict[str, str]:
    return {change.where: change.old for change in delivery.changes}


def _restore(delivery: PlannedDelivery, edit: DatasetEdit, delivery_id: int) -> PlannedDelivery:
    """The kept originals come back; the values are for reading and for the proof."""
    old, shown = _old_values(delivery), delivery.expect.items()
    former = {keyword: old.get(keyword, text) for keyword, text in edit.values.items()}
    return replace(
        delivery,
        changes=tuple(AttributeChange(each.where, each.new, each.old) for each in delivery.changes),
        edit=replace(edit, values=former, request_attributes=None, restore_of=delivery_id),
        expect={uid: {word: old.get(word, text) for word, text in values.items()} for uid, values in shown},
        title=f"Restore the originals at {edit.pacs}",
    )


def inverse(change: IndexChange) -> IndexChange:
    """The change that takes this one back; raises Refused where there is none."""
    if change.action == "take_uid":
        values = change.values | {
            "study_instance_uid": change.values.get("prior", ""),
            "prior": change.values.get("study_instance_uid", ""),
        }
        return IndexChange("take_uid", "the order has its own Study UID again", values)
    action = INVERSE.get(change.action)
    if action is None:
        raise Refused(f"There is no way back for {change.action}.")
    return IndexChange(action, f"taken back: {change.text}", change.values)


def _former_identity(plan: Plan) -> Demographics | None:
    """What the images said before a fix, where all its studies said the same."""
    if plan.verb is not Verb.FIX:
        return None
    blocks = [
        {word: _old_values(each).get(word, text) for word, text in each.edit.values.items() if word in IDENTITY}
        for each in plan.deliveries
        if each.edit is not None
    ]
    alike = [block for block in blocks if block == blocks[0]]
    return demographics_from(blocks[0]) if blocks and len(alike) == len(blocks) else None


def _needs(plan: Plan, former: Demographics | None) -> tuple[HL7Need, ...]:
    if former is None:
        return ()
    if plan.verb is Verb.FIX:
        return (HL7Need("A08", former),)
    return (HL7Need("A28", former),) if plan.verb is Verb.MERGE else ()


def _inventories(deliveries: tuple[PlannedDelivery, ...], facts: Found) -> Iterator[Inventory]:
    for edit in (delivery.edit for delivery in deliveries if delivery.edit):
        found = facts.get((edit.pacs, edit.study_instance_uid))
        if found is not None:
            yield Inventory.of(found)


def _warnings(plan: Plan, facts: Found, former: Demographics | None) -> Iterator[str]:
    for inventory in plan.inventory:
        found = facts.get((inventory.pacs, inventory.study_instance_uid))
        if found is not None and found.instances > inventory.instances:
            yield LATER
    if plan.verb is Verb.FIX and former is None:
        yield "the studies held several identities before: the destinations are not told of the way back"
    if plan.verb is Verb.MERGE and former is None:
        yield "the restored patient is not known: the destinations are not told of the way back"
