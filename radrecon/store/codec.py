"""Values of model/ ⇄ JSON columns, and small conversions that rows need."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, tzinfo
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


def key_number(kind: str, value: str) -> int:
    """A blocking key as a signed 64-bit number: what the key tables hold."""
    raw = hashlib.blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True)


def iso(instant: datetime | None) -> str:
    """An observed instant as ISO 8601 in UTC, "" for none."""
    return "" if instant is None else instant.isoformat(timespec="milliseconds")


def wall_iso(text: str, zone: tzinfo) -> str:
    """A wall clock of the site (ISO text without offset) → ISO with the site's offset; partial text stays as it is."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat() if len(text) >= 16 else text
    except ValueError:
        return text
