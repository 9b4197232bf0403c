"""A system that runs its own systemd, in a container of systemd-nspawn with a network of its own."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import roots

BOOTS_WITHIN = 120  # seconds


@dataclass(frozen=True)
class Booted(roots.Root):
    """`leader` is the process id that its systemd has outside."""

    leader: int = 0

    def inside(self) -> list[str]:
        kinds = ("--mount", "--uts", "--ipc", "--net", "--pid", "--root")
        return ["nsenter", f"--target={self.leader}", *kinds, "env", "--chdir=/"]

    def shown(self, name: str) -> str:
        """What systemd says of the engine's unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", "radrecon-engine").strip()


def needs() -> None:
    """Raises Unreachable where there is nothing to boot a container with."""
    if not shutil.which("systemd-nspawn"):
        raise roots.Unreachable("systemd-nspawn is not installed (Debian: systemd-container)")


@contextmanager
def booted(root: roots.Root, log: Path) -> Iterator[Booted]:
    """Boot what was a chroot so far; its console goes to `log`. Raises Unreachable where no container can be had."""
    roots.unmount(root.folder)
    command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--private-network"]
    with log.open("wb") as console:
        machine = subprocess.Popen(
            [*command, "--resolv-conf=off", f"--directory={root.folder}"],
            stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            yield _running(root, machine, log)
        finally:
            machine.terminate()  # an orderly shutdown
            try:
                machine.wait(BOOTS_WITHIN)
            except subprocess.TimeoutExpired:
                machine.kill()
                machine.wait()


def _running(root: roots.Root, machine: subprocess.Popen[bytes], log: Path) -> Booted:
    until = time.monotonic() + BOOTS_WITHIN
    while time.monotonic() < until and machine.poll() is None:
        if leader := _leader(machine.pid):
            one = Booted(root.folder, leader)
            said = subprocess.run(one.command("systemctl", "is-system-running"), capture_output=True, check=False)
            if said.stdout.strip() in (b"running", b"degraded"):
                return one
        time.sleep(0.5)
    last = log.read_text("utf-8", "replace").strip().splitlines() or ["nothing was said"]
    raise roots.Unreachable(f"the container does not boot: {last[-1]}")


def _leader(machine: int) -> int:
    """The child that is process 1 of the container."""
    try:
        children = Path(f"/proc/{machine}/task/{machine}/children").read_text("utf-8").split()
        for child in children:
            status = Path(f"/proc/{child}/status").read_text("utf-8")
            numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
            if len(numbers) == 3 and numbers[2] == "1":
                return int(child)
    except OSError:
        pass
    return 0
