"""Values of model/ ⇄ JSON columns, and small conversions that rows need."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, tzinfo
from typing import Any, TypeVar

from pydantic import TypeAdapter

Value = TypeVar("Value")


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(value: Any) -> Any:
    """A frozen dataclass → what a JSON column takes."""
    return _adapter(type(value)).dump_python(value, mode="json")


def encode(value: Any, without: set[str] | None = None) -> str:
    """A frozen dataclass → the text of its JSON, without what is as it is by default, and without some fields."""
    return _adapter(type(value)).dump_json(value, exclude_defaults=True, exclude=without).decode()


def load(kind: type[Value], data: Any) -> Value:
    """A JSON column → the dataclass."""
    loaded: Value = _adapter(kind).validate_python(data)
    return loaded


def decode(kind: type[Value], text: str) -> Value:
    """The text of a JSON column → the dataclass."""
    loaded: Value = _adapter(kind).validate_json(text)
    return loaded


def digest(data: Any) -> str:
    """A short fingerprint of JSON-able data."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def normal(value: str) -> str:
    """How an identifier is looked up: without spaces, letters folded, leading zeros off."""
    folded = "".join(value.split()).casefold()
    return folded.lstrip("0") or folded


NEAR, DAYS = "accession_near", ("birth_day", "name_day", "station_day")
PLACED = frozenset((NEAR, *DAYS))
"""Kinds of blocking keys whose numbers lie side by side where their values do."""

LAST = 4  # characters in which the numbers of neighbours differ
SHORT = 10  # characters whose number in base 36 fits 52 bits


def key_number(kind: str, value: str) -> int:
    """A blocking key as a signed 64-bit number: what the key tables hold.

    Ten slips of an accession number and three keys of a day are most of an order's keys: those of orders that come
    together change the same few pages, and no two kinds of keys meet. Any other key's number is random.
    """
    if kind == NEAR:
        return (1 << 56) + _near_number(value)
    return (2 << 56) + _day_number(kind, value) if kind in DAYS else former_number(kind, value)


def former_number(kind: str, value: str) -> int:
    """The same as it was for every kind until rules 6 (`rechecking.RULES`)."""
    raw = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True)


def _near_number(text: str) -> int:
    """56 bits: a number of letters and digits in their order, by length; of a longer one its last characters are."""
    plain = text.isascii() and text.isalnum()
    if plain and len(text) <= SHORT:
        return (len(text) << 52) + int(text, 36)
    last = int(text[-LAST:], 36) if plain else _hashed(text[-LAST:], 24)
    return (15 << 52) + (_hashed(text[:-LAST], 28) << 24) + last


def _day_number(kind: str, value: str) -> int:
    """56 bits: the day, which the value ends with (none: 0), then at random."""
    try:
        day = date.fromisoformat(value[-len("2026-11-22") :]).toordinal()
    except ValueError:
        day = 0
    return (day << 34) + _hashed(f"{kind}\0{value}", 34)


def _hashed(text: str, bits: int) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> (64 - bits)


def iso(instant: datetime | None) -> str:
    """An observed instant as ISO 8601 in UTC, "" for none."""
    return "" if instant is None else instant.isoformat(timespec="milliseconds")


def wall_iso(text: str, zone: tzinfo) -> str:
    """A wall clock of the site (ISO text without offset) → ISO with the site's offset; partial text stays as it is."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat() if len(text) >= 16 else text
    except ValueError:
        return text
