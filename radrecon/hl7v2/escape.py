"""Delimiters and escape sequences (HL7 v2 chapter 2, 2.5.4 and 2.7).

What is not an escape sequence keeps its text: `C:\\temp file` is a path, not a broken escape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from radrecon.hl7v2.charset import codec


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
        field = header[3]
        given = header[4:9].split(field, 1)[0]
        usual = "^~\\&"
        chosen = [char if _may_delimit(char) else usual[at : at + 1] for at, char in enumerate(given)]
        chosen += list(usual[len(chosen) :])
        return _delimiters(field, *chosen)

    @property
    def encoding(self) -> str:
        """MSH-2."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


STANDARD = Delimiters()


@lru_cache(maxsize=64)
def _delimiters(*chars: str) -> Delimiters:
    return Delimiters(*chars)


def _may_delimit(char: str) -> bool:
    return not (char.isalnum() or char.isspace())


def unescape(text: str, delimiters: Delimiters = STANDARD, charset: str = "") -> str:
    """The value that was meant. `charset` (an HL7 name) reads the bytes of `\\X..\\`."""
    mark = delimiters.escape
    at = text.find(mark)
    if at < 0:
        return text
    parts, done = [], 0
    while at >= 0:
        end = text.find(mark, at + 1)
        if end < 0:
            break
        meant = _meaning(text[at + 1 : end], delimiters, charset)
        parts.append(text[done:at] if meant is not None else text[done:end])
        parts.append(meant or "")
        done = end if meant is None else end + 1
        at = text.find(mark, done)
    return "".join(parts) + text[done:]


def _meaning(body: str, delimiters: Delimiters, charset: str) -> str | None:
    """What stands between two escape characters; None where it is no sequence that we know."""
    single = _singles(delimiters).get(body)
    if single is not None:
        return single
    if body.startswith("X"):
        return _hexadecimal(body[1:], charset)
    return None


def _hexadecimal(digits: str, charset: str) -> str | None:
    if not digits or len(digits) % 2 or not all(char in "0123456789abcdefABCDEF" for char in digits):
        return None
    data = bytes.fromhex(digits)
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
    return text.translate(_table(delimiters))


@lru_cache(maxsize=64)
def _table(delimiters: Delimiters) -> dict[int, str]:
    mark = delimiters.escape
    controls = {code: f"{mark}X{code:02X}{mark}" for code in range(32)}
    names = {char: name for name, char in _singles(delimiters).items() if len(name) == 1}
    return controls | {ord(char): f"{mark}{name}{mark}" for char, name in names.items()}
