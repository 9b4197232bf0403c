"""Every setting once: its type, default and help.

The TOML file is read by the engine at start and kept in the database, where worker and desk read it. An unknown key is
refused with its name: a setting that is silently ignored is a break that nobody sees.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import Field, ValidationError, model_validator

from radrecon.config.base import Section
from radrecon.config.judging import CasesConfig, OutsideConfig
from radrecon.config.own import EngineConfig, SiteConfig
from radrecon.config.peers import HL7DestinationConfig, HL7SenderConfig, PacsConfig, PatientIdRule, SenderMatch
from radrecon.config.worklists import ModalityConfig, WorklistSourceConfig
from radrecon.model.errors import Trouble

__all__ = [
    "DATABASE",
    "MACHINE_FILE",
    "CasesConfig",
    "Config",
    "EngineConfig",
    "HL7DestinationConfig",
    "HL7SenderConfig",
    "ModalityConfig",
    "OutsideConfig",
    "PacsConfig",
    "PatientIdRule",
    "SenderMatch",
    "SiteConfig",
    "WorklistSourceConfig",
    "checked",
    "database_url",
    "default_database",
    "environment_on",
    "find_file",
    "load",
    "machine_zone",
]


DATABASE = "RADRECON_DATABASE"  # environment variable: the URL of the database


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
    """Read a TOML file (None: all defaults). Raises Trouble with one line that names file and key.

    Editors of Windows begin a file with a byte order mark, which TOML knows nothing of.
    """
    if path is None:
        return Config()
    try:
        return checked(tomllib.loads(path.read_text("utf-8-sig")), str(path))
    except PermissionError as error:
        more = f" (members of the group {group} may read it)" if (group := _readers(path)) else ""
        raise Trouble(f"{path}: {error.strerror}{more}") from error
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{path}: not valid TOML: {error}") from error


def checked(settings: Mapping[str, Any], where: str) -> Config:
    """Raises Trouble with one line that names the key; `where` is where the settings stand."""
    try:
        return Config.model_validate(settings)
    except ValidationError as error:
        raise Trouble(f"{where}: {_first_line(error)}") from error


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


def environment_on(database: str, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a child on that database. Its URL may hold a password, and arguments are for all to see."""
    return {**environment, DATABASE: database}


def default_database() -> str:
    """SQLite in the user's data directory."""
    return f"sqlite:///{platformdirs.user_data_path('radrecon') / 'radrecon.sqlite3'}"


def database_url(flag: str | None, config: Config) -> str:
    """--database, then RADRECON_DATABASE, then the file, then the default. A bare path means a SQLite file."""
    url = flag or os.environ.get(DATABASE) or config.database or default_database()
    return url if "://" in url else f"sqlite:///{Path(url).absolute()}"
