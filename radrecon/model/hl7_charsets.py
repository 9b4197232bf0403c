"""The character sets that MSH-18 names (HL7 table 0211, and what senders write in its place), each with its codec."""

from __future__ import annotations

import re

_UTF_8 = ("UNICODEUTF8", "UTF8", "ISOIR192")
# MLLP cannot carry these: who names them in single bytes means UTF-8; a text that is really wide is known by its start
_NOT_FRAMED = ("UNICODE", "UNICODEUTF16", "UTF16", "UNICODEUTF32", "UTF32")
_JAPANESE = ("ISOIR87", "ISOIR159", "JISX0202", "JISX0208", "JISX0212", "JAS2020", "ISO2022JP")
_LATIN = {100: 1, 101: 2, 109: 3, 110: 4, 144: 5, 127: 6, 126: 7, 138: 8, 148: 9, 203: 15}
_CODECS = (
    dict.fromkeys((*_UTF_8, *_NOT_FRAMED), "utf-8")
    | dict.fromkeys(("ASCII", "USASCII", "ISO646", "ISOIR6"), "ascii")
    | dict.fromkeys(_JAPANESE, "iso2022_jp_1")
    | dict.fromkeys(("ISOIR13", "ISOIR14", "JISX0201", "SHIFTJIS", "SJIS"), "shift_jis")
    | dict.fromkeys(("WINDOWS31J", "CP932", "WINDOWS932"), "cp932")
    | dict.fromkeys(("ISOIR149", "KSX1001", "KSC5601", "EUCKR"), "euc_kr")
    | dict.fromkeys(("ISOIR58", "GB2312", "EUCCN"), "gb2312")
    | dict.fromkeys(("GBK", "CP936", "WINDOWS936"), "gbk")
    | dict.fromkeys(("GB180302000", "GB180302005", "GB18030"), "gb18030")
    | dict.fromkeys(("BIG5", "CP950", "WINDOWS950"), "big5")
    | dict.fromkeys(("ISOIR166", "TIS620"), "tis-620")
    | {"EUCJP": "euc_jp", "KOI8R": "koi8-r", "LATIN1": "iso8859-1", "ANSI": "cp1252", "CP949": "cp949"}
    | {f"{prefix}8859{part}": f"iso8859-{part}" for prefix in ("", "ISO") for part in range(1, 17) if part != 12}
    | {f"ISOIR{number}": f"iso8859-{part}" for number, part in _LATIN.items()}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("CP", "WINDOWS") for page in (874, *range(1250, 1259))}
    | {f"{prefix}{page}": f"cp{page}" for prefix in ("CP", "IBM") for page in (437, 850, 852, 858, 866)}
)


def codec_of(name: str) -> str:
    """The codec of one character set, "" if there is none of that name; case, blanks and signs do not matter."""
    return _CODECS.get(re.sub(r"[^A-Z0-9]", "", name.upper()), "")
