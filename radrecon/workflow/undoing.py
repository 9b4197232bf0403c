"""Plan the way back of a correction, from the originals that were kept."""

from __future__ import annotations

from datetime import datetime

from radrecon.model.correction import DeliveryState, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.patient import Demographics
from radrecon.model.study import StudyFacts
from radrecon.recon.undo import plan_undo as decide
from radrecon.store import corrections, persons, settings, studies
from radrecon.store.database import Connection, Store
from radrecon.workflow.planning import Site, with_messages
from radrecon.workflow.reconcile import load_watch

TOUCHED = (DeliveryState.WRITTEN, DeliveryState.FILED, DeliveryState.NOT_APPLIED, DeliveryState.UNCERTAIN)


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
        carried_out = [
            (position, delivery)
            for position, delivery in enumerate(corrections.deliveries_of(conn, correction_id))
            if delivery.planned.edit and delivery.state in TOUCHED
        ]
        planned = decide(
            correction_id,
            correction.plan,
            _facts(conn, correction.plan),
            {position: delivery.id for position, delivery in carried_out},
            prior=_prior(conn, correction.plan),
        )
    return with_messages(planned, site)


def _facts(conn: Connection, plan: Plan) -> dict[str, StudyFacts | None]:
    found: dict[str, StudyFacts | None] = {}
    for one in plan.inventory:
        study = studies.by_uid(conn, one.pacs, one.study_instance_uid)
        found[one.study_instance_uid] = study.facts if study and not study.gone else None
    return found


def _prior(conn: Connection, plan: Plan) -> Demographics | None:
    """For a merge: the person who is restored."""
    for change in plan.index_changes:
        if plan.verb is Verb.MERGE and change.action == "merge":
            person = persons.load_one(conn, change.values["non_survivor_id"])
            return person.demographics if person else None
    return None
