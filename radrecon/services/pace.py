"""The worker's pace: while messages arrive faster than they can be followed, it rests longer than it has worked.

Two cores serve senders, engine and worker. What is looked at again waits in a queue, and a burst fills it in any case;
senders wait for each answer. So in a burst most of the worker's time is left to them, and at any other time none.
"""

from __future__ import annotations

import time

from radrecon.store.database import Store
from radrecon.store.list_messages import newest_id

BUSY = 100.0  # messages a second, from which on it is a burst
REST = 3.0  # of the time that the last piece of work took
LONGEST_REST = 1.0


class Pace:
    """Told after each piece of work; `rest` is asked from a worker's thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at = time.monotonic()
        self._newest = 0

    def rest(self, worked: float) -> float:
        """Seconds to rest after a piece of work that took so many."""
        with self._store.reading() as conn:
            newest = newest_id(conn)
        now = time.monotonic()
        rate = (newest - self._newest) / max(now - self._at, 0.001)
        self._newest, self._at = newest, now
        return min(REST * worked, LONGEST_REST) if rate > BUSY else 0.0
