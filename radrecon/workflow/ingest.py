"""Commit, then acknowledge: journal each message, apply it, and only then say AA (HL7 2.9.2).

The journal row lies outside the message's savepoint, its effects inside, so that a message that cannot be applied is
still found and replayed. Many messages share one commit. If the database fails, nobody in the group is told AA; each
is tried again alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from radrecon.config import Config
from radrecon.hl7v2.framing import Deframer, split_batch
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import first_value, paths_for
from radrecon.model.errors import ContentError, RejectError, Trouble
from radrecon.store import journal, senders, settings
from radrecon.store.database import Connection, DatabaseDown, Store, is_database_failure, savepoint
from radrecon.workflow import dispatch
from radrecon.workflow.acknowledging import OWN_APPLICATION, Outcome, answers
from radrecon.workflow.intake import Context, Effect, Received, Site, Taken
from radrecon.workflow.senders import Roll

log = structlog.get_logger()

LONGEST_KEY = 200


def take_group(store: Store, group: Sequence[Received], site: Site) -> list[Taken]:
    """Journal and apply a group of messages in one commit; the answers may be sent when this returns."""
    try:
        with store.transaction() as conn:
            roll = Roll()
            taken = [_take(conn, received, site, roll) for received in group]
            senders.heard(conn, roll.heard, group[0].at)
            return taken
    except DatabaseDown as error:
        if len(group) > 1:
            return [taken for received in group for taken in take_group(store, [received], site)]
        log.error("message not stored", reason=str(error))
        return [_not_now(received, str(error)) for received in group]


def _not_now(received: Received, reason: str) -> Taken:
    """AR: the sender may repeat. What is wrong with our database is for our log, not for them."""
    try:
        message: Message | None = Message.parse(received.raw)
    except Trouble:
        message = None
    outcome = Outcome("AR", "not stored: the database cannot be had now; send it again", stored=False)
    return Taken(0, answers(message, outcome, received.at), "AR", reason)


def take_one(conn: Connection, received: Received, config: Config, replay_of: int = 0) -> Taken:
    """One message: known resend, own echo, or journal + apply. Runs inside the caller's transaction."""
    return _take(conn, received, Site(config), Roll(), replay_of)


def _take(conn: Connection, received: Received, site: Site, roll: Roll, replay_of: int = 0) -> Taken:
    try:
        message, sender, rules = site.read(received)
    except Trouble as error:
        return _refuse_unread(conn, received, str(error), replay_of)
    heard = Heard(received, message, replay_of)
    before = None if replay_of else _before(conn, heard)
    if before and before.same and before.state in ("applied", "echo"):
        return _closed(conn, heard, "resend", before.reason, first_id=before.id)
    echo = journal.is_our_own(conn, heard.application, heard.control_id) if heard.application == OWN_APPLICATION else 0
    if echo:
        return _closed(conn, heard, "echo", "our own message, not applied", delivery_id=echo)
    if before and not before.same:
        heard.flags = (*heard.flags, "control_id_reused")
    message_id = journal.reserve(conn)
    context = Context(site.config, sender, received.at, message_id, site.zone, rules, replay_of)
    taken = _apply(conn, heard, context)
    roll.note(message, received, rules.zone or site.zone, refused=taken.ack_code != "AA")
    return taken


class Heard:
    """A message that was read, and what the journal calls it."""

    def __init__(self, received: Received, message: Message, replay_of: int) -> None:
        self.received, self.message, self.replay_of = received, message, replay_of
        self.flags = (*received.flags, "charset_guessed") if message.guessed else received.flags
        self.application = indexable(message.sending_application)
        self.facility = indexable(message.sending_facility)
        self.control_id = indexable(message.control_id)
        self.digest = journal.fingerprint(received.raw)

    def entry(self, state: str, reason: str, ack_code: str, said: tuple[bytes, ...], **more: Any) -> journal.Entry:
        """The journal's row: what is found it by, what came of it, what was answered."""
        keys = [(kind, indexable(value)) for kind, value in keys_of(self.message)]
        number = next((value for kind, value in keys if kind == "patient_id"), "")
        return journal.Entry(
            direction="in",
            at=self.received.at,
            raw=self.received.raw,
            digest=self.digest,
            peer=self.received.peer,
            sending_application=self.application,
            sending_facility=self.facility,
            control_id=self.control_id,
            message_type=indexable(self.message.message_type),
            sent_at=indexable(self.message.timestamp),
            state=state,
            reason=reason.replace("\0", ""),
            ack_code=ack_code,
            ack=b"".join(said),
            flags=self.flags,
            patient_id=number,
            keys=(*keys, *more.pop("keys", ())),
            **({"first_id": self.replay_of} | more),
        )


def _before(conn: Connection, heard: Heard) -> journal.Earlier | None:
    return journal.earlier(conn, heard.application, heard.facility, heard.control_id, heard.digest)


def _closed(conn: Connection, heard: Heard, state: str, reason: str, **more: Any) -> Taken:
    """A resend of what was applied, or our own correction come round: acknowledged again, applied once or never."""
    said = answers(heard.message, Outcome("AA"), heard.received.at)
    return Taken(journal.add(conn, heard.entry(state, reason, "AA", said, **more)), said, "AA")


def _refuse_unread(conn: Connection, received: Received, reason: str, replay_of: int) -> Taken:
    """What is no HL7 message is kept and found all the same; without a header there is nobody to answer AE to."""
    said = answers(None, Outcome("AR", reason), received.at)
    entry = journal.Entry(
        "in", received.at, received.raw, received.peer, state="refused", reason=reason, ack_code="AR",
        ack=b"".join(said), flags=received.flags, first_id=replay_of,
    )  # fmt: skip
    return Taken(journal.add(conn, entry), said, "AR", reason)


def _apply(conn: Connection, heard: Heard, context: Context) -> Taken:
    """Apply inside a savepoint; the journal row, with what came of it, is written outside it."""
    effect = Effect()
    try:
        refuse_what_is_cut(heard.received.flags)
        with savepoint(conn):
            dispatch.apply(conn, heard.message, context, effect)
        outcome = Outcome("AA", "; ".join(dict.fromkeys(effect.remarks)))
    except Exception as error:
        if is_database_failure(error):
            raise
        effect, outcome = Effect(), _refusal(error, heard.message, context)
    return _journalled(conn, heard, context, outcome, effect)


def refuse_what_is_cut(flags: Sequence[str]) -> None:
    """Half a message must change nothing. One that never was in a frame ends where its connection ends."""
    if "too_long" in flags:
        raise ContentError("longer than the largest message that is taken here; only its beginning was kept")
    if "unfinished" in flags and "no_start" not in flags:
        raise ContentError("the connection ended before the message did")


def _refusal(error: Exception, message: Message, context: Context) -> Outcome:
    """AR for what is not taken here, AE for what is wrong inside; a bug is AE too, and goes to the log."""
    if isinstance(error, RejectError):
        return Outcome("AR", str(error), "MSH-9")
    if isinstance(error, Trouble):
        return Outcome("AE", str(error), getattr(error, "location", ""))
    log.error("message not applied", message_id=context.message_id, kind=message.message_type, exc_info=error)
    return Outcome("AE", f"could not be applied ({type(error).__name__}); kept as message {context.message_id}")


def _journalled(conn: Connection, heard: Heard, context: Context, outcome: Outcome, effect: Effect) -> Taken:
    """Write the message with what came of it."""
    said = answers(heard.message, outcome, context.at)
    named = effect.accessions or [_accession(heard.message, context)]
    accessions = [one for one in dict.fromkeys(indexable(one) for one in named) if one]
    entry = heard.entry(
        "applied" if outcome.code == "AA" else "refused",
        outcome.reason,
        outcome.code,
        said,
        effect=effect.as_json(),
        accession_number=accessions[0] if accessions else "",
        keys=[("accession_number", accession) for accession in accessions],
    )
    journal.add(conn, entry, context.message_id)
    return Taken(context.message_id, said, outcome.code, outcome.reason)


def _accession(message: Message, context: Context) -> str:
    """The accession number that a refused order or report names: it is found by that."""
    if message.message_type not in dispatch.APPLY:
        return ""
    first = {segment.name: segment for segment in reversed(message.segments)}
    return first_value(first, paths_for(message.message_type, context.rules))[0]


def keys_of(message: Message) -> Iterator[tuple[str, str]]:
    """What a message can be found by, (kind, value); the first patient_id is the one that its row shows."""
    found = [("control_id", message.control_id)]
    for segment in message.segments:
        if segment.name == "PID":
            found += [("patient_id", field.get(1)) for field in segment.repeats(3)]
            found += [("patient_id", segment.value(2)), ("patient_id", segment.value(4))]
            found += [("patient_name", segment.value(5)), ("patient_name", segment.value(5, 2))]
        elif segment.name == "MRG":
            found += [("patient_id", field.get(1)) for field in segment.repeats(1)]
            found.append(("patient_id", segment.value(4)))
        elif segment.name in ("ORC", "OBR"):
            found += [("order_number", segment.value(2)), ("order_number", segment.value(3))]
    return (key for key in dict.fromkeys(found) if key[1])


def indexable(text: str) -> str:
    """What every database can hold and index: a value that is longer, or has NUL in it, is only looked up by."""
    return text if len(text) <= LONGEST_KEY and "\0" not in text else text.replace("\0", "")[:LONGEST_KEY]


# -- files ------------------------------------------------------------------------------------------------------------


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
        site = Site(settings.load_config(conn))
    results = []
    for path in paths:
        for raw in messages_in(path):
            taken = take_group(store, [Received(raw, f"file:{path.name}", datetime.now(UTC))], site)[0]
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
