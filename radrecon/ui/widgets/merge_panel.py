"""Which two patients are one: the survivor's and the non-survivor's number, completed from the person index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from radrecon.model.case import CaseKind
from radrecon.model.rows import CaseDetail, PatientRow
from radrecon.ui import loads
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import name
from radrecon.ui.plain import label, one_line
from radrecon.ui.times import date_text
from radrecon.ui.widgets.overlay import Overlay

QUESTION = "Which two patients are one person? Orders, steps and studies follow the survivor."
ROLES = (("survivor", "Survivor (stays)"), ("non_survivor", "Non-survivor (goes)"))
GAP = "   "


class NumberCompleter(QCompleter):
    """Shows a whole person, writes the number."""

    def pathFromIndex(self, index: Any) -> str:
        return super().pathFromIndex(index).split(GAP, 1)[0]

    def splitPath(self, path: str) -> list[str]:
        return [path]


class NumberLine(QLineEdit):
    """One patient number; below it who that is."""

    def __init__(self, desk: Desk, words: str) -> None:
        super().__init__()
        self.desk, self.row = desk, None
        self.setAccessibleName(words)
        self.setPlaceholderText("MRN or name")
        self.who: QLabel = label("", f"{words}: who that is")
        self.who.setProperty("muted", True)
        self._words = QStringListModel(self)
        completer = NumberCompleter(self._words, self)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(completer)
        self.textEdited.connect(lambda _: self._ask())
        self.textChanged.connect(lambda _: self._say([]))

    def put(self, number: str) -> None:
        self.setText(number)
        self._ask()

    def _ask(self) -> None:
        if self.text().strip():
            self.desk.tasks.spawn(self._find(self.text().strip()))

    async def _find(self, text: str) -> None:
        rows = await self.desk.tasks.run(loads.persons, self.desk.backend, text)
        if self.text().strip() == text:
            self._words.setStringList([one_line(f"{number(row)}{GAP}{described(row)}") for row in rows])
            self._say(rows)
            completer = self.completer()
            if self.hasFocus() and rows and completer is not None:
                completer.complete()

    def _say(self, rows: Sequence[PatientRow]) -> None:
        here = [row for row in rows if self.text().strip() in (number(row), row.patient_id)]
        self.who.setText(one_line(described(here[0])) if here else "")


class MergePanel(Overlay):
    """`answer` is called with the two numbers."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        super().__init__(page, "merge patients", 620)
        self._answer: Callable[[str, str], object] = lambda *_: None
        self.lines = {role: NumberLine(desk, words) for role, words in ROLES}
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        for place, (role, words) in enumerate(ROLES):
            grid.addWidget(label(words), 2 * place, 0)
            grid.addWidget(self.lines[role], 2 * place, 1)
            grid.addWidget(self.lines[role].who, 2 * place + 1, 1)
        self.swap_button, self.go = QPushButton("Swap"), QPushButton("Preview  Enter")
        self.go.setProperty("primary", True)
        row = QHBoxLayout()
        row.addWidget(self.swap_button)
        row.addStretch(1)
        row.addWidget(self.go)
        self.column.addWidget(label(QUESTION))
        self.column.addLayout(grid)
        self.column.addLayout(row)
        self._wire()

    def _wire(self) -> None:
        first, second = self.lines.values()
        first.returnPressed.connect(second.setFocus)
        second.returnPressed.connect(self.answer)
        self.go.clicked.connect(self.answer)
        self.swap_button.clicked.connect(self.swap)
        for line in (first, second):
            line.textChanged.connect(lambda _: self.go.setEnabled(all(self.numbers)))

    @property
    def numbers(self) -> tuple[str, str]:
        first, second = (line.text().strip() for line in self.lines.values())
        return first, second

    def ask(self, survivor: str, non_survivor: str, answer: Callable[[str, str], object]) -> None:
        """Open with what the case knows already."""
        self._answer = answer
        self.lines["survivor"].put(survivor)
        self.lines["non_survivor"].put(non_survivor)
        self.go.setEnabled(all(self.numbers))
        self.open()
        next((line for line in self.lines.values() if not line.text()), self.lines["non_survivor"]).setFocus()

    def swap(self) -> None:
        survivor, non_survivor = self.numbers
        self.lines["survivor"].put(non_survivor)
        self.lines["non_survivor"].put(survivor)

    def answer(self) -> None:
        if all(self.numbers):
            self.dismiss()
            self._answer(*self.numbers)


def number(row: PatientRow) -> str:
    """`NUMBER^^^ISSUER` as a plan takes it."""
    return f"{row.patient_id}^^^{row.issuer_of_patient_id}" if row.issuer_of_patient_id else row.patient_id


def two_numbers(detail: CaseDetail, order_id: int) -> tuple[str, str]:
    """Survivor and non-survivor as far as a case names them: the order's person, and whom the images name."""
    if detail.person is not None and detail.case.kind == CaseKind.TEMPORARY_IDENTITY:
        return "", number(detail.person)
    if detail.pair is not None:
        two = (detail.persons.get(one) for one in (detail.pair.survivor_id, detail.pair.non_survivor_id))
        stays, goes = (number(one) if one is not None else "" for one in two)
        return stays, goes
    order = detail.orders.get(order_id)
    person = (detail.persons.get(order.person_id) if order is not None else None) or detail.person
    survivor = person.patient_id if person is not None else ""
    present = detail.study.patient_id if detail.study is not None else ""
    return number(person) if person is not None else "", "" if present == survivor else present


def described(row: PatientRow) -> str:
    """Enough to know the person again."""
    born = " ".join(filter(None, (date_text(row.patient_birth_date), row.patient_sex)))
    hangs = f"orders {row.orders}, studies {row.studies}"
    return " · ".join(filter(None, (name(row.patient_name), born, hangs, "merged away" if row.merged_into else "")))
