"""What does CT2 see now, and why is my patient not on it? The technologist's page: larger type, read-only."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout

from radrecon.model.rows import WorklistQueryRow
from radrecon.ui import loads
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import QUERIES, WORKLIST
from radrecon.ui.pages.page import Page
from radrecon.ui.plain import label, one_line
from radrecon.ui.sentences import Sentence, station_sentence
from radrecon.ui.theme import GLYPHS
from radrecon.ui.widgets.elided import Elided
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter

EVERY = "every station"


class WorklistPage(Page):
    """A station's answer, recent queries, and the one box that finds a patient."""

    name, title = "worklist", "Worklist"
    topics = frozenset({"worklist", "orders", "messages"})
    can_filter = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.station = QComboBox()
        self.station.setAccessibleName("station")
        self.box = QLineEdit()
        self.box.setAccessibleName("find a patient")
        self.box.setPlaceholderText(
            f"Why is my patient not on the list?  MRN, name or accession, then Enter   {desk.keys.text('find')}"
        )
        self.answer, self.asked_last = label("", "answer", wraps=True), Elided("last query of the station")
        self.steps = Pane(
            desk, "worklist", "What the station sees now", WORKLIST, empty="Nothing is scheduled here now"
        )
        self.queries = Pane(desk, "worklist-queries", "Recent queries", QUERIES, empty="No modality has asked yet")
        self._last_order_at = ""
        self._lay_out()
        self.station.currentIndexChanged.connect(lambda _: self.reload())
        self.box.returnPressed.connect(self.find_patient)
        desk.keys.bind("find", self, self.to_box)
        self.queries.table.opened.connect(self._pick_peer)

    def _lay_out(self) -> None:
        large = self.answer.font()
        large.setPointSizeF(large.pointSizeF() * 1.3)
        for widget in (self.station, self.box, self.answer):
            widget.setFont(large)
        self.station.addItem(EVERY, "")
        self.station.setMinimumContentsLength(14)
        self.station.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.answer.hide()
        self.asked_last.setProperty("muted", True)
        top = QHBoxLayout()
        top.addWidget(self.station)
        top.addWidget(self.box, 1)
        split = Splitter(self.desk, "worklist", Qt.Orientation.Vertical, (self.steps, self.queries), (500, 260))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.answer)
        column.addWidget(self.asked_last)
        column.addWidget(split, 1)

    @property
    def chosen(self) -> str:
        return str(self.station.currentData() or "")

    async def load(self) -> None:
        wanted = self.chosen
        rows = await self.desk.tasks.run(loads.worklist, self.desk.backend, wanted, self.query)
        self._stations(rows.stations)
        if wanted == self.chosen:
            self.steps.show_rows(rows.steps, 500, filtered=self.is_filtered)
            self.queries.show_rows(rows.queries)
            self._last_order_at = rows.last_order_at
            self.tick(self.desk.now())

    def _stations(self, stations: list[str]) -> None:
        have = [self.station.itemData(place) for place in range(1, self.station.count())]
        for station in stations:
            if station not in have:
                self.station.addItem(one_line(station), station)

    def tick(self, now: datetime) -> None:
        self.queries.table.rows_model.tick(now)
        queries: list[WorklistQueryRow] = self.queries.table.rows_model.rows
        self.asked_last.say(station_sentence(self.chosen, queries, self._last_order_at, now))

    def pick(self, station: str) -> None:
        self.station.setCurrentIndex(max(self.station.findData(station), 0))

    def _pick_peer(self, _: int) -> None:
        row: WorklistQueryRow | None = self.queries.table.current_row
        if row is not None:
            self.pick(row.peer_ae_title)

    def focus_first(self) -> None:
        """Qt gives a page that is first shown to its first child: in a list of stations letters would choose."""
        if not self.box.hasFocus():
            self.steps.table.enter()

    def to_box(self) -> None:
        self.box.setFocus()
        self.box.selectAll()

    def find_patient(self) -> None:
        text = self.box.text().strip()
        if text:
            self.desk.tasks.spawn(self._find(text))

    async def _find(self, text: str) -> None:
        found = await self.desk.tasks.run(loads.find_patient, self.desk.backend, text, self.chosen, self.desk.now())
        self.say(found)

    def say(self, sentence: Sentence) -> None:
        self.answer.setText(one_line(f"{GLYPHS.get(sentence.tone, '○')}  {sentence.text}"))
        self.answer.setProperty("tone", sentence.tone)
        self.answer.style().polish(self.answer)
        self.answer.show()

    def escape(self) -> bool:
        shown = self.answer.isVisible()
        self.answer.hide()
        self.box.clear()
        self.steps.table.setFocus()
        return shown

    def commands(self) -> list[Command]:
        picks = [
            Command(f"What does {self.station.itemText(n)} see now", "", partial(self.station.setCurrentIndex, n))
            for n in range(self.station.count())
        ]
        return [Command("Find a patient on the worklist", self.desk.keys.text("find"), self.to_box), *picks]
