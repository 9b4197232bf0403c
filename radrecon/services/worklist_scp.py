"""Modality Worklist and Verification as services of an association (PS3.4 annexes A and K, PS3.7 9.1.2 and 9.1.5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from radrecon.dicom import dimse
from radrecon.dicom.dimse import Command, response
from radrecon.dicom.elements import encode, parse
from radrecon.dicom.prepared_answers import PreparedAnswers, shape
from radrecon.dicom.upper_layer import MessageReceived
from radrecon.dicom.worklist import WorklistQuery, answer, matches, read_query
from radrecon.model.errors import ContentError, Trouble
from radrecon.model.order import Order, Step
from radrecon.services.dicom_connection import Connection

log = structlog.get_logger()

BATCH_BYTES = 16 << 10
MAX_RESULTS = 500
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
    """

    peer_ae: str
    address: str
    keys: dict[str, str]
    matches: int
    milliseconds: float
    at: datetime
    status: str


Find = Callable[[WorklistQuery, Caller], Awaitable[Sequence[tuple[Order, Step]]]]
"""Steps that may match (at least all that do); what it leaves too much is matched here."""

Service = Callable[[Connection, MessageReceived, Caller], Awaitable[None]]


async def echo(connection: Connection, message: MessageReceived, _caller: Caller) -> None:
    """Verification: C-ECHO."""
    known = message.command.field == dimse.C_ECHO_RQ
    await _respond(connection, message, dimse.SUCCESS if known else dimse.UNRECOGNIZED_OPERATION)


@dataclass(frozen=True)
class Worklist:
    """The worklist's service. `day` is today's date as DA; `over_limit` is the final status when there is more."""

    find: Find
    found: Callable[[QueryRecord], None] | None
    day: Callable[[], str]
    max_results: int = MAX_RESULTS
    over_limit: int = dimse.SUCCESS
    warn_of_unsupported_keys: bool = True
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
            record = QueryRecord(caller.ae_title, caller.address, {}, answering.sent, spent, at, answering.status)
            self._record(replace(record, keys=answering.query.keys))

    def _record(self, record: QueryRecord) -> None:
        log.debug("worklist query", peer=record.peer_ae, matches=record.matches, status=record.status)
        if self.found:
            self.found(record)


class _Answering:
    """One C-FIND under way."""

    def __init__(self, service: Worklist, connection: Connection, message: MessageReceived) -> None:
        self.query = WorklistQuery()
        self.sent = 0
        self.status = "lost"
        self._service = service
        self._connection = connection
        self._message = message
        self._batch: list[bytes] = []
        self._bytes = 0
        self._more = False

    async def run(self, caller: Caller) -> None:
        status, comment = await self._outcome(caller)
        await self._flush()
        await _respond(self._connection, self._message, status, comment)
        self.status = f"{status:04X} after {self.sent}" if self._more else f"{status:04X}"

    async def _outcome(self, caller: Caller) -> tuple[int, str]:
        """Send what matches; the final status and its comment. Whatever goes wrong in here fails this query only."""
        try:
            identifier = parse(self._message.data_set, self._message.context.transfer_syntax)
            if not identifier:
                return dimse.IDENTIFIER_MISMATCH, "the query has no identifier"
            self.query = read_query(identifier)
            return await self._answer(await self._service.find(self.query, caller)), ""
        except ContentError as error:
            return dimse.IDENTIFIER_MISMATCH, str(error)
        except (OSError, TimeoutError):
            raise  # the connection's own end
        except Trouble as error:
            log.warning("worklist query failed", peer=caller.ae_title, reason=str(error))
        except Exception:
            log.exception("worklist query failed", peer=caller.ae_title)
        return dimse.UNABLE_TO_PROCESS, "the worklist is not available now"

    async def _answer(self, candidates: Sequence[tuple[Order, Step]]) -> int:
        pending, day = self._pending(), self._service.day()
        question = shape(self.query.asked), self.query.charset, self._syntax, day
        for number, (order, step) in enumerate(candidates, 1):
            if number % LOOKED_AT_BEFORE_OTHERS_MAY == 0:
                await asyncio.sleep(0)
            if not matches(self.query, order, step):
                continue
            if self._message.command.message_id in self._connection.cancelled:
                return dimse.CANCELLED
            if self.sent == self._service.max_results:
                self._more = True
                return self._service.over_limit
            await self._send(pending, self._encoded(question, order, step, day))
        return dimse.CANCELLED if self._message.command.message_id in self._connection.cancelled else dimse.SUCCESS

    def _encoded(self, question: Hashable, order: Order, step: Step, day: str) -> bytes:
        def make() -> bytes:
            return encode(answer(self.query, order, step, day), self._syntax)

        return self._service.prepared.of(question, order, step, make)

    def _pending(self) -> Command:
        warn = self.query.unsupported and self._service.warn_of_unsupported_keys
        status = dimse.PENDING_WARNING if warn else dimse.PENDING
        return response(self._message.command, status, has_data_set=True)

    @property
    def _syntax(self) -> str:
        return self._message.context.transfer_syntax

    async def _send(self, pending: Command, data_set: bytes) -> None:
        """Several answers share a write; after each write others, and a C-CANCEL, have their turn."""
        encoded = self._connection.acceptor.send_message(self._message.context.id, pending, data_set)
        self._batch.append(encoded)
        self._bytes += len(encoded)
        self.sent += 1
        if self._bytes >= BATCH_BYTES:
            await self._flush()
            await asyncio.sleep(0)

    async def _flush(self) -> None:
        if self._batch:
            whole, self._batch, self._bytes = b"".join(self._batch), [], 0
            await self._connection.send(whole)


async def _respond(connection: Connection, message: MessageReceived, status: int, comment: str = "") -> None:
    command = response(message.command, status, comment)
    await connection.send(connection.acceptor.send_message(message.context.id, command))
