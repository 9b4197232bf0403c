"""The query bar's text: the same language as the command line's, checked while one types."""

from __future__ import annotations

import re
from dataclasses import dataclass

from radrecon.model.errors import Trouble
from radrecon.store import query_text

KEYS = tuple(query_text.KEYS)


@dataclass(frozen=True)
class Query:
    """What is asked of a screen's lists; `problem` says what cannot be understood, "" if nothing."""

    text: str = ""
    problem: str = ""


_EDIT = re.compile(r"(?:^|\s)([A-Z][A-Z0-9]{2}(?:\[\d+\])?-\d[\d.\[\]]*)=")


def edits(text: str) -> dict[str, str]:
    """`PID-3.1=12345 PID-5.2=ANNA MARIE` as values by HL7 path; a value reaches to the next path."""
    parts = _EDIT.split(text.strip())
    if parts[0].strip() or len(parts) < 2:
        raise Trouble("write PATH=VALUE, e.g. PID-3.1=12345 PID-5.2=ANNA MARIE")
    return dict(zip(parts[1::2], (value.strip() for value in parts[2::2]), strict=True))


def parse(text: str) -> Query:
    """Never raises."""
    try:
        query_text.parse(text)
    except Trouble as trouble:
        return Query("", str(trouble))
    return Query(text.strip())
