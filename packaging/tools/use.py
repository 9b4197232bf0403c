"""What a person, a script or the service does with the package that a bare system has."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import screen
from roots import Root

UNIT = "usr/lib/systemd/system/radrecon-engine.service"
CONFIG = "etc/radrecon/radrecon.toml"
DATABASE = "var/lib/radrecon/radrecon.sqlite3"
PLACE = "srv"  # of packages and messages; a running system's /tmp is not the folder's
READY = "run/radrecon/engine.json"
ENDS_WITHIN = 180  # seconds: a demo ends its PACS, engine and hospital, and counts what happened
ORDER = (
    "MSH|^~\\&|RIS|NORTH|RADRECON|X|20261128120000||ORM^O01|T{number}|P|2.5\r"
    "PID|1||00{number}^^^HOSP^MR||Package^Test||19700101|F\r"
    "ORC|NW|P{number}|F{number}\r"
    "OBR|1|P{number}|F{number}|CT1^CT head|||20261128130000||||||||||||A{number}||||||CT\r"
)


class Installed:
    """A system with the package, its previous version at hand, and pictures kept in a folder."""

    def __init__(self, root: Root, new: Path, old: Path, pictures: Path) -> None:
        self.root, self.new, self.old, self.pictures = root, new, old, pictures
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir()
        for package in (new, old):
            shutil.copy(package, root.folder / PLACE)

    @property
    def database(self) -> Path:
        return self.root.folder / DATABASE

    def version(self) -> str:
        return self.root.run("dpkg-query", "-W", "-f", "${Package} ${Version}", "radrecon")

    def users(self) -> None:
        """nurse may use the service, guest may not."""
        for name in ("nurse", "guest"):
            self.root.run("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.root.run("usermod", "-aG", "radrecon", "nurse")

    # -- the service

    @contextmanager
    def engine(self, ends_itself: bool = False) -> Iterator[str]:
        """The unit's own commands as its own user: there is no systemd in a chroot."""
        unit = (self.root.folder / UNIT).read_text("utf-8")
        self.root.run(*shlex.split(_said_by(unit, "ExecStartPre").lstrip("+")))
        self.any_ports()
        self.root.run("install", "-d", "-o", "radrecon", "-g", "radrecon", "-m", "0750", "/run/radrecon")
        (self.root.folder / READY).unlink(missing_ok=True)
        line = _said_by(unit, "ExecStart")
        environment = dict(one.split("=", 1) for one in _said_by(unit, "Environment").split())
        script = f"umask {_said_by(unit, 'UMask')}; cd /var/lib/radrecon; exec {line}"
        process = self.root.start("sh", "-c", script, user="radrecon", **environment)
        wait(lambda: (self.root.folder / READY).exists() or process.poll() is not None, "no ready file", ENDS_WITHIN)
        if process.poll() is not None:
            raise SystemExit(f"the service does not start: {process.communicate()[0]}")
        try:
            yield line
        finally:
            if not ends_itself:
                process.terminate()
            process.wait(ENDS_WITHIN)

    def any_ports(self) -> None:
        """In a chroot the ports are this machine's: free ones are taken."""
        config = self.root.folder / CONFIG
        text = re.sub(r"(?m)^(mllp_port|dicom_port) = \d+", r"\1 = 0", config.read_text("utf-8"))
        config.write_text(text, "utf-8")

    def stop_engines(self) -> None:
        for engine in self.root.programs("engine"):
            subprocess.run(["kill", str(engine)], check=False)
        wait(lambda: not self.root.programs("engine"), "an engine does not stop", ENDS_WITHIN)

    # -- orders

    def ingest(self, *numbers: int, user: str = "nurse") -> None:
        path = self.root.folder / PLACE / "orders.hl7"
        path.write_text("".join(ORDER.format(number=one) for one in numbers), "utf-8")
        if user == "radrecon":
            self.root.run("/usr/lib/radrecon/as-service", "ingest", f"/{PLACE}/{path.name}")
        else:
            self.root.run("radrecon", "ingest", f"/{PLACE}/{path.name}", user=user)

    def expect_orders(self, number: int) -> None:
        """Those that were taken in are all there; others may be, too."""
        said = self.root.run("radrecon", "orders", "--json", user="nurse")
        found = {one["filler_order_number"] for one in json.loads(said)}
        if missing := {f"F{one + 1}" for one in range(number)} - found:
            raise SystemExit(f"orders {missing} are not among {len(found)}")

    # -- the database

    def revision(self) -> str:
        with closing(sqlite3.connect(self.database)) as conn:
            return str(conn.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    def fill(self) -> str:
        """A database as a hospital fills it: the demo's, copied while its engine writes. Says what is in it."""
        demo = self.root.start("radrecon", "demo", "--headless", "--seconds", "120", "--json", user="guest")
        try:
            wait(
                lambda: bool(self._of_the_demo("cases")) or demo.poll() is not None, "the demo has no case", ENDS_WITHIN
            )
            time.sleep(10)
            counts = {what: len(self._of_the_demo(what)) for what in ("messages", "studies", "cases")}
            self.root.run("radrecon", "--database", self._demo(), "db", "backup", "--to", "/tmp/filled", user="guest")
        finally:
            end(demo)
        copied = next((self.root.folder / "tmp/filled").iterdir())
        inside = f"/{copied.relative_to(self.root.folder)}"
        self.root.run("install", "-o", "radrecon", "-g", "radrecon", "-m", "0660", inside, f"/{DATABASE}")
        shutil.rmtree(copied.parent)
        return ", ".join(f"{number} {what}" for what, number in counts.items())

    def _demo(self) -> str:
        found = list((self.root.folder / "tmp").glob("radrecon-demo-*/demo.sqlite3"))
        return f"/{found[0].relative_to(self.root.folder)}" if found else ""

    def _of_the_demo(self, what: str) -> list[object]:
        if not self._demo():
            return []
        command = self.root.command("radrecon", "--database", self._demo(), what, "--json", user="guest")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        listed: list[object] = json.loads(done.stdout) if done.returncode == 0 else []
        return listed

    # -- the desk

    def picture(self, name: str, *command: str, user: str = "guest", shows: int, seconds: float = 5) -> None:
        """What the desk looks like some seconds after it shows its data. It is then closed as a session would close it.

        The window comes first and empty, its data later: then at least `shows` pixels are others.
        """
        with screen.screen() as shown:
            desk = self.root.start(*command, user=user, DISPLAY=shown.name, QT_QPA_PLATFORM="xcb")
            if shown.first_paint(ENDS_WITHIN) is None:
                desk.kill()
                raise SystemExit(f"no window of {' '.join(command)}: {desk.communicate()[0]}")
            first = shown.picture()
            wait(lambda: _changed(first, shown.picture()) >= shows, f"{' '.join(command)} shows no data", ENDS_WITHIN)
            time.sleep(seconds)
            picture = shown.picture()
            end(desk)
        if picture is None or picture.colors() < 50:
            raise SystemExit(f"the window of {' '.join(command)} is blank")
        picture.save(self.pictures / f"{name}.png")
        facts = f"{picture.width} x {picture.height}, {picture.colors()} colours"
        tell(f"{' '.join(command)} as {user}: {facts}: {self.pictures / name}.png")


def _changed(first: screen.Picture | None, now: screen.Picture | None) -> int:
    return now.differs(first) if first and now else 0


def _said_by(unit: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", unit, re.MULTILINE)
    assert found
    return found[1]


def tell(line: str) -> None:
    print(line, flush=True)


def wanted(pattern: str, said: str) -> re.Match[str]:
    if not (found := re.search(pattern, said)):
        raise SystemExit(f"nothing like {pattern!r} in:\n{said}")
    return found


def wait(there: Callable[[], bool], words: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not there():
        if time.monotonic() > until:
            raise SystemExit(words)
        time.sleep(0.2)


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        raise SystemExit(f"{process.args!r} does not end on SIGTERM") from None
