"""When the RIS was told that a patient came, and that an examination began and ended: what is kept of several messages.

The first arrival and the last end count, in whatever order messages come. An order that is open again has not ended;
one that was begun before the known end, told late, is not open again.
"""

from __future__ import annotations

from typing import Any

from radrecon.model.order import Order, StepStatus

TIMES = frozenset(("arrived", "begun", "ended"))  # fields of Order
_AGAIN = (StepStatus.SCHEDULED, StepStatus.ARRIVED, StepStatus.CANCELLED, StepStatus.DISCONTINUED)


def told(known: Order, order: Order, status: StepStatus) -> tuple[dict[str, Any], dict[str, str]]:
    """What stands of both, and where it was taken from; `status`: where the order stands now."""
    times = {
        "arrived": _first(known.arrived, order.arrived),
        "begun": _first(known.begun, order.begun),
        "ended": max(known.ended, order.ended),
    }
    if status in _AGAIN and known.status is StepStatus.COMPLETED:
        times |= {"begun": "", "ended": ""}
    elif status is StepStatus.STARTED and order.begun > known.ended:
        times |= {"begun": order.begun, "ended": ""} if known.ended else {}
    sources = {name: _source(name, text, known, order) for name, text in times.items() if text}
    return times, {name: path for name, path in sources.items() if path}


def _first(one: str, other: str) -> str:
    return min(one, other) if one and other else one or other


def _source(name: str, text: str, known: Order, order: Order) -> str:
    of = known if getattr(known, name) == text else order
    return of.sources.get(name, "")
