"""Deliveries on their way, for the tests of what becomes of them."""

from __future__ import annotations

from typing import Any

from radrecon.model.correction import DeliveryState
from radrecon.store.corrections import Delivery
from radrecon.workflow import outbox, proving
from tests.builders import study
from tests.workflow.hospital import CONFIG, Hospital, destination, shows_now
from tests.workflow.messages import adt, order

S = DeliveryState
NEW_NAME = {"1.2.3": {"PatientName": "ZIMMERMANN^ANNA"}}


def tells(hospital: Hospital, *names: str, **more: Any) -> None:
    viewers = [destination(name, **more) for name in names or ("viewer",)]
    hospital.configure(CONFIG.model_copy(update={"hl7_destination": viewers}))


def fixes(hospital: Hospital) -> tuple[int, Delivery, Delivery]:
    """A fix under way: the edit and its message."""
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    correction = hospital.approves(hospital.plans("fix"))
    edit, message = hospital.deliveries(correction)[:2]
    return correction, edit, message


def begin(hospital: Hospital, delivery: Delivery) -> Delivery:
    hospital.later(1)
    begun = outbox.begin(hospital.store, hospital.delivery(delivery.id), hospital.now)
    assert begun is not None
    return begun


def prove(hospital: Hospital, delivery: Delivery, shown: bool, patience: float = 60) -> None:
    hospital.later(5)
    facts = hospital.study().facts
    found = {"1.2.3": shows_now(facts, NEW_NAME["1.2.3"]) if shown else facts}
    current = hospital.delivery(delivery.id)
    proving.judge_proof(hospital.store, current, dict(found), hospital.now, patience, hospital.config)
