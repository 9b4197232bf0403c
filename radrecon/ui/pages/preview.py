"""The preview: exactly the plan that will be executed. Nothing leaves before the hold has run out."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from radrecon.model.correction import Plan
from radrecon.model.errors import Trouble
from radrecon.ui import verbs
from radrecon.ui.desk import Desk
from radrecon.ui.hl7_view import changed_spans, shown
from radrecon.ui.models.plan_lines import PLAN, edit_text, plan_lines, touched
from radrecon.ui.pages.page import Page, Place
from radrecon.ui.plain import label, one_line, tooltip
from radrecon.ui.theme import GLYPHS
from radrecon.ui.widgets.elided import Elided
from radrecon.ui.widgets.hold import Hold
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.raw_text import RawText
from radrecon.ui.widgets.splitter import Splitter

REASON_WANTED = "Say why first: the reason is kept with the correction."


class PreviewPage(Page):
    """One plan, its reason and its commit."""

    name, title = "preview", "Preview"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.plan: Plan | None = None
        self.heading = Elided("plan")
        self.changes = Pane(desk, "preview-changes", "What will change", PLAN, empty="Nothing will change")
        self.raw = RawText(desk, "what is sent to this destination")
        self.raw_title = Elided("destination")
        self.touches = label("", "blast radius", wraps=True)
        self.irrevocable = label("", "cannot be undone", wraps=True)
        self.warnings = label("", "warnings", wraps=True)
        self.reason, self.ticket = QLineEdit(), QLineEdit()
        self.send, self.back = QPushButton(), QPushButton(f"Back  {desk.keys.text('back')}")
        self.hold = Hold(desk)
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        bold = self.heading.font()
        bold.setBold(True)
        bold.setPointSizeF(bold.pointSizeF() * 1.2)
        self.heading.setFont(bold)
        self.changes.table.horizontalHeader().setSectionsClickable(False)
        raw = QWidget()
        below = QVBoxLayout(raw)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(3)
        below.addWidget(self.raw_title)
        below.addWidget(self.raw)
        self.left_side = Splitter(self.desk, "preview", Qt.Orientation.Vertical, (self.changes, raw), (600, 300))
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addWidget(self.left_side, 1)
        body.addWidget(self._side())
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(body, 1)

    def _side(self) -> QFrame:
        panel = QFrame()
        panel.setProperty("panel", True)
        panel.setFixedWidth(self.fontMetrics().averageCharWidth() * 44)
        column = QVBoxLayout(panel)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        for title, widget in (
            ("This touches", self.touches),
            ("Cannot be undone", self.irrevocable),
            ("Read before sending", self.warnings),
        ):
            _titled(column, title, widget)
        column.addStretch(1)
        _titled(column, "Reason (kept with the correction)", self.reason)
        _titled(column, "Ticket number (may stay empty)", self.ticket)
        column.addSpacing(6)
        column.addWidget(self.hold)
        row = QHBoxLayout()
        row.addWidget(self.back)
        row.addWidget(self.send, 1)
        column.addLayout(row)
        self.reason.setAccessibleName("reason")
        self.ticket.setAccessibleName("ticket number")
        self.send.setProperty("primary", True)
        return panel

    def _wire(self) -> None:
        keys = self.desk.keys
        self.send.setText(f"Send  {keys.text('commit')}")
        self.send.clicked.connect(self.commit)
        self.back.clicked.connect(self.left)
        self.changes.table.moved_to.connect(lambda _: self._show_raw())
        self.hold.done.connect(self._send)
        self.hold.cancelled.connect(self._cancelled)
        self.reason.textChanged.connect(lambda text: self.reason.setToolTip(tooltip(text)))
        self.reason.returnPressed.connect(self.ticket.setFocus)
        keys.bind("commit", self, self.commit)

    # showing

    def open_row(self, place: Place) -> None:
        if place.plan is not None:
            self.show_plan(place.plan, place.reason)

    def show_plan(self, plan: Plan, reason: str = "") -> None:
        """The proposed reason is selected: typing replaces it."""
        self.hold.cancel()
        self.plan = plan
        self.reason.setText(reason)
        self.ticket.clear()
        self.heading.say(f"Preview: {plan.summary}")
        self.touches.setText(touched(plan))
        _listed(self.irrevocable, plan.irrevocable, "bad", "Everything here can be undone.")
        _listed(self.warnings, plan.warnings, "warn", "No warnings.")
        self.changes.show_rows(plan_lines(plan))
        self.changes.count.setText(f"{len(plan.deliveries)} to send")
        self._span_headings()
        self.changes.table.selectRow(0)
        self._show_raw()
        self._ready()

    def _span_headings(self) -> None:
        table = self.changes.table
        table.clearSpans()
        for place, line in enumerate(table.rows_model.rows):
            if line.heading:
                table.setSpan(place, 0, 1, len(PLAN))
            elif line.delivery < 0:
                table.setSpan(place, 1, 1, len(PLAN) - 1)  # a sentence, no value beside another

    def _show_raw(self) -> None:
        line = self.changes.table.current_row
        if self.plan is None or line is None:
            self.raw.show_text("")
            return
        if line.delivery < 0:
            self.raw_title.say("radrecon's own index")
            self.raw.show_text("\n".join(change.text for change in self.plan.index_changes))
            return
        delivery = self.plan.deliveries[line.delivery]
        kind = "the whole message, changed fields marked" if delivery.message else "the whole edit"
        self.raw_title.say(f"{delivery.destination}: {kind}")
        places = {change.where for change in delivery.changes if change.old != change.new}
        text = shown(delivery.message) if delivery.message else edit_text(delivery)
        self.raw.show_text(text, changed_spans(delivery.message, places) if delivery.message else ())

    def _ready(self) -> None:
        self.send.setEnabled(self.plan is not None and not self.hold.running)

    def focus_first(self) -> None:
        self.reason.setFocus()
        self.reason.setSelection(len(self.reason.text()), -len(self.reason.text()))  # from the end: its start is seen

    async def load(self) -> None:
        """A plan is a value: nothing to fetch."""

    # sending

    def commit(self) -> None:
        """Start the hold; a reason is needed."""
        if self.plan is None or self.hold.running:
            return
        if not self.reason.text().strip():
            self.reason.setFocus()
            self.trouble.emit(REASON_WANTED, "warn")
            return
        for field in (self.reason, self.ticket):
            field.setReadOnly(True)
        self.changes.table.setFocus()  # a text field would keep Ctrl+Z for itself
        self.hold.start(self.desk.hold_seconds)
        self._ready()

    def _release(self) -> None:
        for field in (self.reason, self.ticket):
            field.setReadOnly(False)
        self._ready()

    def _cancelled(self) -> None:
        self._release()
        self.trouble.emit("Cancelled before anything was sent.", "good")

    def _send(self) -> None:
        plan, self.plan = self.plan, None
        if plan is not None:
            self.desk.tasks.spawn(self._approve(plan, self.reason.text().strip(), self.ticket.text().strip()))

    async def _approve(self, plan: Plan, reason: str, ticket: str) -> None:
        try:
            correction, topics = await verbs.approve(self.desk, plan, reason, ticket)
        except Trouble as trouble:
            self.plan = plan
            self.trouble.emit(f"Nothing was sent: {trouble}", "bad")
            return
        except Exception:
            self.plan = plan
            raise
        finally:
            self._release()
        self.changed.emit(topics)
        self.went.emit(Place("outbox", correction))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is sent behind anybody's back."""
        super().hideEvent(event)
        self.hold.cancel()

    def escape(self) -> bool:
        return self.undo()

    def undo(self) -> bool:
        running = self.hold.running
        self.hold.cancel()
        return running

    def commands(self) -> list[Command]:
        return [Command("Send this correction", self.desk.keys.text("commit"), self.commit)]


def _titled(column: QVBoxLayout, title: str, widget: QWidget) -> None:
    above = label(title)
    above.setProperty("muted", True)
    column.addWidget(above)
    column.addWidget(widget)
    column.addSpacing(6)


def _listed(widget: QWidget, lines: tuple[str, ...], tone: str, nothing: str) -> None:
    """The lines in their tone; where there are none, that is good and looks so."""
    text = "\n".join(f"{GLYPHS[tone]} {one_line(line)}" for line in lines) or f"{GLYPHS['good']} {nothing}"
    widget.setText(text)  # type: ignore[attr-defined]
    widget.setProperty("tone", tone if lines else "good")
    widget.style().polish(widget)
