"""A lazy reader of HL7 v2 messages (chapter 2): segments are sliced once, fields when somebody asks.

Positions are the standard's: `PID-3.4.2` is field, component, subcomponent. A path that stops early means the first
of what lies below (the standard's rule for receivers that know fewer parts); `whole` gives all of it as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from radrecon.hl7v2.charset import decode
from radrecon.hl7v2.escape import STANDARD, Delimiters, unescape
from radrecon.model.errors import RejectError

NULL = '""'
"""The value that says "delete"; an empty field says "no change" (2.5.3)."""

_HEADERS = ("MSH", "FHS", "BHS")
_HEADER_LINE = re.compile(r"(?:\A|(?<=[\r\n\x00\x0b]))[ \t]*(MSH[^A-Za-z0-9\s])")
_CONTINUED = ("OBX", "NTE")


class Field:
    """One repetition of a field."""

    __slots__ = ("_delimiters", "_parts", "charset", "raw")

    def __init__(self, raw: str, delimiters: Delimiters = STANDARD, charset: str = "") -> None:
        self.raw = raw
        self.charset = charset
        self._delimiters = delimiters
        self._parts: list[str] | None = None

    def get(self, component: int = 1, subcomponent: int = 1) -> str:
        """The unescaped value without surrounding blanks; "" where there is none."""
        text = self._component(component)
        if not text:
            return ""
        if self._delimiters.subcomponent in text:
            parts = text.split(self._delimiters.subcomponent)
            text = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
        elif subcomponent > 1:
            return ""
        return unescape(text, self._delimiters, self.charset).strip()

    def whole(self, component: int = 0) -> str:
        """A component (0: the repetition) as one text, separators and blanks kept: for free text with a bare &."""
        return unescape(self._component(component) if component else self.raw, self._delimiters, self.charset)

    def sub(self, component: int) -> Field:
        """A component whose subcomponents are read as components (CNN in NDL-1, HD in CX-4)."""
        raw = self._component(component).replace(self._delimiters.subcomponent, self._delimiters.component)
        return Field(raw, self._delimiters, self.charset)

    @property
    def null(self) -> bool:
        return self.raw.strip() == NULL

    def __bool__(self) -> bool:
        return bool(self.raw.strip(self._delimiters.component + self._delimiters.subcomponent + " "))

    def _component(self, number: int) -> str:
        if self._parts is None:
            self._parts = self.raw.split(self._delimiters.component)
        return self._parts[number - 1] if number <= len(self._parts) else ""


_EMPTY = Field("")


class Segment:
    """One segment; `get("3.1")`, `field(3)`, `repeats(3)`."""

    __slots__ = ("_delimiters", "_fields", "_repeats", "charset", "name", "text")

    def __init__(self, text: str, delimiters: Delimiters = STANDARD, charset: str = "") -> None:
        self.text = text
        self.name = text.split(delimiters.field, 1)[0].rstrip()
        self.charset = charset
        self._delimiters = delimiters
        self._fields: list[str] | None = None
        self._repeats: dict[int, list[Field]] = {}

    def raw(self, number: int) -> str:
        """The text of a field with all repetitions, escapes kept; "" past the last field."""
        if self._fields is None:
            self._fields = self.text.split(self._delimiters.field)
            if self.name in _HEADERS:
                self._fields.insert(1, self._delimiters.field)
        return self._fields[number] if number < len(self._fields) else ""

    def repeats(self, number: int) -> list[Field]:
        """Every repetition, empty ones included; none for an empty field."""
        found = self._repeats.get(number)
        if found is None:
            found = self._repeats[number] = self._split(number)
        return found

    def _split(self, number: int) -> list[Field]:
        raw = self.raw(number)
        if not raw:
            return []
        single = self.name in _HEADERS and number == 2
        parts = [raw] if single else raw.split(self._delimiters.repetition)
        return [Field(part, self._delimiters, self.charset) for part in parts]

    def field(self, number: int) -> Field:
        """The first repetition."""
        repeats = self.repeats(number)
        return repeats[0] if repeats else _EMPTY

    def get(self, path: str) -> str:
        """`3`, `3.1` or `3.4.2` of the first repetition."""
        number, component, subcomponent = _position(path)
        if self.name in _HEADERS and number <= 2:
            return self.raw(number)
        return self.field(number).get(component or 1, subcomponent or 1)

    def whole(self, path: str) -> str:
        """A field's first repetition (or one component of it) as one text."""
        number, component, _ = _position(path)
        return self.field(number).whole(component).strip()


@lru_cache(maxsize=512)
def _position(path: str) -> tuple[int, int, int]:
    numbers = [int(part) for part in path.split(".")] + [0, 0]
    return numbers[0], numbers[1], numbers[2]


@lru_cache(maxsize=512)
def split_path(path: str) -> tuple[str, str]:
    """`PID-3.1` → (`PID`, `3.1`). Raises ValueError for what is no path."""
    name, _, position = path.partition("-")
    if len(name) != 3 or not position:
        raise ValueError(f"not an HL7 path: {path!r}")
    _position(position)
    return name, position


class Message:
    """A message: its raw bytes, its text, and where its parts lie."""

    __slots__ = ("charset", "delimiters", "guessed", "header", "raw", "segments", "text")

    def __init__(self, raw: bytes, text: str, charset: str, guessed: bool) -> None:
        self.raw = raw
        self.text = text
        self.charset = charset
        self.guessed = guessed
        self.delimiters = Delimiters.of(text)
        self.segments = list(_segments(text, self.delimiters, charset))
        self.header = self.segments[0]

    @classmethod
    def parse(cls, raw: bytes, charset: str = "") -> Message:
        """Raises RejectError when there is no MSH. `charset` is the interface's setting for an empty MSH-18."""
        text, name, guessed = decode(raw, charset)
        if not (text.startswith("MSH") and len(text) > 3 and not (text[3].isalnum() or text[3].isspace())):
            header = _HEADER_LINE.search(text)
            if not header:
                raise RejectError("the message has no MSH segment")
            text = text[header.start(1) :]
        return cls(raw, text, name, guessed)

    def first(self, name: str) -> Segment | None:
        return next((segment for segment in self.segments if segment.name == name), None)

    def all(self, name: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.name == name]

    def get(self, path: str) -> str:
        """The value at `PID-3.4.1` in the first segment of that name."""
        name, position = split_path(path)
        segment = self.first(name)
        return segment.get(position) if segment else ""

    def repeats(self, path: str) -> list[Field]:
        name, position = split_path(path)
        segment = self.first(name)
        return segment.repeats(_position(position)[0]) if segment else []

    def groups(self, name: str) -> list[list[Segment]]:
        """Runs of segments, each from one `name` to before the next; what stands before the first is in none."""
        runs: list[list[Segment]] = []
        for segment in self.segments:
            if segment.name == name:
                runs.append([])
            if runs:
                runs[-1].append(segment)
        return runs

    @property
    def sending_application(self) -> str:
        return self.header.get("3")

    @property
    def sending_facility(self) -> str:
        return self.header.get("4")

    @property
    def timestamp(self) -> str:
        return self.header.get("7")

    @property
    def control_id(self) -> str:
        return self.header.get("10")

    @property
    def version(self) -> str:
        return self.header.get("12")

    @property
    def event(self) -> str:
        """MSH-9.2, else EVN-1 (senders of 2.1 and 2.2 write only the type)."""
        return self.header.get("9.2") or self.get("EVN-1")

    @property
    def message_type(self) -> str:
        """`ADT^A08`; only the type where no event is named anywhere."""
        return "^".join(part for part in (self.header.get("9.1"), self.event) if part)


def _segments(text: str, delimiters: Delimiters, charset: str) -> Iterator[Segment]:
    pending = ""
    for line in text.replace("\r\n", "\r").replace("\n", "\r").split("\r"):
        line = line.lstrip(" \t\x00")
        if not line:
            continue
        if pending.startswith(_CONTINUED) and delimiters.field not in line and not _is_name(line):
            pending += "\n" + line  # a bare line break inside a text
            continue
        if pending:
            yield Segment(pending, delimiters, charset)
        pending = line
    yield Segment(pending, delimiters, charset)


def _is_name(line: str) -> bool:
    return len(line.rstrip()) == 3 and line[:3].isupper()
