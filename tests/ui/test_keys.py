"""Every key once, each can be rebound."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QSettings

from radrecon.ui.keys import KEYS, NAMED, Bindings
from radrecon.ui.main_window import MainWindow
from tests.ui.keyboard import press


def test_no_two_keys_of_one_place_are_the_same() -> None:
    held = Counter((place.strip(), key.default) for key in KEYS for place in key.where.split(","))
    held += Counter(("everywhere", key.default) for key in KEYS if key.where != "everywhere")
    everywhere = {key.default for key in KEYS if key.where == "everywhere"}
    assert [one for one, number in held.items() if number > 1 and one[0] != "everywhere"] == []
    assert [key.name for key in KEYS if key.where != "everywhere" and key.default in everywhere] == []


def test_keys_are_written_as_people_read_them(settings: QSettings, window: MainWindow) -> None:
    keys = Bindings(settings)
    assert [keys.text(name) for name in ("go_triage", "palette", "open", "link")] == ["g t", "Ctrl+K", "Enter", "l"]


async def test_a_rebound_key_works_and_is_shown(settings: QSettings, window: MainWindow) -> None:
    assert NAMED["go_worklist"].default == "G, W"
    settings.setValue("keys/go_worklist", "Ctrl+Y")
    calls: list[int] = []
    window.desk.keys.bind("go_worklist", window, lambda: calls.append(1), window=True)
    await press(window, "Ctrl+Y")
    assert calls == [1]
    assert window.desk.keys.text("go_worklist") == "Ctrl+Y"
