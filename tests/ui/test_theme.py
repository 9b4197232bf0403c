"""Every text colour is legible on every ground it is drawn on (WCAG 2.2, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from radrecon.ui import icons, theme

TEXTS = ("text", "muted", "differs", "missing", "unimportant", "good", "warn", "bad")
GROUNDS = ("base", "window", "raised", "selection", "candidate")


def luminance(color: QColor) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_is_legible_on_every_ground(name: str) -> None:
    chosen = theme.load(name)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("chip_text", "chip"), ("on_accent", "accent"), ("differs", "differs_mark")]
    weak = [(a, b) for a, b in pairs if contrast(chosen.color(a), chosen.color(b)) < 4.5]
    assert weak == []


def test_every_screen_has_an_icon() -> None:
    for name in ("radrecon", "triage", "worklist", "studies", "messages", "outbox", "decisions"):
        assert icons.resource("icons", f"{name}.svg").is_file()
