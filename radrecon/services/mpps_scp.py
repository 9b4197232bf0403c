"""Modality Performed Procedure Step as a service of an association (PS3.4 annex F.7, PS3.7 10.1.3 and 10.1.5).

Success means durable: the response leaves after the commit. What is refused is kept as well, so that nothing that a
modality said is lost.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from radrecon.dicom import dimse
from radrecon.dicom.dimse import instance_response
from radrecon.dicom.mpps import MODALITY_PERFORMED_PROCEDURE_STEP
from radrecon.dicom.uids import is_uid
from radrecon.dicom.upper_layer import MessageReceived, Offer
from radrecon.model.errors import ContentError, Trouble
from radrecon.model.performed import Refusal
from radrecon.services.dicom_connection import Connection
from radrecon.services.worklist_scp import Caller
from radrecon.workflow.performing import N_CREATE, N_SET, Said

__all__ = ["MODALITY_PERFORMED_PROCEDURE_STEP", "PERFORMED_OFFER", "Answer", "PerformedSteps"]

log = structlog.get_logger()

PERFORMED_OFFER = Offer(largest_message=8 << 20)
"""An N-SET names every image: a thousand are 84 kB."""

OPERATIONS = {dimse.N_CREATE_RQ: N_CREATE, dimse.N_SET_RQ: N_SET}
NO_LONGER_UPDATED = 0xA710
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Take = Callable[[Said], Awaitable[Refusal | ContentError | None]]
"""Keep a request and do what it says; why it is not taken, if so."""

Keep = Callable[[Said, str], Awaitable[None]]
"""Keep a request that cannot be used, with the reason."""


@dataclass(frozen=True)
class Answer:
    """Status, Error Comment and Error ID of a response."""

    status: int = dimse.SUCCESS
    comment: str = ""
    error_id: int = 0


REFUSALS = {
    Refusal.DUPLICATE: Answer(dimse.DUPLICATE_INSTANCE, Refusal.DUPLICATE),
    Refusal.UNKNOWN: Answer(dimse.NO_SUCH_INSTANCE, Refusal.UNKNOWN),
    Refusal.ENDED: Answer(dimse.PROCESSING_FAILURE, Refusal.ENDED, NO_LONGER_UPDATED),
    Refusal.NOT_IN_PROGRESS: Answer(dimse.INVALID_VALUE, Refusal.NOT_IN_PROGRESS),
    Refusal.EMPTY: Answer(dimse.MISSING_ATTRIBUTE, Refusal.EMPTY),
}
NOT_NOW = Answer(dimse.PROCESSING_FAILURE, "it cannot be stored now")
BAD_UID = Answer(dimse.INVALID_INSTANCE, "not a UID")


@dataclass(frozen=True)
class PerformedSteps:
    """The service."""

    take: Take
    keep: Keep

    async def __call__(self, connection: Connection, message: MessageReceived, caller: Caller) -> None:
        operation = OPERATIONS.get(message.command.field)
        if operation is None:
            await _respond(connection, message, Answer(dimse.UNRECOGNIZED_OPERATION), "")
            return
        said = _said(operation, message, caller)
        answer = await self._answer(said)
        log.info("performed step", operation=operation, peer=caller.ae_title, status=f"{answer.status:04X}")
        await _respond(connection, message, answer, said.sop_instance_uid)

    async def _answer(self, said: Said) -> Answer:
        """Whatever goes wrong in here fails this request only."""
        try:
            if not is_uid(said.sop_instance_uid):
                await self.keep(replace(said, sop_instance_uid=said.sop_instance_uid[:64]), BAD_UID.comment)
                return BAD_UID
            return _answer(await self.take(said))
        except Trouble as error:
            log.warning("performed step not stored", peer=said.peer_ae_title, reason=str(error))
        except Exception:
            log.exception("performed step not stored", peer=said.peer_ae_title)
            await self._keep_for_later(said)
        return NOT_NOW

    async def _keep_for_later(self, said: Said) -> None:
        """What could not be applied is at least not lost."""
        try:
            await self.keep(said, "it could not be applied")
        except Exception:
            log.exception("performed step not kept", peer=said.peer_ae_title)


def _said(operation: str, message: MessageReceived, caller: Caller) -> Said:
    """A step that is created without a UID gets one (PS3.7 10.1.5.1.4)."""
    command = message.command
    named = (command.affected_sop_instance, command.requested_sop_instance)
    uid = next((one for one in (named if operation == N_CREATE else named[::-1]) if one), "")
    if not uid and operation == N_CREATE:
        uid = f"2.25.{uuid.uuid4().int}"
    return Said(
        operation,
        CONTROL.sub("?", uid),
        message.data_set,
        message.context.transfer_syntax,
        CONTROL.sub("?", caller.ae_title),
        caller.address,
        datetime.now(UTC),
    )


def _answer(refusal: Refusal | ContentError | None) -> Answer:
    if refusal is None:
        return Answer()
    if isinstance(refusal, ContentError):
        return Answer(dimse.INVALID_VALUE if refusal.location else dimse.PROCESSING_FAILURE, str(refusal))
    return REFUSALS[refusal]


async def _respond(connection: Connection, message: MessageReceived, answer: Answer, uid: str) -> None:
    command = instance_response(message.command, answer.status, uid, answer.comment, answer.error_id)
    await connection.send(connection.acceptor.send_message(message.context.id, command))
