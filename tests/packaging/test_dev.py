"""`./dev` on a machine that lacks packages, with stand-ins for the system's programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
HERE = Path(__file__).parents[2]
TOOLS = ("sh", "cat", "cksum", "dirname", "grep", "tee", "chmod", "rm", "env", "mkdir", "cp")
REMOVED = "case $4 in orthanc | orthanct64) echo config-files ;; *) echo installed; echo installed ;; esac"


@dataclass
class Machine:
    """A clone, a folder of programs that is all of PATH, and what would be /usr/sbin/policy-rc.d."""

    clone: Path
    programs: Path
    policy: Path
    said: Path

    def has(self, name: str, does: str) -> None:
        script = self.programs / name
        script.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.said}\n{does}\n')
        script.chmod(0o755)

    def dev(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "dev", *arguments], cwd=self.clone, env={"PATH": str(self.programs)}, text=True,
            capture_output=True, check=False,
        )  # fmt: skip

    @property
    def lines(self) -> list[str]:
        return self.said.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "clone", tmp_path / "programs", tmp_path / "policy-rc.d", tmp_path / "said")
    made.clone.mkdir()
    made.programs.mkdir()
    for name in ("requirements.lock", "pyproject.toml"):
        shutil.copy(HERE / name, made.clone)
    (made.clone / "dev").write_text(
        (HERE / "dev").read_text("utf-8").replace("/usr/sbin/policy-rc.d", str(made.policy))
    )
    for tool in TOOLS:
        os.symlink(shutil.which(tool) or "", made.programs / tool)
    made.has("dpkg-query", REMOVED)
    made.has("id", "echo 0")
    made.has("apt-get", f"[ -e {made.policy} ] && echo quiet >>{made.said}")
    made.has("python3", "mkdir -p .venv/bin; cp python .venv/bin/python")
    (made.clone / "python").write_text(f'#!/bin/sh\necho "python $*" >>{made.said}\n')
    (made.clone / "python").chmod(0o755)
    return made


def test_no_service_starts_while_packages_come_and_all_may_start_afterwards(machine: Machine) -> None:
    assert machine.dev("run", "--headless").returncode == 0
    assert "apt-get install -y -q --no-install-recommends orthanc" in machine.lines
    assert machine.lines.count("quiet") == 2
    assert machine.lines[-1] == "python -m radrecon demo --headless"
    assert not machine.policy.exists()


def test_packages_that_do_not_come_leave_nothing_denied_either(machine: Machine) -> None:
    machine.has("apt-get", "exit 100")
    assert machine.dev("run").returncode == 100
    assert not machine.policy.exists()


def test_a_machine_that_denies_services_itself_goes_on_to(machine: Machine) -> None:
    machine.policy.write_text("#!/bin/sh\nexit 101\n")
    assert machine.dev("run").returncode == 0
    assert machine.policy.exists()


def test_who_has_no_sudo_is_told_what_root_is_to_run(machine: Machine) -> None:
    machine.has("id", "echo 1000")
    said = machine.dev("run")
    assert said.returncode == 1
    assert said.stderr.rstrip().endswith(
        f"Missing system packages: orthanc. Please run as root: {machine.clone}/dev packages"
    )
    machine.has("id", "echo 0")
    assert machine.dev("packages").returncode == 0
    assert not (machine.clone / ".venv").exists()


def test_a_python_that_is_gone_is_made_anew(machine: Machine) -> None:
    machine.dev("setup")
    python = machine.clone / ".venv/bin/python"
    python.unlink()
    machine.said.write_text("")
    assert machine.dev("run").returncode == 0
    assert "python3 -m venv .venv" in machine.lines
    assert python.exists()
