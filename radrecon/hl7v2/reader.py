"""A lazy reader of HL7 v2 messages (chapter 2): segments are sliced once, fields when somebody asks.

Positions are the standard's: `PID-3.4.2` is field, component, subcomponent. A path that stops early means the first
of what lies below (the standard's rule for receivers that know fewer parts); `whole` gives all of it as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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

    __slots__ = ("_parts", "charset", "delimiters", "raw")

    def __init__(self, raw: str, delimiters: Delimiters = STANDARD, charset: str = "") -> None:
        self.raw = raw
        self.charset = charset
        self.delimiters = delimiters
        self._parts: list[str] | None = None

    def get(self, component: int = 1, subcomponent: int = 1) -> str:
        """The unescaped value without surrounding blanks; "" where there is none."""
        parts = self._parts or self._split()
        text = parts[component - 1] if component <= len(parts) else ""
        return _value(text, subcomponent, self.delimiters, self.charset) if text else ""

    def whole(self, component: int = 0) -> str:
        """A component (0: the repetition) as one text, separators and blanks kept: for free text with a bare &."""
        text = self._component(component) if component else self.raw
        return _unescaped(text, self.delimiters, self.charset) if self.delimiters.escape in text else text

    def sub(self, component: int) -> Field:
        """A component whose subcomponents are read as components (CNN in NDL-1, HD in CX-4)."""
        raw = self._component(component).replace(self.delimiters.subcomponent, self.delimiters.component)
        return Field(raw, self.delimiters, self.charset)

    @property
    def null(self) -> bool:
        return self.raw.strip() == NULL

    def __bool__(self) -> bool:
        return bool(self.raw.strip(self.delimiters.component + self.delimiters.subcomponent + " "))

    def _component(self, number: int) -> str:
        parts = self._parts or self._split()
        return parts[number - 1] if number <= len(parts) else ""

    def _split(self) -> list[str]:
        parts = self._parts = self.raw.split(self.delimiters.component)
        return parts


_EMPTY = Field("")


def _value(text: str, subcomponent: int, delimiters: Delimiters, charset: str) -> str:
    """The value of a component's text."""
    if delimiters.subcomponent in text:
        parts = text.split(delimiters.subcomponent)
        text = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
    elif subcomponent > 1:
        return ""
    if delimiters.escape in text:
        text = _unescaped(text, delimiters, charset)
    return text.strip()


def _unescaped(text: str, delimiters: Delimiters, charset: str) -> str:
    """Without NUL, which `\\X00\\` means: no value has one."""
    return unescape(text, delimiters, charset).replace("\0", "")


class Segment:
    """One segment; `get("3.1")`, `field(3)`, `repeats(3)`."""

    __slots__ = ("_delimiters", "_fields", "_repeats", "charset", "name", "text")

    def __init__(self, text: str, delimiters: Delimiters = STANDARD, charset: str = "", name: str = "") -> None:
        self.text = text
        self.name = name or text.split(delimiters.field, 1)[0].rstrip()
        self.charset = charset
        self._delimiters = delimiters
        self._fields: list[str] | None = None
        self._repeats: dict[int, list[Field]] | None = None

    def raw(self, number: int) -> str:
        """The text of a field with all repetitions, escapes kept; "" past the last field."""
        fields = self._fields or self._split_fields()
        return fields[number] if number < len(fields) else ""

    def _split_fields(self) -> list[str]:
        fields = self._fields = self.text.split(self._delimiters.field)
        if self.name in _HEADERS:
            fields.insert(1, self._delimiters.field)
        return fields

    def repeats(self, number: int) -> list[Field]:
        """Every repetition, empty ones included; none for an empty field."""
        if self._repeats is None:
            self._repeats = {}
        found = self._repeats.get(number)
        if found is None:
            found = self._repeats[number] = self._split(number)
        return found

    def _split(self, number: int) -> list[Field]:
        raw, delimiters = self.raw(number), self._delimiters
        if not raw:
            return []
        if delimiters.repetition not in raw or (number == 2 and self.name in _HEADERS):
            return [Field(raw, delimiters, self.charset)]
        return [Field(part, delimiters, self.charset) for part in raw.split(delimiters.repetition)]

    def field(self, number: int) -> Field:
        """The first repetition."""
        repeats = self.repeats(number)
        return repeats[0] if repeats else _EMPTY

    def get(self, path: str) -> str:
        """`3`, `3.1` or `3.4.2` of the first repetition."""
        number, component, subcomponent = _first_below(path)
        return self.value(number, component, subcomponent)

    def value(self, number: int, component: int = 1, subcomponent: int = 1) -> str:
        """The same by numbers. Nothing is split that need not be: most fields are one plain text."""
        fields, delimiters = self._fields or self._split_fields(), self._delimiters
        text = fields[number] if number < len(fields) else ""
        if not text or (number <= 2 and self.name in _HEADERS):
            return text
        if delimiters.repetition in text:
            text = text.split(delimiters.repetition, 1)[0]
        if delimiters.component in text:
            parts = text.split(delimiters.component, component)
            text = parts[component - 1] if component <= len(parts) else ""
        elif component > 1:
            return ""
        if subcomponent == 1 and delimiters.subcomponent not in text and delimiters.escape not in text:
            return text.strip()
        return _value(text, subcomponent, delimiters, self.charset)

    def whole(self, path: str) -> str:
        """A field's first repetition (or one component of it) as one text."""
        number, component, _ = _position(path)
        return self.field(number).whole(component).strip()


@lru_cache(maxsize=512)
def _position(path: str) -> tuple[int, int, int]:
    """Field, component, subcomponent; 0 is what the path leaves out."""
    numbers = [int(part) for part in path.split(".")] + [0, 0]
    return numbers[0], numbers[1], numbers[2]


@lru_cache(maxsize=512)
def _first_below(position: str) -> tuple[int, int, int]:
    """The same, where what is left out means the first."""
    number, component, subcomponent = _position(position)
    return number, component or 1, subcomponent or 1


@lru_cache(maxsize=512)
def split_path(path: str) -> tuple[str, str]:
    """`PID-3.1` → (`PID`, `3.1`). Raises ValueError for what is no path."""
    name, _, position = path.partition("-")
    if len(name) != 3 or not position:
        raise ValueError(f"not an HL7 path: {path!r}")
    _position(position)
    return name, position


@lru_cache(maxsize=512)
def _place(path: str) -> tuple[str, int, int, int]:
    name, position = split_path(path)
    return name, *_first_below(position)


class Message:
    """A message: its raw bytes, its text, and where its parts lie. Segments are made when somebody asks for them."""

    __slots__ = (
        "_event",
        "_found",
        "_message_type",
        "_segments",
        "_told",
        "charset",
        "delimiters",
        "guessed",
        "header",
        "raw",
        "text",
    )

    def __init__(self, raw: bytes, text: str, charset: str, guessed: bool) -> None:
        self.raw = raw
        self.text = text
        self.charset = charset
        self.guessed = guessed
        self.delimiters = Delimiters.of(text)
        self.header = Segment(_line_at(text, 0), self.delimiters, charset, "MSH")
        self._told: tuple[str, ...] = ()
        self._found: dict[str, Segment | None] = {"MSH": self.header}
        self._segments: list[Segment] | None = None
        self._event: str | None = None
        self._message_type: str | None = None

    @classmethod
    def parse(cls, raw: bytes, charset: str = "") -> Message:
        """Raises RejectError when there is no MSH. `charset` is the interface's setting for an empty MSH-18.

        NUL, with which fields of fixed length are filled up, is left out: no value has one, and no database takes one.
        """
        text, name, guessed = decode(raw, charset)
        if not text.startswith("MSH|"):
            header = _HEADER_LINE.search(text)
            if not header:
                raise RejectError("the message has no MSH segment")
            text = text[header.start(1) :]
        return cls(raw, text.replace("\0", ""), name, guessed)

    @property
    def segments(self) -> list[Segment]:
        """All of them, as they follow each other."""
        if self._segments is None:
            delimiters, charset = self.delimiters, self.charset
            rest = _lines(self.text, delimiters)[1:]
            self._segments = [self.header, *(Segment(line, delimiters, charset) for line in rest)]
        return self._segments

    def first(self, name: str) -> Segment | None:
        return self._found[name] if name in self._found else self._seek(name)

    def _seek(self, name: str) -> Segment | None:
        """Where the name's first occurrence begins a line, the segment is found without making the others."""
        text, at = self.text, self.text.find(name)
        segment: Segment | None = None
        if at >= 0:
            plain = text[at - 1] in "\r\n" and text.startswith(self.delimiters.field, at + len(name))
            if plain and self._segments is None and name not in _CONTINUED:
                segment = Segment(_line_at(text, at), self.delimiters, self.charset, name)
            else:
                segment = next((one for one in self.segments if one.name == name), None)
        self._found[name] = segment
        return segment

    def all(self, name: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.name == name]

    def get(self, path: str) -> str:
        """The value at `PID-3.4.1` in the first segment of that name."""
        name, number, component, subcomponent = _place(path)
        segment = self._found[name] if name in self._found else self._seek(name)
        return segment.value(number, component, subcomponent) if segment else ""

    def repeats(self, path: str) -> list[Field]:
        name, number, _, _ = _place(path)
        segment = self.first(name)
        return segment.repeats(number) if segment else []

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
        return (self._told or self._tell())[0]

    @property
    def sending_facility(self) -> str:
        return (self._told or self._tell())[1]

    @property
    def timestamp(self) -> str:
        return (self._told or self._tell())[2]

    @property
    def control_id(self) -> str:
        return (self._told or self._tell())[3]

    @property
    def version(self) -> str:
        return (self._told or self._tell())[4]

    def _tell(self) -> tuple[str, ...]:
        """What every message is asked for again and again, read once: MSH-3, 4, 7, 10 and 12."""
        self._told = tuple(map(self.header.value, (3, 4, 7, 10, 12)))
        return self._told

    @property
    def event(self) -> str:
        """MSH-9.2, else EVN-1 (senders of 2.1 and 2.2 write only the type)."""
        if self._event is None:
            self._event = self.header.get("9.2") or self.get("EVN-1")
        return self._event

    @property
    def message_type(self) -> str:
        """`ADT^A08`; only the type where no event is named anywhere."""
        if self._message_type is None:
            self._message_type = "^".join(part for part in (self.header.get("9.1"), self.event) if part)
        return self._message_type


def _line_at(text: str, start: int) -> str:
    end = text.find("\r", start)
    line = text[start : end if end >= 0 else None]
    return line.split("\n", 1)[0] if "\n" in line else line


def _lines(text: str, delimiters: Delimiters) -> Sequence[str]:
    """The text of each segment."""
    lines = text.removesuffix("\r").split("\r")
    starts = {line[:4] for line in lines}
    if "\n" not in text and all(map(_plain_start(delimiters.field).fullmatch, starts)):
        return lines
    return list(_mended(text, delimiters))


@lru_cache(maxsize=64)
def _plain_start(field: str) -> re.Pattern[str]:
    """How a line begins that is neither blank nor indented nor the rest of another one."""
    return re.compile(f"[A-Z][A-Z0-9]{{2}}{re.escape(field)}")


def _mended(text: str, delimiters: Delimiters) -> Iterator[str]:
    """The segments of a text with other line ends, blanks before segments, or bare line breaks inside them."""
    pending = ""
    for line in text.replace("\r\n", "\r").replace("\n", "\r").split("\r"):
        line = line.lstrip(" \t\x00")
        if not line:
            continue
        if pending.startswith(_CONTINUED) and delimiters.field not in line and not _is_name(line):
            pending += "\n" + line  # a bare line break inside a text
            continue
        if pending:
            yield pending
        pending = line
    yield pending


def _is_name(line: str) -> bool:
    return len(line.rstrip()) == 3 and line[:3].isupper()
