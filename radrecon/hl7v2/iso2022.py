"""Switching between character sets within a text (ISO/IEC 2022): MSH-18 with repetitions, and `\\C..\\ \\M..\\`.

A designation is ESC and two or three characters. G0 sets take the place of ASCII, two bytes a letter; G1 sets lie
above 0x7F beside it. A line end always leads back to ASCII: a sender that forgot to switch back spoils one segment
at most. JIS X 0201's Roman set is read as ASCII, for its yen sign is the byte of HL7's usual escape character.
"""

from __future__ import annotations

import re

ESC = "\x1b"

_DESIGNATION = re.compile(r"(\x1b[ -/]+[0-~]|[\r\n]+)")
_ASCII = ("\x1b(B", "\x1b(J")
_DOUBLE = ("\x1b$B", "\x1b$@", "\x1b$A", "\x1b$(A", "\x1b$(C", "\x1b$(D")  # each is known to iso2022_jp_2
_UPPER = {
    "\x1b-A": "iso8859-1",
    "\x1b-B": "iso8859-2",
    "\x1b-C": "iso8859-3",
    "\x1b-D": "iso8859-4",
    "\x1b-F": "iso8859-7",
    "\x1b-G": "iso8859-6",
    "\x1b-H": "iso8859-8",
    "\x1b-L": "iso8859-5",
    "\x1b-M": "iso8859-9",
    "\x1b-T": "tis-620",
    "\x1b-b": "iso8859-15",
    "\x1b)I": "shift_jis",
    "\x1b$)A": "gb2312",
    "\x1b$)C": "euc_kr",
}


def designation(digits: str) -> str:
    """`2442` → ESC $ B; "" where it designates no set that we know, or is not hexadecimal."""
    try:
        found = ESC + bytes.fromhex(digits).decode("ascii")
    except ValueError:
        return ""
    return found if found in _ASCII or found in _DOUBLE or found in _UPPER else ""


def switched(text: str, base: str = "") -> str:
    """The letters meant by a text of bytes (latin-1). `base` is the codec above 0x7F from the start, "" for none.

    Raises UnicodeError where the bytes are none of the set that was designated.
    """
    double, upper, parts = "", base, []
    for piece in _DESIGNATION.split(text):
        if piece in _ASCII:
            double = ""
        elif piece in _DOUBLE:
            double = piece
        elif piece in _UPPER:
            upper = _UPPER[piece]
        else:
            double = "" if piece[:1] in ("\r", "\n") else double
            parts.append(_letters(piece, double, upper))
    return "".join(parts)


def _letters(piece: str, double: str, upper: str) -> str:
    if double and piece:
        return (double + piece).encode("ascii").decode("iso2022_jp_2")
    return piece.encode("latin-1").decode(upper) if upper and not piece.isascii() else piece
