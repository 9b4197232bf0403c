"""Every setting once: its type, default and help.

The TOML file is read by the engine at start and kept in the database, where worker and desk read it. An unknown key is
refused with its name: a setting that is silently ignored is a break that nobody sees.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from radrecon.model.errors import Trouble


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineConfig(Section):
    host: str = Field("127.0.0.1", description="address that the listeners bind to")
    mllp_port: int = Field(2575, ge=0, le=65535, description="HL7 listener; 0 = any free one")
    dicom_port: int = Field(11112, ge=0, le=65535, description="worklist server; 0 = any free one")
    ae_title: str = Field("RADRECON", min_length=1, max_length=16, description="own AE title")
    max_frame_bytes: int = Field(16 << 20, ge=1024, description="largest HL7 message taken")
    keep_originals_days: int = Field(7, ge=0, description="files as they were before a correction, kept this long")
    retrieve_port: int = Field(0, ge=0, le=65535, description="where a PACS sends what we C-MOVE; 0 = C-GET only")


class SiteConfig(Section):
    name: str = Field("", description="shown in the window's title and in reports")
    time_zone: str = Field("", description="IANA name; empty = this machine's")
    watch_from: date | None = Field(None, description="nothing before this date is judged; default: the first start")
    patient_id_issuer: str = Field("", description="assigning authority of identifiers that name none")
    accession_issuer: str = Field("", description="issuer of accession numbers that name none")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            if value:
                ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {value!r}") from error
        return value


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

    @model_validator(mode="after")
    def _rest(self) -> Self:
        if self.profile == "orthanc" and not self.rest_url:
            raise ValueError("profile orthanc needs rest_url")
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
    sending_application: str = ""
    sending_facility: str = ""


class HL7SenderConfig(Section):
    match: SenderMatch = SenderMatch()
    tap: Literal["feed", "copy", "copy_after", "ack_copy"] = "feed"
    owner_of: list[str] = Field(default_factory=list)
    accession_paths: list[str] = Field(default_factory=list)
    charset: str = ""
    time_zone: str = ""
    patient_id_rules: list[dict[str, Any]] = Field(default_factory=list)


class ModalityConfig(Section):
    ae_title: str
    site: str = ""
    address: str = ""
    time_zone: str = ""
    station_names: list[str] = Field(default_factory=list)
    modalities: list[str] = Field(default_factory=list)
    look_ahead_hours: int = 48
    look_back_hours: int = 12


class Config(Section):
    """The whole file."""

    engine: EngineConfig = EngineConfig()
    site: SiteConfig = SiteConfig()
    pacs: list[PacsConfig] = Field(default_factory=list)
    hl7_destination: list[HL7DestinationConfig] = Field(default_factory=list)
    hl7_sender: list[HL7SenderConfig] = Field(default_factory=list)
    modality: list[ModalityConfig] = Field(default_factory=list)
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

    def pacs_named(self, name: str) -> PacsConfig | None:
        return next((pacs for pacs in self.pacs if pacs.name == name), None)

    def destination_named(self, name: str) -> HL7DestinationConfig | None:
        return next((peer for peer in self.hl7_destination if peer.name == name), None)

    def zone(self) -> ZoneInfo:
        """The site's time zone; the machine's where none is set."""
        return ZoneInfo(self.site.time_zone or machine_zone())


def machine_zone() -> str:
    """This machine's IANA zone name (TZ, /etc/localtime), else UTC."""
    named = os.environ.get("TZ", "")
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
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise Trouble(f"{path}: {_first_line(error)}") from error


def _first_line(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = "no such setting" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{where}: {what}{more}" if where else f"{what}{more}"


def find_file() -> Path | None:
    """The configuration file where none is named: the user's own, then the machine's."""
    places = (platformdirs.user_config_path("radrecon"), Path("/etc/radrecon"))
    return next((place / "radrecon.toml" for place in places if (place / "radrecon.toml").is_file()), None)


def default_database() -> str:
    """SQLite in the user's data directory."""
    return f"sqlite:///{platformdirs.user_data_path('radrecon') / 'radrecon.sqlite3'}"


def database_url(flag: str | None, config: Config) -> str:
    """--database, then RADRECON_DATABASE, then the file, then the default. A bare path means a SQLite file."""
    url = flag or os.environ.get("RADRECON_DATABASE") or config.database or default_database()
    return url if "://" in url else f"sqlite:///{Path(url).absolute()}"
