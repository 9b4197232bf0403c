"""An HTML page as PDF: by Qt's own layout, without a window or a display."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

MARGIN = 12.0  # millimetres
DOTS = 300  # per inch
FOOT = 60  # dots, for the line below
GREY = "#57606a"  # as of .when and .note
SHEET = """
h1 { font-size: 15pt } h2 { font-size: 10pt; margin-top: 16px; margin-bottom: 2px }
p, li, td, th { font-size: 7.5pt } .when, .note { color: #57606a }
th { text-align: left } th, td { padding: 1px 8px 1px 0 } td.n, th.n { text-align: right }
"""
"""What this layout knows of style sheets; the page's own, which is for browsers, is left out."""


def as_pdf(html: str, title: str) -> bytes:
    """A4 across; a table's headings come again on each page, and below each stands which of how many it is."""
    app = QGuiApplication.instance() or QGuiApplication(["radrecon", "-platform", "offscreen"])
    found = QBuffer()
    found.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = _writer(found, title)
    _draw(_document(html, writer), writer, title)
    found.close()
    del writer, app  # in this order: what draws needs its application to the end
    return bytes(found.data().data())


def _writer(target: QIODevice, title: str) -> QPdfWriter:
    writer = QPdfWriter(target)
    writer.setResolution(DOTS)
    writer.setTitle(title)
    writer.setCreator("radrecon")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN), QPageLayout.Unit.Millimeter)
    return writer


def _document(html: str, writer: QPdfWriter) -> QTextDocument:
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    document.setPageSize(QSizeF(writer.width(), writer.height() - FOOT))
    head, style, rest = html.partition("<style>")
    document.setDefaultStyleSheet(SHEET)
    document.setHtml(head + rest.partition("</style>")[2] if style else html)
    return document


def _draw(document: QTextDocument, writer: QPdfWriter, title: str) -> None:
    pages, page = document.pageCount(), document.pageSize()
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        top = number * page.height()
        painter.save()
        painter.translate(0, -top)
        document.drawContents(painter, QRectF(QPointF(0, top), page))
        painter.restore()
        _foot(painter, QRectF(0, page.height(), page.width(), FOOT), title, f"page {number + 1} of {pages}")
    painter.end()


def _foot(painter: QPainter, place: QRectF, left: str, right: str) -> None:
    painter.setPen(QColor(GREY))
    painter.setFont(QFont(painter.font().family(), 7))
    painter.drawText(place, Qt.AlignmentFlag.AlignBottom, left)
    painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, right)
