from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from radrecon.__main__ import main
from radrecon.cli import commands
from radrecon.model.errors import Refused


def test_trouble_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> int:
        raise Refused("that is\na move")

    monkeypatch.setattr(commands, "run", refuse)
    assert main(["cases"]) == 1
    assert capsys.readouterr() == ("", "radrecon: that is a move\n")


def test_a_bug_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "run", lambda _: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        main(["cases"])


def test_words_that_are_not_utf_8_are_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a terminal set to Latin-1 sends them; a search for ü was a traceback."""
    on = ["--database", str(tmp_path / "d.sqlite3")]
    assert main([*on, "db", "upgrade"]) == 0
    assert main([*on, "patients", "M\udcfcller"]) == 2
    assert capsys.readouterr().err == r"radrecon: not in UTF-8: 'M\udcfcller'; set the terminal to UTF-8" + "\n"


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run", interrupted)
    assert main(["cases"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_went_away_is_no_traceback() -> None:
    """`radrecon --help | head -c 1`, with more to say than a pipe holds."""
    script = "import radrecon.cli.commands as c; from radrecon.__main__ import main\n"
    script += "c.run = lambda _: [print('x' * 80) for _ in range(20000)] and 0\nraise SystemExit(main(['cases']))"
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.read(1)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(30) == 0


def test_names_are_written_in_utf_8_whatever_the_locale_says() -> None:
    script = "import radrecon.cli.commands as c; from radrecon.__main__ import main\n"
    script += "c.run = lambda _: print('山田') or 0\nraise SystemExit(main(['cases']))"
    environment = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, check=True)
    assert done.stdout.decode("utf-8") == "山田\n"
