"""What is said of another system's worklist: causes of cases, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from radrecon.model.case import Difference
from radrecon.model.order import Order
from radrecon.model.ris_worklist import Listed, ListState, WorklistEntry

FIELDS = {
    "patient_id": "patient id",
    "issuer_of_patient_id": "issuer of the patient id",
    "patient_name": "name",
    "patient_birth_date": "birth date",
    "patient_sex": "sex",
}


def wall_of(instant: datetime, zone: str) -> str:
    """An instant on the site's wall clock, to the minute."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def missing_cause(order: Order, source: str, stations: Sequence[str], until: str) -> str:
    """`CT chest A100 is ordered for CT1 (2026-11-22 14:30), but not on the worklist of RIS. Ask the RIS …`."""
    where = " and ".join(sorted(stations))
    start = min((step.start for step in order.steps if step.start), default="")
    since = f" since {until}" if until else ""
    what = order.requested_procedure_description or "order"
    return (
        f"{what} {_number(order)} is ordered for {where} ({_when(start)}), but not on the worklist of {source}{since}. "
        "Ask the RIS to schedule or release it."
    )


def never_ordered_cause(entry: WorklistEntry, source: str, stations: Sequence[str], near: Sequence[Order]) -> str:
    what = entry.requested_procedure_description or entry.step_description or "an exam"
    number = f" {entry.accession_number}" if entry.accession_number else " without accession number"
    also = f"; order {_number(near[0])} of the same patient waits" if near else ""
    return (
        f"{what}{number} is on the worklist of {source} for {' and '.join(stations)} ({_when(entry.start)}), "
        f"but was never ordered here{also}. Ask the RIS whether its order was sent.{_flags(entry)}"
    )


def mismatch_cause(
    order: Order, entry: WorklistEntry, source: str, unlike: Sequence[Difference], *, another: bool
) -> str:
    fields = " and ".join(FIELDS.get(each.field, each.field) for each in unlike)
    who = "names another patient" if another else f"has another {fields}"
    return (
        f"the worklist of {source} {who} for order {_number(order)}. "
        f"Ask the RIS to take over the identity before the exam begins.{_flags(entry)}"
    )


def _number(order: Order) -> str:
    return order.accession_number or order.placer_order_number or order.filler_order_number or str(order.id)


def _when(start: str) -> str:
    return start[:16].replace("T", " ") or "no time given"


def _flags(entry: WorklistEntry) -> str:
    return f" Its entry is not in order: {'; '.join(entry.flags)}." if entry.flags else ""


def answer_sentence(
    source: str, station: str, state: ListState, stays: Sequence[Listed], *, asks: bool, now: datetime, zone: str
) -> str:
    """Why an accession number is (not) on this source's list for a station; `stays`: those of that number."""
    here = [one for one in stays if one.gone_at is None and one.station == station]
    there = sorted({one.station for one in stays if one.gone_at is None} - {station})
    asked = _asked(state, asks=asks, now=now, zone=zone)
    if here:
        since = clock(min(one.first_seen for one in here), now, zone)
        return f"On the list that {source} gives to {station}, since {since} ({asked}).{_flags(here[0].entry)}"
    if there:
        return f"On the list that {source} gives to {' and '.join(there)}, not {station} ({asked})."
    if state.complete_at is None:
        return f"Not known whether it is on the list of {source}: {asked}."
    before = [one for one in stays if one.gone_at is not None]
    if before:
        last = max(before, key=lambda one: (one.gone_at, one.id))
        was = "" if last.station == station else f", where it stood for {last.station}"
        return f"Not on the list of {source} since {clock(last.gone_at or now, now, zone)}{was} ({asked})."
    return f"Not on the list that {source} gives to {station} ({asked})."


def _asked(state: ListState, *, asks: bool, now: datetime, zone: str) -> str:
    """`asked 02:58, got 14`, and what went wrong since."""
    if state.asked_at is None:
        return "never asked" if asks else f"never asked as {state.station}"
    if state.complete_at is None:
        return f"asked {clock(state.asked_at, now, zone)}, no whole answer: {state.error}"
    got = f"asked {clock(state.complete_at, now, zone)}, got {state.answers}"
    if state.is_current:
        return got
    return f"{got}; asked again {clock(state.asked_at, now, zone)}, no whole answer: {state.error}"


def clock(instant: datetime, now: datetime, zone: str) -> str:
    """`02:58` of today, else with its day."""
    here = instant.astimezone(ZoneInfo(zone))
    same_day = here.date() == now.astimezone(ZoneInfo(zone)).date()
    return here.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")
