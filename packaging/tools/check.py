"""packaging/test: install, use, upgrade, remove and purge the .deb in bare systems, and say what happened."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import build
import roots
import screen
from roots import Root

ROOT = Path(__file__).parents[2]
UNIT = "usr/lib/systemd/system/radrecon-engine.service"
DATABASE = "var/lib/radrecon/radrecon.sqlite3"
READY = "run/radrecon/engine.json"
PREVIOUS = "0.0.1"
ORDER = (
    "MSH|^~\\&|RIS|NORTH|RADRECON|X|20261128120000||ORM^O01|T{number}|P|2.5\r"
    "PID|1||00{number}^^^HOSP^MR||Package^Test||19700101|F\r"
    "ORC|NW|P{number}|F{number}\r"
    "OBR|1|P{number}|F{number}|CT1^CT head|||20261128130000||||||||||||A{number}||||||CT\r"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="packaging/test", description=__doc__)
    parser.add_argument("systems", nargs="*", help=f"default: debian12 ubuntu24.04; known: {', '.join(roots.SYSTEMS)}")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "radrecon-packaging")
    parser.add_argument("--keep-packages", action="store_true", help="test what lies in dist/, do not build")
    options = parser.parse_args()
    needs()
    options.work.mkdir(parents=True, exist_ok=True)
    new, old = packages(options.keep_packages)
    said = {}
    for name in options.systems or ["debian12", "ubuntu24.04"]:
        tell(f"\n== {name}")
        try:
            with roots.entered(roots.SYSTEMS[name], options.work) as root:
                said[name] = Trial(root, new, old, options.work / f"{name}.pictures").all()
        except roots.Unreachable as reason:
            said[name] = f"SKIPPED: {reason}"
            tell(said[name])
    tell("\n== summary")
    tell(f"{new.name}: {new.stat().st_size / 1e6:.1f} MB (limit {build.LIMIT_MB} MB)")
    for name, line in said.items():
        tell(f"{name}: {line}")
    if all(line.startswith("SKIPPED") for line in said.values()):
        raise SystemExit("nothing was tested")


def tell(line: str) -> None:
    print(line, flush=True)


def needs() -> None:
    missing = [name for name in ("debootstrap", "chroot", "mount", "Xvfb") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"packaging/test needs {', '.join(missing)}: apt-get install debootstrap mount xvfb")
    if subprocess.run(["id", "-u"], capture_output=True, text=True, check=True).stdout.strip() != "0":
        raise SystemExit("packaging/test needs root, to make systems and to enter them")


def packages(keep: bool) -> tuple[Path, Path]:
    """This tree's package, and one of the commit before the last migration, as the version before it."""
    version = build.version_of(ROOT)
    new, old = (ROOT / "dist" / f"radrecon_{one}_amd64.deb" for one in (version, PREVIOUS))
    tool = [sys.executable, str(ROOT / "packaging" / "tools" / "build.py"), "deb", "--fast"]
    if not (keep and new.exists()):
        subprocess.run(tool, check=True)
    if not (keep and old.exists()):
        subprocess.run([*tool, "--commit", before_the_last_migration(), "--version", PREVIOUS], check=True)
    return new, old


def before_the_last_migration() -> str:
    last = max((ROOT / "radrecon/store/migrations/versions").glob("0*.py")).relative_to(ROOT)
    made = build._git("log", "--diff-filter=A", "--format=%H", "--", str(last)).splitlines()
    if not made:
        raise SystemExit(f"{last} is in no commit: what would the previous version be?")
    return build._git("rev-parse", "--short=12", f"{made[-1]}^")


class Trial:
    """One system, from bare to purged."""

    def __init__(self, root: Root, new: Path, old: Path, pictures: Path) -> None:
        self.root, self.new, self.old, self.pictures = root, new, old, pictures
        shutil.rmtree(pictures, ignore_errors=True)
        pictures.mkdir()
        for package in (new, old):
            shutil.copy(package, root.folder / "tmp")

    def all(self) -> str:
        """The line of the summary; SystemExit at the first thing that is not as it must be."""
        began, bare = time.monotonic(), self.root.size()
        self.root.apt("update")
        self.install_previous()
        self.users()
        self.service_of_previous()
        self.upgrade()
        installed = self.root.size() - bare
        self.libraries()
        self.demo()
        self.desk_of_its_own()
        self.service()
        self.failing_migration()
        self.older_program()
        self.remove_and_purge()
        done = f"passed in {time.monotonic() - began:.0f} s; bare {bare / 1e6:.0f} MB, with radrecon and what it needs"
        return f"{done} {installed / 1e6:.0f} MB more"

    # -- steps

    def install_previous(self) -> None:
        said = self.root.apt("install", f"/tmp/{self.old.name}")
        new = re.search(r"(\d+) newly installed", said)
        tell(f"installed {self.old.name} by apt: {new[1] if new else '?'} packages; {self.version()}")

    def users(self) -> None:
        """nurse may use the service, guest may not."""
        for name in ("nurse", "guest"):
            self.root.run("useradd", "--create-home", "--shell", "/bin/bash", name)
        self.root.run("usermod", "-aG", "radrecon", "nurse")

    def service_of_previous(self) -> None:
        with self.engine():
            self.ingest(1, "radrecon")
        tell("the previous version's service took an order")

    def upgrade(self) -> None:
        with self.engine(ends_itself=True):
            said = self.root.apt("install", f"/tmp/{self.new.name}")
            wanted("radrecon: stopping the engine", said)
        line = wanted(r"schema \d+ → \d+; backup in (\S+)", said)
        assert (self.root.folder / line[1].lstrip("/")).exists()
        with self.engine():
            self.expect_orders(1)
            self.ingest(2)
            self.expect_orders(2)
        tell(f"upgraded to {self.version()}: engine stopped, {line[0]}; the order is there, new ones come in")

    def libraries(self) -> None:
        said = self.root.run("sh", "-c", "find /usr/lib/radrecon -name '*.so*' -type f | xargs ldd 2>/dev/null")
        missing = {line.split()[0] for line in said.splitlines() if "not found" in line}
        own = {path.name for path in (self.root.folder / "usr/lib/radrecon").rglob("*.so*")}
        if missing - own:
            raise SystemExit(f"libraries that no dependency brings: {missing - own}")
        tell(f"libraries: all found ({len(own)} of its own)")

    def demo(self) -> None:
        said = self.root.run("radrecon", "demo", "--headless", "--seconds", "20", "--json", user="guest")
        happened: dict[str, Any] = json.loads(said[said.index("{") :])
        if not (happened["messages_in"] and happened["studies_seen"] and happened["cases"]):
            raise SystemExit(f"the demo did too little: {happened}")
        tell(f"demo --headless: {json.dumps(happened)}")

    def desk_of_its_own(self) -> None:
        """The desk as a person without the service has it: its engine is its own, and a child of the package."""
        config = self.root.folder / "home/guest/.config/radrecon/radrecon.toml"
        config.parent.mkdir(parents=True)
        config.write_text("[engine]\nmllp_port = 0\ndicom_port = 0\n", "utf-8")
        self.root.run("chown", "-R", "guest:guest", "/home/guest")
        self.picture("demo", "radrecon", "demo", seconds=14)
        self.picture("own", "radrecon", seconds=6)
        wait(lambda: self.root.programs("engine"), "the desk started no engine")
        offscreen = self.root.start("radrecon", user="guest", QT_QPA_PLATFORM="offscreen")
        time.sleep(3)
        if offscreen.poll() is not None:
            raise SystemExit(f"the desk does not run offscreen: {offscreen.communicate()[0]}")
        end(offscreen)
        tell("the desk runs with Qt's offscreen platform, too")
        self.stop_engines()
        config.unlink()

    def service(self) -> None:
        """The group's members use it, others are told why not; a desk attaches and starts nothing."""
        with self.engine() as engine:
            tell(f"service: {engine}")
            line = self.root.run("radrecon", "cases", user="guest", fails=True).strip()
            wanted("members of the group radrecon", line)
            tell(f"who is not in the group reads: {line}")
            tell(self.root.run("radrecon", "db", "check", user="nurse").strip())
            tell(self.root.run("radrecon", "db", "backup", "--to", "/home/nurse/backups", user="nurse").strip())
            before = self.root.programs("engine")
            self.picture("attached", "radrecon", user="nurse", seconds=6)
            if self.root.programs("engine") != before:
                raise SystemExit("a desk beside the service started an engine of its own")
            tell("a desk of the group's attached to the running service")
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (self.root.folder / DATABASE).parent.iterdir()
                 if path.is_file() and path.suffix != ".engine"}  # fmt: skip
        tell(f"modes in /var/lib/radrecon: {modes}")
        self.ingest(3)
        self.expect_orders(3)
        with self.engine():
            self.expect_orders(3)
        tell("what a member wrote while no engine ran, the service writes on")

    def failing_migration(self) -> None:
        """The previous version's database, with a table in the way of the next migration."""
        self.previous_again()
        revision = self.obstruct()
        said = self.root.apt("install", f"/tmp/{self.new.name}", fails=True)
        line = wanted(r"radrecon: the migration from schema .*", said)[0]
        if self.revision() != revision:
            raise SystemExit("a migration that failed left something behind")
        tell(f"a migration that fails: {line}")
        with sqlite3.connect(self.root.folder / DATABASE) as conn:
            conn.execute(f"DROP TABLE {obstacle()}")
        conn.close()
        tell(f"put right, dpkg --configure -a: {wanted('schema .*', self.root.run('dpkg', '--configure', '-a'))[0]}")

    def older_program(self) -> None:
        said = self.root.apt("install", "--allow-downgrades", f"/tmp/{self.old.name}", fails=True)
        line = wanted(r"radrecon: .*newer radrecon.*", said)[0]
        self.root.apt("install", f"/tmp/{self.new.name}")
        tell(f"an older program on a newer schema: {line}")

    def remove_and_purge(self) -> None:
        self.root.apt("remove", "radrecon")
        kept = self.root.folder / DATABASE
        if (self.root.folder / "usr/lib/radrecon").exists() or not kept.exists():
            raise SystemExit("removal leaves the program, or takes data")
        wanted("are kept", said := self.root.apt("purge", "radrecon"))
        if not kept.exists():
            raise SystemExit("a purge without an answer took data")
        tell(f"removed, purged without an answer: {wanted('radrecon: the data.*', said)[0]}")
        self.root.apt("install", f"/tmp/{self.new.name}")
        answer = "echo 'radrecon radrecon/purge-data boolean true' | debconf-set-selections"
        self.root.run("sh", "-c", answer)
        self.root.apt("purge", "radrecon")
        if kept.parent.exists() or (self.root.folder / "etc/radrecon").exists():
            raise SystemExit("a purge that was answered with yes left data")
        tell("purged with the answer yes: data, configuration and user are gone")

    # -- means

    def version(self) -> str:
        return self.root.run("dpkg-query", "-W", "-f", "${Package} ${Version}", "radrecon")

    @contextmanager
    def engine(self, ends_itself: bool = False) -> Iterator[str]:
        """The unit's own commands as its own user: there is no systemd in a chroot."""
        unit = (self.root.folder / UNIT).read_text("utf-8")
        prepare, line = (
            re.search(rf"^{name}=\+?(.*)$", unit, re.MULTILINE)[1]  # type: ignore[index]
            for name in ("ExecStartPre", "ExecStart")
        )
        self.root.run(*shlex.split(prepare))
        config = self.root.folder / "etc/radrecon/radrecon.toml"
        text = re.sub(r"(?m)^(mllp_port|dicom_port) = \d+", r"\1 = 0", config.read_text("utf-8"))
        config.write_text(text, "utf-8")
        self.root.run("install", "-d", "-o", "radrecon", "-g", "radrecon", "-m", "0750", "/run/radrecon")
        (self.root.folder / READY).unlink(missing_ok=True)
        umask = re.search(r"^UMask=(\d+)", unit, re.MULTILINE)[1]  # type: ignore[index]
        environment = dict(
            one.split("=", 1)
            for one in re.search(r"^Environment=(.*)$", unit, re.MULTILINE)[1].split()  # type: ignore[index]
        )
        script = f"umask {umask}; cd /var/lib/radrecon; exec {line}"
        process = self.root.start("sh", "-c", script, user="radrecon", **environment)
        wait(lambda: (self.root.folder / READY).exists() or process.poll() is not None, "no ready file", 60)
        if process.poll() is not None:
            raise SystemExit(f"the service does not start: {process.communicate()[0]}")
        try:
            yield line
        finally:
            if not ends_itself:
                process.terminate()
            process.wait(40)

    def ingest(self, number: int, user: str = "nurse") -> None:
        path = self.root.folder / f"tmp/order{number}.hl7"
        path.write_text(ORDER.format(number=number), "utf-8")
        if user == "radrecon":
            self.root.run("/usr/lib/radrecon/as-service", "ingest", f"/tmp/{path.name}")
        else:
            self.root.run("radrecon", "ingest", f"/tmp/{path.name}", user=user)

    def expect_orders(self, number: int) -> None:
        said = self.root.run("radrecon", "orders", "--json", user="nurse")
        found = {one["filler_order_number"] for one in json.loads(said)}
        if found != {f"F{one + 1}" for one in range(number)}:
            raise SystemExit(f"orders are {found}")

    def picture(self, name: str, *command: str, user: str = "guest", seconds: float) -> None:
        """What the desk looks like after a while: not blank. It is then closed as a session would close it."""
        with screen.screen() as shown:
            desk = self.root.start(*command, user=user, DISPLAY=shown.name, QT_QPA_PLATFORM="xcb")
            if shown.first_paint(40) is None:
                desk.kill()
                raise SystemExit(f"no window of {' '.join(command)}: {desk.communicate()[0]}")
            time.sleep(seconds)
            picture = shown.picture()
            end(desk)
        if picture is None or picture.colors() < 50:
            raise SystemExit(f"the window of {' '.join(command)} is blank")
        picture.save(self.pictures / f"{name}.png")
        facts = f"{picture.width} x {picture.height}, {picture.colors()} colours"
        tell(f"{' '.join(command)} as {user}: {facts}: {self.pictures}/{name}.png")

    def stop_engines(self) -> None:
        for engine in self.root.programs("engine"):
            subprocess.run(["kill", str(engine)], check=False)
        wait(lambda: not self.root.programs("engine"), "an engine does not stop", 30)

    def previous_again(self) -> None:
        """The previous version with a database of its own making."""
        self.root.apt("purge", "radrecon")
        for path in (self.root.folder / DATABASE).parent.glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.root.apt("install", f"/tmp/{self.old.name}")
        with self.engine():
            self.ingest(1, "radrecon")

    def revision(self) -> str:
        with sqlite3.connect(self.root.folder / DATABASE) as conn:
            found = conn.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        conn.close()
        return str(found)

    def obstruct(self) -> str:
        """Its revision after a table of the next migration's name was made."""
        with sqlite3.connect(self.root.folder / DATABASE) as conn:
            conn.execute(f"CREATE TABLE {obstacle()} (id INTEGER)")
        conn.close()
        return self.revision()


def obstacle() -> str:
    """A table that the last migration makes."""
    text = max((ROOT / "radrecon/store/migrations/versions").glob("0*.py")).read_text("utf-8")
    found = re.search(r"create_table\(\s*\"(\w+)\"", text)
    assert found
    return found[1]


def wanted(pattern: str, said: str) -> re.Match[str]:
    if not (found := re.search(pattern, said)):
        raise SystemExit(f"nothing like {pattern!r} in:\n{said}")
    return found


def wait(there: Any, words: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not there():
        if time.monotonic() > until:
            raise SystemExit(words)
        time.sleep(0.2)


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise SystemExit(f"{process.args} does not end on SIGTERM") from None


if __name__ == "__main__":
    main()
