"""Bytes to text and back by MSH-18 (HL7 table 0211).

Six senders of seven leave MSH-18 empty. Then the interface's setting rules, then latin-1, which can read anything;
what was only guessed is said to be so.
"""

from __future__ import annotations

import re

from radrecon.model.errors import ContentError

_BOM = b"\xef\xbb\xbf"
_LEADING = b"\x0b\r\n\t \x00"
_HEADER = re.compile(rb"MSH([^A-Za-z0-9\s])[^\r\n]*")

_CODECS = {
    "ASCII": "ascii",
    "ISOIR6": "ascii",
    "UNICODEUTF8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE": "utf-8",  # MLLP carries single bytes: the other encodings of Unicode cannot be framed
    "ISOIR192": "utf-8",
    "ISOIR100": "iso8859-1",
    "LATIN1": "iso8859-1",
    "WINDOWS1252": "cp1252",
    "CP1252": "cp1252",
    "ISOIR13": "shift_jis",
    "ISOIR14": "shift_jis",
    "ISOIR87": "iso2022_jp_2",
    "ISOIR159": "iso2022_jp_2",
    "ISOIR149": "euc_kr",
    "KSX1001": "euc_kr",
    "ISOIR166": "tis-620",
    "GB180302000": "gb18030",
    "GB18030": "gb18030",
    "BIG5": "big5",
} | {f"{prefix}8859{part}": f"iso8859-{part}" for prefix in ("", "ISO") for part in range(1, 17) if part != 12}


def codec(name: str) -> str:
    """The codec of an HL7 character set name, "" if there is none. `~` parts alternatives; the escapes lead."""
    names = [_plain(part) for part in name.split("~")]
    codecs = [_CODECS.get(part, "") for part in names]
    switched = [found for found in codecs[1:] if found.startswith("iso2022")]
    if switched and codecs[0] in ("", "ascii", "iso8859-1"):
        return switched[0]
    return next((found for found in codecs if found), "")


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def stated(raw: bytes) -> str:
    """MSH-18 as it stands, "" if empty."""
    header = _HEADER.search(raw)
    if not header:
        return ""
    fields = header.group(0).split(header.group(1))
    return fields[17].decode("ascii", "replace").strip() if len(fields) > 17 else ""


def decode(raw: bytes, setting: str = "") -> tuple[str, str, bool]:
    """Text, the HL7 name of the character set that read it, and whether that was a guess. Never raises."""
    raw = raw.lstrip(_LEADING)
    if raw.startswith(_BOM):
        name, raw = "UNICODE UTF-8", raw[len(_BOM) :]
    else:
        name = stated(raw)
        name = name if codec(name) else setting or name
    text = _strict(raw, name)
    if text is not None:
        return text, name, False
    plain = raw.isascii() and b"\x1b" not in raw and not name
    return raw.decode("latin-1"), "ASCII" if plain else "8859/1", not plain


def _strict(raw: bytes, name: str) -> str | None:
    try:
        return raw.decode(codec(name)) if codec(name) else None
    except UnicodeDecodeError:
        return None


def encode(text: str, charset: str) -> bytes:
    """Text in an HL7 character set; a letter that it cannot hold is an error, never a question mark."""
    try:
        return text.encode(codec(charset) or "ascii")
    except UnicodeEncodeError as error:
        name = charset or "ASCII"
        raise ContentError(f"the text cannot be written in character set {name}", "MSH-18") from error
