"""All studies that the PACS have shown, linked or not, judged or not."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtWidgets import QVBoxLayout

from radrecon.ui import loads, verbs
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import STUDIES
from radrecon.ui.pages.page import Page, Place, Question
from radrecon.ui.widgets.pane import Pane


class StudiesPage(Page):
    """A list; Enter opens the study's case, or asks why one should be opened: to link it to another order, say."""

    name, title = "studies", "Studies"
    topics = frozenset({"studies", "orders"})
    can_filter = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.pane = Pane(desk, "studies", "Studies", STUDIES, empty="No PACS has shown a study yet")
        self.table = self.pane.table
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(self.pane)
        self.table.opened.connect(lambda study_id: desk.tasks.spawn(self._open(study_id)))

    async def load(self) -> None:
        rows = await self.desk.tasks.run(loads.studies, self.desk.backend, self.query)
        self.pane.show_rows(rows, 500, filtered=self.is_filtered)

    async def _open(self, study_id: int) -> None:
        case_id = await self.desk.tasks.run(loads.case_of_study, self.desk.backend, study_id)
        if case_id:
            self.went.emit(Place("case", case_id))
        else:
            text = "Nothing is open about this study. What looks wrong with it?"
            self.asked.emit(Question(text, "Open a case", lambda reason: self.do(self._investigate(study_id, reason))))

    async def _investigate(self, study_id: int, reason: str) -> Topics:
        case_id = await verbs.investigate(self.desk, study_id, reason)
        self.went.emit(Place("case", case_id))
        return frozenset({"cases"})

    def tick(self, now: datetime) -> None:
        self.table.rows_model.tick(now)

    def focus_first(self) -> None:
        self.table.enter()
