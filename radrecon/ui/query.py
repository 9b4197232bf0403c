"""The query bar's text: the same language as the command line's, checked while one types."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from radrecon.model.errors import Trouble
from radrecon.store import query_text

KEYS = tuple(query_text.KEYS)


@dataclass(frozen=True)
class Query:
    """What is asked of a screen's lists; `problem` says what cannot be understood, "" if nothing."""

    text: str = ""
    problem: str = ""


def parse(text: str) -> Query:
    """Never raises."""
    try:
        query_text.parse(text)
    except Trouble as trouble:
        return Query("", str(trouble))
    return Query(text.strip())


def fold(text: str) -> str:
    """Without case and diacritics, for finding commands."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.casefold().strip()
