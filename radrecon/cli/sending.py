"""From an approved correction to its end: whether an engine lives to send it, and waiting until it is filed."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from radrecon.cli.printing import jsonable, print_json, print_line
from radrecon.model.correction import DeliveryState
from radrecon.model.errors import Trouble
from radrecon.model.rows import CorrectionRow, DeliveryRow
from radrecon.store import listings
from radrecon.store.database import Store

POLL_SECONDS = 0.1
GRACE_SECONDS = 3.0  # between the last delivery's end and the correction's own
ALIVE = ("running", "starting")
BAD_ENDS = tuple(
    str(state)
    for state in (DeliveryState.REFUSED, DeliveryState.FAILED, DeliveryState.NOT_APPLIED, DeliveryState.STALE)
)


@dataclass(frozen=True)
class Progress:
    """A correction and its deliveries at one moment."""

    correction: CorrectionRow
    deliveries: tuple[DeliveryRow, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "correction_id": self.correction.id,
            "case_id": self.correction.case_id,
            "verb": self.correction.verb,
            "state": self.correction.state,
            "deliveries": jsonable(self.deliveries),
        }

    @property
    def landed(self) -> bool:
        """Every delivery is filed, or taken where nothing can prove more."""
        return all(has_landed(one) for one in self.deliveries)

    @property
    def bad(self) -> list[DeliveryRow]:
        return [one for one in self.deliveries if one.state in BAD_ENDS]

    @property
    def under_way(self) -> bool:
        return self.correction.state == "under way"


def has_landed(delivery: DeliveryRow) -> bool:
    return delivery.state == "filed" or (delivery.state in ("acknowledged", "accepted") and not delivery.provable)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wait", action="store_true", help="until every delivery is filed, or one cannot be")
    parser.add_argument("--timeout", type=float, default=60, metavar="SECONDS", help="how long --wait waits (60)")


def finish(store: Store, correction_id: int, options: argparse.Namespace) -> int:
    """Say how an approved correction stands; with --wait, how it ends. Raises Trouble where it is not filed."""
    progress = look(store, correction_id)
    if progress.deliveries and not progress.landed and not engine_lives(store):
        _say(progress, options)
        raise Trouble(f"queued as {correction_id}: no engine is running")
    if options.wait:
        progress = wait(store, correction_id, options.timeout)
    _say(progress, options)
    if options.wait:
        _raise_unless_filed(progress, options.timeout)
    return 0


def look(store: Store, correction_id: int) -> Progress:
    with store.reading() as conn:
        deliveries = listings.deliveries(conn, correction_id=correction_id)
        return Progress(listings.correction(conn, correction_id), tuple(deliveries))


def engine_lives(store: Store) -> bool:
    with store.reading() as conn:
        return listings.engine_state(conn).state in ALIVE


def wait(store: Store, correction_id: int, timeout: float) -> Progress:
    """Until it has ended or the time is over."""
    deadline, landed_at = time.monotonic() + timeout, 0.0
    while True:
        progress, now = look(store, correction_id), time.monotonic()
        landed_at = (landed_at or now) if progress.landed else 0.0
        settled = progress.landed and (not progress.under_way or now - landed_at > GRACE_SECONDS)
        if settled or progress.bad or now >= deadline:
            return progress
        time.sleep(POLL_SECONDS)


def _say(progress: Progress, options: argparse.Namespace) -> None:
    if options.json:
        print_json(progress.as_json())
        return
    print_line(f"correction {progress.correction.id}: {progress.correction.state}")
    for one in progress.deliveries:
        print_line(f"  {one.destination}: {one.state.replace('_', ' ')} {one.words}".rstrip())


def _raise_unless_filed(progress: Progress, timeout: float) -> None:
    number = progress.correction.id
    if progress.bad:
        raise Trouble(f"correction {number}: {_words(progress.bad)}")
    if not progress.landed:
        open_ones = [one for one in progress.deliveries if not has_landed(one)]
        raise Trouble(f"correction {number} is not filed after {timeout:g} s: {_words(open_ones)}")


def _words(deliveries: Sequence[DeliveryRow]) -> str:
    return "; ".join(
        f"{one.destination} {one.state.replace('_', ' ')}" + (f" ({one.words})" if one.words else "")
        for one in deliveries
    )
