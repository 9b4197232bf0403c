"""Commit, then acknowledge: journal each message, apply it, and only then say AA (HL7 2.9.2).

The journal row lies outside the message's savepoint, its effects inside, so that a message that cannot be applied is
still found and replayed. Many messages share one commit. If the database fails, nobody in the group is told AA; each
is tried again alone.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from radrecon.config import Config
from radrecon.hl7v2.ack import ack
from radrecon.hl7v2.framing import Deframer, split_batch
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import first_value, paths_for, rules_of
from radrecon.model.errors import NotFound, RejectError, Trouble
from radrecon.store import journal, settings
from radrecon.store.database import Connection, DatabaseDown, Store, is_database_failure
from radrecon.workflow import dispatch
from radrecon.workflow.intake import OWN_APPLICATION, Context, Effect, Received, Taken, read

log = structlog.get_logger()

LONGEST_KEY = 200


def take_group(store: Store, group: Sequence[Received], config: Config) -> list[Taken]:
    """Journal and apply a group of messages in one commit; the answers may be sent when this returns."""
    try:
        with store.transaction() as conn:
            return [take_one(conn, received, config) for received in group]
    except DatabaseDown as error:
        if len(group) > 1:
            return [taken for received in group for taken in take_group(store, [received], config)]
        log.error("message not stored", reason=str(error))
        return [_not_now(received, str(error)) for received in group]


def _not_now(received: Received, reason: str) -> Taken:
    """AR: the sender may repeat. The reason never holds the message's content."""
    try:
        message: Message | None = Message.parse(received.raw)
    except Trouble:
        message = None
    return Taken(0, _answer(message, "AR", f"not stored: {reason}", "", received.at), "AR", reason)


def take_one(conn: Connection, received: Received, config: Config, replay_of: int = 0) -> Taken:
    """One message: known resend, own echo, or journal + apply. Runs inside the caller's transaction."""
    try:
        message, sender = read(received.raw, config)
    except Trouble as error:
        return _refuse_unread(conn, received, str(error))
    entry = replace(_entry(received, message), first_id=replay_of)
    application, facility = entry.sending_application, entry.sending_facility
    before = None if replay_of else journal.earlier(conn, application, facility, entry.control_id, received.raw)
    if before and before.same and before.state in ("applied", "echo"):
        return _again(conn, entry, before, message, received)
    if before and not before.same:
        entry = replace(entry, flags=(*entry.flags, "control_id_reused"))
    echo = journal.is_our_own(conn, application, entry.control_id) if application == OWN_APPLICATION else 0
    if echo:
        return _echo(conn, replace(entry, delivery_id=echo), message, received)
    message_id = journal.add(conn, entry)
    context = Context(config, sender, received.at, message_id, config.zone(), rules_of(sender, config.site))
    return _apply(conn, message, context)


def _entry(received: Received, message: Message) -> journal.Entry:
    flags = (*received.flags, *(("charset_guessed",) if message.guessed else ()))
    identifiers = [field.get(1) for field in message.repeats("PID-3")]
    return journal.Entry(
        direction="in",
        at=received.at,
        raw=received.raw,
        peer=received.peer,
        sending_application=_indexable(message.sending_application),
        sending_facility=_indexable(message.sending_facility),
        control_id=_indexable(message.control_id),
        message_type=_indexable(message.message_type),
        sent_at=_indexable(message.timestamp),
        flags=flags,
        patient_id=_indexable(identifiers[0]) if identifiers else "",
        keys=tuple((kind, _indexable(value)) for kind, value in _keys(message, identifiers)),
    )


def _keys(message: Message, identifiers: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from (("patient_id", value) for value in identifiers)
    yield from (("control_id", message.control_id), ("patient_id", message.get("MRG-1")))
    yield from (("patient_name", message.get("PID-5.1")), ("patient_name", message.get("PID-5.2")))


def _indexable(text: str) -> str:
    """What every database can hold and index: a value that is longer, or has NUL in it, is only looked up by."""
    return text.replace("\0", "")[:LONGEST_KEY]


def _again(
    conn: Connection, entry: journal.Entry, before: journal.Earlier, message: Message, received: Received
) -> Taken:
    """A resend of what was applied: acknowledged again, applied once."""
    answer = _answer(message, "AA", "", "", received.at)
    again = replace(entry, state="resend", first_id=before.id, ack_code="AA", ack=answer, reason=before.reason)
    return Taken(journal.add(conn, again), answer, "AA")


def _echo(conn: Connection, entry: journal.Entry, message: Message, received: Received) -> Taken:
    """Our own correction come round: matched to its delivery, not applied."""
    answer = _answer(message, "AA", "", "", received.at)
    own = replace(entry, state="echo", ack_code="AA", ack=answer, reason="our own message, not applied")
    return Taken(journal.add(conn, own), answer, "AA")


def _refuse_unread(conn: Connection, received: Received, reason: str) -> Taken:
    """What is no HL7 message is kept and found all the same; without a header there is nobody to answer AE to."""
    answer = _answer(None, "AR", reason, "", received.at)
    entry = journal.Entry(
        "in", received.at, received.raw, received.peer, state="refused", reason=reason, ack_code="AR", ack=answer,
        flags=received.flags,
    )  # fmt: skip
    return Taken(journal.add(conn, entry), answer, "AR", reason)


def _apply(conn: Connection, message: Message, context: Context) -> Taken:
    """Apply inside a savepoint; note the outcome on the journal row outside it."""
    effect = Effect()
    savepoint = conn.begin_nested()
    try:
        dispatch.apply(conn, message, context, effect)
        savepoint.commit()
        return _note(conn, message, context, Outcome("AA", "; ".join(dict.fromkeys(effect.remarks))), effect)
    except Exception as error:
        if is_database_failure(error) and not _is_too_large(error):
            raise
        savepoint.rollback()
        return _note(conn, message, context, _refusal(error, message, context), Effect())


def _is_too_large(error: Exception) -> bool:
    """SQLSTATE class 54: one value is beyond what an index can hold. The database is well, the message is not."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", "")).startswith("54")


@dataclass(frozen=True)
class Outcome:
    """MSA-1, and what ERR and the journal say."""

    code: str
    reason: str = ""
    location: str = ""


def _refusal(error: Exception, message: Message, context: Context) -> Outcome:
    """AR for what is not taken here, AE for what is wrong inside; a bug is AE too, and goes to the log."""
    if isinstance(error, RejectError):
        return Outcome("AR", str(error), "MSH-9")
    if isinstance(error, Trouble):
        return Outcome("AE", str(error), getattr(error, "location", ""))
    log.error("message not applied", message_id=context.message_id, kind=message.message_type, exc_info=error)
    return Outcome("AE", f"could not be applied ({type(error).__name__}); kept as message {context.message_id}")


def _note(conn: Connection, message: Message, context: Context, outcome: Outcome, effect: Effect) -> Taken:
    answer = _answer(
        message, outcome.code, outcome.reason if outcome.code != "AA" else "", outcome.location, context.at
    )
    named = effect.accessions or [_accession(message, context)]
    accessions = [one for one in dict.fromkeys(_indexable(one) for one in named) if one]
    journal.note(
        conn,
        context.message_id,
        state="applied" if outcome.code == "AA" else "refused",
        reason=outcome.reason.replace("\0", ""),
        ack_code=outcome.code,
        ack=answer,
        effect=effect.as_json(),
        accession_number=accessions[0] if accessions else "",
        keys=tuple(("accession_number", accession) for accession in accessions),
    )
    return Taken(context.message_id, answer, outcome.code, outcome.reason)


def _accession(message: Message, context: Context) -> str:
    """The accession number that a refused order or report names: it is found by that."""
    if message.message_type not in dispatch.APPLY:
        return ""
    first = {segment.name: segment for segment in reversed(message.segments)}
    return first_value(first, paths_for(message.message_type, context.rules))[0]


def _answer(message: Message | None, code: str, text: str, location: str, at: datetime) -> bytes:
    return ack(message, code, text, location, now=at, control_id=new_control_id(), sender=(OWN_APPLICATION, ""))


def new_control_id() -> str:
    """MSH-10, unique for ever and at most 20 characters."""
    return uuid.uuid4().hex[:20].upper()


# -- files and replays ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IngestResult:
    """What became of one message of a file."""

    path: str
    message_id: int
    ack_code: str
    reason: str


def ingest_files(store: Store, paths: Sequence[Path]) -> list[IngestResult]:
    """Files of HL7 (framed or bare, one or many messages) through the same path as the listener."""
    with store.reading() as conn:
        config = settings.load_config(conn)
    results = []
    for path in paths:
        for raw in messages_in(path):
            taken = take_group(store, [Received(raw, f"file:{path.name}", datetime.now(UTC))], config)[0]
            results.append(IngestResult(str(path), taken.message_id, taken.ack_code, taken.reason))
    return results


def messages_in(path: Path) -> list[bytes]:
    """The messages of a file. Raises Trouble where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}") from error
    if b"\x0b" not in data:
        return split_batch(data) or [data]
    deframer = Deframer(max(len(data), 1024))
    frames = [*deframer.feed(data), *deframer.close()]
    return [message for frame in frames for message in split_batch(frame.raw)]


def replay(store: Store, message_id: int) -> Taken:
    """Apply a journalled message again as a new journal row; the first is closed when that works."""
    with store.transaction() as conn:
        raw = journal.raw(conn, message_id)
        if raw is None:
            raise NotFound(f"no message {message_id}")
        config = settings.load_config(conn)
        taken = take_one(conn, Received(raw, "replay", datetime.now(UTC)), config, replay_of=message_id)
        if taken.ack_code == "AA":
            journal.close_refused(conn, message_id, taken.message_id)
    return taken
