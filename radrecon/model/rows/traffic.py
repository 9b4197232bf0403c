"""Messages, deliveries and senders in lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MessageRow:
    id: int
    direction: str
    received_at: str
    message_type: str
    control_id: str
    sending_application: str
    sending_facility: str
    peer: str
    state: str
    reason: str
    patient_id: str
    accession_number: str
    size: int
    raw: str = ""
    first_id: int = 0  # of a resend or replay: the message that it repeats
    found: str = ""  # what stands around the text that was looked for


@dataclass(frozen=True)
class MessageSearch:
    """What a search of the journal found, and `notes` that a person must know: how far the index of texts reaches."""

    rows: tuple[MessageRow, ...]
    indexed_to: int = 0
    newest: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MessageEffect:
    """One thing that a message did or belongs to; `id` is that of the `kind` of row named (0: none)."""

    kind: str  # person, order, report, visit, notice, accession, remark, message, delivery, correction, pair
    id: int
    text: str


@dataclass(frozen=True)
class MessageDetail:
    """One message with all that is known of it.

    `raw` read by `raw_encoding` gives its bytes back; `text` is what they mean in `charset`, which was guessed if it
    says so. `effects`: what it did; `related`: messages that it repeats or that repeat it, deliveries, pairs.
    """

    message: MessageRow
    raw_encoding: str
    text: str
    charset: str
    charset_guessed: bool
    sent_at: str
    flags: tuple[str, ...]
    ack_code: str
    ack: str
    effects: tuple[MessageEffect, ...] = ()
    related: tuple[MessageEffect, ...] = ()


@dataclass(frozen=True)
class ReplayRow:
    """What became (or, dry, would become) of one replayed message. `message_id` is the new row's, 0 if none was kept.

    `outcome`: applied, refused, not replayed.
    """

    replay_of: int
    message_type: str
    control_id: str
    was: str
    outcome: str
    ack_code: str
    reason: str
    message_id: int = 0


@dataclass(frozen=True)
class DeliveryRow:
    id: int
    correction_id: int
    case_id: int
    verb: str
    destination: str
    title: str
    state: str
    words: str
    attempts: int
    created_at: str
    updated_at: str
    provable: bool
    patient_id: str = ""
    study_instance_uid: str = ""
    message_id: int = 0
    correction_state: str = ""


@dataclass(frozen=True)
class CorrectionRow:
    id: int
    case_id: int
    verb: str
    state: str  # under way, filed, acknowledged, in trouble, stale, undone
    summary: str
    reason: str
    ticket: str
    approved_by: str
    approved_at: str
    undo_of: int = 0
    undone_by: int = 0


@dataclass(frozen=True)
class CrosswalkRow:
    """A legacy patient number and what it is now.

    `state`: not heard (nobody has either number), open (one person has one of them), joined (one person has both),
    conflict (two persons: a person decides).
    """

    id: int
    legacy_patient_id: str
    legacy_issuer_of_patient_id: str
    patient_id: str
    issuer_of_patient_id: str
    state: str
    person_ids: tuple[int, ...]
    source: str
    imported_at: str


@dataclass(frozen=True)
class SenderRow:
    """One sender as it was heard (MSH-3, MSH-4), with the rules that it is read by.

    `skew_seconds`: from its MSH-7 to arrival, smoothed; negative: its clock is ahead of ours. `late`: messages that
    came long after they were written (a queue, a replay); they say nothing of the clock.
    """

    id: int
    sending_application: str
    sending_facility: str
    configured: bool
    tap: str
    owner_of: tuple[str, ...]
    accession_paths: tuple[str, ...]
    messages: int
    refused: int
    late: int
    first_heard: str
    last_heard: str
    skew_seconds: float | None
    skew_least: float | None
    skew_most: float | None
    clock: str


@dataclass(frozen=True)
class PairRow:
    """Two rows of the journal that are one message, or a message and a copy of its answer (`kind` hop, ack)."""

    id: int
    kind: str
    first_id: int
    second_id: int
    at: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class InterfaceRow:
    """What the interface engine does between two senders: `changes` by place, most frequent first."""

    before: str
    behind: str
    pairs: int
    unchanged: int
    changes: tuple[dict[str, Any], ...]
