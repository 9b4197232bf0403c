"""Settings of modalities, and of other systems' worklists."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from radrecon.config.base import Address, AETitle, Section, known_zone

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


class ModalityConfig(Section):
    """A modality as the worklist answers it; the first entry that fits the caller counts.

    What it did not ask for is narrowed to what is listed here; a key that it did ask for is never widened.
    """

    ae_title: AETitle = Field(
        description="AE title that it calls with; * = every modality that has no entry of its own"
    )
    site: str = Field("", description="modalities of different sites never see each other's steps")
    address: Address = Field("", description="only a caller from this address; empty = any")
    time_zone: str = Field("", description="IANA name of its wall clock; empty = the site's")
    station_names: list[str] = Field(default_factory=list, description="names that its steps are scheduled under")
    image_stations: list[str] = Field(
        default_factory=list,
        description="Station Names (0008,1010) of its images, where they are none of its AE title and station names",
    )
    patient_id_issuer: str = Field(
        "",
        description="whose patient numbers its images carry where they do not say (0010,0021): by its AE title,"
        " station names and image stations; leave it empty for modalities that sites share or that move between them",
    )
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
        return known_zone(value)

    @model_validator(mode="after")
    def _is_one_modality(self) -> ModalityConfig:
        if self.patient_id_issuer and self.ae_title == "*":
            raise ValueError("patient_id_issuer is of one modality: * cannot say whose numbers all others send")
        return self

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
    ae_title: AETitle
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
