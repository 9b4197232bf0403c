"""What a sender does in its own way: where it puts accession numbers, which authority its identifiers mean.

Where an accession number stands is a convention of each site (OBR-18, ORC-3, OBR-3.1, IPC-1 …), so it is an ordered
list of paths, and each value that is taken remembers the path it came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from radrecon.config import HL7SenderConfig, SenderMatch, SiteConfig
from radrecon.hl7v2.reader import NULL, Segment, split_path

FILLER_PATHS = ("OBR-18", "OBR-3.1", "ORC-3.1")
IMAGING_PATHS = ("IPC-1", "OBR-18", "OBR-3.1")


@dataclass(frozen=True)
class SenderRules:
    """`zone` is the sender's own, for times that state none; None means the site's."""

    accession_paths: tuple[str, ...] = ()
    charset: str = ""
    patient_id_issuer: str = ""
    accession_issuer: str = ""
    zone: tzinfo | None = None


USUAL = SenderRules()
"""A sender that does as the standard says."""


def paths_for(message_type: str, rules: SenderRules) -> tuple[str, ...]:
    """The sender's own paths, else the defaults of the message type."""
    if rules.accession_paths:
        return rules.accession_paths
    return IMAGING_PATHS if message_type.startswith("OMI") else FILLER_PATHS


def first_value(segments: Mapping[str, Segment], paths: Sequence[str]) -> tuple[str, str]:
    """The first value that one of the paths leads to, and that path; two empty texts where none does."""
    for path in paths:
        name, position = split_path(path)
        value = segments[name].get(position) if name in segments else ""
        if value and value != NULL:
            return value, path
    return "", ""


def sender_for(
    senders: Sequence[HL7SenderConfig], sending_application: str, sending_facility: str
) -> HL7SenderConfig | None:
    """The first configured sender that fits; an empty part of its match fits anything."""
    return next((one for one in senders if _fits(one.match, sending_application, sending_facility)), None)


def rules_of(sender: HL7SenderConfig | None, site: SiteConfig) -> SenderRules:
    """A sender's rules; those of nobody in particular where none is configured."""
    own = sender or HL7SenderConfig()
    return SenderRules(
        accession_paths=tuple(own.accession_paths),
        charset=own.charset,
        patient_id_issuer=site.patient_id_issuer,
        accession_issuer=site.accession_issuer,
        zone=ZoneInfo(own.time_zone) if own.time_zone else None,
    )


def _fits(match: SenderMatch, application: str, facility: str) -> bool:
    return match.sending_application in ("", application) and match.sending_facility in ("", facility)
