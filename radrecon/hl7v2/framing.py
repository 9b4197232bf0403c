"""MLLP framing without sockets: bytes in, frames out (HL7 v2 implementation guide, appendix C: VT data FS CR).

Real senders forget the CR, the FS or the VT, talk between frames and paste FS and VT into text. The deframer is a
machine over positions of the stream, so its frames never depend on how TCP happened to split the bytes. Only an FS
that is the last byte so far, after a segment that was not ended, is undecided; `settle` decides it once the peer has
fallen silent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

VT, FS, CR, LF, NUL = 0x0B, 0x1C, 0x0D, 0x0A, 0x00
KEPT_OF_TOO_LONG = 64 << 10

_BLANK = b"\r\n\t \x00"
_MARK = re.compile(rb"[\x0b\x1c]")
_HEADER = re.compile(rb"[ \t\r\n\x0c\x00\xef\xbb\xbf]{0,8}(?:MSH|FHS|BHS)")
_HEADER_LENGTH = 11
_HEADER_LINE = re.compile(rb"(?:\A|(?<=[\r\n\x00]))(?:\xef\xbb\xbf)?(?:MSH|FHS|BHS)[^A-Za-z0-9\s\x00]")
_BATCH_NAMES = (b"MSH", b"FHS", b"BHS", b"BTS", b"FTS")
_BEFORE_LINE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*\Z")
_AFTER_NAME = re.compile(rb"[^A-Za-z0-9\s]|[\r\n]|\Z")


@dataclass(frozen=True)
class Frame:
    """What one frame held. Flags: no_start, no_end, noise, fs_inside, empty, too_long, unfinished."""

    raw: bytes
    flags: tuple[str, ...] = ()


def frame(message: bytes) -> bytes:
    """A message in its frame."""
    return b"\x0b" + message + b"\x1c\r"


class Deframer:
    """Cuts a stream into frames. Holds at most `limit` bytes and what was last fed."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._out: list[Frame] = []
        self._buffer = bytearray()
        self._scan = 0  # everything before it is decided
        self._inside = False  # a VT was seen
        self._maybe_end = -1  # an FS that looked like data
        self._head: bytes | None = None  # first part of a frame over the limit
        self._noise = False

    @property
    def pending(self) -> int:
        """Bytes held that belong to no frame yet."""
        return len(self._buffer) + len(self._head or b"")

    @property
    def talk(self) -> bytes:
        """What is held that is no message: only words, or no header yet; empty where a message is under way."""
        silent = self._message_start(len(self._buffer)) < 0 and self._talk(len(self._buffer))
        return bytes(self._buffer) if silent else b""

    @property
    def undecided(self) -> bool:
        """The last byte is an FS that may be the end: call `settle` when nothing follows for a moment."""
        return self._scan < len(self._buffer) and self._buffer[-1] == FS

    def feed(self, data: bytes) -> list[Frame]:
        if self._scan == len(self._buffer) and self._plain(data):
            self._scan += len(data)
            self._buffer += data
            return []
        self._buffer += data
        while self._step():
            pass
        return self._taken()

    def settle(self) -> list[Frame]:
        """The peer is silent: an FS at the very end was the end of the frame."""
        if self.undecided:
            self._end(len(self._buffer) - 1)
        return self._taken()

    def close(self) -> list[Frame]:
        """The peer has closed: what was pending, flagged `unfinished`."""
        self.settle()
        start = self._message_start(len(self._buffer))
        rest = self._head if self._head is not None else bytes(self._buffer[start:])
        if start >= 0 and (rest.strip(_BLANK) or self._head is not None):
            self._emit(rest, "unfinished")
        self._restart(len(self._buffer), inside=False)
        return self._taken()

    def _taken(self) -> list[Frame]:
        out, self._out = self._out, []
        return out

    def _plain(self, data: bytes) -> bool:
        """Nothing in it needs a decision: the middle of a large message."""
        return len(self._buffer) + len(data) <= self._limit and VT not in data and FS not in data

    def _step(self) -> bool:
        """Handle the next mark or the limit, whichever comes first. False: more bytes are needed."""
        mark = _MARK.search(self._buffer, self._scan)
        at = mark.start() if mark else len(self._buffer)
        if self._head is None and at > self._limit:
            self._overflow()
            return True
        if not mark:
            self._scan = at
            self._forget(at)
            return False
        return self._on_fs(at) if self._buffer[at] == FS else self._on_vt(at)

    def _on_fs(self, at: int) -> bool:
        before = self._buffer[at - 1] if at else CR
        if before not in (CR, LF):  # the segment was not ended: the next byte tells
            if at + 1 == len(self._buffer):
                self._wait(at)
                return False
            if self._buffer[at + 1] not in (CR, LF, NUL, VT, FS):
                self._maybe_end, self._scan = at, at + 1
                return True
        self._end(at)
        return True

    def _on_vt(self, at: int) -> bool:
        if self._inside and self._maybe_end < 0:
            following = bytes(self._buffer[at + 1 : at + 1 + _HEADER_LENGTH])
            if not _HEADER.match(following):
                if len(following) < _HEADER_LENGTH and _may_become_header(following):
                    self._wait(at)
                    return False
                self._scan = at + 1  # a vertical tab in pasted text
                return True
        self._cut(at)
        self._restart(at + 1, inside=True)
        return True

    def _end(self, at: int) -> None:
        """A frame ends at the FS at `at`."""
        start = max(self._message_start(at), 0)
        if self._head is not None:
            self._emit(self._head)
        elif self._inside or self._talk(at):
            self._noise |= self._talk(start)
            self._emit(bytes(self._buffer[start:at]), *(("fs_inside",) if self._maybe_end >= start else ()))
        self._restart(at + 1, inside=False)

    def _cut(self, at: int) -> None:
        """A VT at `at` starts a new frame; what was pending had no end, or ended at the FS that looked like data."""
        start = self._message_start(at)
        if self._head is not None:
            self._emit(self._head, "no_end")
        elif start < 0:
            self._noise |= self._talk(at)
        elif self._maybe_end >= start:
            self._emit(bytes(self._buffer[start : self._maybe_end]))
            self._noise = True
        elif bytes(self._buffer[start:at]).strip(_BLANK):
            self._emit(bytes(self._buffer[start:at]), "no_end")

    def _overflow(self) -> None:
        """More than `limit` bytes without an end: keep the head of a message, drop noise."""
        start = self._message_start(self._limit)
        if self._maybe_end >= start >= 0:
            self._emit(bytes(self._buffer[start : self._maybe_end]))
            self._restart(self._maybe_end + 1, inside=False)
            self._noise = True
        elif start != 0:
            self._noise |= self._talk(start if start > 0 else self._limit)
            self._restart(start if start > 0 else self._limit, inside=False)
        else:
            self._head = bytes(self._buffer[: min(self._limit, KEPT_OF_TOO_LONG)])
            self._forget(self._limit)

    def _message_start(self, end: int) -> int:
        """Where the message in the buffer before `end` begins; -1 where there is only noise."""
        if self._inside or self._head is not None:
            return 0
        header = _HEADER_LINE.search(self._buffer, 0, end)
        return header.start() if header else -1

    def _talk(self, end: int) -> bool:
        """Whether the buffer holds more than blanks before `end`."""
        return bool(bytes(self._buffer[:end]).strip(_BLANK + b"\x1c"))

    def _emit(self, raw: bytes, *flags: str) -> None:
        found = [
            ("no_start", not self._inside),
            ("noise", self._noise),
            ("too_long", self._head is not None),
            ("empty", self._head is None and not raw.strip(_BLANK)),
        ]
        self._out.append(Frame(raw, (*(name for name, true in found if true), *flags)))
        self._noise = False

    def _wait(self, at: int) -> None:
        self._scan = at
        self._forget(at)

    def _forget(self, at: int) -> None:
        """In a frame over the limit only the byte before the scan still matters."""
        if self._head is not None and at > 1:
            del self._buffer[: at - 1]
            self._scan = 1

    def _restart(self, at: int, *, inside: bool) -> None:
        del self._buffer[:at]
        self._scan, self._inside, self._maybe_end, self._head = 0, inside, -1, None


def _may_become_header(text: bytes) -> bool:
    rest = text.lstrip(b" \t\r\n\x00\x0c\xef\xbb\xbf")
    return any(header.startswith(rest) for header in (b"MSH", b"FHS", b"BHS"))


def split_batch(raw: bytes) -> list[bytes]:
    """Each message of a frame that holds several (two MSH, or a FHS/BHS batch); a frame with one is left as it is."""
    if raw.count(b"MSH") == 1 and b"FHS" not in raw and b"BHS" not in raw:
        return [raw]
    lines = sorted(line for name in _BATCH_NAMES for line in _lines(raw, name))
    if len(lines) == 1 or not any(name == b"MSH" for _, name in lines):
        return [raw]
    ends = [start for start, _ in lines[1:]] + [len(raw)]
    return [raw[start:end] for (start, name), end in zip(lines, ends, strict=True) if name == b"MSH"]


def _lines(raw: bytes, name: bytes) -> Iterator[tuple[int, bytes]]:
    """Where segments of that name begin. `find` is far quicker than a pattern through megabytes of base64."""
    at = raw.find(name)
    while at >= 0:
        start = at - len(_BEFORE_LINE.search(raw, max(0, at - 16), at).group(0))  # type: ignore[union-attr]
        if (start == 0 or raw[start - 1] in (CR, LF)) and _AFTER_NAME.match(raw, at + 3):
            yield start, name
        at = raw.find(name, at + 3)
