"""Bytes to text and back by MSH-18 (HL7 table 0211; several sets: ISO 2022).

Six senders of seven leave MSH-18 empty. Then the interface's setting rules, then UTF-8 where all of it is that, then
latin-1, which can read anything; what was only guessed is said to be so.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from radrecon.hl7v2.iso2022 import switched
from radrecon.model.errors import ContentError
from radrecon.model.hl7_charsets import codec_of

_LEADING = b"\x0b\r\n\t \x00"
_HEADER = re.compile(rb"MSH([^A-Za-z0-9\s])[^\r\n]*")
_WIDE = (
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    ("MSH".encode("utf-16-le"), "utf-16-le"),
    ("MSH".encode("utf-16-be"), "utf-16-be"),
)
_SHIFTING = ("iso2022_jp_1", "shift_jis", "euc_kr", "gb2312")


def codec(name: str) -> str:
    """The codec of an HL7 character set name, "" if there is none. `~` parts alternatives; the escapes lead."""
    found = _readings(name)
    return found[0][0] if found else ""


@lru_cache(maxsize=256)
def _readings(name: str) -> tuple[tuple[str, str], ...]:
    """Codecs that the name allows, each with the name that stands for it, the one to try first in front."""
    parts = name.split("~")
    found = [(known, part) for part in parts if (known := codec_of(part))]
    if not found:
        return ()
    leads = sorted(found, key=lambda pair: pair[0] != "iso2022_jp_1")
    escaped = leads[0][0] == "iso2022_jp_1" and found[0][0] in ("ascii", "iso8859-1", "shift_jis")
    (first, _), *others = leads if escaped else found
    return ((first, name), *((known, part.strip()) for known, part in others))


def stated(raw: bytes) -> str:
    """MSH-18 as it stands, "" if empty."""
    if raw.startswith(b"MSH|"):
        end = raw.find(b"\r")
        header, separator = raw[: end if end >= 0 else None], b"|"
        header = header.split(b"\n", 1)[0] if b"\n" in header else header
    else:
        found = _HEADER.search(raw)
        header, separator = (found[0], found[1]) if found else (b"", b"|")
    fields = header.split(separator, 18)
    return fields[17].decode("latin-1").strip() if len(fields) > 17 else ""


def decode(raw: bytes, setting: str = "") -> tuple[str, str, bool]:
    """Text, the HL7 name of the character set that read it, and whether that was a guess. Never raises."""
    name = ""
    if not raw.startswith(b"MSH"):
        wide = _wide(raw)
        if wide:
            return wide, "UNICODE UTF-16", False
        raw = raw.lstrip(_LEADING)
        if raw.startswith(codecs.BOM_UTF8):
            name, raw = "UNICODE UTF-8", raw[len(codecs.BOM_UTF8) :]
    name = name or stated(raw)
    right = name if _readings(name) else setting or name
    if raw.isascii() and b"\x1b" not in raw:  # the same letters in every set that we know
        known = not right or _readings(right)
        return raw.decode("ascii"), (right or "ASCII") if known else "8859/1", not known
    return _read_as(raw, right, False) or _read_as(raw, setting, True) or _guessed(raw)


def _guessed(raw: bytes) -> tuple[str, str, bool]:
    """Letters of another set make UTF-8 only by rare chance; what has an ESC in it is none."""
    found = None if b"\x1b" in raw else _read_as(raw, "UNICODE UTF-8", True)
    return found or (raw.decode("latin-1"), "8859/1", True)


def _read_as(raw: bytes, name: str, guessed: bool) -> tuple[str, str, bool] | None:
    """By the first of the sets in that name which can read all of it."""
    escaped = b"\x1b" in raw
    for known, part in _readings(name):
        try:
            return _unshifted(raw, known, name) if escaped else raw.decode(known), part, guessed
        except UnicodeError:
            continue
    return None


def _unshifted(raw: bytes, known: str, name: str) -> str:
    """What an ESC switches is read so only where the name allows for it."""
    if known not in _SHIFTING and "~" not in name:
        return raw.decode(known)
    base = next((other for other, _ in _readings(name) if other != "iso2022_jp_1"), "ascii")
    return switched(raw.decode("latin-1"), base)


def _wide(raw: bytes) -> str:
    """The text of two-byte Unicode, which MLLP cannot really carry but files and some senders hold; "" if it is not."""
    raw = raw.lstrip(b"\x0b\r\n\t ")
    known = next((known for start, known in _WIDE if raw.startswith(start)), "")
    try:
        return raw[: len(raw) & ~1].decode(known) if known else ""
    except UnicodeDecodeError:
        return ""


def encode(text: str, charset: str) -> bytes:
    """Text in an HL7 character set; a letter that it cannot hold is an error, never a question mark."""
    try:
        return text.encode(codec(charset) or "ascii")
    except UnicodeEncodeError as error:
        name = charset or "ASCII"
        raise ContentError(f"the text cannot be written in character set {name}", "MSH-18") from error
