"""Specific Character Set of queries and answers (PS3.5 6.1.2, PS3.3 C.12.1.1.2).

Old modalities read one character set or none, so an answer declares no more than it needs: nothing for ASCII, the set
that was asked in where that holds the text (PS3.4 K.4.1.1.3.2), else Latin-1, else UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from itertools import groupby

from pydicom.charset import ENCODINGS_TO_CODES, custom_encoders, decode_bytes, python_encoding

ASCII, LATIN_1, UTF_8 = "", "ISO_IR 100", "ISO_IR 192"
NAME_DELIMITERS = set(b"^=")


def _plain(term: str) -> str:
    return re.sub(r"[\s_-]+", " ", term).strip().upper()


CODECS = {_plain(term): codec for term, codec in python_encoding.items()}
PLAIN = {"", "ISO IR 6", "ISO 2022 IR 6"}
_PARTS = re.compile(r"([\^=\\])")
TWO_BYTES = ("ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 149", "ISO 2022 IR 58")
LOW = ("iso2022_jp", "iso2022_jp_2")  # JIS X 0208 and 0212 stand where ASCII does
TO_ASCII = b"\x1b(B"
LATIN = {"shift_jis": b"\x1b(J"}  # ISO-IR 14, where JIS X 0201 is the first set
ROMAN = "¥‾"  # of JIS X 0201: the bytes are those of the backslash, which parts values, and of ~
WRITTEN = {ASCII: "ascii", LATIN_1: "iso8859-1", UTF_8: "utf-8"}


def terms(raw: bytes) -> tuple[str, ...]:
    """(0008,0005) as a tuple of known defined terms; what people write for them (`ISO-IR 100`) is understood.

    An odd length is padded with NUL by some, which here must not make the set an unknown one.
    """
    named = [_plain(term) for term in raw.rstrip(b"\0 ").decode("ascii", "replace").split("\\")]
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
        return without_escape(str(decode_bytes(raw, codecs, NAME_DELIMITERS)))
    if not declared or _plain(declared[0]) in PLAIN:
        raise UnicodeError("more than ASCII, and no more declared")
    return raw.decode(codecs[0])


def without_escape(text: str) -> str:
    """Text as pydicom decodes it without what that leaves in place: the escape sequence of ISO 2022 IR 58."""
    return text.replace("\x1b$)A", "")


def _utf_8(raw: bytes, _declared_terms: tuple[str, ...]) -> str:
    return raw.decode("utf-8")


def choose(texts: Iterable[str], asked: tuple[str, ...]) -> str:
    """The least character set that holds the texts: ASCII, what was asked in, Latin-1, UTF-8."""
    text = "".join(texts)
    if text.isascii():
        return ASCII
    own = _as_declared(asked)
    return next(term for term in (own, LATIN_1, UTF_8) if term and holds(text, term))


def _as_declared(asked: tuple[str, ...]) -> str:
    """(0008,0005) for an answer in the sets of a query; those of two bytes stand behind an empty first value.

    Several are of use only where all of them may be switched to (PS3.3 C.12.1.1.2).
    """
    if len(asked) > 1 and not all(term.startswith("ISO 2022") for term in asked):
        return ""
    return "\\".join(asked if not asked or asked[0] not in TWO_BYTES else ("", *asked))


def encode(text: str, term: str) -> bytes:
    """Text → bytes in a set that holds it (see `holds`). Only several sets switch by escape sequences (PS3.5 6.1.2)."""
    if term in WRITTEN:
        return text.encode(WRITTEN[term], "replace")
    codecs = _codecs(term)
    if len(codecs) == 1:
        return _in_codec(text, codecs[0])
    # each component begins in the first set again
    return b"".join(part.encode("ascii") if part in "^=\\" else _switched(part, codecs) for part in _PARTS.split(text))


def _switched(text: str, codecs: tuple[str, ...]) -> bytes:
    """Each run of letters that one set has, behind the escape sequence of its set; at the end the first set again.

    `low` is the set of the bytes below 80, `high` that of those above (G0 and G1), "" where it is not sure any more.
    """
    raw, low, high = b"", codecs[0], codecs[0]
    for codec, letters in groupby(text, partial(_codec_of, codecs=codecs)):
        run = "".join(letters)
        needed = codec if codec in LOW else codecs[0]
        if needed != low:
            raw, low, high = raw + _escape(needed), needed, ""
        if codec not in LOW and codec != high and not run.isascii():
            raw, high = raw + ENCODINGS_TO_CODES[codec], codec
        raw += _in_codec(run, codec)
    return raw + (b"" if low == codecs[0] else _escape(codecs[0])) + _upper(high, codecs[0])


def _upper(high: str, first: str) -> bytes:
    """The way back to what the first set has above 80; ASCII has nothing there."""
    return b"" if high in ("", first) or first == "ascii" else bytes(ENCODINGS_TO_CODES[first])


def _escape(codec: str) -> bytes:
    """What makes a set that of the bytes below 80: the two-byte one, or a first set's Latin letters."""
    return bytes(ENCODINGS_TO_CODES[codec]) if codec in LOW else LATIN.get(codec, TO_ASCII)


def _in_codec(text: str, codec: str) -> bytes:
    """Without escape sequences."""
    encoder = custom_encoders.get(codec)  # JIS X 0201's takes no letters of both its halves at once
    if encoder is None:
        return text.encode(codec)
    own = ENCODINGS_TO_CODES[codec]
    return b"".join(encoder(letter, errors="strict").removeprefix(own) for letter in text)


@lru_cache(maxsize=8192)
def _codec_of(letter: str, codecs: tuple[str, ...]) -> str:
    """The first codec that has the letter; "" where none does."""
    for codec in codecs:
        try:
            _in_codec(letter, codec)
        except UnicodeError:
            continue
        if not (codec == "shift_jis" and letter in ROMAN):
            return codec
    return ""


def holds(text: str, term: str) -> bool:
    """Whether a set, or several together, have every letter of the text."""
    return text.isascii() or all(_codec_of(letter, _codecs(term)) for letter in set(text))


@lru_cache(maxsize=64)
def _codecs(term: str) -> tuple[str, ...]:
    """The codec of each value of (0008,0005); the first may be empty, which is ASCII."""
    return tuple("ascii" if _plain(one) in PLAIN else CODECS[_plain(one)] for one in term.split("\\"))
