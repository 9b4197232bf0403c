"""Light and dark: our own palette on Fusion, so that every platform shows the same contrast.

The colours are tokens in resources/themes/*.toml. Differences use vermilion, blue and grey, which people with any of
the common colour deficiencies tell apart; every use of a colour has a glyph or a word beside it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from radrecon.ui.icons import resource

GLYPHS = {"differs": "▲", "missing": "○", "unimportant": "≈", "equal": "", "good": "✓", "bad": "▲", "warn": "◆"}
SEVERITY_GLYPHS = {3: "▲", 2: "◆", 1: "○"}
SEVERITY_TONES = {3: "bad", 2: "warn", 1: "muted"}
SEVERITY_WORDS = {3: "grave", 2: "needs a person", 1: "minor"}


@dataclass(frozen=True)
class Theme:
    """Colour tokens; `name` is light or dark."""

    name: str
    window: str
    base: str
    raised: str
    text: str
    muted: str
    line: str
    accent: str
    on_accent: str
    selection: str
    candidate: str
    chip: str
    chip_text: str
    differs: str
    differs_mark: str
    missing: str
    unimportant: str
    good: str
    warn: str
    bad: str

    def color(self, token: str) -> QColor:
        return QColor(getattr(self, token) if token else self.text)


def load(name: str) -> Theme:
    return Theme(name=name, **tomllib.loads(resource("themes", f"{name}.toml").read_text("utf-8")))


def system_name() -> str:
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return "dark" if dark else "light"


def palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.base,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.selection,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.Accent: theme.accent,
        role.Light: theme.raised,
        role.Midlight: theme.line,
        role.Mid: theme.line,
        role.Dark: theme.muted,
        role.Shadow: theme.line,
        role.BrightText: theme.bad,
    }
    made = QPalette()
    for each, color in colors.items():
        made.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.muted))
    return made


def sheet(theme: Theme) -> str:
    """The few things that a palette cannot say."""
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.line}; padding: 3px; }}
    QHeaderView {{ background: {theme.window}; }}
    QHeaderView::section {{ background: {theme.window}; color: {theme.muted}; border: 0; padding: 3px 6px;
        border-bottom: 1px solid {theme.line}; }}
    QTableView {{ border: 1px solid {theme.line}; border-radius: 3px; background: {theme.base}; }}
    QTableView:focus {{ border: 1px solid {theme.accent}; }}
    QLineEdit, QPlainTextEdit {{ border: 1px solid {theme.line}; border-radius: 3px; background: {theme.base};
        padding: 3px 6px; selection-background-color: {theme.accent}; selection-color: {theme.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border: 1px solid {theme.accent}; }}
    QPushButton {{ border: 1px solid {theme.line}; border-radius: 3px; background: {theme.raised}; padding: 4px 10px; }}
    QPushButton:hover, QPushButton:focus {{ border-color: {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.muted}; background: {theme.window}; }}
    QPushButton[primary="true"] {{ background: {theme.accent}; color: {theme.on_accent};
        border-color: {theme.accent}; }}
    QPushButton[primary="true"]:disabled {{ background: {theme.line}; color: {theme.muted};
        border-color: {theme.line}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {theme.line}; border-radius: 3px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 26px; }}
    QScrollBar::handle:horizontal {{ min-width: 26px; }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QSplitter::handle {{ background: {theme.window}; }}
    QTabWidget::pane {{ border: 0; }}
    QTabBar::tab {{ padding: 3px 10px; border: 0; border-bottom: 2px solid transparent; color: {theme.muted}; }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[tone="bad"] {{ color: {theme.bad}; }}
    QLabel[tone="warn"] {{ color: {theme.warn}; }}
    QLabel[tone="good"] {{ color: {theme.good}; }}
    QLabel[tone="muted"] {{ color: {theme.muted}; }}
    QFrame[panel="true"] {{ background: {theme.raised}; border: 1px solid {theme.line}; border-radius: 4px; }}
    """


def apply(app: QApplication, theme: Theme) -> None:
    app.setStyle("Fusion")
    app.setPalette(palette(theme))
    app.setStyleSheet(sheet(theme))
