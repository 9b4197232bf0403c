"""HL7 messages that a correction needs, named for the workflow to write and to route (HL7 chapters 3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass

from radrecon.model.correction import Plan
from radrecon.model.order import Order
from radrecon.model.patient import Demographics


@dataclass(frozen=True)
class HL7Need:
    """A message that the destinations need: A08, A28 or A40 of a patient, or O01 (order status) of an order."""

    event: str
    patient: Demographics
    non_survivor: Demographics | None = None
    order: Order | None = None


Planned = tuple[Plan, tuple[HL7Need, ...]]
