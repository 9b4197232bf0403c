"""Messages that only pass by: copies tapped before or behind an interface engine, and copies of its answers.

Both copies of a message go the same way as any other. What was heard behind the engine is what the receivers got: a
copy from before it, heard later, must not undo that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from radrecon.config import Config, HL7SenderConfig
from radrecon.hl7v2.flatten import flatten
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import sender_for
from radrecon.model.errors import ContentError, Trouble
from radrecon.recon.pairing import Copy, partner
from radrecon.store import pairs
from radrecon.store.database import Connection
from radrecon.store.pairs import Journalled
from radrecon.workflow.intake import Context, Effect

COPIES = ("copy", "copy_after")
POSITIVE = ("AA", "CA")
_NUMBERS = (("ORC", 2), ("ORC", 3), ("OBR", 2), ("OBR", 3))


def pass_by(conn: Connection, message: Message, context: Context, effect: Effect) -> bool:
    """Whether a tapped message is done with: an answer, or a copy whose other half behind the engine stands."""
    tap = context.sender.tap if context.sender else "feed"
    if tap == "ack_copy" and message.first("MSA"):
        _note_answer(message, effect)
        return True
    if tap == "copy" and (standing := _behind(conn, message, context)):
        effect.remarks.append(f"not applied: the same from behind the interface engine (message {standing}) stands")
        return True
    return False


def _note_answer(message: Message, effect: Effect) -> None:
    """Raises ContentError for an answer that names no message."""
    control_id, code = message.get("MSA-2"), message.get("MSA-1").upper()
    if not control_id:
        raise ContentError("an answer that names no message", "MSA-2")
    if code not in POSITIVE:
        effect.remarks.append(f"{code or 'no code'} for {control_id}: {message.get('MSA-3')}".rstrip(": "))


def _behind(conn: Connection, message: Message, context: Context) -> int:
    own = copy_of(message, context.message_id, context.at)
    by_control = pairs.by_control(conn, own.control_id)
    found = _standing(own, by_control, context.config)
    return found or _standing(own, pairs.by_keys(conn, keys_of(message), context.message_id), context.config)


def _standing(own: Copy, rows: Sequence[Journalled], config: Config) -> int:
    applied = [row for row in rows if row.state == "applied" and row.id != own.id]
    found = partner(own, [copy for copy, tap in copies(applied, config) if tap == "copy_after"])
    return found.id if found else 0


# -- as the pairing sees it -------------------------------------------------------------------------------------------


def copies(rows: Iterable[Journalled], config: Config) -> list[tuple[Copy, str]]:
    """Journalled messages with their taps; what is no message, ours, or an answer is left out."""
    found = []
    for row in rows:
        message = parsed(row)
        if row.direction == "in" and message and not message.first("MSA"):
            found.append((copy_of(message, row.id, row.at), tap_of(message, row.peer, config)))
    return found


def parsed(row: Journalled) -> Message | None:
    try:
        return Message.parse(row.raw)
    except Trouble:
        return None


def tap_of(message: Message, peer: str, config: Config) -> str:
    sender = sender_of(message, peer, config)
    return sender.tap if sender else "feed"


def sender_of(message: Message, peer: str, config: Config) -> HL7SenderConfig | None:
    return sender_for(
        config.hl7_sender,
        message.sending_application,
        message.sending_facility,
        receiving_application=message.header.get("5"),
        peer=peer,
    )


def copy_of(message: Message, message_id: int, at: datetime) -> Copy:
    return Copy(
        id=message_id,
        at=at,
        message_type=message.message_type,
        control_id=message.control_id,
        sent_at=message.timestamp,
        numbers=frozenset(_order_numbers(message)),
        fields=flatten(message),
    )


def keys_of(message: Message) -> dict[str, list[str]]:
    """Business keys that the journal finds both halves by."""
    patients = [field.get(1) for path in ("PID-3", "PID-2", "PID-4", "MRG-1") for field in message.repeats(path)]
    return {"patient_id": patients, "order_number": _order_numbers(message)}


def _order_numbers(message: Message) -> list[str]:
    found = (segment.get(str(at)) for name, at in _NUMBERS for segment in message.all(name))
    return [number for number in found if number]
