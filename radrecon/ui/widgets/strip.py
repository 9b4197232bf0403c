"""The bottom strip: a glyph and a word per listener and feed, ages as numbers, the outbox, who works here."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from radrecon.model.rows import EngineState, PacsStateRow
from radrecon.ui.desk import Desk
from radrecon.ui.loads import ShellRows
from radrecon.ui.plain import label, one_line, tooltip
from radrecon.ui.sentences import engine_words, recheck_words
from radrecon.ui.times import age, seconds_since

GLYPHS = {"good": "●", "warn": "◆", "bad": "▲", "muted": "○"}
Light = tuple[str, str, str]  # tone, words, tooltip


def lights(rows: ShellRows, now: datetime) -> list[Light]:
    """What the strip shows, left to right."""
    summary = rows.summary
    return [
        _engine(rows.engine),
        *_listeners(rows.engine),
        _age("orders", summary.last_order_at, now, 3600),
        _age("messages", summary.last_message_at, now, 1800),
        *(_pacs(state, now) for state in rows.pacs),
        _outbox(summary.deliveries_unfinished, summary.deliveries_in_trouble),
        *_recheck(rows.engine),
    ]


def _engine(state: EngineState) -> Light:
    tone, words = engine_words(state)
    return tone, words, f"pid {state.pid} on {state.host}, version {state.version}" if state.pid else ""


def _recheck(state: EngineState) -> list[Light]:
    if state.recheck is None:
        return []
    return [("good", recheck_words(state.recheck), f"everything is looked at again: {state.recheck.reason}")]


def _listeners(state: EngineState) -> list[Light]:
    alive = state.state == "running"
    found = []
    for name, word in (("mllp", "HL7"), ("dicom", "DICOM")):
        place = state.endpoints.get(name)
        if place:
            port = place[1] if isinstance(place, list | tuple) and len(place) > 1 else place
            found.append(("good" if alive else "bad", f"{word} {port} {'open' if alive else 'closed'}", str(place)))
    return found


def _age(word: str, at: str, now: datetime, limit: float) -> Light:
    seconds = seconds_since(at, now)
    if seconds is None:
        return "muted", f"{word}: none yet", ""
    return "warn" if seconds > limit else "good", f"{word} {age(at, now)}", at


def _pacs(state: PacsStateRow, now: datetime) -> Light:
    if not (state.up or state.last_error or state.last_success):
        return "muted", f"{state.name} not looked at yet", ""
    if not state.up:
        return "bad", f"{state.name} down", state.last_error
    sends = "" if state.send else ", read only"
    more = f"; changes: {state.changes_error}" if state.changes_error else ""
    more += f"; sweep down to {state.sweep_down_to or 'today'}" if state.sweep == "dated" else ""
    light = "warn" if state.changes_error else "good"
    return light, f"{state.name} up {age(state.last_success, now)}{sends}", f"{state.studies:,} studies{more}"


def _outbox(waiting: int, trouble: int) -> Light:
    if trouble:
        return "bad", f"outbox {waiting}, {trouble} in trouble", ""
    return ("warn", f"outbox {waiting} on the way", "") if waiting else ("good", "outbox empty", "")


class Strip(QWidget):
    """Labels are made once and reused, so that a tick changes only text."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("state of the engine and the feeds")
        self.desk = desk
        self._labels: list[QLabel] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 3, 10, 3)
        self._row.setSpacing(16)
        self._row.addStretch(1)
        self.who = label(desk.who, "signed in as")
        self.who.setProperty("muted", True)
        self._row.addWidget(self.who)

    def show_rows(self, rows: ShellRows, now: datetime) -> None:
        found = lights(rows, now)
        while len(self._labels) < len(found):
            made = label()
            self._row.insertWidget(len(self._labels), made)
            self._labels.append(made)
        for place, made in enumerate(self._labels):
            made.setVisible(place < len(found))
            if place < len(found):
                _show(made, found[place])

    @property
    def texts(self) -> list[str]:
        return [made.text() for made in self._labels if not made.isHidden()]


def _show(made: QLabel, light: Light) -> None:
    tone, words, more = light
    text = f"{GLYPHS[tone]} {one_line(words)}"
    if made.text() != text:
        made.setText(text)
        made.setToolTip(tooltip(more))
    tone = "muted" if tone == "good" else tone  # calm: only what needs a person has a colour
    if made.property("tone") != tone:
        made.setProperty("tone", tone)
        made.style().polish(made)
