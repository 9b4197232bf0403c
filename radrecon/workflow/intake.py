"""What every message's reading needs to know of this site: rules per sender, who owns identity, the zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from radrecon.config import Config, HL7SenderConfig
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import USUAL, SenderRules, sender_for

OWN_APPLICATION = "RADRECON"


@dataclass(frozen=True)
class Received:
    """One message off the wire (or from a file), with what framing had to forgive."""

    raw: bytes
    peer: str
    at: datetime
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What became of it. `ack` is the unframed answer, None where no answer is the only honest one."""

    message_id: int
    ack: bytes | None
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
    accessions: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}


def read(raw: bytes, config: Config) -> tuple[Message, HL7SenderConfig | None]:
    """Parse with the sender's character set; raises RejectError for what is no HL7 message."""
    message = Message.parse(raw)
    sender = sender_for(config.hl7_sender, message.sending_application, message.sending_facility)
    if sender and sender.charset:
        message = Message.parse(raw, sender.charset)
    return message, sender
