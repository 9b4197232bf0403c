"""When the RIS says that an examination began and ended (chapter 4; IHE RAD-3, RAD-4).

The observation's own times first (OBR-7, OBR-8), then when its status changed: ORC-9, OBR-22, and when the message was
written (MSH-7). Senders leave the order's own time in ORC-9, and copy what was planned into OBR-7: neither is taken
for the examination's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from radrecon.hl7v2.order_places import Place, found
from radrecon.hl7v2.reader import NULL
from radrecon.model.order import StepStatus

CHANGES = ("SC", "XO", "XX")  # order controls that are sent when the order's state changes
STALE = timedelta(hours=1)  # a time so much older than its message is the order's, not that of the change
AHEAD = timedelta(minutes=5)  # clocks of one house differ by so much
TO_THE_MINUTE = len("2026-11-22T08:00")

Clock = Callable[[str], str]


@dataclass(frozen=True)
class Told:
    """`begun` and `ended` as the site's wall clock, "" for what is not told; `sources`: where each was taken from."""

    begun: str = ""
    ended: str = ""
    sources: dict[str, str] = field(default_factory=dict)


NOTHING_TOLD = Told()


def told_times(
    place: Place, control: str, said: str, status: StepStatus, start: str, written: str, clock: Clock
) -> Told:
    """`said`: ORC-5; `start`: when it was to begin; `written`: MSH-7; `clock`: HL7 time → the site's wall clock.

    Results that come after the examination (ORC-5 A, or OBR-25 alone) tell its end only where OBR-8 does.
    """
    now = clock(written) if written else ""
    moved = control in CHANGES and said == ("IP" if status is StepStatus.STARTED else "CM")
    changed = next(_changed(place, now, clock), ("", "")) if moved else ("", "")
    begun = _observed(place, "OBR-7", start, now, clock)
    ended = "", ""
    if status is StepStatus.STARTED:
        begun = begun if begun[0] else changed
    else:
        ended = _observed(place, "OBR-8", "", now, clock)
        ended = ended if ended[0] >= begun[0] and ended[0] else changed
    sources = {name: path for name, (text, path) in (("begun", begun), ("ended", ended)) if text}
    return Told(begun[0], ended[0], sources)


def _observed(place: Place, path: str, start: str, now: str, clock: Clock) -> tuple[str, str]:
    """The observation's own time, where it is none that was only planned."""
    text, _ = found(place, (path,))
    when = clock(text) if text else ""
    planned = when == start or when == clock(found(place, ("OBR-6",))[0]) or _is_ahead(when, now)
    return (when, path) if len(when) >= TO_THE_MINUTE and not planned else ("", "")


def _changed(place: Place, now: str, clock: Clock) -> Iterator[tuple[str, str]]:
    for path in ("ORC-9", "OBR-22"):
        text, _ = found(place, (path,))
        when = clock(text) if text and text != NULL else ""
        if len(when) >= TO_THE_MINUTE and not _is_ahead(when, now) and not _is_ahead(now, when, STALE):
            yield when, path
    if len(now) >= TO_THE_MINUTE:
        yield now, "MSH-7"


def _is_ahead(text: str, of: str, margin: timedelta = AHEAD) -> bool:
    """Whether a wall clock is later than another by more than a margin; not where either is no time of day."""
    if min(len(text), len(of)) < TO_THE_MINUTE:
        return False
    return datetime.fromisoformat(text) - datetime.fromisoformat(of) > margin
