"""Modality Worklist and Verification as services of an association (PS3.4 annexes A and K, PS3.7 9.1.2 and 9.1.5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

import structlog

from radrecon.dicom import dimse
from radrecon.dicom.dimse import Command, response
from radrecon.dicom.elements import encode, parse
from radrecon.dicom.prepared_answers import PreparedAnswers, shape
from radrecon.dicom.upper_layer import MessageReceived
from radrecon.dicom.worklist import Asked, Profile, WorklistQuery, answer, in_zone, read_query
from radrecon.dicom.worklist_query import criteria
from radrecon.model.errors import ContentError, Trouble
from radrecon.model.order import Order, Step
from radrecon.services.dicom_connection import Connection

log = structlog.get_logger()

BATCH_BYTES = 16 << 10
REMEMBERED = 4 << 10  # bytes of a query that is worth keeping as read
LOOKED_AT_BEFORE_OTHERS_MAY = 50


@dataclass(frozen=True)
class Caller:
    """Who asks, as the association request and the socket say."""

    ae_title: str
    called_ae_title: str
    address: str


@dataclass(frozen=True)
class QueryRecord:
    """One C-FIND as asked and answered. `status` is the final one in hex, `0000 after 500` where there was more, `lost`
    where the peer left before it.

    `narrowed`: what the caller's scope stood in for (date, station, modality, location); `ignored`: paths of keys that
    could not be used; `criteria`: what was matched by, as `worklist_query.from_criteria` reads it.
    """

    peer_ae: str
    address: str
    keys: dict[str, str]
    matches: int
    milliseconds: float
    at: datetime
    status: str
    narrowed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    criteria: dict[str, Any] = field(default_factory=dict)


Find = Callable[[Asked, int], Awaitable[Sequence[tuple[Order, Step]]]]
"""Steps that `asked.takes`, by their start: so many of them at most, 0 = all."""

Profiled = Callable[[Caller], Awaitable[Profile]]
"""How a caller is answered."""

Service = Callable[[Connection, MessageReceived, Caller], Awaitable[None]]


async def echo(connection: Connection, message: MessageReceived, _caller: Caller) -> None:
    """Verification: C-ECHO."""
    known = message.command.field == dimse.C_ECHO_RQ
    await _respond(connection, message, dimse.SUCCESS if known else dimse.UNRECOGNIZED_OPERATION)


@dataclass(frozen=True)
class Worklist:
    """The worklist's service. `now` is the present instant, aware of its zone."""

    find: Find
    found: Callable[[QueryRecord], None] | None
    profile: Profiled
    now: Callable[[], datetime]
    prepared: PreparedAnswers = field(default_factory=PreparedAnswers)

    async def __call__(self, connection: Connection, message: MessageReceived, caller: Caller) -> None:
        if message.command.field != dimse.C_FIND_RQ:
            await _respond(connection, message, dimse.UNRECOGNIZED_OPERATION)
            return
        started, at = time.perf_counter(), datetime.now(UTC)
        answering = _Answering(self, connection, message)
        try:
            await answering.run(caller)
        finally:
            spent = (time.perf_counter() - started) * 1000
            self._record(answering.record(caller, at, spent))

    def _record(self, record: QueryRecord) -> None:
        log.debug("worklist query", peer=record.peer_ae, matches=record.matches, status=record.status)
        if self.found:
            self.found(record)


class _Answering:
    """One C-FIND under way."""

    def __init__(self, service: Worklist, connection: Connection, message: MessageReceived) -> None:
        self._query = WorklistQuery()
        self._narrowed: tuple[str, ...] = ()
        self._sent = 0
        self._status = "lost"
        self._service = service
        self._connection = connection
        self._message = message
        self._batch: list[bytes] = []
        self._bytes = 0
        self._more = False

    def record(self, caller: Caller, at: datetime, milliseconds: float) -> QueryRecord:
        query = self._query
        return QueryRecord(
            caller.ae_title, caller.address, query.keys, self._sent, milliseconds, at, self._status,
            self._narrowed, query.unsupported, criteria(query),
        )  # fmt: skip

    async def run(self, caller: Caller) -> None:
        status, comment = await self._outcome(caller)
        if not await self._flush():
            status = dimse.CANCELLED
        await _respond(self._connection, self._message, status, comment)
        self._status = f"{status:04X} after {self._sent}" if self._more else f"{status:04X}"

    async def _outcome(self, caller: Caller) -> tuple[int, str]:
        """Send what matches; the final status and its comment. Whatever goes wrong in here fails this query only."""
        try:
            self._query = _read(self._message.data_set, self._message.context.transfer_syntax)
            if not self._query.asked:
                return dimse.IDENTIFIER_MISMATCH, "the query has no identifier"
            profile = await self._service.profile(caller)
            asked = profile.asked(self._query, self._service.now())
            self._narrowed = asked.narrowed
            limit = profile.max_results + 1 if profile.sort == "start" else 0
            found = await self._service.find(asked, limit)
            return await self._answer(asked, profile, profile.sorted(found)), ""
        except ContentError as error:
            return dimse.IDENTIFIER_MISMATCH, str(error)
        except (OSError, TimeoutError):
            raise  # the connection's own end
        except Trouble as error:
            log.warning("worklist query failed", peer=caller.ae_title, reason=str(error))
        except Exception:
            log.exception("worklist query failed", peer=caller.ae_title)
        return dimse.UNABLE_TO_PROCESS, "the worklist is not available now"

    async def _answer(self, asked: Asked, profile: Profile, candidates: Sequence[tuple[Order, Step]]) -> int:
        pending, day = self._pending(profile), asked.now.strftime("%Y%m%d")
        question = (
            shape(self._query.asked), self._query.charset, self._message.context.transfer_syntax, day, profile.charset,
            profile.charset_only_when_asked, asked.scope.zone,
        )  # fmt: skip
        for number, (order, step) in enumerate(candidates, 1):
            if number % LOOKED_AT_BEFORE_OTHERS_MAY == 0:
                await asyncio.sleep(0)
            if self._cancelled:
                return dimse.CANCELLED
            if self._sent == profile.max_results:
                self._more = True
                return profile.over_limit
            made = partial(self._encoded, asked, profile, order, step, day)
            if not await self._send(pending, self._service.prepared.of(question, order, step, made)):
                return dimse.CANCELLED
        return dimse.CANCELLED if self._cancelled else dimse.SUCCESS

    def _encoded(self, asked: Asked, profile: Profile, order: Order, step: Step, day: str) -> bytes:
        step = in_zone(step, asked.scope)
        item = answer(self._query, order, step, day, profile.charset, profile.charset_only_when_asked)
        return encode(item, self._message.context.transfer_syntax)

    @property
    def _cancelled(self) -> bool:
        return self._message.command.message_id in self._connection.cancelled

    def _pending(self, profile: Profile) -> Command:
        warn = self._query.unsupported and profile.warn_of_ignored_keys
        status = dimse.PENDING_WARNING if warn else dimse.PENDING
        return response(self._message.command, status, has_data_set=True)

    async def _send(self, pending: Command, data_set: bytes) -> bool:
        """Several answers share a write. False where the query was cancelled, and then nothing more leaves."""
        encoded = self._connection.acceptor.send_message(self._message.context.id, pending, data_set)
        self._batch.append(encoded)
        self._bytes += len(encoded)
        self._sent += 1
        return self._bytes < BATCH_BYTES or await self._flush()

    async def _flush(self) -> bool:
        """Write what is ready. Before that a C-CANCEL has its turn: what has not left stays here, and it is False."""
        if not self._batch:
            return True
        await asyncio.sleep(0)
        whole, number = b"".join(self._batch), len(self._batch)
        self._batch, self._bytes = [], 0
        if self._cancelled:
            self._sent -= number
            return False
        await self._connection.send(whole)
        return True


def _read(data_set: bytes, syntax: str) -> WorklistQuery:
    """Raises ContentError for what is no data set."""
    return _read_before(data_set, syntax) if len(data_set) <= REMEMBERED else read_query(parse(data_set, syntax))


@lru_cache(maxsize=256)
def _read_before(data_set: bytes, syntax: str) -> WorklistQuery:
    """A console asks the same minute by minute, byte for byte."""
    return read_query(parse(data_set, syntax))


async def _respond(connection: Connection, message: MessageReceived, status: int, comment: str = "") -> None:
    command = response(message.command, status, comment)
    await connection.send(connection.acceptor.send_message(message.context.id, command))
