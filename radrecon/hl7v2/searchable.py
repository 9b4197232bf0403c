"""What of a message can be found as free text: all that is written in it, read in its character set, escapes undone.

Embedded documents are left out: a run of more than a thousand letters of base64 or hexadecimal (OBX-5 of type ED,
2.9.16; line breaks inside it do not end it) is no text that anybody looks for, and would fill the index.
"""

from __future__ import annotations

import re

from radrecon.hl7v2.charset import decode
from radrecon.hl7v2.escape import STANDARD, Delimiters, unescape

DOCUMENT = 1000  # letters of base64 from which on a value is a document
LONGEST = 1_000_000  # letters of one message that are looked at

_ENCODED = re.compile(r"[A-Za-z0-9+/]{60,}(?:(?:[\r\n~]|\\X0[AD](?:0A)?\\|\\\.br\\)+[A-Za-z0-9+/]{4,})*={0,2}")


def searchable(raw: bytes, charset: str = "") -> str:
    """Never raises. `charset` is the interface's setting for an empty MSH-18."""
    text = decode(raw, charset)[0]
    if len(text) > DOCUMENT and any(len(line) > DOCUMENT or "|" not in line for line in text.split("\r")):
        text = _ENCODED.sub(_without_document, text)[:LONGEST]
    at = text.find("MSH")
    header = text[at : at + 9]
    if at < 0 or len(header) < 4:
        return unescape(text, STANDARD, charset)
    body = at + len(header)  # MSH-2 itself holds the escape character
    return text[:body] + unescape(text[body:], Delimiters.of(header), charset)


def _without_document(found: re.Match[str]) -> str:
    run = found.group()
    return " " if len(run) > DOCUMENT else run
