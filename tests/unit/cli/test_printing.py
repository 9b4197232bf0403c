from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from radrecon.cli import printing


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    order_id: int = 0
    tags: tuple[str, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    up: bool = False


COLUMNS = {"id": "ID", "name": "NAME", "order_id": "ORDER", "tags": "TAGS", "up": "UP"}


def test_a_table_is_aligned_for_wide_and_combining_letters(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Row(1, "山田^太郎", 7, ("a", "b"), up=True), Row(20, "Mu\u0308ller"), Row(3, "x")]
    printing.print_table(rows, COLUMNS, "none")
    lines = capsys.readouterr().out.splitlines()
    where = [
        printing.width(line[: line.rindex(end)]) for line, end in zip(lines, ("UP", "yes", "no", "no"), strict=True)
    ]
    assert len(set(where)) == 1
    assert "7" in lines[1]
    assert " 0 " not in lines[2]


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_table([], COLUMNS, "No open case.")
    assert capsys.readouterr().out == "No open case.\n"


@pytest.mark.parametrize("evil", ["\x1b[2J", "a\rb", "\u202eabc", "\x00", "\ud800"])
def test_text_from_outside_cannot_steer_the_terminal(evil: str) -> None:
    shown = printing.plain(f"DOE{evil}")
    assert not set(shown) & set("\x1b\r\n\x00\u202e\ud800")


def test_long_text_is_cut_by_columns_not_letters(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_table([Row(1, "山" * 100)], {"name": "NAME"}, "")
    line = capsys.readouterr().out.splitlines()[1]
    assert printing.width(line) <= printing.MAX_COLUMN
    assert line.endswith("…")


def test_rows_are_objects_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_json([Row(1, "Müller", tags=("a",), keys={"k": "v"})])
    out = capsys.readouterr().out
    assert json.loads(out) == [
        {"id": 1, "name": "Müller", "order_id": 0, "tags": ["a"], "keys": {"k": "v"}, "up": False}
    ]
    assert "Müller" in out


def test_integer_keys_become_text() -> None:
    assert printing.jsonable({1: (Row(1, "x"),)})["1"][0]["id"] == 1
