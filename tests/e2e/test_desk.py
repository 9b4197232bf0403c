"""The desk on the real thing: engine, Orthanc and dcmtk are processes, the person has only a keyboard.

Screenshots are kept in artefacts/ (the environment's RADRECON_ARTEFACTS names another folder).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage

from radrecon.model.rows import EngineState
from radrecon.sim.pacs import RunningPacs
from radrecon.store import listings
from radrecon.store.database import Store, open_store
from radrecon.ui import app as desk_app
from radrecon.ui.main_window import MainWindow
from radrecon.workflow.requests import ask
from tests.e2e.hospital import (
    ENVIRONMENT,
    Engine,
    adt,
    code,
    engine,
    make_study,
    orm,
    pacs_toml,
    send,
    store,
    study_query,
    until,
)  # fmt: skip
from tests.ui.conftest import settled
from tests.ui.keyboard import press, write

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
COLOURS = 12  # a blank picture has one


@pytest.fixture(scope="module")
def artefacts() -> Path:
    folder = Path(os.environ.get("RADRECON_ARTEFACTS") or ROOT / "artefacts")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def opened(database: str) -> Iterator[Store]:
    found = open_store(database)
    try:
        yield found
    finally:
        found.close()


def colours(path: Path) -> int:
    image = QImage(str(path))
    step = range(0, image.width(), 7), range(0, image.height(), 7)
    return len({image.pixel(x, y) for x in step[0] for y in step[1]})


# -- the window in this process ---------------------------------------------------------------------------------------


def on_the_desk(database: str, folder: Path, work: Callable[[MainWindow], Coroutine[Any, Any, None]]) -> None:
    """Do some work in a window on a real store, under qasync's loop."""
    settings = QSettings(str(folder / "desk.ini"), QSettings.Format.IniFormat)
    settings.setValue("theme", "light")
    settings.setValue("hold_seconds", 0.2)

    async def play(on: Store) -> None:
        window = await desk_app.open_desk(on, title="St Anne", settings=settings)
        try:
            await settled(window)
            await asyncio.wait_for(work(window), 500)
        finally:
            window.close()
            await desk_app.closed(window)

    app = desk_app.application()
    with desk_app.event_loop(app) as loop, opened(database) as on:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(play(on))


async def eventually(holds: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = holds()
        if found:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds:g} s")


def shown(pane: Any) -> list[Any]:
    rows: list[Any] = pane.table.rows_model.rows
    return rows


def states(window: MainWindow, correction: int) -> list[str]:
    return [row.state for row in shown(window.pages["outbox"].pane) if row.correction_id == correction]  # type: ignore[attr-defined]


async def filed(window: MainWindow, correction: int) -> None:
    await eventually(lambda: set(states(window, correction)) == {"filed"}, f"correction {correction} filed")


def mistyped(folder: Path, pacs: RunningPacs) -> str:
    """A study with a wrong accession and name, as dcmtk sends it."""
    uid, files = make_study(
        folder, AccessionNumber="A1042", PatientName="MILER^JONATHAN", PatientID="1234567",
        PatientBirthDate="19600517", PatientSex="M",
    )  # fmt: skip
    store(pacs, files)
    return uid


def test_a_mistyped_study_is_put_right_and_back_by_keyboard_alone(
    tmp_path: Path, orthanc: RunningPacs, artefacts: Path
) -> None:
    def at_the_pacs(uid: str) -> tuple[str, str]:
        found = study_query(orthanc, tmp_path / "find", uid)
        return str(found.AccessionNumber), str(found.PatientName)

    async def work(window: MainWindow) -> None:
        def picture(name: str) -> None:
            window.resize(1366, 768)
            assert window.grab().save(str(artefacts / f"desk-{name}.png"))

        triage: Any = window.pages["triage"]
        assert code(send(desk.mllp, orm("A1024"))) == "AA"
        uid = await asyncio.to_thread(mistyped, tmp_path / "ct", orthanc)
        row = await eventually(lambda: next(iter(shown(triage.unassigned)), None), "the study in triage")
        assert (row.study_instance_uid, row.accession_number) == (uid, "A1042")
        await eventually(
            lambda: [one.study_status for one in shown(triage.unassigned)] == ["complete"], "the study complete"
        )
        await press(window, "F5")
        picture("triage")

        await press(window, "Enter")
        case: Any = window.page
        assert case.name == "case"
        assert case.candidates.table.current_row.accession_number == "A1024"
        await press(window, "w")
        assert "patient_id" in [reason.field for reason in shown(case.why)]
        picture("case")
        await press(window, "Ctrl+P")
        assert window.page.name == "preview"
        assert await asyncio.to_thread(at_the_pacs, uid) == ("A1042", "MILER^JONATHAN")
        await write(window, "typing slip at CT2")
        picture("preview")
        await press(window, "Ctrl+Return")
        await eventually(lambda: window.page.name == "outbox", "the outbox")
        await filed(window, 1)
        picture("outbox")
        assert await asyncio.to_thread(at_the_pacs, uid) == ("A1024", "MILLER^JONATHAN")

        await press(window, "g", "t")
        await eventually(lambda: not shown(triage.unassigned), "the study gone from triage")
        assert "✓ Every judged study is on an order" in triage.unassigned.table.empty

        await press(window, "g", "o", "Ctrl+Z")
        assert window.page.name == "preview"
        await write(window, "it was right after all")
        await press(window, "Ctrl+Return")
        await eventually(lambda: window.page.name == "outbox", "the outbox")
        await filed(window, 2)
        assert await asyncio.to_thread(at_the_pacs, uid) == ("A1042", "MILER^JONATHAN")
        await press(window, "g", "t")
        await eventually(lambda: shown(triage.unassigned), "the study back in triage")

    with engine(tmp_path / "engine", pacs_toml(orthanc)) as desk:
        on_the_desk(desk.database, tmp_path, work)


def test_the_two_numbers_of_a_merge_are_asked_for_in_the_window(
    tmp_path: Path, orthanc: RunningPacs, artefacts: Path
) -> None:
    """The images carry no number that the index knows: who is one person has to be typed."""

    def number(uid: str) -> str:
        return str(study_query(orthanc, tmp_path / "find", uid).PatientID)

    async def work(window: MainWindow) -> None:
        triage: Any = window.pages["triage"]
        send(desk.mllp, orm("A1024"))
        send(desk.mllp, adt("A04", "9000001", "MILLER^JON"))
        uid, files = make_study(
            tmp_path / "ct", AccessionNumber="A1024", PatientName="MILLER^JON", PatientID="9000001",
            PatientBirthDate="19600517", PatientSex="M",
        )  # fmt: skip
        await asyncio.to_thread(store, orthanc, files)
        panes = (triage.unassigned, triage.mismatches)

        def complete() -> Any:
            return next((one for one in panes if shown(one) and shown(one)[0].study_status == "complete"), None)

        pane = await eventually(complete, "a case of the complete study")
        pane.table.enter()
        await settled(window)
        await press(window, "Enter")
        case: Any = window.page
        case.detail = None  # as where the case names nobody
        await case._merge(case.case_id, "", "")
        panel = case.merge_panel
        assert panel.isVisible()
        await write(window, "1234567")
        await settled(window)
        assert "MILLER, JONATHAN" in panel.lines["survivor"].who.text()
        panel.lines["non_survivor"].setFocus()
        await write(window, "9000001")
        await settled(window)
        assert window.grab().save(str(artefacts / "desk-merge.png"))
        panel.answer()
        await eventually(lambda: window.page.name == "preview", "the preview")
        await settled(window)
        await write(window, "one person")
        await press(window, "Ctrl+Return")
        await eventually(lambda: window.page.name == "outbox", "the outbox")
        await filed(window, 1)
        assert await asyncio.to_thread(number, uid) == "1234567"

    with engine(tmp_path / "engine", pacs_toml(orthanc)) as desk:
        on_the_desk(desk.database, tmp_path, work)


# -- the window as a process of its own -------------------------------------------------------------------------------


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """An X server of our own on a free display."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    read, write_end = os.pipe()
    command = [program, "-displayfd", str(write_end), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait(60)


def desk_process(database: str, *more: str, folder: Path, **environment: str) -> subprocess.Popen[str]:
    """`python -m radrecon`; its settings and logs stay in the test's folder."""
    homes = {name: str(folder / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    command = [sys.executable, "-m", "radrecon", "--database", database, *more]
    return subprocess.Popen(
        command, env=ENVIRONMENT | homes | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_the_window_attaches_to_the_engine_on_a_real_screen_and_closes_in_order(
    tmp_path: Path, orthanc: RunningPacs, artefacts: Path
) -> None:
    picture = artefacts / "desk-xcb.png"
    picture.unlink(missing_ok=True)
    with screen() as display, engine(tmp_path / "engine", pacs_toml(orthanc)) as desk:
        send(desk.mllp, orm("A1024"))
        mistyped(tmp_path / "ct", orthanc)
        until(lambda: desk.looks("cases"))
        script = tmp_path / "photographed.py"
        script.write_text(PHOTOGRAPHED, "utf-8")
        command = [sys.executable, str(script), desk.database, str(picture)]
        environment = ENVIRONMENT | {
            "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_CONFIG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)
        }  # fmt: skip
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=200, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert colours(picture) > COLOURS
        assert json.loads(done.stdout) == {"platform": "xcb", "unassigned": 1}
        assert desk.process is not None
        assert desk.process.poll() is None, "the engine outlives the window"


# `python -m radrecon` itself, with a hand that photographs the window and closes it
PHOTOGRAPHED = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from radrecon import __main__
from radrecon.ui import app

database, target = sys.argv[1:]
begun = time.monotonic()

def blank(image):
    points = ((x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7))
    return len({image.pixel(x, y) for x, y in points}) <= 12

def look():
    window = next((one for one in QApplication.topLevelWidgets() if hasattr(one, "pages")), None)
    rows = window.pages["triage"].unassigned.table.rows_model.rows if window else []
    if not rows and time.monotonic() < begun + 120:
        return
    timer.stop()
    shoot(window, len(rows))

def shoot(window, rows):
    picture = QGuiApplication.primaryScreen().grabWindow(window.winId())
    if blank(picture.toImage()) and time.monotonic() < begun + 120:  # the screen shows it a moment later
        QTimer.singleShot(200, lambda: shoot(window, rows))
        return
    picture.save(target)
    print(json.dumps({"platform": QGuiApplication.platformName(), "unassigned": rows}), flush=True)
    window.close()

app.application()
timer = QTimer(interval=100)
timer.timeout.connect(look)
timer.start()
sys.exit(__main__.main(["--database", database]))
"""


def life(database: str) -> EngineState:
    with opened(database) as on, on.reading() as conn:
        return listings.engine_state(conn)


def answers(database: str) -> bool:
    """Whether an engine runs; a database that is not made yet has none."""
    try:
        return life(database).state == "running"
    except Exception:
        return False


def test_the_desk_starts_an_engine_that_outlives_it(tmp_path: Path) -> None:
    config = tmp_path / "radrecon.toml"
    config.write_text('[engine]\nmllp_port = 0\ndicom_port = 0\n[site]\nname = "St Anne"\n', "utf-8")
    database = f"sqlite:///{tmp_path / 'fresh.sqlite3'}"
    desk = desk_process(database, "--config", str(config), folder=tmp_path)
    try:
        until(lambda: answers(database), 120)
        assert life(database).pid != desk.pid
        close(desk)
        assert life(database).state == "running"
    finally:
        if desk.poll() is None:
            desk.kill()
        stop_engine(database)


def close(desk: subprocess.Popen[str]) -> None:
    """The window is asked to close, as a session's end does."""
    desk.terminate()
    said, _ = desk.communicate(timeout=60)
    assert desk.returncode == 0, said
    assert "Traceback" not in said


def stop_engine(database: str) -> None:
    now = datetime.now(UTC)
    with opened(database) as on:
        ask(on, "stop", {}, now=now, deadline=now + timedelta(seconds=60))
    until(lambda: life(database).state == "none")


def test_a_dead_engine_is_told_in_words(tmp_path: Path) -> None:
    async def work(window: MainWindow) -> None:
        def says(words: str) -> bool:
            return any(words in text for text in window.strip.texts)

        await eventually(lambda: says("engine running"), "a running engine")
        desk.kill()
        await eventually(lambda: "heartbeat has stopped" in window.banner.text, "the banner")
        await eventually(lambda: says("engine lost"), "the strip's word")
        await asyncio.to_thread(desk.start)
        await eventually(lambda: says("engine running"), "the new engine")
        await eventually(lambda: not window.banner.isVisible(), "the banner's end")

    with engine(tmp_path / "engine", "") as desk:
        assert isinstance(desk, Engine)
        on_the_desk(desk.database, tmp_path, work)
