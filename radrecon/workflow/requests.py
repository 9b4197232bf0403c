"""Ask the engine or worker for what needs a peer: a row with a deadline, answered in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from radrecon.model.errors import NotFound, Trouble
from radrecon.store import requests
from radrecon.store.database import Store


def ask(store: Store, kind: str, arguments: Mapping[str, Any], *, now: datetime, deadline: datetime) -> int:
    """Leave a request (stop, poll, echo, recheck); whoever serves it is woken at once."""
    with store.transaction() as conn:
        return requests.ask(conn, kind, dict(arguments), at=now, deadline=deadline)


def answer(store: Store, request_id: int) -> Any:
    """The answer, None while there is none yet; raises Trouble where it failed."""
    with store.reading() as conn:
        request = requests.load(conn, request_id)
    if request is None:
        raise NotFound(f"no request {request_id}")
    if request.state == "failed":
        raise Trouble(request.error)
    return request.result if request.state == "answered" else None
