"""The journal: every message in and out, found by its keys or its text, field by field, with what it did."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from radrecon.model.errors import Trouble
from radrecon.model.rows import MessageDetail, MessageRow, ReplayRow
from radrecon.ui import loads, query, verbs
from radrecon.ui.backend import Topics
from radrecon.ui.desk import Desk
from radrecon.ui.models.columns import EFFECTS, MESSAGES, EffectLine
from radrecon.ui.pages.page import Page, Place, Question
from radrecon.ui.sentences import count
from radrecon.ui.widgets.message_view import MessageView
from radrecon.ui.widgets.overlay import Command
from radrecon.ui.widgets.pane import Pane
from radrecon.ui.widgets.splitter import Splitter

LIMIT = 200


class MessagesPage(Page):
    """Moving through the list loads the message that is current; a chosen field is marked in the raw text."""

    name, title = "messages", "Messages"
    topics = frozenset({"messages"})
    can_filter = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.list = Pane(desk, "messages", "Messages", MESSAGES, empty="No message yet")
        self.view = MessageView(desk, "message")
        self.fields, self.raw = self.view.fields, self.view.raw
        self.effects = Pane(desk, "message-effects", "What it did", EFFECTS, empty="Nothing")
        self.replay_button = QPushButton(f"Replay…  {desk.keys.text('replay')}")
        self.edit_button = QPushButton(f"Edit and replay…  {desk.keys.text('edit')}")
        self._wanted = self._showing = 0
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        did = (self.view, self.effects)
        below = Splitter(self.desk, "message-effects", Qt.Orientation.Horizontal, did, (720, 280))
        row = QHBoxLayout()
        for button in (self.replay_button, self.edit_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 8)
        column.addWidget(Splitter(self.desk, "messages", Qt.Orientation.Vertical, (self.list, below), (400, 300)), 1)
        column.addLayout(row)

    def _wire(self) -> None:
        self.list.table.moved_to.connect(self._open)
        self.list.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())
        self.list.table.opened.connect(lambda _: self.fields.table.enter())
        self.effects.table.opened.connect(self._follow)
        for button, name, call in (
            (self.replay_button, "replay", self.replay),
            (self.edit_button, "edit", self.edit),
        ):
            button.clicked.connect(call)
            self.desk.keys.bind(name, self, call)

    async def load(self) -> None:
        found = await self.desk.tasks.run(loads.messages, self.desk.backend, self.query)
        self.list.show_rows(found.rows, LIMIT, filtered=self.is_filtered)
        self.list.note.say("  ·  ".join(found.notes))
        if self._wanted:
            if not self.list.table.go_to(self._wanted):
                self._open(self._wanted)
            self._wanted = 0
        elif not self.list.table.currentIndex().isValid():
            self.list.table.step(1)

    def open_row(self, place: Place) -> None:
        self._wanted = place.row_id
        self.reload()

    def focus_first(self) -> None:
        self.list.table.enter()

    # one message

    def _open(self, message_id: int) -> None:
        """A later choice wins over an earlier answer."""
        self._showing = message_id
        if message_id:
            self.desk.tasks.spawn(self._load_detail(message_id))

    async def _load_detail(self, message_id: int) -> None:
        detail = await self.desk.tasks.run(loads.message_detail, self.desk.backend, message_id)
        if self._showing == message_id:
            self._show(detail)

    def _show(self, detail: MessageDetail) -> None:
        self.view.show_message(replace(detail.message, raw=detail.text))
        guessed = f"character set guessed: {detail.charset}" if detail.charset_guessed else ""
        flags = ", ".join(flag.replace("_", " ") for flag in detail.flags if flag != "charset_guessed")
        self.fields.note.say("  ·  ".join(filter(None, (detail.message.reason, guessed, flags))))
        known = (*detail.effects, *detail.related)
        self.effects.show_rows([EffectLine(number, one) for number, one in enumerate(known, 1)])

    def _follow(self, _: int) -> None:
        """To another message, or to the correction in the outbox; the rest has no page of its own."""
        line: EffectLine | None = self.effects.table.current_row
        pages = {"message": "messages", "correction": "outbox"}
        if line is not None and line.effect.kind in pages:
            self.went.emit(Place(pages[line.effect.kind], line.effect.id))

    def escape(self) -> bool:
        if self.view.has_focus or self.effects.table.hasFocus():
            self.list.table.setFocus()
            return True
        return False

    # verbs

    @property
    def _chosen(self) -> list[int]:
        """Selected messages that came in: what was sent is not replayed."""
        ids = set(self.list.table.selected_ids)
        rows: list[MessageRow] = self.list.table.rows_model.rows
        return [row.id for row in rows if row.id in ids and row.direction == "in"]

    def _offer(self) -> None:
        self.replay_button.setEnabled(bool(self._chosen))
        self.edit_button.setEnabled(len(self._chosen) == 1)

    def replay(self) -> None:
        ids = self._chosen
        if not ids:
            self.trouble.emit("Select messages that came in to replay them.", "warn")
            return
        text = f"Apply {count(len(ids), 'message')} again? What was applied stays as it is. Why?"
        self.asked.emit(Question(text, "Replay", lambda reason: self.do(self._replay(ids, reason))))

    async def _replay(self, ids: list[int], reason: str) -> Topics:
        results, topics = await verbs.replay(self.desk, ids, reason)
        self._tell(results)
        return topics

    def edit(self) -> None:
        ids = self._chosen
        if len(ids) != 1:
            self.trouble.emit("Select one message that came in to edit and replay it.", "warn")
            return
        text = f"Other values for message {ids[0]}, e.g. PID-3.1=12345 PID-5.2=ANNA; the original is kept:"
        self.asked.emit(Question(text, "Replay", lambda typed: self._edit(ids[0], typed)))

    def _edit(self, message_id: int, typed: str) -> None:
        try:
            values = query.edits(typed)
        except Trouble as trouble:
            self.trouble.emit(str(trouble), "warn")
            return
        self.do(self._replay_edited(message_id, values))

    async def _replay_edited(self, message_id: int, values: dict[str, str]) -> Topics:
        result, topics = await verbs.replay_edited(self.desk, message_id, values)
        self._tell([result])
        return topics

    def _tell(self, results: list[ReplayRow]) -> None:
        refused = [one for one in results if one.outcome != "applied"]
        if refused:
            words = f"{len(refused)} of {count(len(results), 'message')} not applied; the first: {refused[0].reason}"
            self.trouble.emit(words, "bad")
        else:
            self.trouble.emit(f"{count(len(results), 'message')} applied again", "good")

    def commands(self) -> list[Command]:
        keys = self.desk.keys
        return [
            Command("Replay the selected messages", keys.text("replay"), self.replay),
            Command("Edit the message and replay it", keys.text("edit"), self.edit),
        ]
