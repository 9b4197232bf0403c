"""What every section of the settings shares."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


AETitle = Annotated[str, AfterValidator(application_entity)]
WebAddress = Annotated[str, AfterValidator(web_address)]
