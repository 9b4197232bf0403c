"""Bare systems in folders, to install packages in: made by debootstrap, entered by chroot. Needs root."""

from __future__ import annotations

import contextlib
import gzip
import os
import pty
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MOUNTS = ("proc", "dev")


@dataclass(frozen=True)
class System:
    """A distribution's release: where it comes from, by whose keys, and debootstrap's script for it."""

    name: str
    suite: str
    mirror: str
    keyring: str
    script: str
    components: str = "main"
    key: str = ""  # fingerprint of the key that signs it, where this machine has no such keyring


SYSTEMS = {
    one.name: one
    for one in (
        System("debian12", "bookworm", "http://deb.debian.org/debian", "debian-archive-keyring.gpg", "sid"),
        System("debian13", "trixie", "http://deb.debian.org/debian", "debian-archive-keyring.gpg", "sid"),
        System("ubuntu24.04", "noble", "http://archive.ubuntu.com/ubuntu", "ubuntu-archive-keyring.gpg", "gutsy",
               "main,universe", "F6ECB3762474EDA9D21B7022871920D1991BC93C"),
    )
}  # fmt: skip


class Unreachable(Exception):
    """This system cannot be made here; the text says why."""


def base(system: System, work: Path) -> Path:
    """An archive of the bare system, made once. Raises Unreachable in one line."""
    archive = work / f"{system.name}.tar"
    if archive.exists():
        return archive
    _reach(system)
    folder = work / f"{system.name}.base"
    _remove(folder)
    command = ["debootstrap", "--variant=minbase", f"--components={system.components}"]
    command += [f"--keyring={_keyring(system, work)}", system.suite, str(folder), system.mirror]
    command += [f"/usr/share/debootstrap/scripts/{system.script}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unreachable(f"debootstrap failed: {done.stdout.strip().splitlines()[-1]}")
    part = archive.with_suffix(".part")
    subprocess.run(["tar", "--numeric-owner", "-cf", str(part), "-C", str(folder), "."], check=True)
    part.replace(archive)
    _remove(folder)
    return archive


def _reach(system: System) -> None:
    try:
        _fetch(f"{system.mirror}/dists/{system.suite}/Release")
    except OSError as error:
        raise Unreachable(f"{system.mirror} cannot be reached from here ({error})") from error


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        data: bytes = answer.read()
    return data


def _keyring(system: System, work: Path) -> Path:
    """This machine's, or made of the mirror's own package: only the key of the known fingerprint is taken from that."""
    here, made = Path("/usr/share/keyrings", system.keyring), work / system.keyring
    if here.exists() or made.exists():
        return here if here.exists() else made
    if not (system.key and shutil.which("gpg")):
        raise Unreachable(f"{system.keyring} is not installed, and cannot be made without gpg and a known fingerprint")
    index = gzip.decompress(_fetch(f"{system.mirror}/dists/{system.suite}/main/binary-amd64/Packages.gz")).decode()
    entry = next(one for one in index.split("\n\n") if one.startswith("Package: ubuntu-keyring\n"))
    file = next(line for line in entry.splitlines() if line.startswith("Filename: ")).split(": ")[1]
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "keyring.deb")
        package.write_bytes(_fetch(f"{system.mirror}/{file}"))
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        home = Path(folder, "gnupg")
        home.mkdir(mode=0o700)
        gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
        subprocess.run([*gpg, "--import", f"{folder}/usr/share/keyrings/{system.keyring}"], check=True)
        key = subprocess.run([*gpg, "--export", system.key], check=True, stdout=subprocess.PIPE).stdout
    if not key:
        raise Unreachable(f"the mirror's keyring has no key {system.key}")
    made.write_bytes(key)
    return made


@contextmanager
def entered(system: System, work: Path) -> Iterator[Root]:
    """A fresh copy of the bare system, and nothing of it left afterwards."""
    archive, folder = base(system, work), work / f"{system.name}.root"
    _remove(folder)
    folder.mkdir()
    subprocess.run(["tar", "--numeric-owner", "-xpf", str(archive), "-C", str(folder)], check=True)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    try:
        subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
        subprocess.run(["mount", "--bind", "/dev", str(folder / "dev")], check=True)
        yield Root(folder)
    finally:
        _end_processes(folder)
        _remove(folder)


def unmount(folder: Path) -> None:
    for name in MOUNTS:
        if os.path.ismount(folder / name):
            subprocess.run(["umount", str(folder / name)], check=True)


def _remove(folder: Path) -> None:
    """Never while something is mounted below: /dev is this machine's own."""
    unmount(folder)
    if any(str(folder) in line.split(" ")[1] for line in Path("/proc/mounts").read_text("utf-8").splitlines()):
        raise SystemExit(f"something is still mounted below {folder}")
    shutil.rmtree(folder, ignore_errors=True)


def _end_processes(folder: Path) -> None:
    """Those that run inside: by their root directory."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inside = (entry / "root").resolve() == folder.resolve()
        except OSError:
            continue
        if inside:
            subprocess.run(["kill", "-9", entry.name], check=False, capture_output=True)


@dataclass(frozen=True)
class Root:
    """A system that can be worked in."""

    folder: Path

    def command(self, *arguments: str, user: str = "root", **environment: str) -> list[str]:
        """As `user` with that user's home, and with nothing of this machine's environment."""
        home = "/root" if user == "root" else f"/home/{user}"
        plain = {
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": home,
        }
        settings = [f"{name}={value}" for name, value in (plain | {"USER": user} | environment).items()]
        drop = [] if user == "root" else ["setpriv", "--reuid", user, "--regid", user, "--init-groups"]
        return [*self.inside(), *drop, "env", "-i", *settings, *arguments]

    def inside(self) -> list[str]:
        """What a command line begins with, to run in it."""
        return ["chroot", str(self.folder)]

    def run(self, *arguments: str, user: str = "root", fails: bool = False, **environment: str) -> str:
        """What it said, both streams. Raises SystemExit where it did not end as expected."""
        command = self.command(*arguments, user=user, **environment)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=-1, stderr=-2, text=True, check=False)
        if bool(done.returncode) != fails:
            raise SystemExit(f"{' '.join(arguments)} (as {user}) ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def apt(self, *arguments: str, fails: bool = False) -> str:
        return self.run("apt-get", "-y", "-q", *arguments, fails=fails, DEBIAN_FRONTEND="noninteractive")

    def converse(self, *arguments: str, question: str, answer: str, **environment: str) -> str:
        """Run it on a terminal, answer its question as a person would, and return what was to be read there."""
        command = self.command(*arguments, **environment)
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(command[0], command)
        said, left = "", [answer]
        with contextlib.suppress(OSError):  # the terminal's end
            while more := os.read(terminal, 4096):
                said += more.decode("utf-8", "replace")
                if left and question in said:
                    os.write(terminal, f"{left.pop()}\n".encode())
        os.close(terminal)
        if os.waitpid(child, 0)[1] or left:
            raise SystemExit(f"{' '.join(arguments)} on a terminal:\n{said}")
        return said

    def start(self, *arguments: str, user: str = "root", **environment: str) -> subprocess.Popen[str]:
        command = self.command(*arguments, user=user, **environment)
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=-1, stderr=-2, text=True)

    def size(self) -> int:
        """Bytes of its files, without what is mounted."""
        said = subprocess.run(["du", "-sxb", str(self.folder)], capture_output=True, text=True, check=False).stdout
        return int(said.split()[0])

    def programs(self, word: str) -> list[int]:
        """Process ids of this root's radrecon with a word on its command line."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                line = (entry / "cmdline").read_bytes().split(b"\0")
                inside = (entry / "root").resolve() == self.folder.resolve()
            except OSError:
                continue
            if inside and word.encode() in line and line[0].endswith(b"radrecon"):
                found.append(int(entry.name))
        return found
