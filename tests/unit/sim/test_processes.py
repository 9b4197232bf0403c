"""Against stand-ins for radrecon's own commands: small Python programs with the same manners."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from radrecon.model.errors import Trouble
from radrecon.sim import processes

ECHO = "import json, sys; print(json.dumps(sys.argv[1:]))"
REFUSE = "import sys; print('noise', file=sys.stderr); print('no case 7', file=sys.stderr); sys.exit(1)"
ENGINE = """
import pathlib, sys, time
ready = pathlib.Path(sys.argv[sys.argv.index('--ready-file') + 1])
part = ready.with_suffix('.part')
part.write_text('{"mllp": ["127.0.0.1", 1], "dicom": ["127.0.0.1", 2], "ae_title": "RADRECON", "pid": 3}')
part.rename(ready)
time.sleep(60)
"""


def stand_in(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(processes, "program", lambda *arguments: [sys.executable, "-c", code, *arguments])


async def test_a_command_is_asked_with_database_and_json(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, ECHO)
    answer = await processes.ask("sqlite:///x", "cases", "--state", "all")
    assert answer == ["cases", "--state", "all", "--database", "sqlite:///x", "--json"]


async def test_a_failing_command_is_trouble_with_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch, REFUSE)
    with pytest.raises(Trouble, match=r"^no case 7$"):
        await processes.ask("sqlite:///x", "show", "case", "7")


async def test_the_engine_is_ready_when_its_file_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, ENGINE)
    child, ready = await processes.start_engine(tmp_path / "c.toml", "sqlite:///x", tmp_path)
    assert ready["mllp"] == ["127.0.0.1", 1]
    assert child.returncode is None
    await processes.end(child)
    assert child.returncode is not None


async def test_an_engine_that_dies_is_trouble_with_its_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(monkeypatch, "import sys; sys.exit('port 2575 is taken')")
    with pytest.raises(Trouble, match="did not start: port 2575 is taken"):
        await processes.start_engine(tmp_path / "c.toml", "sqlite:///x", tmp_path)


async def test_a_cancelled_question_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    stand_in(monkeypatch, f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    question = asyncio.ensure_future(processes.ask("sqlite:///x", "cases"))
    while not pid_file.exists() or not pid_file.read_text():  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_the_users_own_database_is_not_the_demos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RADRECON_DATABASE", "sqlite:///mine")
    assert "RADRECON_DATABASE" not in processes.quiet()
