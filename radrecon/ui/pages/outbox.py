"""The outbox: a row per delivery and destination, its states as steps, the peer's own words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from radrecon.model.correction import Verb
from radrecon.model.rows import DeliveryRow
from radrecon.ui import loads, verbs
from radrecon.ui.desk import Desk
from radrecon.ui.loads import TROUBLE_STATES
from radrecon.ui.models.columns import DELIVERIES
from radrecon.ui.pages.page import Page, Place
from radrecon.ui.plain import label, one_line
from radrecon.ui.sentences import count
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.steps import StepsDelegate

NOTHING_TO_UNDO = "Select the row of a correction to undo it."


class OutboxPage(Page):
    """Going there with a correction's id selects its first delivery."""

    name, title = "outbox", "Outbox"
    topics = frozenset({"deliveries"})
    can_filter = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.pane = Pane(desk, "outbox", "Outbox", DELIVERIES, empty="✓ Nothing was sent yet, nothing waits")
        table = self.pane.table
        table.setItemDelegate(StepsDelegate(desk, table))
        self.table = table
        self._wanted: Place | None = None
        keys = desk.keys
        self.retry_button = QPushButton(f"Retry  {keys.text('retry')}")
        self.park_button = QPushButton(f"Park  {keys.text('park')}")
        self.words = label("", "the peer's words, whole", wraps=True)
        self.words.hide()
        self.undo_button = QPushButton(f"Undo the correction…  {keys.text('undo')}")
        self._lay_out()
        for button, name, call in (
            (self.retry_button, "retry", self.retry),
            (self.park_button, "park", self.park),
        ):
            button.clicked.connect(call)
            keys.bind(name, self, call)
        self.undo_button.clicked.connect(self.undo)
        table.moved_to.connect(lambda _: self._offer())
        table.opened.connect(self._open)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in (self.retry_button, self.park_button, self.undo_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(self.pane, 1)
        column.addWidget(self.words)
        column.addLayout(row)

    async def load(self) -> None:
        rows = await self.desk.tasks.run(loads.outbox, self.desk.backend, self.query)
        self.pane.show_rows(rows, 500, filtered=self.is_filtered)
        trouble = sum(1 for row in rows if row.state in TROUBLE_STATES)
        self.pane.note.say(f"▲ {count(trouble, 'delivery', 'deliveries')} in trouble" if trouble else "")
        self._select()
        self._offer()

    def open_row(self, place: Place) -> None:
        self._wanted = place if place.row_id else None
        self.reload()

    def _select(self) -> None:
        """A correction's id or a delivery's: both are numbers that a place may carry."""
        if self._wanted is not None:
            wanted, rows = self._wanted.row_id, self.table.rows_model.rows
            by_correction = (row.id for row in rows if row.correction_id == wanted)
            found = wanted if self._wanted.order_id < 0 else next(by_correction, wanted)
            if self.table.go_to(found):
                self._wanted = None
        if not self.table.currentIndex().isValid():
            self.table.step(1)

    def _offer(self) -> None:
        """What can be done with this row, and all that its peer said: no column is wide enough for that."""
        row: DeliveryRow | None = self.table.current_row
        self.retry_button.setEnabled(row is not None and row.state in TROUBLE_STATES)
        self.park_button.setEnabled(row is not None and row.state in ("queued", *TROUBLE_STATES))
        self.undo_button.setEnabled(row is not None and row.verb != Verb.UNDO)
        self.words.setVisible(row is not None and bool(row.words))
        if row is not None and row.words:
            self.words.setText(one_line(f"{row.title}, {row.state.replace('_', ' ')}: {row.words}"))
            self.words.setProperty("tone", "bad" if row.state in TROUBLE_STATES else "muted")
            self.words.style().polish(self.words)

    def tick(self, now: datetime) -> None:
        self.table.rows_model.tick(now)

    def focus_first(self) -> None:
        self.table.enter()

    def _open(self, _: int) -> None:
        row: DeliveryRow | None = self.table.current_row
        if row is not None and row.message_id:
            self.went.emit(Place("messages", row.message_id))
        elif row is not None:
            self.went.emit(Place("case", row.case_id))

    def retry(self) -> None:
        if self.table.selected_ids:
            self.do(verbs.retry(self.desk, self.table.selected_ids))

    def park(self) -> None:
        if self.table.selected_ids:
            self.do(verbs.park(self.desk, self.table.selected_ids))

    def undo(self) -> bool:
        row: DeliveryRow | None = self.table.current_row
        if row is None:
            self.trouble.emit(NOTHING_TO_UNDO, "warn")
        else:
            self.desk.tasks.spawn(self._undo(row))
        return True

    async def _undo(self, row: DeliveryRow) -> None:
        plan = await verbs.plan_undo(self.desk, row.correction_id)
        self.go_on(Place("preview", row.case_id, plan=plan))

    def commands(self) -> list[Command]:
        keys = self.desk.keys
        return [
            Command("Retry the delivery", keys.text("retry"), self.retry),
            Command("Park the delivery", keys.text("park"), self.park),
            Command("Undo the correction", keys.text("undo"), self.undo),
        ]
