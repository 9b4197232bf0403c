"""One set of SVG icons, drawn in the theme's colour at the screen's own resolution."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

PACKAGE = Path(__file__).resolve().parent.parent


def resource(*parts: str) -> Path:
    """A file of resources/: beside the package in a checkout, inside it when installed."""
    inside = PACKAGE / "resources"
    return (inside if inside.is_dir() else PACKAGE.parent / "resources").joinpath(*parts)


def pixmap(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    svg = resource("icons", f"{name}.svg").read_text("utf-8").replace("currentColor", color)
    side = round(size * ratio)
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def icon(name: str, color: str) -> QIcon:
    made = QIcon()
    for size in (16, 24, 32, 64, 128):
        made.addPixmap(pixmap(name, color, size))
    return made
