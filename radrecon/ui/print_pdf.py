"""An HTML page as PDF: by Qt's own layout, without a window or a display."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QTextDocument

MARGIN = 12.0  # millimetres
DOTS = 300  # per inch
SHEET = """
h1 { font-size: 15pt } h2 { font-size: 10pt; margin-top: 16px; margin-bottom: 2px }
p, li, td, th { font-size: 7.5pt } .when, .note { color: #57606a }
th { text-align: left } th, td { padding: 1px 8px 1px 0 } td.n, th.n { text-align: right }
"""
"""What this layout knows of style sheets; the page's own, which is for browsers, is left out."""


def as_pdf(html: str, title: str) -> bytes:
    """A4 across; a table's headings come again on each page."""
    app = QGuiApplication.instance() or QGuiApplication(["radrecon", "-platform", "offscreen"])
    found = QBuffer()
    found.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = _writer(found, title)
    _document(html, writer).print_(writer)
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
    document.setPageSize(QSizeF(writer.width(), writer.height()))
    head, style, rest = html.partition("<style>")
    document.setDefaultStyleSheet(SHEET)
    document.setHtml(head + rest.partition("</style>")[2] if style else html)
    return document
