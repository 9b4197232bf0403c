"""What an order control (ORC-1, table 0119) and an order status (ORC-5, table 0038) do to an imaging order.

The pairs that imaging senders use are those of IHE RAD-2, RAD-3 and RAD-4. A response or a request that is not yet
granted leaves the order as it was; what no table knows does too, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from radrecon.model.order import StepStatus

_SCHEDULED, _STARTED, _HELD = StepStatus.SCHEDULED, StepStatus.STARTED, StepStatus.HELD
_COMPLETED = StepStatus.COMPLETED
_CANCELLED, _DISCONTINUED = StepStatus.CANCELLED, StepStatus.DISCONTINUED


@dataclass(frozen=True)
class Meaning:
    """Where the order stands from now on (None: as before), and what a person should see."""

    status: StepStatus | None = None
    flags: tuple[str, ...] = ()


UNKNOWN = Meaning(None, ("unknown_control",))
_AS_IT_WAS = Meaning()
_REPLACED = Meaning(_CANCELLED, ("replaced",))
_IN_ERROR = Meaning(None, ("order_error",))

_ENDS = {
    "CM": Meaning(_COMPLETED),
    "A": Meaning(_COMPLETED),
    "CA": Meaning(_CANCELLED),
    "DC": Meaning(_DISCONTINUED),
    "HD": Meaning(_HELD),
    "RP": _REPLACED,
    "ER": _IN_ERROR,
}
_PLANNED = dict.fromkeys(("", "SC", "IP"), Meaning(_SCHEDULED)) | _ENDS
_STATED = _ENDS | {"SC": Meaning(_SCHEDULED), "IP": Meaning(_STARTED)}
_NOT_STATED = Meaning(None, ("status_not_stated",))

_DONE = ("CM", "A")
_CLOSED = (*_DONE, "CA", "DC", "RP")
ORDERED: Mapping[str, tuple[Meaning, tuple[str, ...]]] = {
    **dict.fromkeys(("CA", "OC", "CR", "CP"), (Meaning(_CANCELLED), _DONE)),
    **dict.fromkeys(("DC", "OD", "DR"), (Meaning(_DISCONTINUED), _DONE)),
    **dict.fromkeys(("HD", "HR", "OH"), (Meaning(_HELD), _CLOSED)),
}
"""What an order control does whatever ORC-5 says ("it does not initiate action", 4.5.1.5): senders leave the state of
before in it, or a word of their own. Not where it says that the examination was done: that is for a person."""

CONTROLS: Mapping[str, Mapping[str, Meaning]] = {
    **dict.fromkeys(("NW", "SN", "NA", "RO", "CH", "XO", "XR", "XX", "RL", "OR", "OE"), _PLANNED),
    **dict.fromkeys(("SC", "SR"), _STATED | {"": _NOT_STATED}),
    **dict.fromkeys(("OK", "RE", "PA", "CN", "RR", "SS", "LI", "UN"), _STATED | {"": _AS_IT_WAS}),
    **{control: {"ER": _IN_ERROR} for control in ORDERED},
    **dict.fromkeys(("RQ", "RU"), dict.fromkeys(("", "RP", "CA", "DC"), _REPLACED)),
}
"""ORC-1 → ORC-5 → what that means; any other pair that is not in `ORDERED` is flagged `unknown_control`."""

_UNABLE = frozenset(("UA", "UC", "UD", "UH", "UM", "UR", "UX"))
RESULTS = {
    **dict.fromkeys(("O", "S"), Meaning(_SCHEDULED)),
    "I": Meaning(_STARTED),
    **dict.fromkeys(("A", "P", "R", "C", "F"), Meaning(_COMPLETED)),
    "X": Meaning(_CANCELLED),
}
"""OBR-25 (table 0123), asked only where a status change names no order status."""


@lru_cache(maxsize=1024)
def meaning(control: str, order_status: str, result_status: str = "", replaced_here: bool = False) -> Meaning:
    """Codes in any case. `replaced_here`: the message also holds the order that replaces this one (RO)."""
    control, order_status = control.upper(), order_status.upper()
    if control in _UNABLE:
        return Meaning(None, ("unable",))
    if control == "DE":
        return _IN_ERROR
    if control == "RP":
        return _REPLACED if replaced_here else Meaning(None, ("replacement_missing",))
    found = CONTROLS.get(control, {}).get(order_status) or _ordered(control, order_status)
    if found is _NOT_STATED:
        return RESULTS.get(result_status.upper(), found)
    return found


def _ordered(control: str, order_status: str) -> Meaning:
    does, never = ORDERED.get(control, (UNKNOWN, ()))
    return UNKNOWN if order_status in never else does
