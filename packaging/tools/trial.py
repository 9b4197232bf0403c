"""One bare system in a chroot, from the previous version to the purge; each step says what happened or ends it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import kept
from use import CONFIG, PLACE, Installed, end, tell, wait, wanted

ROOT = Path(__file__).parents[2]
BANNER, LISTS = 400, 5000
"""Pixels that change when the line about the engine goes, and when lists are filled."""


class Trial(Installed):
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

    def install_previous(self) -> None:
        said = self.root.apt("install", f"/{PLACE}/{self.old.name}")
        new = re.search(r"(\d+) newly installed", said)
        tell(f"installed {self.old.name} by apt: {new[1] if new else '?'} packages; {self.version()}")

    def service_of_previous(self) -> None:
        tell(f"the previous version's database, schema {self.filled_revision()}")
        with self.engine():
            self.ingest(1, user="radrecon")
        tell("the previous version's service took an order")

    def filled_revision(self) -> str:
        facts = self.fill()
        return f"{self.revision()}, filled by its demo: {facts}"

    def upgrade(self) -> None:
        with self.engine(ends_itself=True):
            said = self.root.apt("install", f"/{PLACE}/{self.new.name}")
            wanted("radrecon: stopping the engine", said)
        line = wanted(r"schema (\d+) → (\d+); backup in (\S+)", said)
        self.expect_kept(self.root.folder / line[3].lstrip("/"))
        with self.engine():
            self.expect_orders(1)
            self.ingest(2)
            self.expect_orders(2)
        tell(f"upgraded to {self.version()}: engine stopped, {line[0]}; the order is there, new ones come in")

    def expect_kept(self, backup: Path) -> None:
        compared = kept.compare(backup, self.database)
        if compared.lost:
            raise SystemExit(f"the migration lost or changed rows: {compared.lost}")
        tell(f"kept: {compared}")

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
        self.picture("demo", "radrecon", "demo", shows=LISTS, seconds=14)
        self.picture("own", "radrecon", shows=BANNER)
        wait(lambda: bool(self.root.programs("engine")), "the desk started no engine")
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
            self.picture("attached", "radrecon", user="nurse", shows=LISTS)
            if self.root.programs("engine") != before:
                raise SystemExit("a desk beside the service started an engine of its own")
            tell("a desk of the group's attached to the running service")
        modes = {path.name: oct(path.stat().st_mode & 0o777) for path in self.database.parent.iterdir()
                 if path.is_file() and path.suffix != ".engine"}  # fmt: skip
        tell(f"modes in /var/lib/radrecon: {modes}")
        self.ingest(3)
        self.expect_orders(3)
        with self.engine():
            self.expect_orders(3)
        tell("what a member wrote while no engine ran, the service writes on")

    def failing_migration(self) -> None:
        """The previous version's database, with a table in the way of the last migration: those before it go back."""
        self.previous_again()
        revision, before = self.revision(), self.database.with_name("copy-of-the-test")
        self.sql(f"CREATE TABLE {obstacle()} (id INTEGER)")
        shutil.copy(self.database, before)
        said = self.root.apt("install", f"/{PLACE}/{self.new.name}", fails=True)
        line = wanted(r"radrecon: the migration from schema .*", said)[0]
        if self.revision() != revision or (compared := kept.compare(before, self.database)).lost:
            raise SystemExit("a migration that failed left something behind")
        if compared.tables[0] != compared.tables[1] or compared.rows[0] != compared.rows[1]:
            raise SystemExit(f"a migration that failed left something behind: {compared}")
        tell(f"a migration that fails: {line}; {compared.rows[1]} rows of {compared.tables[1]} tables as before")
        before.unlink()
        self.sql(f"DROP TABLE {obstacle()}")
        tell(f"put right, dpkg --configure -a: {wanted('schema .*', self.root.run('dpkg', '--configure', '-a'))[0]}")

    def previous_again(self) -> None:
        """The previous version with a database of its own making."""
        self.root.apt("purge", "radrecon")
        for path in self.database.parent.glob("*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.root.apt("install", f"/{PLACE}/{self.old.name}")
        with self.engine():
            self.ingest(1, user="radrecon")

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database)) as conn:
            conn.execute(statement)
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def older_program(self) -> None:
        """Its package is not configured, and the program itself says why."""
        self.root.apt("install", "--allow-downgrades", f"/{PLACE}/{self.old.name}", fails=True)
        said = self.root.run("/usr/lib/radrecon/as-service", "db", "upgrade", fails=True)
        line = wanted(r"radrecon: .*newer radrecon.*", said)[0]
        self.root.apt("install", f"/{PLACE}/{self.new.name}")
        tell(f"an older program on a newer schema: {line}")

    def remove_and_purge(self) -> None:
        self.root.apt("remove", "radrecon")
        if (self.root.folder / "usr/lib/radrecon").exists() or not self.database.exists():
            raise SystemExit("removal leaves the program, or takes data")
        wanted("are kept", said := self.root.apt("purge", "radrecon"))
        if not self.database.exists():
            raise SystemExit("a purge without an answer took data")
        tell(f"removed, purged without an answer: {wanted('radrecon: the data.*', said)[0]}")
        self.root.apt("install", f"/{PLACE}/{self.new.name}")
        asked = "Delete all data of radrecon? [yes/no]"
        self.root.converse("dpkg", "--purge", "radrecon", question=asked, answer="yes", DEBIAN_FRONTEND="teletype")
        if self.database.parent.exists() or (self.root.folder / CONFIG).parent.exists():
            raise SystemExit("a purge that was answered with yes left data")
        tell(f"purged on a terminal, {asked!r} answered with yes: data, configuration and user are gone")


def obstacle() -> str:
    """A table's name with which the last migration fails: tables and indexes share their names' space."""
    text = max((ROOT / "radrecon/store/migrations/versions").glob("0*.py")).read_text("utf-8")
    found = re.search(r"create_(?:table|index)\(\s*\"(\w+)\"", text)
    if not found:
        raise SystemExit("the last migration makes no table and no index: how is it to be made to fail?")
    return found[1]
