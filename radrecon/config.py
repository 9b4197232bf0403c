"""Every setting once: its type, default and help.

The TOML file is read by the engine at start and kept in the database, where worker and desk read it. An unknown key is
refused with its name: a setting that is silently ignored is a break that nobody sees.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tomllib
from datetime import date
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from radrecon.model.errors import Trouble


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


CHARACTER_SETS = frozenset(
    ("ASCII", "ISO_IR 6", "ISO_IR 13", "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 126",
     "ISO_IR 127", "ISO_IR 138", "ISO_IR 144", "ISO_IR 148", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK")
)  # fmt: skip
SWITCHED_SETS = frozenset(
    ("", "ISO_IR 13", "ISO 2022 IR 6", "ISO 2022 IR 13", "ISO 2022 IR 58", "ISO 2022 IR 87", "ISO 2022 IR 100",
     "ISO 2022 IR 101", "ISO 2022 IR 109", "ISO 2022 IR 110", "ISO 2022 IR 126", "ISO 2022 IR 127", "ISO 2022 IR 138",
     "ISO 2022 IR 144", "ISO 2022 IR 148", "ISO 2022 IR 149", "ISO 2022 IR 159", "ISO 2022 IR 166")
)  # fmt: skip
"""Defined terms of (0008,0005), PS3.3 C.12.1.1.2: of one set, and of several that escape sequences switch between."""

_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_HL7_PATH = re.compile(r"[A-Z][A-Z0-9]{2}-[1-9]\d{0,2}(\.[1-9]\d?){0,2}")


def _known_zone(value: str) -> str:
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone is called {value!r}") from error
    return value


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


class EngineConfig(Section):
    host: str = Field("127.0.0.1", description="address that the listeners bind to")
    mllp_port: int = Field(2575, ge=0, le=65535, description="HL7 listener; 0 = any free one")
    dicom_port: int = Field(11112, ge=0, le=65535, description="worklist server; 0 = any free one")
    ae_title: str = Field("RADRECON", min_length=1, max_length=16, description="own AE title")
    max_frame_bytes: int = Field(16 << 20, ge=1024, description="largest HL7 message taken")
    keep_originals_days: int = Field(7, ge=0, description="files as they were before a correction, kept this long")
    keep_messages_days: int = Field(
        0, ge=0, description="settled messages go from the journal after so many days; 0 = they are kept for ever"
    )
    keep_records_days: int = Field(
        180,
        ge=0,
        description="records of worklist queries and bytes of ended performed steps, kept so long; 0 = for ever",
    )
    retrieve_port: int = Field(0, ge=0, le=65535, description="where a PACS sends what we C-MOVE; 0 = C-GET only")
    max_associations: int = Field(64, ge=1, description="DICOM associations in all")
    max_associations_per_peer: int = Field(16, ge=1, description="DICOM associations of one address")
    acse_seconds: float = Field(30, gt=0, description="a DICOM peer must have asked for its association by then")
    idle_seconds: float = Field(600, gt=0, description="an association on which so long nothing is said is ended")
    max_pdu_bytes: int = Field(1 << 20, ge=16 << 10, description="longest P-DATA-TF PDU taken, whatever was negotiated")
    allow_ae_titles: list[str] = Field(default_factory=list, description="who may associate; empty = everybody")
    allow_addresses: list[str] = Field(
        default_factory=list, description="addresses or networks (CIDR) that may connect by DICOM; empty = all"
    )
    unknown_ae: Literal["reject", "echo"] = Field(
        "reject", description='an AE title that allow_ae_titles lacks: rejected, or answered a C-ECHO ("echo")'
    )
    storage: Literal["off", "known", "any"] = Field(
        "known", description="who may send images: nobody, the AE titles of [[pacs]] and [[modality]], everybody"
    )
    storage_private: bool = Field(True, description="images of private and unknown SOP classes are taken, too")
    storage_max_bytes: int = Field(1 << 30, ge=1 << 20, description="largest instance that is taken")
    storage_quiet_seconds: float = Field(
        120, ge=0, description="a study that only storage knows is complete after this long without an instance"
    )
    spool_bytes: int = Field(1 << 30, ge=0, description="disk for images that wait for their thumbnail; 0 = none made")

    @field_validator("allow_addresses")
    @classmethod
    def _are_networks(cls, value: list[str]) -> list[str]:
        for one in value:
            try:
                ip_network(one, strict=False)
            except ValueError as error:
                raise ValueError(f"{one!r} is no address and no network: write 10.1.2.0/24") from error
        return value


class SiteConfig(Section):
    name: str = Field("", description="shown in the window's title and in reports")
    time_zone: str = Field("", description="IANA name; empty = this machine's")
    watch_from: date | None = Field(None, description="nothing before this date is judged; default: the first start")
    patient_id_issuer: str = Field("", description="assigning authority of identifiers that name none")
    accession_issuer: str = Field("", description="issuer of accession numbers that name none")
    never_accessioned_minutes: int = Field(
        30, ge=0, description="an order without an accession number is a case after this long; 0 = never"
    )

    mpps_idle_minutes: int = Field(
        60,
        ge=0,
        le=43200,
        description="a performed step that no modality ends is done this long after its last image or message",
    )
    decision_days: int = Field(
        14, ge=0, le=3650, description="late images follow what a person has decided for this long; 0 = never"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        return _known_zone(value)


class PacsConfig(Section):
    name: str
    ae_title: str
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    profile: Literal["orthanc", "iocm", "overwrite", "hl7"] = "overwrite"
    rest_url: str = Field("", description="base of the PACS's REST interface; profile orthanc needs it")
    rest_user: str = ""
    rest_password_env: str = Field("", description="environment variable of the engine that holds the password")
    poll_seconds: float = Field(30, gt=0)
    look_back_days: int = Field(2, ge=0, description="how far back each poll looks; the first look takes everything")
    stable_seconds: float = Field(120, ge=0, description="a study is complete after this long without a change")
    retrieve: Literal["get", "move"] = "get"
    send: bool = Field(False, description="corrections may be sent there")
    group_accession: Literal["primary", "empty"] = "primary"
    restore_is_new_exam: bool | None = None
    restore_reroutes: bool | None = None
    holds_annotations: bool | None = None
    feed: Literal["", "dicom", "qido", "orthanc"] = Field(
        "",
        description="how it is followed: C-FIND, QIDO-RS, or C-FIND and Orthanc's /changes; default: by the profile",
    )
    qido_url: str = Field("", description="base of its DICOMweb services; default: rest_url, Orthanc's with /dicom-web")
    changes_seconds: float = Field(0.5, gt=0, description="how often Orthanc is asked for its changes")
    small_up_to: int = Field(
        2000, ge=0, description="studies: a PACS of this size is looked through at each poll; a larger one by windows"
    )
    queries_per_minute: int = Field(600, ge=0, description="the feed asks no more than this; 0 = no bound")
    sweep_pause_seconds: float = Field(0.5, ge=0, description="between two windows of the sweep, at least")
    sweep_every_minutes: float = Field(60, ge=0, description="from the start of one full sweep to that of the next")
    sweep_hours: str = Field(
        "", description='when the sweep may run, site\'s wall clock: "20:00-06:00"; empty = always'
    )

    @property
    def feed_kind(self) -> Literal["dicom", "qido", "orthanc"]:
        """How its studies are followed."""
        return self.feed or ("orthanc" if self.profile == "orthanc" and self.rest_url else "dicom")

    @field_validator("sweep_hours")
    @classmethod
    def _are_hours(cls, value: str) -> str:
        if value and not _HOURS.fullmatch(value):
            raise ValueError(f"{value!r} are no hours: write 20:00-06:00")
        return value

    @model_validator(mode="after")
    def _rest(self) -> Self:
        if self.profile == "orthanc" and not self.rest_url:
            raise ValueError("profile orthanc needs rest_url")
        if self.feed == "orthanc" and not self.rest_url:
            raise ValueError("feed orthanc needs rest_url")
        if self.feed == "qido" and not (self.rest_url or self.qido_url):
            raise ValueError("feed qido needs qido_url")
        return self


class HL7DestinationConfig(Section):
    name: str
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    role: str = ""
    messages: list[Literal["ADT", "ORM"]] = Field(default_factory=list, description="what may be sent; default nothing")
    proof: str = Field("", description="the PACS whose answer proves that it was applied; empty = not provable")
    resend: Literal["safe", "ask"] = "ask"
    receiving_application: str = ""
    receiving_facility: str = ""
    version: str = "2.5.1"
    charset: str = Field("UNICODE UTF-8", description="MSH-18 of what we send")
    ack_seconds: float = Field(30, gt=0)
    send: bool = Field(True, description="switch off to hold its deliveries; what may go is ruled by messages")


class SenderMatch(Section):
    """Whose messages a sender's rules are for; what is empty fits anything.

    A copy before and one behind an interface engine often bear the same names: then the host that they come from, or
    a receiving application that the engine writes into one of them, tells them apart.
    """

    sending_application: str = Field("", description="MSH-3.1")
    sending_facility: str = Field("", description="MSH-4.1")
    receiving_application: str = Field("", description="MSH-5.1")
    host: str = Field("", description="address that the messages come from, without its port")


class PatientIdRule(Section):
    """How one kind of a sender's patient identifiers (PID-3, MRG-1) is read.

    What is told applies where all conditions (match, prefix, type, stated_issuer) hold; several rules apply one after
    another. A prefix is never cut off: two authorities may number alike. Numbers with one are `legacy_of` the present
    authority and lead to the present number through the crosswalk.
    """

    match: str = Field("", description="regular expression that the whole number fits")
    prefix: str = Field("", description="what the number begins with")
    type: str = Field("", description="identifier type (CX-5)")
    stated_issuer: str | None = Field(
        None, description='assigning authority as sent (CX-4); "" = none. Default: any, and issuer only fills gaps'
    )
    issuer: str = Field("", description="the assigning authority of these numbers")
    legacy_of: str = Field("", description="they are former numbers of this authority; issuer names their own")
    pad: int = Field(0, ge=0, le=64, description="digits are filled with leading zeros to this width")
    drop: bool = Field(False, description="no identifier at all (0000000, UNKNOWN)")

    @field_validator("match")
    @classmethod
    def _is_expression(cls, value: str) -> str:
        return _expression(value)

    @model_validator(mode="after")
    def _tells_something(self) -> Self:
        if not (self.drop or self.pad or self.issuer):
            raise ValueError("a rule tells at least one of issuer, pad and drop")
        if self.drop and (self.pad or self.issuer):
            raise ValueError("what is dropped gets neither issuer nor pad")
        if self.drop and not (self.match or self.prefix or self.type or self.stated_issuer):
            raise ValueError("drop needs a condition: match, prefix, type or stated_issuer")
        if self.legacy_of and self.issuer in ("", self.legacy_of):
            raise ValueError("legacy_of needs issuer: the legacy numbers' own authority, another than the present one")
        return self


class HL7SenderConfig(Section):
    """What one sender does in its own way; the first entry whose match fits counts."""

    match: SenderMatch = SenderMatch()
    tap: Literal["feed", "copy", "copy_after", "ack_copy"] = Field(
        "feed", description="a feed of its own, a copy before or behind the interface engine, or a copy of the answers"
    )
    owner_of: list[Literal["identity", "accession", "procedure", "visit", "report"]] = Field(
        default_factory=list, description="whose changes of these are taken over; nobody named = everybody's"
    )
    accession_paths: list[str] = Field(
        default_factory=list, description="where the accession number stands, in order; default by message type"
    )
    charset: str = Field("", description="character set of messages whose MSH-18 is empty, as MSH-18 would name it")
    time_zone: str = Field("", description="IANA name, for times that state no zone; empty = the site's")
    addendum_status: Literal["", "A"] = Field(
        "", description="result status (OBR-25) that means an addendum; by the standard A means some results only"
    )
    patient_id_rules: list[PatientIdRule] = Field(default_factory=list)
    patient_id_fallback: bool = Field(True, description="take PID-2, then PID-4, where PID-3 has no identifier")

    @field_validator("accession_paths")
    @classmethod
    def _are_paths(cls, value: list[str]) -> list[str]:
        for path in value:
            if not _HL7_PATH.fullmatch(path):
                raise ValueError(f"{path!r} is no place in a message: write OBR-18, OBR-3.1 or IPC-1")
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        return _known_zone(value)


class ModalityConfig(Section):
    """A modality as the worklist answers it; the first entry that fits the caller counts.

    What it did not ask for is narrowed to what is listed here; a key that it did ask for is never widened.
    """

    ae_title: str = Field(description="AE title that it calls with; * = every modality that has no entry of its own")
    site: str = Field("", description="modalities of different sites never see each other's steps")
    address: str = Field("", description="only a caller from this address; empty = any")
    time_zone: str = Field("", description="IANA name of its wall clock; empty = the site's")
    station_names: list[str] = Field(default_factory=list, description="names that its steps are scheduled under")
    modalities: list[str] = Field(default_factory=list, description="modality codes of its list; empty = any")
    look_ahead_hours: int = Field(48, ge=0, description="where it asks for any date: steps up to so far ahead")
    look_back_hours: int = Field(12, ge=0, description="where it asks for any date: steps from so far back")
    stations: list[str] = Field(
        default_factory=list, description="AE titles of its pool; empty = its own, * = steps of any station"
    )
    locations: list[str] = Field(default_factory=list, description="step locations of its list; empty = any")
    senders: list[str] = Field(
        default_factory=list,
        description="sending applications (MSH-3) whose orders belong to its site; empty = any",
    )
    statuses: list[Literal["SCHEDULED", "ARRIVED"]] = Field(
        ["SCHEDULED", "ARRIVED"], min_length=1, description="which waiting steps it is shown"
    )
    sort: Literal["start", "priority", "name"] = Field("start", description="order of its answers")
    charset: str = Field(
        "", description="the one character set of all answers, as in (0008,0005), ASCII for none; empty = by the answer"
    )
    charset_only_when_asked: bool = Field(False, description="(0008,0005) is returned only where it is asked for")
    warn_of_ignored_keys: bool = Field(True, description="FF01 on pending answers where a key was ignored; else FF00")
    max_results: int = Field(500, ge=1, le=10_000, description="most answers to one query")
    over_limit: Literal["0000", "A700"] = Field("0000", description="final status where there was more")
    device: Literal["", "ge brivo", "siemens aristos"] = Field(
        "", description="what it is known to drop or to stumble over is warned of"
    )
    needs: list[str] = Field(
        default_factory=list, description="keywords of attributes without which it drops an entry (PatientBirthDate)"
    )

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        return _known_zone(value)

    @field_validator("charset")
    @classmethod
    def _is_character_set(cls, value: str) -> str:
        parts = value.split("\\")
        if value and value not in CHARACTER_SETS and not (len(parts) > 1 and SWITCHED_SETS.issuperset(parts)):
            raise ValueError(f"{value!r} is no character set: write ASCII, ISO_IR 100 or \\ISO 2022 IR 87")
        return value


class WorklistSourceConfig(Section):
    """Another system that serves the worklist: it is asked as each modality would, and compared with the orders."""

    name: str
    ae_title: str
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    calling: list[str] = Field(
        default_factory=list, description="AE titles of the [[modality]] entries that it serves; empty = all of them"
    )
    station_key: bool = Field(
        True, description="ask for the modality's own AE title as station; off where modalities ask for the whole pool"
    )
    poll_seconds: float = Field(120, gt=0)
    enabled: bool = True
    grace_minutes: float = Field(5, ge=0, description="how long an order, or an entry, may be without the other")
    coverage_days: int = Field(
        30, ge=0, description="orders heard for so long are taken to be all; before that only new entries are judged"
    )
    max_answers: int = Field(2000, ge=1, description="of one list; a longer one is cut off, and not judged")
    answer_seconds: float = Field(30, gt=0, description="for one list, from the first question to the last answer")


class OutsideConfig(Section):
    """What no order is expected for: it is shown as outside, and is no orphan."""

    institutions_own: list[str] = Field(
        default_factory=list, description="names of the site in (0008,0080); where given, any other is foreign"
    )
    issuers_own: list[str] = Field(
        default_factory=list,
        description="issuers of patient ids and accessions; where given, others are foreign",
    )
    ae_titles: list[str] = Field(
        default_factory=list,
        description="senders and stations whose studies have no order: research, teleradiology",
    )
    patterns: list[str] = Field(
        default_factory=list,
        description="regular expressions for the whole name (FAMILY^GIVEN) or patient id of phantoms and tests,"
        " beside those that are known",
    )
    import_days: int = Field(
        30, ge=0, description="made so long before it came and known to no order, a study was imported; 0 = never"
    )

    @field_validator("patterns")
    @classmethod
    def _are_patterns(cls, value: list[str]) -> list[str]:
        return [_expression(one) for one in value]


class CasesConfig(Section):
    """When what should have come is a case. 0 (or none) switches a kind off."""

    missing_update_minutes: int = Field(
        15,
        ge=0,
        description="how long a PACS may take to show an update of a patient (A08, A31, A40, A47); 0 = for ever",
    )
    temporary_identity_hours: list[int] = Field(
        [4, 24, 72],
        max_length=3,
        description="a temporary identity with orders or images is a case after the first; it weighs more after the"
        " others; empty = never. A newborn's name is a case after the last only",
    )
    temporary_ids: list[str] = Field(
        default_factory=list, description="regular expressions that whole temporary patient numbers fit: T\\d{4}"
    )
    temporary_issuers: list[str] = Field(
        default_factory=list, description="assigning authorities all of whose patient numbers are temporary"
    )
    temporary_id_types: list[str] = Field(
        ["TMP", "MRT", "PNT"], description="identifier types (CX-5) of temporary patient numbers, HL7 table 0203"
    )
    order_without_registration_minutes: int = Field(
        60, ge=0, description="how long an order may be of a patient whom no ADT has named; 0 = for ever"
    )
    images_without_report_hours: int = Field(
        48, ge=0, description="how long complete images may be without any report; 0 = for ever"
    )
    images_without_report_stat_hours: int = Field(4, ge=0, description="the same where the order is STAT or ASAP")
    report_without_images_hours: int = Field(
        12, ge=0, description="how long after a final report its order may be without images; 0 = for ever"
    )
    overdue_order_hours: int = Field(
        12, ge=0, description="how long after its time an order may be without images; 0 = for ever"
    )
    give_up_days: int = Field(30, ge=1, description="an order or report is no longer looked at after so long")
    group_from: int = Field(
        20, ge=2, description="so many cases of one kind and one place (station, sender, authority) become one"
    )

    @field_validator("temporary_ids")
    @classmethod
    def _are_expressions(cls, value: list[str]) -> list[str]:
        return [_expression(one) for one in value]

    @field_validator("temporary_identity_hours")
    @classmethod
    def _rise(cls, value: list[int]) -> list[int]:
        if sorted(set(value)) != value or any(hours < 0 for hours in value):
            raise ValueError("hours rise from one to the next: write [4, 24, 72]")
        return value


class Config(Section):
    """The whole file."""

    engine: EngineConfig = EngineConfig()
    site: SiteConfig = SiteConfig()
    pacs: list[PacsConfig] = Field(default_factory=list)
    hl7_destination: list[HL7DestinationConfig] = Field(default_factory=list)
    hl7_sender: list[HL7SenderConfig] = Field(default_factory=list)
    modality: list[ModalityConfig] = Field(default_factory=list)
    worklist_source: list[WorklistSourceConfig] = Field(default_factory=list)
    outside: OutsideConfig = OutsideConfig()
    cases: CasesConfig = CasesConfig()
    sending: bool = Field(True, description="one switch that stops all sending")
    database: str = Field("", description="database URL; empty = SQLite in the user's data directory")

    @model_validator(mode="after")
    def _names(self) -> Self:
        names = [peer.name for peer in self.pacs] + [peer.name for peer in self.hl7_destination]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two peers are called {name!r}")
        for destination in self.hl7_destination:
            if destination.proof and destination.proof not in [pacs.name for pacs in self.pacs]:
                raise ValueError(f"hl7_destination {destination.name}: proof names no PACS: {destination.proof!r}")
        return self

    @model_validator(mode="after")
    def _worklist_sources(self) -> Self:
        known, names = [one.ae_title for one in self.modality], [one.name for one in self.worklist_source]
        for source in self.worklist_source:
            if names.count(source.name) > 1:
                raise ValueError(f"two worklist sources are called {source.name!r}")
            if strange := [title for title in source.calling if title not in known]:
                raise ValueError(f"worklist_source {source.name}: calling names no [[modality]]: {strange[0]!r}")
        return self

    def worklist_source_named(self, name: str) -> WorklistSourceConfig | None:
        return next((source for source in self.worklist_source if source.name == name), None)

    def callers_of(self, source: WorklistSourceConfig) -> list[ModalityConfig]:
        """The modalities that a worklist source is asked as, each once: the first entry of an AE title counts.

        An entry for no AE title in particular (*) is nobody to ask as.
        """
        found: dict[str, ModalityConfig] = {}
        for one in self.modality:
            if one.ae_title != "*" and (not source.calling or one.ae_title in source.calling):
                found.setdefault(one.ae_title, one)
        return list(found.values())

    def pacs_named(self, name: str) -> PacsConfig | None:
        return next((pacs for pacs in self.pacs if pacs.name == name), None)

    def destination_named(self, name: str) -> HL7DestinationConfig | None:
        return next((peer for peer in self.hl7_destination if peer.name == name), None)

    def zone(self) -> ZoneInfo:
        """The site's time zone; the machine's where none is set."""
        return ZoneInfo(self.site.time_zone or machine_zone())


def machine_zone() -> str:
    """This machine's IANA zone name (TZ, /etc/localtime as this program found it), else UTC."""
    return _machine_zone(os.environ.get("TZ", ""))


@lru_cache(maxsize=8)
def _machine_zone(named: str) -> str:
    target = os.path.realpath("/etc/localtime")
    guess = named or (target.split("zoneinfo/", 1)[1] if "zoneinfo/" in target else "UTC")
    try:
        return ZoneInfo(guess).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def load(path: Path | None) -> Config:
    """Read a TOML file (None: all defaults). Raises Trouble with one line that names file and key."""
    if path is None:
        return Config()
    try:
        return Config.model_validate(tomllib.loads(path.read_text("utf-8")))
    except PermissionError as error:
        more = f" (members of the group {group} may read it)" if (group := _readers(path)) else ""
        raise Trouble(f"{path}: {error.strerror}{more}") from error
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise Trouble(f"{path}: {_first_line(error)}") from error


def _readers(path: Path) -> str:
    """The group that may read it; "" where that is not to be known, or is root's."""
    with contextlib.suppress(OSError, KeyError, NotImplementedError):
        return "" if path.group() == "root" else path.group()
    return ""


def _first_line(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = "no such setting" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}: {what}{more}" if where else f"{what}{more}"


MACHINE_FILE = (
    platformdirs.site_config_path("radrecon", appauthor=False)
    if sys.platform in ("win32", "darwin")
    else Path("/etc/radrecon")
) / "radrecon.toml"
"""By it the engine that is a service of this computer serves."""


def find_file() -> Path | None:
    """The configuration file where none is named: the user's own, then the machine's."""
    places = (platformdirs.user_config_path("radrecon") / "radrecon.toml", MACHINE_FILE)
    return next((place for place in places if place.is_file()), None)


def default_database() -> str:
    """SQLite in the user's data directory."""
    return f"sqlite:///{platformdirs.user_data_path('radrecon') / 'radrecon.sqlite3'}"


def database_url(flag: str | None, config: Config) -> str:
    """--database, then RADRECON_DATABASE, then the file, then the default. A bare path means a SQLite file."""
    url = flag or os.environ.get("RADRECON_DATABASE") or config.database or default_database()
    return url if "://" in url else f"sqlite:///{Path(url).absolute()}"
