"""The program's icon in the sizes and formats that desktops want, drawn from one SVG by Qt."""

from __future__ import annotations

import os
import struct
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO = (16, 24, 32, 48, 64, 128, 256)
ICNS = {128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}


def png(svg: Path, side: int) -> bytes:
    """A square picture with a transparent ground."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """Windows' container: a header, an entry of 16 bytes per picture, the PNG files."""
    offset = 6 + 16 * len(pictures)
    head, body = struct.pack("<HHH", 0, 1, len(pictures)), b""
    for side, data in pictures.items():
        head += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(data), offset + len(body))
        body += data
    return head + body


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """macOS' container: type and length (both counted) before each PNG file."""
    body = b"".join(kind + struct.pack(">I", 8 + len(data)) + data for kind, data in pictures.items())
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def draw(svg: Path, folder: Path) -> None:
    """radrecon.ico, radrecon.icns, and a PNG per size below hicolor/."""
    pictures = {side: png(svg, side) for side in sorted({*SIZES, *ICO, *ICNS})}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "radrecon.ico").write_bytes(ico({side: pictures[side] for side in ICO}))
    (folder / "radrecon.icns").write_bytes(icns({kind: pictures[side] for side, kind in ICNS.items()}))
    for side in SIZES:
        target = folder / "hicolor" / f"{side}x{side}" / "apps" / "radrecon.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pictures[side])
