"""Every key once: its default, what it does, where it holds. All can be rebound in the settings (`keys/<name>`).

Single letters do nothing inside text fields: Qt offers a printable key to the focused editor before any shortcut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Key:
    name: str
    default: str
    text: str
    where: str = "everywhere"


KEYS = (
    Key("go_triage", "G, T", "go to triage"),
    Key("go_worklist", "G, W", "go to the worklist"),
    Key("go_studies", "G, S", "go to studies"),
    Key("go_messages", "G, M", "go to messages"),
    Key("go_outbox", "G, O", "go to the outbox"),
    Key("go_decisions", "G, D", "go to decisions and rules"),
    Key("query", "/", "query bar"),
    Key("palette", "Ctrl+K", "command palette"),
    Key("help", "?", "show the keys"),
    Key("refresh", "F5", "refresh"),
    Key("back", "Esc", "back; cancels a hold; closes the banner"),
    Key("undo", "Ctrl+Z", "cancel the hold, or undo a correction"),
    Key("theme", "Ctrl+Shift+D", "light or dark"),
    Key("next", "J", "next row", "lists"),
    Key("previous", "K", "previous row", "lists"),
    Key("open", "Return", "open", "lists"),
    Key("select", "X", "select the row, or take it out", "lists"),
    Key("range", "Shift+X", "select up to here", "lists"),
    Key("copy", "Ctrl+C", "copy the selected rows as a table", "lists"),
    Key("pane_next", "Ctrl+Right", "next pane", "triage"),
    Key("pane_previous", "Ctrl+Left", "previous pane", "triage"),
    Key("dismiss", "D", "dismiss with a reason", "triage, case"),
    Key("link", "L", "link to the chosen order", "case"),
    Key("fix", "F", "fix demographics", "case"),
    Key("merge", "M", "merge patients", "case"),
    Key("why", "W", "why this candidate, and why not", "case"),
    Key("timeline", "T", "timeline", "case"),
    Key("raw", "R", "raw messages of this case", "case"),
    Key("difference_next", "N", "next difference", "case"),
    Key("difference_previous", "P", "previous difference", "case"),
    Key("preview", "Ctrl+P", "preview what will be sent", "case"),
    Key("commit", "Ctrl+Return", "send, after the hold", "preview"),
    Key("find", "F", "find a patient", "worklist"),
    Key("replay", "Ctrl+R", "replay the selected messages", "messages"),
    Key("edit", "Ctrl+E", "edit the message and replay it", "messages"),
    Key("retry", "R", "retry the delivery", "outbox"),
    Key("park", "P", "park the delivery", "outbox"),
    Key("revoke", "V", "revoke the decision", "decisions"),
)
NAMED = {key.name: key for key in KEYS}


class Bindings:
    """Makes shortcuts from names, with the person's own keys where they chose some."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def sequence(self, name: str) -> QKeySequence:
        return QKeySequence(str(self._settings.value(f"keys/{name}", NAMED[name].default)))

    def text(self, name: str) -> str:
        """The key as people read it: `Ctrl+K`, `g t`."""
        shown = self.sequence(name).toString(QKeySequence.SequenceFormat.NativeText)
        plain = shown.replace("Return", "Enter").replace(", ", " ")
        return plain.lower() if all(len(part) == 1 for part in plain.split()) else plain

    def bind(self, name: str, owner: QWidget, call: Callable[[], object], *, window: bool = False) -> QShortcut:
        """A shortcut that holds while `owner` or a child of it has the focus, or in the whole window."""
        shortcut = QShortcut(self.sequence(name), owner)
        context = Qt.ShortcutContext
        shortcut.setContext(context.WindowShortcut if window else context.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: call())
        return shortcut
