"""What people have decided and late images follow, and the rules that may act without a person."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from radrecon.model.rows import DecisionRow, RuleRow
from radrecon.ui import loads, verbs
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import DECISIONS, RULES
from radrecon.ui.pages.page import Page, Place, Question
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter

STATES = (("off", "Off"), ("shadow", "In shadow"), ("on", "On"))
STATE_WORDS = {"off": "off", "shadow": "in shadow", "on": "on"}


class DecisionsPage(Page):
    """Two lists: decisions are revoked, rules are switched, each with a reason."""

    name, title = "decisions", "Decisions"
    topics = frozenset({"decisions", "rules", "studies", "cases"})

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.decisions = Pane(
            desk, "decisions", "Decisions that late images follow", DECISIONS, empty="No decision yet"
        )
        self.rules = Pane(desk, "rules", "Rules that act without a person", RULES, empty="No rule")
        self.revoke_button = QPushButton(f"Revoke…  {desk.keys.text('revoke')}")
        self.state_buttons = {state: QPushButton(words) for state, words in STATES}
        self._lay_out()
        self.revoke_button.clicked.connect(self.revoke)
        desk.keys.bind("revoke", self, self.revoke)
        for state, button in self.state_buttons.items():
            button.clicked.connect(lambda _=False, state=state: self.switch(state))
        for pane in (self.decisions, self.rules):
            pane.table.moved_to.connect(lambda _: self._offer())
        self.decisions.table.opened.connect(self._open)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.revoke_button)
        row.addStretch(1)
        for state, button in self.state_buttons.items():
            button.setAccessibleName(f"Switch the rule {STATE_WORDS[state]}")
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        panes = (self.decisions, self.rules)
        column.addWidget(Splitter(self.desk, "decisions", Qt.Orientation.Vertical, panes, (600, 400)), 1)
        column.addLayout(row)

    async def load(self) -> None:
        found = await self.desk.tasks.run(loads.decisions, self.desk.backend)
        self.decisions.show_rows(found.decisions, 500)
        self.rules.show_rows(found.rules)
        for pane in (self.decisions, self.rules):
            if not pane.table.currentIndex().isValid():
                pane.table.step(1)
        self._offer()

    def _offer(self) -> None:
        """What applies to the rows that are current."""
        decision, rule = self._decision, self._rule
        self.revoke_button.setEnabled(decision is not None and decision.state == "standing")
        for state, button in self.state_buttons.items():
            button.setEnabled(rule is not None and rule.state != state)

    @property
    def _decision(self) -> DecisionRow | None:
        row: DecisionRow | None = self.decisions.table.current_row
        return row

    @property
    def _rule(self) -> RuleRow | None:
        row: RuleRow | None = self.rules.table.current_row
        return row

    def tick(self, now: datetime) -> None:
        self.decisions.table.rows_model.tick(now)

    def focus_first(self) -> None:
        self.decisions.table.enter()

    def _open(self, _: int) -> None:
        row = self._decision
        if row is not None and row.case_id:
            self.went.emit(Place("case", row.case_id))

    def revoke(self) -> None:
        row = self._decision
        if row is None or row.state != "standing":
            self.trouble.emit("Select a decision that stands to revoke it.", "warn")
            return
        text = "Late images follow this decision no longer; what was corrected stays. Why?"
        self.asked.emit(Question(text, "Revoke", lambda reason: self.do(verbs.revoke(self.desk, row.id, reason))))

    def switch(self, state: str) -> None:
        rule = self._rule
        if rule is None or rule.state == state:
            return
        sends = " It sends corrections by itself." if rule.sends and state == "on" else ""
        text = f"Switch {rule.rule} {STATE_WORDS[state]}?{sends} {_record(rule)} Why?"
        call = lambda reason: self.do(verbs.set_rule(self.desk, rule.rule, state, reason))  # noqa: E731
        self.asked.emit(Question(text, f"Switch {STATE_WORDS[state]}", call))

    def commands(self) -> list[Command]:
        return [
            Command("Revoke the decision", self.desk.keys.text("revoke"), self.revoke),
            *(
                Command(f"Switch the rule {words}", "", partial(self.switch, state))
                for state, words in STATE_WORDS.items()
            ),
        ]


def _record(rule: RuleRow) -> str:
    """How the rule has stood so far, before somebody trusts it."""
    return f"So far people agreed {rule.agreed} times and disagreed {rule.disagreed}."
