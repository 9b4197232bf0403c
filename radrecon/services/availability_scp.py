"""Instance Availability Notification as a service of an association (PS3.4 annex R, PS3.7 10.1.5).

A notice that a study's instances are available at a PACS has that study looked at there now.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import structlog

from radrecon.dicom import dimse
from radrecon.dicom.dimse import response
from radrecon.dicom.elements import Element, Item, parse
from radrecon.dicom.uids import is_uid
from radrecon.dicom.upper_layer import MessageReceived, Offer
from radrecon.model.errors import ContentError, Trouble
from radrecon.services.dicom_connection import Connection
from radrecon.services.worklist_scp import Caller

log = structlog.get_logger()

INSTANCE_AVAILABILITY = "1.2.840.10008.5.1.4.33"
INVALID_VALUE, PROCESSING_FAILURE, MISSING_ATTRIBUTE, RESOURCE_LIMITATION = 0x0106, 0x0110, 0x0120, 0x0213
OFFER = Offer(largest_message=8 << 20)

STUDY, SERIES_SEQUENCE, SOP_SEQUENCE = 0x0020000D, 0x00081115, 0x00081199
RETRIEVE_AE_TITLE, AVAILABILITY = 0x00080054, 0x00080056
HERE = ("ONLINE", "NEARLINE")


@dataclass(frozen=True)
class Notice:
    """Which study, and at which AE titles instances of it can be had."""

    study_instance_uid: str
    ae_titles: frozenset[str]


Heard = Callable[[Notice, Caller], Awaitable[bool]]
"""Have it looked at; False where too much waits already. Raises Trouble where that cannot be noted."""


def read_notice(data_set: bytes, syntax: str) -> Notice:
    """Raises ContentError where it names no study, or things of it that are no UID."""
    found = parse(data_set, syntax)
    uid = _text(found, STUDY)
    if not uid:
        raise ContentError("no Study Instance UID")
    if not is_uid(uid):
        raise ContentError("Study Instance UID is no UID")
    titles = [_text(item, RETRIEVE_AE_TITLE) for item in _instances(found) if _text(item, AVAILABILITY) in ("", *HERE)]
    return Notice(uid, frozenset(title for several in titles for title in several.split("\\") if title))


def _instances(found: Item) -> Iterator[Item]:
    for series in found.get(SERIES_SEQUENCE, Element("SQ")).items:
        yield from series.get(SOP_SEQUENCE, Element("SQ")).items


def _text(item: Item, tag: int) -> str:
    return item[tag].value.decode("ascii", "replace").strip(" \0") if tag in item else ""


@dataclass(frozen=True)
class Availability:
    """The service; `refused` is told of every failure status."""

    heard: Heard
    refused: Callable[[str, str, str], None]

    async def __call__(self, connection: Connection, message: MessageReceived, caller: Caller) -> None:
        status, comment = await self._outcome(message, caller)
        if status != dimse.SUCCESS:
            self.refused(caller.address, f"notification refused, {status:04X}: {comment}", caller.ae_title)
        named = message.command.affected_sop_instance
        answer = replace(
            response(message.command, status, comment),
            affected_sop_instance=named if is_uid(named) else f"2.25.{uuid.uuid4().int}",
        )
        await connection.send(connection.acceptor.send_message(message.context.id, answer))

    async def _outcome(self, message: MessageReceived, caller: Caller) -> tuple[int, str]:
        if message.command.field != dimse.N_CREATE_RQ:
            return dimse.UNRECOGNIZED_OPERATION, "only N-CREATE is answered"
        try:
            notice = read_notice(message.data_set, message.context.transfer_syntax)
            taken = await self.heard(notice, caller)
        except ContentError as error:
            missing = str(error).startswith("no Study")
            return (MISSING_ATTRIBUTE if missing else INVALID_VALUE), str(error)
        except Trouble as error:
            log.warning("notification not kept", peer=caller.ae_title, reason=str(error))
            return PROCESSING_FAILURE, "not to be kept now"
        except Exception:
            log.exception("notification not kept", peer=caller.ae_title)
            return PROCESSING_FAILURE, "not to be kept now"
        return (dimse.SUCCESS, "") if taken else (RESOURCE_LIMITATION, "too many notifications wait")
