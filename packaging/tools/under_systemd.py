"""The service under a real systemd, with SQLite and with PostgreSQL, each upgraded: see `Trial` for the rest.

A second system of its own, for systemd and PostgreSQL belong to no bare one.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import time
from pathlib import Path

from booted import Booted, booted
from trial import obstacle
from use import CONFIG, DATABASE, PLACE, Installed, end, tell, wait, wanted

MACHINE = ("systemd", "systemd-sysv", "dbus", "postgresql")
UNIT = "radrecon-engine"
READY = "/run/radrecon/engine.json"
DROP_IN = f"/etc/systemd/system/{UNIT}.service.d"
POSTGRES = "postgresql://radrecon@/radrecon"
MANY = 200
COUNTED = ("message", "imaging_order", "person")


class UnderSystemd(Installed):
    def all(self, log: Path) -> str:
        """The line of the summary; SystemExit at the first thing that is not as it must be."""
        began = time.monotonic()
        self.prepare()
        with booted(self.root, log) as machine:
            self.root = machine
            tell(machine.run("systemctl", "--version").splitlines()[0])
            self.off_by_default()
            self.first_start(machine)
            self.crash(machine)
            self.low_port(machine)
            self.stop(machine)
            self.postgresql(machine)
            self.upgrade_of_postgresql(machine)
            self.sqlite_by_the_engine(machine)
            self.remove(machine)
        return f"passed in {time.monotonic() - began:.0f} s"

    # -- steps

    def prepare(self) -> None:
        """Before it boots, for its own network leads nowhere."""
        self.root.apt("update")
        self.root.apt("install", "--no-install-recommends", *MACHINE)
        self.root.apt("install", f"/{PLACE}/{self.old.name}")
        self.users()
        tell(f"the previous version's database: {self.fill()}")

    def off_by_default(self) -> None:
        off = [self.root.run("systemctl", verb, UNIT, fails=True).strip() for verb in ("is-enabled", "is-active")]
        if off != ["disabled", "inactive"]:
            raise SystemExit(f"the service is {off} before anybody wanted it")
        tell("the service is off until it is wanted")

    def first_start(self, machine: Booted) -> None:
        machine.run("systemctl", "enable", "--now", UNIT)
        ready = self.ready()
        status = machine.run("cat", f"/proc/{machine.shown('MainPID')}/status")
        facts = {name: wanted(rf"(?m)^{name}:\s+(\S+)", status)[1] for name in ("CapEff", "NoNewPrivs", "Seccomp")}
        if int(facts["CapEff"], 16) or facts["NoNewPrivs"] != "1" or facts["Seccomp"] != "2":
            raise SystemExit(f"the sandbox has holes: {facts}")
        tell(f"systemctl enable --now: {self.ends(ready)}, {facts}")
        self.ingest(1)
        self.expect_orders(1)
        wanted("members of the group radrecon", machine.run("radrecon", "cases", user="guest", fails=True))
        self.attach(machine)

    def attach(self, machine: Booted) -> None:
        """A desk of the group's, offscreen; it reads the service's database and starts nothing."""
        desk = machine.start("radrecon", user="nurse", QT_QPA_PLATFORM="offscreen")
        time.sleep(6)
        if desk.poll() is not None:
            raise SystemExit(f"the desk beside the service ended: {desk.communicate()[0]}")
        engines = self.engines(machine)
        end_inside(machine, "nurse")
        end(desk)
        if engines != [machine.shown("MainPID")]:
            raise SystemExit(f"engines beside a desk: {engines}")
        tell("nurse's orders are there, guest is told why not, and a desk of nurse's starts no engine of its own")

    def crash(self, machine: Booted) -> None:
        before, began = machine.shown("MainPID"), time.monotonic()
        machine.run("rm", "-f", READY)
        machine.run("sh", "-c", f"kill -9 {before}")
        self.ready()
        took, restarts = time.monotonic() - began, machine.shown("NRestarts")
        if machine.shown("MainPID") == before or restarts != "1":
            raise SystemExit("the service was not started again")
        self.expect_orders(1)
        tell(f"killed: serves again after {took:.0f} s, its orders are there")

    def low_port(self, machine: Booted) -> None:
        """Port 104: refused in one line of the journal; with the drop-in it is served."""
        self.set("dicom_port", "104")
        machine.run("systemctl", "restart", UNIT)
        wait(lambda: machine.shown("NRestarts") != "0", "the engine serves port 104 without a capability", 60)
        said = machine.run("journalctl", "-u", UNIT, "-o", "cat", "--no-pager", "-n", "40")
        line = wanted(r"(?m)^radrecon: .*104.*$", said)[0]
        tell(f"port 104 without a capability: {line}")
        machine.run("install", "-D", "-t", DROP_IN, "/usr/share/doc/radrecon/examples/privileged-ports.conf")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "stop", UNIT)
        machine.run("systemctl", "reset-failed", UNIT)
        machine.run("systemctl", "start", UNIT)
        ready = self.ready()
        tell(f"with the drop-in: {self.ends(ready)}")

    def stop(self, machine: Booted) -> None:
        began = time.monotonic()
        machine.run("systemctl", "stop", UNIT)
        took, result, code = time.monotonic() - began, machine.shown("Result"), machine.shown("ExecMainStatus")
        if (result, code) != ("success", "0"):
            raise SystemExit(f"the stop of the service: {result}, status {code}")
        tell(f"systemctl stop: {result} after {took:.1f} s, status {code}")

    def postgresql(self, machine: Booted) -> None:
        """As README.Debian says; the previous version takes orders."""
        machine.run("systemctl", "start", "postgresql")
        for line in ("createuser radrecon", "createdb --owner radrecon radrecon", "createuser --role radrecon nurse"):
            self.as_postgres(*shlex.split(line))
        self.set("database", f'"{POSTGRES}"')
        machine.run("systemctl", "start", UNIT)
        self.ready()
        self.ingest(*range(1, MANY + 1), user="radrecon")
        found = self.orders_of_nurse(machine)
        if found != MANY:
            raise SystemExit(f"{found} orders of {MANY} in PostgreSQL")
        version = self.as_postgres("psql", "-Atc", "SHOW server_version").strip()
        tell(f"PostgreSQL {version}: the service took {found} orders, read by nurse's own role")

    def upgrade_of_postgresql(self, machine: Booted) -> None:
        """First one that fails and leaves the engine stopped; put right, it is migrated and started again."""
        before, table = self.counts(), obstacle()
        self.in_database(f"SET ROLE radrecon; CREATE TABLE {table} (id INTEGER)")
        said = machine.apt("install", f"/{PLACE}/{self.new.name}", fails=True)
        line = wanted(r"radrecon: the migration from schema .*", said)[0]
        state = machine.run("systemctl", "is-active", UNIT, fails=True).strip()
        if self.counts() != before or state != "inactive":
            raise SystemExit(f"after a migration that failed: {self.counts()} instead of {before}, the service {state}")
        tell(f"a migration that fails: {line}; the service is {state}, {before} as before")
        self.in_database(f"DROP TABLE {table}")
        said = machine.run("dpkg", "--configure", "-a")
        line = wanted(r"schema \d+ → \d+; backup in \S+", said)[0]
        self.ready()
        if self.counts() != before or self.orders_of_nurse(machine) != MANY:
            raise SystemExit(f"the migration: {self.counts()} instead of {before}")
        tell(f"put right, dpkg --configure -a: {line}; the service is {machine.shown('ActiveState')} again, {before}")

    def sqlite_by_the_engine(self, machine: Booted) -> None:
        """The service was moved to PostgreSQL before the upgrade: its SQLite file is of the old schema still."""
        machine.run("systemctl", "stop", UNIT)
        self.set("database", f'"/{DATABASE}"')
        machine.run("systemctl", "start", UNIT)
        self.ready()
        self.expect_orders(1)
        self.ingest(2)
        self.expect_orders(2)
        said = machine.run("radrecon", "db", "check", user="nurse").strip()
        tell(f"a database of the old schema is migrated by the service when it starts: {said}")

    def remove(self, machine: Booted) -> None:
        machine.apt("remove", "radrecon")
        if machine.shown("ActiveState") != "inactive" or not self.database.exists() or self.engines(machine):
            raise SystemExit("removal leaves the service, or takes data")
        left = machine.run("sh", "-c", f"ls /etc/systemd/system/multi-user.target.wants | grep {UNIT} || true")
        if left:
            raise SystemExit(f"removal leaves {left}")
        tell("removed: the service is stopped and off, data are kept")
        preset = "echo 'radrecon radrecon/purge-data boolean true' | debconf-set-selections"
        machine.run("sh", "-c", preset)
        machine.apt("purge", "radrecon")
        if self.database.parent.exists() or (machine.folder / CONFIG).parent.exists():
            raise SystemExit("a purge with a preset answer left data")
        tell("purged with the answer preset: data and configuration are gone")

    # -- means

    def ready(self) -> dict[str, object]:
        """The ready file, as soon as the engine has written it."""
        there = self.root.command("cat", READY)
        wait(lambda: self._said(there) != "", f"no {READY}", 120)
        ready: dict[str, object] = json.loads(self._said(there))
        return ready

    @staticmethod
    def _said(command: list[str]) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    @staticmethod
    def ends(ready: dict[str, object]) -> str:
        return f"HL7 at {ready['mllp']}, DICOM at {ready['dicom']}"

    def engines(self, machine: Booted) -> list[str]:
        script = r"""for one in /proc/[0-9]*; do
          case "$(readlink $one/exe)" in /usr/lib/radrecon/*) ;; *) continue ;; esac
          tr '\0' '\n' <$one/cmdline | grep -qx engine && echo ${one#/proc/}
        done; true"""
        return machine.run("sh", "-c", script).split()

    def set(self, key: str, value: str) -> None:
        path = self.root.folder / CONFIG
        path.write_text(re.sub(rf"(?m)^{key} = \S+", lambda _: f"{key} = {value}", path.read_text("utf-8")), "utf-8")

    def as_postgres(self, *command: str) -> str:
        drop = ("setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups")
        return self.root.run(*drop, *command, HOME="/var/lib/postgresql")

    def in_database(self, statement: str) -> str:
        return self.as_postgres("psql", "-At", "-d", "radrecon", "-c", statement)

    def counts(self) -> dict[str, int]:
        return {name: int(self.in_database(f"SELECT count(*) FROM {name}")) for name in COUNTED}

    def orders_of_nurse(self, machine: Booted) -> int:
        """By a role of nurse's own, which has what the service's role may."""
        database = POSTGRES.replace("radrecon@", "nurse@")
        said = machine.run("radrecon", "--database", database, "orders", "--json", user="nurse")
        return len({one["filler_order_number"] for one in json.loads(said)})


def end_inside(machine: Booted, user: str) -> None:
    """A program of a user's gets SIGTERM; signals to nsenter itself stay outside."""
    script = f"""for one in /proc/[0-9]*; do
      [ "$(stat -c %U $one)" = {user} ] && kill ${{one#/proc/}}
    done; true"""
    machine.run("sh", "-c", script)
