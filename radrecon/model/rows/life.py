"""What the desk says of the engine and of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Recheck:
    """A look at everything that is under way; `seconds_left` None where nothing can be said yet."""

    reason: str
    done: int
    total: int
    seconds_left: int | None = None


@dataclass(frozen=True)
class EngineState:
    """`state`: none, starting, running, lost (no heartbeat), stopping."""

    state: str
    host: str = ""
    pid: int = 0
    version: str = ""
    endpoints: dict[str, Any] = field(default_factory=dict)
    heartbeat: str = ""
    worker_alive: bool = False
    recheck: Recheck | None = None


@dataclass(frozen=True)
class Summary:
    """The four sentences above triage, and the counts in the left rail."""

    cases: dict[str, int]
    oldest_unassigned: str
    orders: int
    orders_today: int
    studies: int
    studies_not_judged: int
    deliveries_unfinished: int
    deliveries_in_trouble: int
    messages: int
    messages_refused: int
    last_order_at: str
    last_message_at: str
    watch_from: str
    coverage_from: str
    oldest_case: dict[str, str] = field(default_factory=dict)
    studies_outside: int = 0  # of those not judged
