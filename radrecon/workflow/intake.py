"""What every message's reading needs to know of this site: rules per sender, who owns identity, the zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from radrecon.config import Config, HL7SenderConfig
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import USUAL, SenderRules, rules_of, sender_for
from radrecon.model.patient import PatientId


@dataclass(frozen=True)
class Received:
    """One message off the wire (or from a file), with what framing had to forgive."""

    raw: bytes
    peer: str
    at: datetime
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What became of it. `answers` are unframed: one in original mode, as many as were asked for in enhanced mode."""

    message_id: int
    answers: tuple[bytes, ...]
    ack_code: str
    reason: str = ""


@dataclass(frozen=True)
class Context:
    """One message being applied."""

    config: Config
    sender: HL7SenderConfig | None
    at: datetime
    message_id: int
    zone: tzinfo
    rules: SenderRules = USUAL
    replay_of: int = 0  # the message that was heard before, where a person has it applied again

    @property
    def owns_identity(self) -> bool:
        """Whether this sender may change a known person's identity; everyone may where no owner is named."""
        owners = [sender for sender in self.config.hl7_sender if "identity" in sender.owner_of]
        return not owners or (self.sender is not None and self.sender in owners)


@dataclass
class Effect:
    """What a message did, for the journal: ids by kind, and remarks a person should see."""

    persons: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    reports: list[int] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)
    accessions: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    retired: list[PatientId] = field(default_factory=list)  # numbers in use that lead to somebody else's record

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value and name != "retired"}


MOST_SENDERS = 1000  # of whom it is remembered how they are read: each connection is another


class Site:
    """What reading needs of the configuration, worked out once."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.zone = config.zone()
        self._senders: dict[tuple[str, str, str, str], tuple[HL7SenderConfig | None, SenderRules]] = {}

    def sender(self, message: Message, peer: str) -> tuple[HL7SenderConfig | None, SenderRules]:
        """Whose message it is, and how theirs are read; `peer` is host:port."""
        receiving = message.header.get("5")
        name = (message.sending_application, message.sending_facility, receiving, peer)
        if name not in self._senders:
            if len(self._senders) >= MOST_SENDERS:
                self._senders.clear()
            sender = sender_for(self.config.hl7_sender, *name[:2], receiving_application=receiving, peer=peer)
            self._senders[name] = (sender, rules_of(sender, self.config.site))
        return self._senders[name]

    def read(self, received: Received) -> tuple[Message, HL7SenderConfig | None, SenderRules]:
        """Parse with the sender's character set; raises RejectError for what is no HL7 message."""
        message = Message.parse(received.raw)
        sender, rules = self.sender(message, received.peer)
        if sender and sender.charset and (message.guessed or not message.header.raw(18)):
            message = Message.parse(received.raw, sender.charset)
        return message, sender, rules
