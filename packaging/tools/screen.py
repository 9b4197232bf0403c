"""A screen that nobody sees (Xvfb), what windows appear on it, and pictures of them."""

from __future__ import annotations

import os
import struct
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from Xlib import X, display
from Xlib.error import XError

SMALL = 100  # pixels: no program's window, but a helper of the toolkit


@dataclass(frozen=True)
class Picture:
    """Four bytes a pixel: blue, green, red, unused."""

    width: int
    height: int
    data: bytes

    def colors(self) -> int:
        """How many different ones; a blank window has one."""
        return len(set(struct.unpack(f"<{len(self.data) // 4}I", self.data)))

    def is_blank(self) -> bool:
        return self.data == self.data[:4] * (len(self.data) // 4)

    def differs(self, other: Picture) -> int:
        """In how many pixels; in all of them where the size is another."""
        if (self.width, self.height) != (other.width, other.height):
            return self.width * self.height
        mine, others = (struct.unpack(f"<{len(one.data) // 4}I", one.data) for one in (self, other))
        return sum(map(int.__ne__, mine, others))

    def save(self, path: Path) -> None:
        """As PNG."""
        rows = bytearray()
        for y in range(self.height):
            line = self.data[y * self.width * 4 : (y + 1) * self.width * 4]
            rgb = bytearray(self.width * 3)
            rgb[0::3], rgb[1::3], rgb[2::3] = line[2::4], line[1::4], line[0::4]
            rows += b"\0" + rgb
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        chunks = (b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")
        path.write_bytes(
            b"\x89PNG\r\n\x1a\n"
            + b"".join(
                struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                for kind, data in chunks
            )
        )


class Screen:
    """Watches the root window of a display."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._display = display.Display(name)
        self._root = self._display.screen().root
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()

    def picture(self) -> Picture | None:
        """Of the largest window that is shown; None where there is none."""
        best, area = None, SMALL * SMALL
        for window in self._root.query_tree().children:
            try:
                shape = window.get_geometry()
                shown = window.get_attributes().map_state == X.IsViewable
            except XError:
                continue
            if shown and shape.width > SMALL and shape.height > SMALL and shape.width * shape.height > area:
                best, area = (window, shape), shape.width * shape.height
        if best is None:
            return None
        try:
            image = best[0].get_image(0, 0, best[1].width, best[1].height, X.ZPixmap, 0xFFFFFFFF)
        except XError:
            return None
        return Picture(best[1].width, best[1].height, image.data)

    def first_paint(self, seconds: float) -> float | None:
        """time.monotonic() when a window first showed more than one colour; None where none did in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if (found := self.picture()) and not found.is_blank():
                return time.monotonic()
            time.sleep(0.01)
        return None

    def close(self) -> None:
        self._display.close()


@contextmanager
def screen(size: str = "1600x1000") -> Iterator[Screen]:
    """An X server of our own on a free display, by local sockets alone."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        number = os.read(read, 16).decode().strip()
        if not number:
            raise SystemExit("Xvfb did not start")
        shown = Screen(f":{number}")
        yield shown
        shown.close()
    finally:
        os.close(read)
        server.terminate()
        server.wait()
