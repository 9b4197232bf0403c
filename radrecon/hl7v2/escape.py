"""Delimiters and escape sequences (HL7 v2 chapter 2, 2.5.4 and 2.7).

What is not an escape sequence keeps its text: `C:\\temp file` is a path, not a broken escape.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from radrecon.hl7v2.charset import codec
from radrecon.hl7v2.iso2022 import designation, switched


@dataclass(frozen=True, slots=True)
class Delimiters:
    """MSH-1 and MSH-2; `truncation` exists from version 2.7 on."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""

    @classmethod
    def of(cls, header: str) -> Delimiters:
        """From the text of an MSH, FHS or BHS segment; the usual ones where it is cut short."""
        return _stated(header[3:9])

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


STANDARD = Delimiters()


@lru_cache(maxsize=256)
def _stated(text: str) -> Delimiters:
    """From MSH-1 and what follows it."""
    field, given = text[0], text[1:].split(text[0], 1)[0]
    usual = "^~\\&"
    chosen = [char if _may_delimit(char) else usual[at : at + 1] for at, char in enumerate(given)]
    chosen += list(usual[len(chosen) :])
    return Delimiters(field, *chosen)


def _may_delimit(char: str) -> bool:
    return not (char.isalnum() or char.isspace())


def unescape(text: str, delimiters: Delimiters = STANDARD, charset: str = "") -> str:
    """The value that was meant. `charset` (an HL7 name) reads the bytes of `\\X..\\`."""
    if delimiters.escape not in text:
        return text
    plain = _replaced(text, delimiters, charset)
    if not _switches(delimiters).search(text):
        return plain
    designated = _replaced(text, delimiters, charset, switching=True)
    if designated == plain:
        return plain  # `\\E\\C2842\\E\\` only looks like a switch: it is text about one
    try:
        return switched(designated)
    except UnicodeError:
        return plain


def _replaced(text: str, delimiters: Delimiters, charset: str, switching: bool = False) -> str:
    mark = delimiters.escape
    at = text.find(mark)
    parts, done = [], 0
    while at >= 0:
        end = text.find(mark, at + 1)
        if end < 0:
            break
        bytes_here = _hexadecimal(delimiters).match(text, at) if text.startswith("X", at + 1) else None
        if bytes_here:
            meant: str | None = _decoded(bytes_here[0], delimiters, charset)
            end = bytes_here.end() - 1
        else:
            meant = _meaning(text[at + 1 : end], delimiters, switching)
        parts.append(text[done:end] if meant is None else text[done:at] + meant)
        done = end if meant is None else end + 1
        at = text.find(mark, done)
    return "".join(parts) + text[done:]


def _meaning(body: str, delimiters: Delimiters, switching: bool) -> str | None:
    """What stands between two escape characters; None where it is no sequence that we know."""
    single = _singles(delimiters).get(body)
    if single is None and switching and body.startswith(("C", "M")):
        return designation(body[1:]) or None
    return single


@lru_cache(maxsize=64)
def _switches(delimiters: Delimiters) -> re.Pattern[str]:
    """`\\C2842\\` or `\\M2442\\`: from here on another character set (2.7.2)."""
    mark = re.escape(delimiters.escape)
    return re.compile(f"{mark}(?:C[0-9A-F]{{4}}|M[0-9A-F]{{4}}(?:[0-9A-F]{{2}})?){mark}")


@lru_cache(maxsize=64)
def _hexadecimal(delimiters: Delimiters) -> re.Pattern[str]:
    """`\\X0D0A\\`, and what follows without a gap: a letter of several bytes may be sent byte by byte."""
    mark = re.escape(delimiters.escape)
    return re.compile(f"(?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+")


def _decoded(sequences: str, delimiters: Delimiters, charset: str) -> str:
    data = bytes.fromhex(sequences.replace(delimiters.escape, "").replace("X", ""))
    try:
        return data.decode(codec(charset) or "latin-1")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@lru_cache(maxsize=64)
def _singles(delimiters: Delimiters) -> dict[str, str]:
    known = {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        ".br": "\n",
    }
    return known | ({"P": delimiters.truncation} if delimiters.truncation else {})


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """The text as it may stand in a field; `unescape` gives it back."""
    return text if text.isalnum() else text.translate(_table(delimiters))


@lru_cache(maxsize=64)
def _table(delimiters: Delimiters) -> dict[int, str]:
    mark = delimiters.escape
    controls = {code: f"{mark}X{code:02X}{mark}" for code in range(32)}
    names = {char: name for name, char in _singles(delimiters).items() if len(name) == 1}
    return controls | {ord(char): f"{mark}{name}{mark}" for char, name in names.items()}
