"""What is stored, as its bytes come: the header in front of the pixels, and what it says (PS3.5 7, PS3.4 annex B).

`HeaderReader` keeps no more than the header, up to a limit; long values (documents, waveforms, the frames of enhanced
images) are left out of it. Whatever is sent, it raises nothing: what is wrong is told in `flaw`, and what came before
it still counts.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import Any, cast

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset

from radrecon.dicom import study
from radrecon.dicom.charset import decode, terms
from radrecon.dicom.elements import (
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT_LE,
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Item,
    parse,
)
from radrecon.dicom.uids import is_uid
from radrecon.model.errors import ContentError
from radrecon.model.study import StudyFacts

DEFLATED = ("1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205")
HEADER_LIMIT = 256 << 10
LONG_VALUE = 64 << 10
INFLATED_AT_ONCE = 64 << 10
DEEPEST = 32
PIXELS = 0x7FE00000
"""The first group that is no header (PS3.3 C.7.6.3)."""

SOP_CLASS, SOP_INSTANCE, STUDY, SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
INSTANCE_NUMBER, FRAMES, CHARACTER_SET = 0x00200013, 0x00280008, 0x00080005
STUDY_TAGS = (
    0x00080020, 0x00080030, 0x00080050, 0x00080051, 0x00080080, 0x00080090, 0x00081030, 0x00100010, 0x00100020,
    0x00100021, 0x00100030, 0x00100040, 0x00101000, 0x00101002, 0x00120062, 0x00200010, STUDY,
)  # fmt: skip
SERIES_TAGS = (
    0x00080021, 0x00080031, 0x00080060, 0x00081010, 0x0008103E, 0x00180015, 0x00200060, 0x00400244, 0x00400245,
    0x00400275, SERIES,
)  # fmt: skip
IDENTITY_TAGS = (CHARACTER_SET, *STUDY_TAGS, *SERIES_TAGS)
"""What instances of a series have in common; where it differs, another header is kept."""

WANTED = frozenset((*IDENTITY_TAGS, SOP_CLASS, SOP_INSTANCE, INSTANCE_NUMBER, FRAMES))
ITEMS = (0x00080051, 0x00101002, 0x00400275)


@dataclass(frozen=True)
class Instance:
    """One instance as it came. `digest` is the same for headers that say the same of patient, study and series."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    transfer_syntax_uid: str
    instance_number: str = ""
    frames: int = 1
    size: int = 0
    digest: str = ""
    flaw: str = ""


class HeaderReader:
    """Feed it the bytes of a data set; once `done`, it has the header and takes no more.

    `tail`: bytes behind the header that it was given with it, where the transfer syntax is not a deflated one.
    """

    def __init__(self, syntax: str, limit: int = HEADER_LIMIT) -> None:
        self.done = False
        self.has_pixels = False
        self.flaw = ""
        self.tail = b""
        self._limit = limit
        self._kept = bytearray()
        self._at = self._skip = 0
        self._begun, self._shortened = 0, False  # of the sequence that we are within, unless it is a fact
        self._found: dict[int, tuple[int, int]] = {}
        self._implicit = [syntax == IMPLICIT_LE]  # of the data set, and of each sequence or item that we are within
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if syntax in DEFLATED else None
        order = ">" if syntax == EXPLICIT_BE else "<"
        self._tag, self._tag_vr = struct.Struct(order + "HH"), struct.Struct(order + "HH2sH")
        self._short, self._long = struct.Struct(order + "H"), struct.Struct(order + "I")

    @property
    def holds(self) -> int:
        return len(self._kept)

    @property
    def header(self) -> bytes:
        return bytes(self._kept)

    def value(self, tag: int) -> bytes:
        """Of an element of the data set itself; b"" where it is not there."""
        start, end = self._found.get(tag, (0, 0))
        return bytes(self._kept[start:end])

    def feed(self, data: memoryview | bytes) -> None:
        if not self.done:
            self._inflated(data) if self._inflate else self._take(data)

    def finish(self) -> None:
        """The data set is whole."""
        if not self.done:
            self._end("" if self._at == len(self._kept) and not self._skip else "the data set is cut off")

    def _inflated(self, data: memoryview | bytes) -> None:
        assert self._inflate
        try:
            while data and not self.done:
                self._take(self._inflate.decompress(data, INFLATED_AT_ONCE))
                data = self._inflate.unconsumed_tail
        except zlib.error:
            self._end("the data set cannot be inflated")
        if self.done:
            self.tail = b""

    def _take(self, data: memoryview | bytes) -> None:
        passed = min(self._skip, len(data))
        self._skip -= passed
        self._kept += data[passed:]
        try:
            while not self.done and not self._skip and self._step():
                self._pass_short()
                self._shorten()
        except (struct.error, ValueError) as error:
            self._end(str(error))
        if not self.done and len(self._kept) > self._limit:
            self._end("the header is longer than what is kept of it")

    def _pass_short(self) -> None:
        """The elements that most of a header are: of a short explicit VR, whole, in the data set itself."""
        kept, at, unpack = self._kept, self._at, self._tag_vr.unpack_from
        if len(self._implicit) > 1 or self._implicit[0]:
            return
        last = len(kept) - 8
        while at <= last:
            group, number, vr, length = unpack(kept, at)
            end = at + 8 + length
            if vr not in SHORT_VRS or end > last + 8 or group >= PIXELS >> 16:
                break
            if (tag := group << 16 | number) in WANTED:
                self._found[tag] = (at + 8, end)
            at = end
        self._at = at

    def _step(self) -> bool:
        """One element, or one mark of a sequence; False where it is not whole yet."""
        if len(self._kept) < self._at + 8:
            return False
        group, number = self._tag.unpack_from(self._kept, self._at)
        tag = group << 16 | number
        if tag >= PIXELS and group != 0xFFFE and len(self._implicit) == 1:
            self.has_pixels = True
            self._end("")
            return False
        if (size := self._head(group)) == 0:
            return False
        start, length = self._at + size, self._length(size)
        if length == UNDEFINED:
            return self._enter(tag, start)
        if group == 0xFFFE and tag != ITEM:
            return self._leave(tag, start)
        if length > LONG_VALUE:
            return self._leave_out(size, length)
        if len(self._kept) < start + length:
            return False
        if len(self._implicit) == 1 and tag in WANTED:
            self._found[tag] = (start, start + length)
        self._at = start + length
        return True

    def _head(self, group: int) -> int:
        """How long tag, VR and length are; 0 where they are not whole yet."""
        if group == 0xFFFE or self._implicit[-1]:
            return 8
        vr = bytes(self._kept[self._at + 4 : self._at + 6])
        if vr in SHORT_VRS:
            return 8
        if vr not in LONG_VRS:
            raise ValueError("a value representation that does not exist")
        return 12 if len(self._kept) >= self._at + 12 else 0

    def _length(self, size: int) -> int:
        """The length that the head of an element ends with."""
        field = self._length_field(size)
        return int(field.unpack_from(self._kept, self._at + size - field.size)[0])

    def _length_field(self, size: int) -> struct.Struct:
        """Of two bytes only where a short explicit VR stands in front of it; an item has none."""
        is_mark = self._tag.unpack_from(self._kept, self._at)[0] == 0xFFFE
        return self._short if size == 8 and not self._implicit[-1] and not is_mark else self._long

    def _enter(self, tag: int, start: int) -> bool:
        """Into a sequence or an item of undefined length. That of an UN is implicit VR (PS3.5 6.2.2)."""
        if len(self._implicit) > DEEPEST:
            raise ValueError("sequences are nested too deeply")
        unknown = self._kept[self._at + 4 : self._at + 6] == b"UN" and tag != ITEM
        self._implicit.append(self._implicit[-1] or unknown)
        if len(self._implicit) == 2:
            self._begun = 0 if tag in WANTED else start
            self._found |= {tag: (start, start)} if tag in WANTED else {}
        self._at = start
        return True

    def _leave(self, tag: int, start: int) -> bool:
        if tag not in (ITEM_END, SEQUENCE_END) or len(self._implicit) == 1:
            raise ValueError("the end of a sequence where none began")
        self._implicit.pop()
        self._at = self._closed(start) if len(self._implicit) == 1 else start
        return True

    def _closed(self, start: int) -> int:
        """A sequence of the data set itself has ended: it is found whole, or nothing but its end mark stays."""
        if self._shortened:
            del self._kept[self._begun : start - 8]
            start, self._shortened = self._begun + 8, False
        last = next(reversed(self._found), 0)
        begun, end = self._found.get(last, (0, 0))
        if begun == end and last in ITEMS:
            self._found[last] = (begun, start)
        return start

    def _shorten(self) -> None:
        """A long sequence without a length is passed over as a long value is: what came of it goes, up to its end."""
        if len(self._implicit) > 1 and self._begun and self._at - self._begun > LONG_VALUE:
            del self._kept[self._begun : self._at]
            self._at, self._shortened = self._begun, True

    def _leave_out(self, size: int, length: int) -> bool:
        """A long value is passed over; the header has the element without it."""
        end, field = self._at + size, self._length_field(size).size
        self._kept[end - field : end] = bytes(field)
        there = min(length, len(self._kept) - end)
        del self._kept[end : end + there]
        self._skip = length - there
        self._at = end
        return True

    def _end(self, flaw: str) -> None:
        self.done, self.flaw = True, flaw
        self.tail = bytes(self._kept[self._at :]) if self.has_pixels else b""
        del self._kept[self._at :]


def instance(reader: HeaderReader, sop_class: str, sop_instance: str, syntax: str, size: int) -> Instance:
    """What the header says, held against the command that brought it. Raises ContentError with what is wrong."""
    found = Instance(
        _uid(reader, SOP_CLASS) or sop_class,
        _uid(reader, SOP_INSTANCE) or sop_instance,
        _uid(reader, STUDY),
        _uid(reader, SERIES),
        syntax,
        _plain(reader, INSTANCE_NUMBER)[:16],
        _count(reader),
        size,
        _digest(reader),
        reader.flaw,
    )
    missing = [
        name for name, uid in (("Study", found.study_instance_uid), ("Series", found.series_instance_uid)) if not uid
    ]
    if missing:
        raise ContentError(reader.flaw or f"no {missing[0]} Instance UID")
    for name, uid in (
        ("SOP Class UID", found.sop_class_uid), ("SOP Instance UID", found.sop_instance_uid),
        ("Study Instance UID", found.study_instance_uid), ("Series Instance UID", found.series_instance_uid),
    ):  # fmt: skip
        if not is_uid(uid):
            raise ContentError(f"{name} is no UID")
    return found


def facts(pacs: str, headers: list[tuple[bytes, str]]) -> StudyFacts:
    """What headers (each with its transfer syntax; one or more of each series, the latest first) say of their study.

    The study's own attributes are the latest header's. Series have no counts yet.
    """
    return _facts(pacs, [attributes(header, syntax) for header, syntax in headers])


def by_patient(pacs: str, headers: list[tuple[bytes, str]]) -> list[StudyFacts]:
    """The same for each patient id that they name, that of the latest header first."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for header, syntax in headers:
        answer = attributes(header, syntax)
        parts.setdefault(str(answer.get("PatientID", "")), []).append(answer)
    return [_facts(pacs, answers) for answers in parts.values()] or [_facts(pacs, [])]


def _facts(pacs: str, answers: list[dict[str, Any]]) -> StudyFacts:
    series: dict[str, Any] = {}
    for answer in answers:
        series.setdefault(answer.get("SeriesInstanceUID", ""), answer)
    one_by_one = [cast("Dataset", answer) for answer in series.values()]
    return study.study_facts(pacs, cast("Dataset", answers[0] if answers else {}), one_by_one)


def attributes(header: bytes, syntax: str) -> dict[str, Any]:
    """Keyword → text or items, as far as they are facts. `study_facts` reads it as it does an answer of a PACS."""
    reader = HeaderReader(IMPLICIT_LE if syntax == IMPLICIT_LE else _inflated_syntax(syntax), len(header) + 1)
    reader.feed(header)
    declared = terms(reader.value(CHARACTER_SET))
    found: dict[str, Any] = {}
    for tag in IDENTITY_TAGS:
        raw = reader.value(tag)
        if tag in ITEMS:
            found[keyword_for_tag(tag)] = _items(raw, tag, syntax, declared)
        elif raw:
            found[keyword_for_tag(tag)] = [one.strip(" \0") for one in decode(raw, declared).split("\\")]
    return {
        keyword: value[0] if len(value) == 1 and isinstance(value[0], str) else value
        for keyword, value in found.items()
    }


def _inflated_syntax(syntax: str) -> str:
    """A kept header is never deflated."""
    return EXPLICIT_LE if syntax in DEFLATED else syntax


def _items(raw: bytes, tag: int, syntax: str, declared: tuple[str, ...]) -> list[dict[str, str]]:
    """Of a sequence in its data set's syntax, else of one that came as UN, which is implicit VR (PS3.5 6.2.2)."""
    own = syntax if syntax in (IMPLICIT_LE, EXPLICIT_BE) else EXPLICIT_LE
    for one in dict.fromkeys((own, IMPLICIT_LE)):
        pack = struct.pack(">HHI" if one == EXPLICIT_BE else "<HHI", tag >> 16, tag & 0xFFFF, len(raw))
        head = pack if one == IMPLICIT_LE else pack[:4] + b"SQ\0\0" + pack[4:]
        with contextlib.suppress(ContentError):
            return [_texts(item, declared) for item in parse(head + raw, one)[tag].items]
    return []


def _texts(item: Item, declared: tuple[str, ...]) -> dict[str, str]:
    own = terms(item[CHARACTER_SET].value) if CHARACTER_SET in item else declared
    return {keyword_for_tag(tag): decode(element.value, own).strip(" \0") for tag, element in item.items()}


def _plain(reader: HeaderReader, tag: int) -> str:
    return reader.value(tag).decode("ascii", "replace").replace("\0", "").strip(" ")


def _uid(reader: HeaderReader, tag: int) -> str:
    return reader.value(tag).rstrip(b"\0 ").decode("ascii", "replace")


def _count(reader: HeaderReader) -> int:
    digits = _plain(reader, FRAMES)
    return min(int(digits), 1 << 31) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 1


def _digest(reader: HeaderReader) -> str:
    content = hashlib.blake2b(digest_size=16)
    for tag in IDENTITY_TAGS:
        raw = reader.value(tag)
        content.update(len(raw).to_bytes(4, "big") + raw)
    return content.hexdigest()
