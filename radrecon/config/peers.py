"""Settings of the PACS, and of what HL7 comes from and goes to."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from radrecon.config.base import (
    Address,
    AETitle,
    CharacterSet,
    HL7Version,
    Section,
    WebAddress,
    expression,
    known_zone,
)

_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_HL7_PATH = re.compile(r"[A-Z][A-Z0-9]{2}-[1-9]\d{0,2}(\.[1-9]\d?){0,2}")


class PacsConfig(Section):
    name: str
    ae_title: AETitle
    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    profile: Literal["orthanc", "iocm", "overwrite", "hl7"] = "overwrite"
    rest_url: WebAddress = Field("", description="base of the PACS's REST interface; profile orthanc needs it")
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
    qido_url: WebAddress = Field(
        "", description="base of its DICOMweb services; default: rest_url, Orthanc's with /dicom-web"
    )
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
    version: HL7Version = Field("2.5.1", description="MSH-12 of what we send")
    charset: CharacterSet = Field("UNICODE UTF-8", description="MSH-18 of what we send")
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
    host: Address = Field("", description="address that the messages come from, without its port")


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
    def _isexpression(cls, value: str) -> str:
        return expression(value)

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
    charset: CharacterSet = Field(
        "", description="character set of messages whose MSH-18 is empty, as MSH-18 would name it"
    )
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
        return known_zone(value)
