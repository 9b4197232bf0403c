"""What every section of the settings shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator

from radrecon.model.hl7_charsets import codec_of

SECONDS: Mapping[str, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
LONGEST_DAYS = 36_500  # what a calendar can go back by


class Section(BaseModel):
    """A table of the file; unknown keys are errors, and so are yes or no for a number and spans beyond any calendar."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _is_no_truth(cls, value: Any, info: ValidationInfo) -> Any:
        strange = [one for one in _each(value) if isinstance(one, bool)]
        if strange and _is_number(cls.model_fields[info.field_name or ""].annotation):
            raise ValueError(f"{str(strange[0]).lower()} is no number")
        return value

    @field_validator("*")
    @classmethod
    def _fits_a_calendar(cls, value: Any, info: ValidationInfo) -> Any:
        unit = (info.field_name or "").rpartition("_")[2]
        longest = LONGEST_DAYS * 86_400 // SECONDS[unit] if unit in SECONDS else None
        if longest and any(isinstance(one, int | float) and one > longest for one in _each(value)):
            raise ValueError(f"{unit} beyond any calendar: at most {longest}")
        return value


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_number(annotation: Any) -> bool:
    """Also of a list, or where nothing may stand."""
    return annotation in (int, float) or any(_is_number(part) for part in get_args(annotation))


def known_zone(value: str) -> str:
    try:
        if value:
            ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"no time zone is called {value!r}") from error
    return value


def expression(value: str) -> str:
    try:
        re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


def application_entity(value: str) -> str:
    """An AE title (PS3.5 6.2, VR AE): 1 to 16 printable ASCII characters without backslash; spaces around are none."""
    title = value.strip(" ")
    if not title or len(title) > 16 or not (title.isascii() and title.isprintable()) or "\\" in title:
        raise ValueError(f"{value!r} is no AE title: 1 to 16 letters, digits and signs without accents or backslash")
    return title


def web_address(value: str) -> str:
    if value and not re.match(r"https?://[^/\s]", value):
        raise ValueError(f"{value!r} is no web address: write http://host:port or https://host:port")
    return value


def host_address(value: str) -> str:
    """What a caller is known by; a name would never be found equal to it."""
    try:
        return str(ip_address(value)) if value else ""
    except ValueError as error:
        raise ValueError(f"{value!r} is no address: write 10.1.2.3, no name and no port") from error


def character_set(value: str) -> str:
    """As MSH-18 names it (HL7 table 0211); `~` parts several, and nothing before the first one means ASCII."""
    for name in value.split("~"):
        if name.strip() and not codec_of(name):
            raise ValueError(f"{name!r} is no character set of HL7: write UNICODE UTF-8, 8859/1 or 8859/15")
    return value


def hl7_version(value: str) -> str:
    """As MSH-12 names it (HL7 table 0104)."""
    if not re.fullmatch(r"2\.[1-9](\.[1-9])?", value):
        raise ValueError(f"{value!r} is no version of HL7 v2: write 2.3 or 2.5.1")
    return value


AETitle = Annotated[str, AfterValidator(application_entity)]
WebAddress = Annotated[str, AfterValidator(web_address)]
Address = Annotated[str, AfterValidator(host_address)]
CharacterSet = Annotated[str, AfterValidator(character_set)]
HL7Version = Annotated[str, AfterValidator(hl7_version)]
