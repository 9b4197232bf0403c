"""Triage: incoming orders, unassigned studies and demographic mismatches side by side, the rarer kinds below.

Selecting a row highlights its candidates in the other two panes with a chip per matching field; Enter on a candidate
opens the case with that link proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QPushButton, QVBoxLayout

from radrecon.model.rows import CaseRow, OrderRow
from radrecon.ui import loads, verbs
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk
from radrecon.ui.models import columns
from radrecon.ui.pages.page import Page, Place, Question
from radrecon.ui.plain import button_text, pn_text
from radrecon.ui.sentences import Sentence, all_is_well, candidate_chip, chips, count, triage_sentences
from radrecon.ui.theme import GLYPHS
from radrecon.ui.widgets.coverage import Coverage
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import LOADING, Pane
from radrecon.ui.widgets.splitter import Splitter

NO_PACS = "○ The configuration names no PACS: no study can be seen"
WELL = "Nothing waits for a person"


class SentenceButton(QPushButton):
    """A sentence that a person can act on."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.goes_to = desk, ""
        self.setFlat(True)

    def say(self, sentence: Sentence) -> None:
        glyph = {"muted": "○"}.get(sentence.tone, GLYPHS.get(sentence.tone, ""))
        self.goes_to = sentence.goes_to
        self.setText(button_text(f"{glyph}  {sentence.text}"))
        self.setAccessibleName(sentence.text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if sentence.goes_to else Qt.FocusPolicy.NoFocus)
        theme = self.desk.theme
        color = theme.color("muted" if sentence.tone == "good" else sentence.tone).name()
        self.setStyleSheet(f"text-align: left; border: 0; padding: 4px 8px; color: {color}; background: transparent;")


class TriagePage(Page):
    """Home."""

    name, title = "triage", "Triage"
    topics = frozenset({"orders", "studies", "cases", "messages", "deliveries", "pacs", "settings"})
    can_filter = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.orders = Pane(
            desk, "triage-orders", "Incoming orders", columns.ORDERS, lines=2, empty="No order heard yet"
        )
        self.unassigned = Pane(
            desk, "triage-unassigned", "Unassigned studies", columns.CASES, lines=3,
            below=columns.cause, empty="✓ Every judged study is on an order",
        )  # fmt: skip
        self.mismatches = Pane(
            desk, "triage-mismatches", "Demographic mismatches", columns.CASES, lines=3, below=columns.cause,
            empty="✓ No identity differs",
        )  # fmt: skip
        self.others = Pane(
            desk, "triage-others", "Other cases, refused messages, deliveries in trouble",
            columns.TROUBLE, empty="✓ None",
        )  # fmt: skip
        self.coverage = Coverage(desk)
        self.sentences = [SentenceButton(desk) for _ in range(4)]
        self._say_all([Sentence(LOADING, "muted")])
        self._rows: loads.TriageRows | None = None
        self._anchor: CaseRow | None = None
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(4)
        for sentence in self.sentences:
            words.addWidget(sentence)
        words.addStretch(1)
        self.across = Splitter(
            self.desk, "triage-across", Qt.Orientation.Horizontal, self.panes[:3], (1000, 1000, 1000)
        )
        self.down = Splitter(self.desk, "triage-down", Qt.Orientation.Vertical, (self.across, self.others), (560, 140))
        for place in range(3):
            self.across.setStretchFactor(place, 1)
        self.down.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 6)
        column.setSpacing(5)
        column.addLayout(words)
        column.addWidget(self.coverage)
        column.addWidget(self.down, 1)

    @property
    def panes(self) -> tuple[Pane, ...]:
        return (self.orders, self.unassigned, self.mismatches, self.others)

    def _wire(self) -> None:
        keys = self.desk.keys
        for sentence in self.sentences:
            sentence.clicked.connect(lambda _=False, s=sentence: self._act(s.goes_to))
        self.orders.table.opened.connect(self._open_order)
        self.others.table.opened.connect(self._open_other)
        self.orders.table.moved_to.connect(lambda _: self._from_order())
        for pane in (self.unassigned, self.mismatches):
            pane.table.opened.connect(lambda case_id: self.went.emit(Place("case", case_id)))
            pane.table.moved_to.connect(lambda _, pane=pane: self._from_case(pane))
        for pane in self.panes:
            pane.table.installEventFilter(self)
        self.unassigned.table.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.orders.table.viewport().setAcceptDrops(True)
        self.orders.table.viewport().installEventFilter(self)
        keys.bind("pane_next", self, lambda: self._pane(1))
        keys.bind("pane_previous", self, lambda: self._pane(-1))
        keys.bind("dismiss", self, self.dismiss)

    # loading

    async def load(self) -> None:
        now = self.desk.now()
        rows = await self.desk.tasks.run(loads.triage, self.desk.backend, self.query, now)
        first, self._rows = self._rows is None, rows
        self.orders.show_rows(rows.orders, len(rows.orders) if rows.more_orders else 0, filtered=self.is_filtered)
        self.unassigned.show_rows(rows.unassigned, filtered=self.is_filtered)
        self.mismatches.show_rows(rows.mismatches, filtered=self.is_filtered)
        self.others.show_rows(rows.others, filtered=self.is_filtered)
        self._say(now)
        if first:
            self._begin()
        self._highlight_again()

    def _say(self, now: datetime) -> None:
        if self._rows is None:
            return
        found = triage_sentences(self._rows.summary, self._rows.unassigned, self._rows.pacs, now)
        for pane, sentence in ((self.unassigned, found[0]), (self.mismatches, found[1])):
            pane.means(f"{'✓' if sentence.tone == 'good' else '○'} {sentence.text}")
        if not self._rows.pacs:
            self.unassigned.means(NO_PACS)
        if all_is_well(found) and not self._rows.others:
            found = (Sentence(WELL, "good"),)
        self._say_all(found)
        self.coverage.show_rows(self._rows.summary, self._rows.pacs, now)

    def _say_all(self, found: Sequence[Sentence]) -> None:
        """A button per sentence; one that has nothing to say is not there, before the first load too."""
        for button, sentence in zip_longest(self.sentences, found):
            button.setHidden(sentence is None)
            if sentence is not None:
                button.say(sentence)

    def tick(self, now: datetime) -> None:
        for pane in self.panes:
            pane.table.rows_model.tick(now)
        self._say(now)

    # moving about

    def focus_first(self) -> None:
        if not any(self._has_keys(pane) for pane in self.panes):
            self._begin()

    def _begin(self) -> None:
        """Work begins in the first pane that has any."""
        full = (pane for pane in (self.unassigned, self.mismatches, self.others, self.orders) if _rows(pane))
        next(full, self.unassigned).table.enter()

    def _has_keys(self, pane: Pane) -> bool:
        """Whether the keyboard works on this pane, also while another program's window is in front."""
        return self.window().focusWidget() is pane.table

    def _pane(self, step: int) -> None:
        here = next((place for place, pane in enumerate(self.panes) if self._has_keys(pane)), 1)
        there = self.panes[(here + step) % len(self.panes)]
        best = self._best if there is self.orders else 0
        there.table.enter()
        if best:
            there.table.go_to(best)

    @property
    def _best(self) -> int:
        """The likeliest of the orders that are highlighted for the selected case; 0 without one."""
        marked = self.orders.table.rows_model.highlighted
        if self._anchor is None:
            return 0
        wanted = [int(one.get("order_id") or 0) for one in self._anchor.candidates] + [self._anchor.order_id]
        return next((order_id for order_id in wanted if order_id in marked), 0)

    def _act(self, goes_to: str) -> None:
        if goes_to == "outbox":
            self.went.emit(Place("outbox"))
        elif goes_to:
            pane = {"unassigned": self.unassigned, "mismatches": self.mismatches}[goes_to]
            pane.table.enter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.orders.table.viewport() and isinstance(event, QDropEvent):
            return self._dropped(event)
        if event.type() == QEvent.Type.FocusIn:
            self._focused(watched)
        return False

    def _focused(self, watched: QObject) -> None:
        for pane in (self.unassigned, self.mismatches):
            if watched is pane.table:
                self._from_case(pane)

    def _dropped(self, event: QDropEvent) -> bool:
        """A study dragged onto an order opens its case with that link proposed."""
        if event.source() is not self.unassigned.table:
            return False
        event.acceptProposedAction()
        if not isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.Drop:
            order = self.orders.table.rows_model.at(self.orders.table.rowAt(event.position().toPoint().y()))
            if order is not None:
                self.went.emit(Place("case", self.unassigned.table.current_id, order.id))
        return True

    # highlights

    def _from_case(self, pane: Pane) -> None:
        case = pane.table.current_row
        if case is None or not self._has_keys(pane):
            return
        self._anchor = case
        self._highlight_orders(case)
        other = self.mismatches if pane is self.unassigned else self.unassigned
        other.table.rows_model.highlight(_same_patient(case, _rows(other)))
        pane.table.rows_model.highlight({})

    def _highlight_orders(self, case: CaseRow, *, again: bool = False) -> None:
        """The best candidate comes into sight, but not `again` at each reload: a person may have scrolled on."""
        wanted = {candidate.get("order_id") for candidate in case.candidates} | {case.order_id}
        found = {order.id: candidate_chip(case, order) for order in _rows(self.orders) if order.id in wanted}
        self.orders.table.rows_model.highlight(found)
        place = self.orders.table.rows_model.row_of(self._best)
        if place >= 0 and not again:
            self.orders.table.scrollTo(self.orders.table.rows_model.index(place, 0))

    def _from_order(self) -> None:
        order = self.orders.table.current_row
        if order is None or not self._has_keys(self.orders) or self._proposed(order):
            return
        self._anchor = None
        self.orders.table.rows_model.highlight({})
        for pane in (self.unassigned, self.mismatches):
            pane.table.rows_model.highlight(
                {case.id: chips(case, order) for case in _rows(pane) if _belongs(case, order)}
            )

    def _highlight_again(self) -> None:
        if self._anchor is not None and (pane := self._pane_of(self._anchor)) is not None:
            self._anchor = pane.table.rows_model.at(pane.table.rows_model.row_of(self._anchor.id))
            if self._anchor is not None:
                self._highlight_orders(self._anchor, again=True)
        elif self._has_keys(self.orders):
            self._from_order()

    def _pane_of(self, case: CaseRow) -> Pane | None:
        held = (pane for pane in (self.unassigned, self.mismatches) if pane.table.rows_model.row_of(case.id) >= 0)
        return next(held, None)

    def _proposed(self, order: OrderRow) -> bool:
        """Is this order a highlighted candidate of the case that was selected before?"""
        return self._anchor is not None and order.id in self.orders.table.rows_model.highlighted

    # opening, verbs

    def _open_order(self, order_id: int) -> None:
        order = self.orders.table.current_row
        if order is None:
            return
        if self._anchor is not None and self._proposed(order):
            self.went.emit(Place("case", self._anchor.id, order_id))
            return
        cases = [case for pane in (self.unassigned, self.mismatches) for case in _rows(pane) if _belongs(case, order)]
        if cases:
            self.went.emit(Place("case", cases[0].id, order_id))
        else:
            named = order.accession_number or pn_text(order.patient_name) or "this order"
            self.trouble.emit(f"No case has {named} as a candidate; nothing is wrong with it so far.", "good")

    def _open_other(self, row_id: int) -> None:
        row = self.others.table.current_row
        if row is not None:
            self.went.emit(Place(row.opens, row.subject))

    def dismiss(self) -> None:
        pane = next((p for p in (self.unassigned, self.mismatches) if p.table.hasFocus()), None)
        if pane is None or not pane.table.selected_ids:
            return
        ids = pane.table.selected_ids
        text = f"Dismiss {count(len(ids), 'case')}? It comes back only when its evidence changes. Why?"
        self.asked.emit(Question(text, "Dismiss", lambda reason: self.do(self._dismiss(ids, reason))))

    async def _dismiss(self, ids: list[int], reason: str) -> Topics:
        return await verbs.dismiss(self.desk, ids, reason)

    def commands(self) -> list[Command]:
        words = [(pane, f"Go to {pane.title.text().lower()}") for pane in self.panes]
        go = [Command(text, "", pane.table.enter) for pane, text in words]
        return [*go, Command("Dismiss the selected cases", self.desk.keys.text("dismiss"), self.dismiss)]


def _rows(pane: Pane) -> list[Any]:
    return pane.table.rows_model.rows


def _belongs(case: CaseRow, order: OrderRow) -> bool:
    return case.order_id == order.id or any(c.get("order_id") == order.id for c in case.candidates)


def _same_patient(case: CaseRow, others: list[CaseRow]) -> dict[int, tuple[str, ...]]:
    return {
        other.id: (f"MRN {'=' if other.patient_id == case.patient_id else '≈'}",)
        for other in others
        if (case.patient_id and other.patient_id == case.patient_id)
        or (case.person_id and other.person_id == case.person_id)
    }
