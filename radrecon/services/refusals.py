"""Refused peers, counted in memory and written once a second: a flood is a few rows, not a full disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog

from radrecon.store import refusals
from radrecon.store.database import DatabaseDown, Store

log = structlog.get_logger()

MOST_AT_ONCE = 200
SECONDS = 1.0
OTHERS = ("(others)", "", "refused in a flood")
LONGEST_REASON = 200

Write = Callable[[Callable[[], None]], Awaitable[None]]


class Refusals:
    """Call `refused`; `run` writes. What does not fit in between is counted without its name."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def refused(self, address: str, reason: str, ae_title: str = "") -> None:
        key = (_plain(address), _plain(ae_title)[:16], _plain(reason)[:LONGEST_REASON])
        self._counts[key if key in self._counts or len(self._counts) < MOST_AT_ONCE else OTHERS] += 1

    async def run(self, write: Write) -> None:
        """`write` executes a function where the database is written."""
        while True:
            await asyncio.sleep(SECONDS)
            if self._counts:
                await write(self.flush)

    def flush(self) -> None:
        """Write what was counted; where the database is down it is kept for the next time."""
        counts, self._counts = self._counts, Counter()
        try:
            if counts:
                with self._store.transaction() as conn:
                    refusals.note(conn, counts, datetime.now(UTC))
        except DatabaseDown as error:
            log.warning("refusals not recorded", reason=str(error))
            self._counts += counts


def _plain(text: str) -> str:
    """Without what no database takes and no terminal should be sent."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
