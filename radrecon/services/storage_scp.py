"""Storage as a service of an association (PS3.4 annex B, PS3.7 9.1.1): header kept, pixels passed by.

A data set is never assembled: a reader finds the header as the bytes come, the rest is counted, and written to the
spool where the image may serve for its series' thumbnail. Success means that the facts are durable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from radrecon.dicom import dimse, stored
from radrecon.dicom.dimse import Command, response
from radrecon.dicom.stored import HeaderReader, Instance
from radrecon.dicom.uids import is_storage, is_uid
from radrecon.dicom.upper_layer import Context, MessageReceived, Offer
from radrecon.model.errors import ContentError, Trouble
from radrecon.services.dicom_connection import Connection
from radrecon.services.dicom_listener import Served
from radrecon.services.image_spool import Spool, SpoolFile
from radrecon.services.worklist_scp import Caller
from radrecon.store.instances import Arrived

log = structlog.get_logger()

CANNOT_UNDERSTAND = 0xC000

Keep = Callable[[Arrived], Awaitable[None]]
"""Returns when the instance is durable; raises Trouble where it cannot be."""

Refused = Callable[[str, str, str], None]


class Incoming:
    """The sink of one C-STORE: the header in memory, the pixels to the spool or nowhere."""

    def __init__(self, context: Context, command: Command, largest: int, spool: Spool | None) -> None:
        self.size = 0
        self.reader = HeaderReader(context.transfer_syntax)
        self.file: SpoolFile | None = None
        self._context, self._command = context, command
        self._largest = largest
        self._spool = spool

    @property
    def holds(self) -> int:
        return self.reader.holds

    @property
    def too_large(self) -> bool:
        return self.size > self._largest

    def feed(self, data: memoryview) -> None:
        self.size += len(data)
        if self.too_large:
            self.close()
        elif not self.reader.done:
            self.reader.feed(data)
            self._begin_file()
        elif (file := self.file) is not None:
            file.write(data)

    def _begin_file(self) -> None:
        """The series is known only now. What came of the pixels with the header's last bytes is not lost."""
        tail, self.reader.tail = self.reader.tail, b""
        if self._spool is None or not self.reader.done or not tail:
            return
        try:
            found = self.instance()
        except ContentError:
            return
        self.file = self._spool.begin(found)
        if self.file:
            self.file.write(self.reader.header)
            self.file.write(tail)

    def instance(self) -> Instance:
        """Raises ContentError where it is none."""
        return stored.instance(
            self.reader,
            self._command.affected_sop_class,
            self._command.affected_sop_instance,
            self._context.transfer_syntax,
            self.size,
        )

    def close(self) -> None:
        """What was not kept is not spooled either."""
        if self.file:
            self.file.discard()
            self.file = None


@dataclass(frozen=True)
class Storage:
    """The service. `known`: the AE titles that may store, None for all; `refused` is told of every failure status."""

    keep: Keep
    refused: Refused
    known: frozenset[str] | None = None
    private: bool = True
    largest: int = 1 << 30
    spool: Spool | None = None

    def served(self, abstract_syntax: str, caller: Caller) -> Served | None:
        """Every storage class and transfer syntax, for who may."""
        if self.known is not None and caller.ae_title not in self.known:
            return None
        return Served(self, self._offer) if is_storage(abstract_syntax, self.private) else None

    @property
    def _offer(self) -> Offer:
        return Offer((), self.largest, self._sink)

    def _sink(self, context: Context, command: Command) -> Incoming | None:
        return Incoming(context, command, self.largest, self.spool) if command.field == dimse.C_STORE_RQ else None

    async def __call__(self, connection: Connection, message: MessageReceived, caller: Caller) -> None:
        status, comment = await self._outcome(message, caller)
        if status != dimse.SUCCESS:
            self.refused(caller.address, f"not stored, {status:04X}: {comment}", caller.ae_title)
        answer = response(message.command, status, comment)
        if is_uid(message.command.affected_sop_instance):
            answer = replace(answer, affected_sop_instance=message.command.affected_sop_instance)
        await connection.send(connection.acceptor.send_message(message.context.id, answer))

    async def _outcome(self, message: MessageReceived, caller: Caller) -> tuple[int, str]:
        """Status and comment. Whatever goes wrong in here fails this instance only."""
        incoming = message.sink
        if message.command.field != dimse.C_STORE_RQ:
            return dimse.UNRECOGNIZED_OPERATION, "only C-STORE is answered"
        if not isinstance(incoming, Incoming):
            return CANNOT_UNDERSTAND, "a C-STORE without a data set"
        if incoming.too_large:
            return dimse.OUT_OF_RESOURCES, "the instance is over the limit"
        try:
            return await self._take(message, incoming, caller)
        except ContentError as error:
            return CANNOT_UNDERSTAND, str(error)
        except Trouble as error:
            log.warning("instance not stored", peer=caller.ae_title, reason=str(error))
        except Exception:
            log.exception("instance not stored", peer=caller.ae_title)
        return dimse.OUT_OF_RESOURCES, "not to be stored now"

    async def _take(self, message: MessageReceived, incoming: Incoming, caller: Caller) -> tuple[int, str]:
        incoming.reader.finish()
        command = message.command
        for uid in (command.affected_sop_class, command.affected_sop_instance):
            if not is_uid(uid):
                return CANNOT_UNDERSTAND, "the command names no UID"
        found = incoming.instance()
        if found.sop_class_uid != command.affected_sop_class:
            return dimse.IDENTIFIER_MISMATCH, "SOP Class UID is not the command's"
        if found.sop_instance_uid != command.affected_sop_instance:
            return dimse.IDENTIFIER_MISMATCH, "SOP Instance UID is not the command's"
        await self.keep(_arrived(found, incoming.reader.header, caller))
        if incoming.file:
            incoming.file.complete()
            incoming.file = None
        return dimse.SUCCESS, ""


def _arrived(found: Instance, header: bytes, caller: Caller) -> Arrived:
    return Arrived(
        found.sop_instance_uid,
        found.sop_class_uid,
        found.study_instance_uid,
        found.series_instance_uid,
        found.transfer_syntax_uid,
        found.instance_number,
        found.frames,
        found.size,
        found.digest,
        found.flaw,
        header,
        caller.ae_title,
        caller.address,
        datetime.now(UTC),
    )
