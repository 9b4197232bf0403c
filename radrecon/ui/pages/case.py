"""The case: order, study, person index and result side by side; candidates with why and why not; the verbs."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from radrecon.model.errors import NotFound, Refused
from radrecon.model.rows import CaseDetail
from radrecon.ui import case_verbs, loads, verbs
from radrecon.ui.backend import Topics
from radrecon.ui.case_verbs import VERBS
from radrecon.ui.case_words import GONE, OVER, dismissal, is_gone, proposed, state_words, together
from radrecon.ui.compare import FieldRow, comparison
from radrecon.ui.desk import Desk
from radrecon.ui.models import columns
from radrecon.ui.models.candidates import (
    CANDIDATES,
    REASONS,
    candidate_rows,
    for_and_against,
    pair_reason_rows,
    reason_rows,
)
from radrecon.ui.overlay_compare import is_overlay, overlay_rows
from radrecon.ui.pages.page import Page, Place, Question
from radrecon.ui.pair_compare import pair_rows
from radrecon.ui.plain import tooltip
from radrecon.ui.sentences import KIND_WORDS, OWNER_WORDS, without_rule
from radrecon.ui.theme import SEVERITY_GLYPHS
from radrecon.ui.times import age
from radrecon.ui.widgets.case_messages import CaseMessages
from radrecon.ui.widgets.comparison import Comparison
from radrecon.ui.widgets.elided import Elided
from radrecon.ui.widgets.merge_panel import MergePanel, two_numbers
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter

NO_CANDIDATE = "No candidate: no order is near enough. Ask the RIS whether one was placed."


class CasePage(Page):
    """One case. `open_row` names it, and the order whose link is proposed."""

    name, title = "case", "Case"
    topics = frozenset({"cases", "studies", "orders", "patients", "deliveries"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.case_id, self.chosen = 0, 0
        self.detail: CaseDetail | None = None
        self._fresh, self._choice = True, True
        self.heading, self.cause = Elided("case"), Elided("cause")
        self.comparison = Comparison(desk)
        self.candidates = Pane(
            desk, "case-candidates", "Candidate orders", CANDIDATES, lines=3, below=for_and_against, empty=NO_CANDIDATE
        )
        self.why = Pane(desk, "case-why", "Why, and why not", REASONS, empty="Choose a candidate")
        self.timeline = Pane(desk, "case-timeline", "Timeline", columns.TIMELINE, empty="Nothing happened yet")
        self.affected = Pane(desk, "case-affected", "Affected", columns.AFFECTED, empty="One study or order only")
        self.messages = CaseMessages(desk)
        self.merge_panel = MergePanel(desk, self)
        self.tabs = QTabWidget()
        self.buttons = {verb: QPushButton() for verb, _ in VERBS}
        self.preview = QPushButton()
        self.dismissal = QPushButton(f"Dismiss…  {desk.keys.text('dismiss')}")
        self.back = QPushButton(f"Back  {desk.keys.text('back')}")
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        bold = self.heading.font()
        bold.setBold(True)
        bold.setPointSizeF(bold.pointSizeF() * 1.2)
        self.heading.setFont(bold)
        self.heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.cause.setProperty("muted", True)
        self.tabs.addTab(self.why, f"Why  {self.desk.keys.text('why')}")
        self.tabs.addTab(self.affected, "Affected")
        self.tabs.addTab(self.timeline, f"Timeline  {self.desk.keys.text('timeline')}")
        self.tabs.addTab(self.messages, f"Messages  {self.desk.keys.text('raw')}")
        self.tabs.setDocumentMode(True)
        for pane in (self.why, self.affected, self.timeline):
            pane.head.hide()
        self.below = Splitter(self.desk, "case", Qt.Orientation.Horizontal, (self.candidates, self.tabs), (500, 500))
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addSpacing(12)
        head.addWidget(self.cause, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.comparison)
        column.addWidget(self.below, 1)
        column.addLayout(self._actions())

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (*self.buttons.values(), self.dismissal):
            row.addWidget(button)
        self.reason_not = Elided("why a verb does not apply")
        self.reason_not.setProperty("muted", True)
        row.addWidget(self.reason_not, 1)
        row.addWidget(self.back)
        row.addWidget(self.preview)
        self.preview.setProperty("primary", True)
        return row

    def _wire(self) -> None:
        keys = self.desk.keys
        for verb, _ in VERBS:
            self.buttons[verb].clicked.connect(lambda _=False, verb=verb: self.propose(verb))
            keys.bind(verb, self, partial(self.propose, verb))
        self.preview.clicked.connect(self.propose_default)
        self.dismissal.clicked.connect(self.dismiss)
        self.back.clicked.connect(self.left)
        keys.bind("preview", self, self.propose_default)
        keys.bind("dismiss", self, self.dismiss)
        keys.bind("why", self, lambda: self._tab(self.why))
        keys.bind("timeline", self, lambda: self._tab(self.timeline))
        keys.bind("raw", self, self.show_messages)
        keys.bind("difference_next", self, lambda: self.comparison.next_difference(1))
        keys.bind("difference_previous", self, lambda: self.comparison.next_difference(-1))
        for digit in range(1, 10):
            shortcut = QShortcut(QKeySequence(str(digit)), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.choose_number, digit))
        self._verbs()
        self.candidates.table.opened.connect(self._open_candidate)
        self.candidates.table.moved_to.connect(self._show_why)
        self.timeline.table.opened.connect(self._open_event)
        self.messages.opened.connect(lambda message_id: self.went.emit(Place("messages", message_id)))
        self.tabs.currentChanged.connect(lambda _: self._room())

    # loading

    def open_row(self, place: Place) -> None:
        if place.row_id != self.case_id:
            self.detail = None
            self.chosen = 0
            self._fresh = True
        self.case_id = place.row_id or self.case_id
        self.chosen = place.order_id or self.chosen
        self.reload()

    async def load(self) -> None:
        if self.case_id:
            self.show_detail(await self.desk.tasks.run(loads.case, self.desk.backend, self.case_id))

    def show_detail(self, detail: CaseDetail) -> None:
        if detail.case.id != self.case_id:
            return
        before, self.detail = self.detail, detail
        if is_gone(before, detail, self.chosen):
            self.trouble.emit(GONE, "warn")
            self.chosen = 0
        self.chosen = self.chosen or proposed(detail)
        self._heading(self.desk.now())
        keys = self.window().focusWidget()
        here = keys is None or (self.isAncestorOf(keys) and not self.merge_panel.isVisible())
        lines = [columns.TimelineLine(n, row) for n, row in enumerate(detail.timeline, start=1)]
        self.timeline.show_rows(lines)
        self.affected.show_rows(together(detail))
        self.messages.show_events(detail.timeline)
        self._show()
        if self._fresh:
            self._begin(detail)
            if here:
                self.focus_first()

    def _begin(self, detail: CaseDetail) -> None:
        """Where the order is known there is nothing to choose: what happened is worth more than an empty list."""
        self._fresh = False
        about_images = detail.study is not None and not detail.case.order_id and not detail.affected
        self._choice = bool(detail.candidates) or about_images
        self.tabs.setTabVisible(self.tabs.indexOf(self.affected), bool(together(detail)))
        reasons = self.why if self._choice or detail.pair else self.timeline
        self.tabs.setCurrentWidget(self.affected if together(detail) else reasons)
        self._room()

    def _heading(self, now: datetime) -> None:
        if self.detail is None:
            return
        case = self.detail.case
        glyph = SEVERITY_GLYPHS.get(case.severity, "○") if case.state not in OVER else "✓"
        kind = KIND_WORDS.get(case.kind, case.kind)
        self.heading.say(f"{glyph} {kind[:1].upper()}{kind[1:]}   {columns.name(case.patient_name)}")
        cause, whose = without_rule(case.cause), f"for {OWNER_WORDS.get(case.owner, case.owner)}"
        facts = [state_words(self.detail), cause, whose, f"case {case.id}", age(case.opened_at, now)]
        self.cause.say("  ·  ".join(filter(None, facts)))

    def _show(self) -> None:
        if self.detail is None:
            return
        rows = self._compared(self.detail)
        self.comparison.show_rows(rows)
        self.comparison.setVisible(any(cell.text for row in rows for cell in (row.order, row.study, row.person)))
        self.candidates.show_rows(candidate_rows(self.detail, self.chosen))
        if not self.candidates.table.currentIndex().isValid():
            self.candidates.table.go_to(self.chosen)
        self._show_why(self.candidates.table.current_id)
        self._verbs()

    def _compared(self, detail: CaseDetail) -> tuple[FieldRow, ...]:
        if detail.pair:
            return pair_rows(detail, detail.pair)
        return overlay_rows(detail) if is_overlay(detail) else comparison(detail, self.chosen)

    def _verbs(self) -> None:
        """A verb that does not apply says why: in its tooltip, and the first of them in the line."""
        for verb, words in VERBS:
            reason = self.refusal(verb)
            self.buttons[verb].setText(f"{words}  {self.desk.keys.text(verb)}")
            self.buttons[verb].setEnabled(not reason)
            self.buttons[verb].setToolTip(tooltip(reason))
            self.buttons[verb].setAccessibleName(f"{words}, not now: {reason}" if reason else words)
        words = " ".join(filter(None, ("Preview", self.default_verb)))
        self.preview.setText(f"{words}  {self.desk.keys.text('preview')}")
        self.preview.setEnabled(bool(self.default_verb))
        self.dismissal.setEnabled(self.detail is not None and self.detail.case.state == "open")
        refusals = [f"{verb}: {self.refusal(verb)}" for verb, _ in VERBS if self.refusal(verb)]
        told = f"Not now: {refusals[0]}" if refusals else ""
        self.reason_not.say(told if self.default_verb else self._no_proposal(), "\n".join(refusals))

    def tick(self, now: datetime) -> None:
        self._heading(now)

    def focus_first(self) -> None:
        if self.candidates.table.rows_model.rows:
            self.candidates.table.setFocus()
        elif not self.comparison.isHidden():
            self.comparison.setFocus()
        elif isinstance(pane := self.tabs.currentWidget(), Pane):
            pane.table.enter()

    # candidates

    def choose_number(self, number: int) -> None:
        if self.detail is not None and number <= len(self.detail.candidates):
            self.choose(self.detail.candidates[number - 1].order_id)

    def choose(self, order_id: int) -> None:
        """Propose this order: the comparison and the result follow."""
        self.chosen = order_id
        self._show()
        self.candidates.table.go_to(order_id)

    def _open_candidate(self, order_id: int) -> None:
        if order_id == self.chosen:
            self.propose("link")
        else:
            self.choose(order_id)

    def _show_why(self, order_id: int) -> None:
        if self.detail is not None and self.detail.pair is not None:
            self.why.show_rows(pair_reason_rows(self.detail.pair))
            return
        candidates = self.detail.candidates if self.detail is not None else ()
        found = next((candidate for candidate in candidates if candidate.order_id == order_id), None)
        self.why.show_rows(reason_rows(found) if found else [])

    def _tab(self, pane: QWidget) -> None:
        """Show a tab; a second time goes into it."""
        if self.tabs.currentWidget() is pane and isinstance(pane, Pane):
            pane.table.enter()
        self.tabs.setCurrentWidget(pane)

    def _room(self) -> None:
        """Messages are wide: the candidates stand back while they are read."""
        wide = self.tabs.currentWidget() is self.messages
        had = self.candidates.table.hasFocus()
        self.candidates.setVisible(self._choice and not wide)
        if wide and had:
            self.messages.enter()

    def show_messages(self, message_id: int = 0) -> None:
        self.tabs.setCurrentWidget(self.messages)
        self.messages.go_to(message_id)
        self.messages.enter()

    def _open_event(self, number: int) -> None:
        line = self.timeline.table.current_row
        if line is not None and line.row.message_id:
            self.show_messages(line.row.message_id)
        else:
            self.trouble.emit("No message belongs to this event.", "good")

    def escape(self) -> bool:
        """The panel first, then the tab's own steps back."""
        if self.merge_panel.isVisible():
            self.merge_panel.dismiss()
        elif self.tabs.currentWidget() is self.messages:
            if not self.messages.escape():
                self._tab(self.why if self._choice or (self.detail and self.detail.pair) else self.timeline)
                self.focus_first()
        elif any(pane.table.hasFocus() for pane in (self.timeline, self.why, self.affected)):
            before = self.window().focusWidget()
            self.focus_first()
            return self.window().focusWidget() is not before
        else:
            return False
        return True

    # verbs

    def refusal(self, verb: str) -> str:
        """Why a verb does not apply now; "" if it does."""
        return case_verbs.refusal(self.detail, self.chosen, verb)

    @property
    def default_verb(self) -> str:
        """What Enter and the preview propose; "" for nothing."""
        return case_verbs.default_verb(self.detail, self.chosen)

    def propose_default(self) -> None:
        if self.default_verb:
            self.propose(self.default_verb)
        elif self.detail is not None:
            self.trouble.emit(self._no_proposal(), "warn")

    def _no_proposal(self) -> str:
        return case_verbs.no_proposal(self.detail, self.chosen, self.desk.keys.text("merge")) if self.detail else ""

    def propose(self, verb: str) -> None:
        reason = self.refusal(verb)
        if reason:
            self.trouble.emit(f"{verb}: {reason}", "warn")
        elif verb == "merge":
            self.desk.tasks.spawn(self._merge(self.case_id, *self.two_numbers))
        else:
            self.desk.tasks.spawn(self._propose(verb, self.case_id, self.chosen if verb == "link" else 0))

    async def _propose(self, verb: str, case_id: int, order_id: int) -> None:
        plan = await verbs.plan(self.desk, case_id, verb, order_id)
        if case_id == self.case_id:
            self.go_on(Place("preview", case_id, order_id, plan, self._reason(order_id)))

    def _reason(self, order_id: int = 0) -> str:
        """What is wrong, unless another order was chosen than the one that this speaks of."""
        if self.detail is None or order_id not in (0, proposed(self.detail)):
            return ""
        return without_rule(self.detail.case.cause)

    @property
    def two_numbers(self) -> tuple[str, str]:
        return two_numbers(self.detail, self.chosen) if self.detail is not None else ("", "")

    async def _merge(self, case_id: int, survivor: str, non_survivor: str) -> None:
        """Straight to the preview where both are known; else a panel asks for the numbers."""
        plan = None
        if survivor and non_survivor:
            values = {"survivor": survivor, "non_survivor": non_survivor}
            try:
                plan = await verbs.plan(self.desk, case_id, "merge", values=values)
            except (NotFound, Refused) as refusal:
                self.trouble.emit(str(refusal), "warn")
        if case_id == self.case_id and plan is not None:
            self.go_on(Place("preview", case_id, plan=plan, reason=self._reason()))
        elif case_id == self.case_id and self.isVisible():
            again = lambda *numbers: self.desk.tasks.spawn(self._merge(case_id, *numbers))  # noqa: E731
            self.merge_panel.ask(survivor, non_survivor, again)

    def undo(self) -> bool:
        """Ctrl+Z undoes the case's latest correction, if it has one that can be undone."""
        correction = self.detail.case.correction_id if self.detail is not None else 0
        if not correction or self.detail is None or self.detail.verbs.get("undo", ""):
            return False
        self.desk.tasks.spawn(self._undo(self.case_id, correction))
        return True

    async def _undo(self, case_id: int, correction: int) -> None:
        plan = await verbs.plan_undo(self.desk, correction)
        if case_id == self.case_id:
            self.go_on(Place("preview", case_id, plan=plan))

    def dismiss(self) -> None:
        case_id = self.case_id
        text = dismissal(self.detail)
        self.asked.emit(Question(text, "Dismiss", lambda reason: self.do(self._dismiss(case_id, reason))))

    async def _dismiss(self, case_id: int, reason: str) -> Topics:
        topics = await verbs.dismiss(self.desk, [case_id], reason)
        if case_id == self.case_id and self.isVisible():
            self.left.emit()
        return topics

    def commands(self) -> list[Command]:
        found = [
            Command(words, self.desk.keys.text(verb), partial(self.propose, verb))
            for verb, words in VERBS
            if not self.refusal(verb)
        ]
        return [*found, Command("Dismiss this case", self.desk.keys.text("dismiss"), self.dismiss)]
