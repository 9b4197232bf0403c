"""Screenshots of every page on the fake hospital: `python -m tests.ui.shots FOLDER WIDTHxHEIGHT light|dark`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import PySide6  # noqa: F401  before qasync
from PySide6.QtCore import QSettings, QSize, Qt

from radrecon.recon.undo import LATER, gone_warnings
from radrecon.ui import app as desk_app
from radrecon.ui.case_words import GONE
from radrecon.ui.main_window import BACK, MainWindow
from radrecon.ui.pages.page import Place
from tests.ui import test_overlay_compare
from tests.ui.conftest import settled
from tests.ui.fake_backend import FakeBackend
from tests.ui.fake_hospital import NOW


async def shoot(folder: Path, size: QSize, theme: str) -> None:
    settings = QSettings(str(Path(tempfile.mkdtemp()) / "desk.ini"), QSettings.Format.IniFormat)
    settings.setValue("theme", theme)
    backend = FakeBackend()
    window = await desk_app.open_window(backend, settings, title="St Anne")
    window.desk.now = lambda: NOW
    window.setWindowState(Qt.WindowState.WindowNoState)  # maximized at first, where the screen is small
    window.resize(size)

    async def save(name: str) -> None:
        await settled(window)
        window.tick(NOW)
        await asyncio.sleep(0.05)
        window.grab().save(str(folder / f"{name}-{size.width()}-{theme}.png"))

    await walk(window, backend, save)
    window.close()
    await desk_app.end(window)


async def walk(window: MainWindow, backend: FakeBackend, save: object) -> None:
    assert callable(save)
    await settled(window)
    triage = window.pages["triage"]
    triage.unassigned.table.setFocus()  # type: ignore[attr-defined]
    triage.unassigned.table.go_to(1)  # type: ignore[attr-defined]
    await save("triage")
    window.go(Place("case", 1))
    await save("case")
    window.pages["case"].propose("link")  # type: ignore[attr-defined]
    await settled(window)
    window.page.reason.setText("typing error at CT2")  # type: ignore[attr-defined]
    await save("preview")
    window.page.commit()  # type: ignore[attr-defined]
    await asyncio.sleep(3)
    await save("preview-hold")
    window.escape()
    window.banner.hide()
    undo = replace(await window.desk.tasks.run(backend.plan_undo, 41), warnings=(*gone_warnings({0: "VAULT"}), LATER))
    window.go(Place("preview", 1, plan=undo))
    await save("preview-undo")
    window.go(Place("case", 1))
    await settled(window)
    window.page.trouble.emit(GONE, "warn")
    await save("case-gone")
    window.banner.say(BACK, "good")
    await save("case-back")
    window.banner.hide()
    for name in ("outbox", "worklist", "messages", "studies", "decisions"):
        window.go(Place(name))
        await save(name)
    window.go(Place("case", 6))
    await save("case-mismatch")
    shown = backend.case_detail
    backend.case_detail = lambda case_id: test_overlay_compare.detail(FakeBackend())  # type: ignore[method-assign]
    window.go(Place("case", 1))
    await save("case-overlay")
    window.page.dismiss()  # type: ignore[attr-defined]
    await save("case-overlay-dismiss")
    window.escape()
    backend.case_detail = shown  # type: ignore[method-assign]
    window.keys_panel.open()
    await save("keys")
    window.keys_panel.dismiss()
    window.palette_panel.open()
    await save("palette")
    window.palette_panel.dismiss()
    backend.case_rows, backend.order_rows, backend.delivery_rows, backend.message_rows = [], [], [], []
    backend.pacs = [replace(backend.pacs[0], send=False, studies=100_000)]
    backend.not_judged = 100_000
    window.go(Place("triage"))
    window.refresh()
    await save("first-start")


def main() -> None:
    folder, size, theme = Path(sys.argv[1]), sys.argv[2].split("x"), sys.argv[3]
    folder.mkdir(parents=True, exist_ok=True)
    app = desk_app.application()
    with desk_app.event_loop(app) as loop:
        loop.run_until_complete(shoot(folder, QSize(int(size[0]), int(size[1])), theme))


if __name__ == "__main__":
    main()
