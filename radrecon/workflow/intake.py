"""What every message's reading needs to know of this site: rules per sender, who owns identity, the zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from radrecon.config import Config, HL7SenderConfig
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import SenderRules

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

    @property
    def owns_identity(self) -> bool:
        """Whether this sender may change a known person's identity; everyone may where no owner is named."""
        owners = [sender for sender in self.config.hl7_sender if "identity" in sender.owner_of]
        return not owners or (self.sender is not None and self.sender in owners)


def sender_of(config: Config, application: str, facility: str) -> HL7SenderConfig | None:
    """The first configured sender whose match fits; an empty match value fits all."""
    for sender in config.hl7_sender:
        wanted = sender.match
        fits_application = wanted.sending_application in ("", application)
        if fits_application and wanted.sending_facility in ("", facility):
            return sender
    return None


def rules_for(config: Config, sender: HL7SenderConfig | None) -> SenderRules:
    site = config.site
    return SenderRules(
        accession_paths=tuple(sender.accession_paths) if sender else (),
        charset=sender.charset if sender else "",
        patient_id_issuer=site.patient_id_issuer,
        accession_issuer=site.accession_issuer,
    )


def read(raw: bytes, config: Config) -> tuple[Message, HL7SenderConfig | None]:
    """Parse with the sender's character set; raises RejectError for what is no HL7 message."""
    message = Message.parse(raw)
    sender = sender_of(config, message.sending_application, message.sending_facility)
    if sender and sender.charset:
        message = Message.parse(raw, sender.charset)
    return message, sender
