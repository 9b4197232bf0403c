"""What a sender does in its own way: where it puts accession numbers, which authority its identifiers mean.

Where an accession number stands is a convention of each site (OBR-18, ORC-3, OBR-3.1, IPC-1 …), so it is an ordered
list of paths, and each value that is taken remembers the path it came from. Patient numbers are named and padded by
rules, never shortened: a number with a site's prefix belongs to an authority of its own (CX, chapter 2A).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from radrecon.config import HL7SenderConfig, PatientIdRule, SenderMatch, SiteConfig
from radrecon.hl7v2.reader import NULL, Segment, split_path
from radrecon.model.patient import PatientId

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
    addendum_status: str = ""
    patient_ids: tuple[PatientIdRule, ...] = ()
    fallback: bool = True

    def is_legacy(self, identifier: PatientId) -> bool:
        """Whether an authority of former numbers gave it."""
        return any(rule.legacy_of and rule.issuer == identifier.issuer for rule in self.patient_ids)


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


LONGEST_MATCHED = 250
"""What is longer is no patient number; a site's expression is not tried on it."""


def identified(stated: PatientId, type_code: str, rules: Sequence[PatientIdRule]) -> PatientId:
    """An identifier as sent (its authority "" where none is stated) → what the rules make of it; empty if dropped."""
    found = stated
    for rule in rules:
        if _holds(rule, found, stated.issuer, type_code):
            found = _told(rule, found)
    return found


def _holds(rule: PatientIdRule, found: PatientId, stated_issuer: str, type_code: str) -> bool:
    value = found.value
    return bool(
        0 < len(value) <= LONGEST_MATCHED
        and rule.type.upper() in ("", type_code)
        and rule.stated_issuer in (None, stated_issuer)
        and value.startswith(rule.prefix)
        and (not rule.match or re.fullmatch(rule.match, value))
    )


def _told(rule: PatientIdRule, found: PatientId) -> PatientId:
    """A stated authority stands, unless the rule names it, or it is the present one of legacy numbers."""
    if rule.drop:
        return PatientId("")
    may_name = rule.stated_issuer is not None or found.issuer in ("", rule.legacy_of)
    value = found.value.zfill(rule.pad) if rule.pad and _digits(found.value) else found.value
    return PatientId(value, rule.issuer if rule.issuer and may_name else found.issuer)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def sender_for(
    senders: Sequence[HL7SenderConfig],
    sending_application: str,
    sending_facility: str,
    *,
    receiving_application: str = "",
    peer: str = "",
) -> HL7SenderConfig | None:
    """The first configured sender that fits; an empty part of its match fits anything. `peer` is `host:port`."""
    heard = (sending_application, sending_facility, receiving_application, peer)
    return next((one for one in senders if _fits(one.match, *heard)), None)


def rules_of(sender: HL7SenderConfig | None, site: SiteConfig) -> SenderRules:
    """A sender's rules; those of nobody in particular where none is configured."""
    own = sender or HL7SenderConfig()
    return SenderRules(
        accession_paths=tuple(own.accession_paths),
        charset=own.charset,
        patient_id_issuer=site.patient_id_issuer,
        accession_issuer=site.accession_issuer,
        zone=ZoneInfo(own.time_zone) if own.time_zone else None,
        addendum_status=own.addendum_status,
        patient_ids=tuple(own.patient_id_rules),
        fallback=own.patient_id_fallback,
    )


def _fits(match: SenderMatch, application: str, facility: str, receiving: str, peer: str) -> bool:
    return (
        match.sending_application in ("", application)
        and match.sending_facility in ("", facility)
        and match.receiving_application in ("", receiving)
        and match.host in ("", host_of(peer))
    )


def host_of(peer: str) -> str:
    """`10.0.0.1:4711` → `10.0.0.1`, `[::1]:4711` → `::1`; a peer without a port is itself."""
    if peer.startswith("["):
        return peer[1:].partition("]")[0]
    host, mark, port = peer.rpartition(":")
    return host if mark and port.isdigit() and ":" not in host else peer
