"""Specific Character Set of queries and answers (PS3.5 6.1.2, PS3.3 C.12.1.1.2).

Old modalities read one character set or none, so an answer declares no more than it needs: nothing for ASCII, Latin-1
where that holds the text, else UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydicom.charset import decode_bytes, python_encoding

ASCII, LATIN_1, UTF_8 = "", "ISO_IR 100", "ISO_IR 192"
NAME_DELIMITERS = {"^", "="}


def _plain(term: str) -> str:
    return re.sub(r"[\s_-]+", " ", term).strip().upper()


CODECS = {_plain(term): codec for term, codec in python_encoding.items()}
WRITTEN = {ASCII: "ascii", LATIN_1: "iso8859-1", UTF_8: "utf-8"}


def terms(raw: bytes) -> tuple[str, ...]:
    """(0008,0005) as a tuple of known defined terms; what people write for them (`ISO-IR 100`) is understood."""
    named = [_plain(term) for term in raw.decode("ascii", "replace").split("\\")]
    return tuple("ISO_" + term[4:] if term.startswith("ISO IR") else term for term in named if term in CODECS and term)


def decode(raw: bytes, declared: tuple[str, ...]) -> str:
    """Bytes of a text value → text. Never raises: what does not fit its declared set is UTF-8 or else Latin-1."""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    for attempt in (_declared, _utf_8):
        try:
            return attempt(raw, declared)
        except (UnicodeError, LookupError, UserWarning):
            continue
    return raw.decode("iso8859-1")


def _declared(raw: bytes, declared: tuple[str, ...]) -> str:
    codecs = [CODECS[_plain(term)] for term in declared or ("",)]
    if b"\x1b" in raw:
        return str(decode_bytes(raw, codecs, NAME_DELIMITERS))
    if not declared:
        raise UnicodeError("more than ASCII, and nothing declared")
    return raw.decode(codecs[0])


def _utf_8(raw: bytes, _declared_terms: tuple[str, ...]) -> str:
    return raw.decode("utf-8")


def choose(texts: Iterable[str], asked: tuple[str, ...]) -> str:
    """The least character set that holds the texts; UTF-8 instead of Latin-1 for who asked in UTF-8."""
    text = "".join(texts)
    if text.isascii():
        return ASCII
    return LATIN_1 if UTF_8 not in asked and all(letter <= "\xff" for letter in text) else UTF_8


def encode(text: str, term: str) -> bytes:
    """Text → bytes in a set that `choose` has found to hold it."""
    return text.encode(WRITTEN[term], "replace")
