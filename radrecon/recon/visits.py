"""What an ADT event makes of a visit (HL7 chapter 3): its state, class and place, and what a cancel goes back to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from radrecon.model.visit import VISIT, Encounter

BEGUN = {"A01": "admitted", "A04": "registered", "A05": "preadmitted", "A06": "admitted", "A07": "registered"}
ENDED = {"A03": "discharged", "A23": "deleted"}
CANCELS = {
    "A11": (("admitted", "registered"), ("preadmitted",), "cancelled"),
    "A13": (("discharged",), ("admitted", "registered"), "admitted"),
    "A38": (("preadmitted",), (), "cancelled"),
}
"""A cancel takes back one of the first states, to one of the second where that was before it, else to the last."""


def after(known: Encounter, event: str, said: Encounter, deletes: Collection[str] = ()) -> Encounter:
    """The visit after one more event about it; `said` is what the message says of it. Empty leaves alone."""
    if known.kind != VISIT:
        return _renewed(known, event)
    found = replace(
        known,
        issuer=said.issuer or known.issuer,
        account=said.account or known.account,
        patient_class="" if "patient_class" in deletes else said.patient_class or known.patient_class,
    )
    return _stated(_placed(found, event, said, deletes), event)


def _renewed(account: Encounter, event: str) -> Encounter:
    """An account goes on through many visits; only its deletion is a state, and a new visit ends that."""
    return replace(account, state="") if account.state == "deleted" and event in BEGUN else account


def _placed(visit: Encounter, event: str, said: Encounter, deletes: Collection[str]) -> Encounter:
    if "location" in deletes:
        return replace(visit, location="", former_location=visit.location)
    if event == "A12":  # PV1-3 is where the patient is after all; many senders leave it out
        return replace(visit, location=said.location or visit.former_location, former_location="")
    if said.location in ("", visit.location):
        return visit
    return replace(visit, location=said.location, former_location=visit.location)


def _stated(visit: Encounter, event: str) -> Encounter:
    new = BEGUN.get(event) or ENDED.get(event)
    if new:
        return visit if new == visit.state else replace(visit, state=new, former_state=visit.state)
    if event not in CANCELS:
        return visit
    taken_back, former, otherwise = CANCELS[event]
    if visit.state in taken_back:
        before = visit.former_state if visit.former_state in former else otherwise
        return replace(visit, state=before, former_state=visit.state)
    return visit if visit.state else replace(visit, state=otherwise)
