"""Plan the way back of a correction, from the originals that were kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from radrecon.model.correction import DeliveryState, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.patient import Demographics
from radrecon.model.study import Inventory, StudyFacts
from radrecon.recon.undo import plan_undo as decide
from radrecon.store import corrections, merges, persons, settings, studies, study_links
from radrecon.store.database import Connection, Store
from radrecon.workflow.planning import Site, with_messages
from radrecon.workflow.reconcile import load_watch

TOUCHED = (DeliveryState.WRITTEN, DeliveryState.FILED, DeliveryState.NOT_APPLIED)


def plan_undo(store: Store, correction_id: int, now: datetime) -> Plan:
    """The compensation plan; approve it like any other. Raises Refused with the reason where there is no way back."""
    with store.reading() as conn:
        config = settings.load_config(conn)
        site = Site(config, load_watch(conn, config), now)
        correction = corrections.load_correction(conn, correction_id)
        if correction.state == "under way":
            raise Refused(f"correction {correction_id} is still under way")
        if correction.undone_by or correction.state == "undone":
            raise Refused(f"correction {correction_id} is undone already")
        if correction.state == "stale":
            raise Refused(f"correction {correction_id} went stale: nothing of it was carried out")
        carried_out = [
            (position, delivery)
            for position, delivery in enumerate(corrections.deliveries_of(conn, correction_id))
            if delivery.planned.edit and (delivery.state in TOUCHED or corrections.has_originals(conn, delivery.id))
        ]
        _refuse_overtaken(conn, correction)
        undo, needs = decide(
            correction_id,
            correction.plan,
            _facts(conn, correction.plan),
            {position: delivery.id for position, delivery in carried_out},
            prior=_prior(conn, correction.plan),
        )
        undo = replace(undo, inventory=tuple(_inventories(conn, undo)))
    return with_messages((undo, needs), site)


def _refuse_overtaken(conn: Connection, correction: corrections.Correction) -> None:
    """What was decided later of the study's orders is taken back first."""
    for change in correction.plan.index_changes:
        standing = study_links.links_of_study(conn, change.values["study_id"]) if change.action == "link" else []
        if any(link.correction_id not in (0, correction.id) for link in standing):  # 0: a rule's, which follows facts
            raise Refused("the study has been linked anew since; undo the later change first")
        if change.action == "merge":
            _refuse_without_number(conn, change.values["survivor_id"], change.values["non_survivor_id"])


def _refuse_without_number(conn: Connection, survivor: int, non_survivor: int) -> None:
    if why_not := merges.why_not_apart(conn, survivor, non_survivor):
        raise Refused(f"the two cannot be told apart any more: {why_not}")


def _inventories(conn: Connection, plan: Plan) -> Iterator[Inventory]:
    """Of each study that is restored, at the PACS where it is: the same study may lie in two."""
    for edit in (one.edit for one in plan.deliveries if one.edit):
        study = studies.by_uid(conn, edit.pacs, edit.study_instance_uid)
        if study and not study.gone:
            yield Inventory.of(study.facts)


def _facts(conn: Connection, plan: Plan) -> dict[tuple[str, str], StudyFacts | None]:
    found: dict[tuple[str, str], StudyFacts | None] = {}
    for one in plan.inventory:
        study = studies.by_uid(conn, one.pacs, one.study_instance_uid)
        found[one.pacs, one.study_instance_uid] = study.facts if study and not study.gone else None
    return found


def _prior(conn: Connection, plan: Plan) -> Demographics | None:
    """For a merge: the person who is restored."""
    for change in plan.index_changes:
        if plan.verb is Verb.MERGE and change.action == "merge":
            person = persons.load_one(conn, change.values["non_survivor_id"])
            return person.demographics if person else None
    return None
