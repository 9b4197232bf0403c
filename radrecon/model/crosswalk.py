"""The crosswalk of patient numbers: a legacy number, and the number that the same person has now."""

from __future__ import annotations

from dataclasses import dataclass

from radrecon.model.patient import PatientId


@dataclass(frozen=True)
class Issuers:
    """Assigning authorities where a file names none."""

    legacy: str = ""
    present: str = ""


@dataclass(frozen=True)
class CrosswalkEntry:
    """`line` is where it stood in the file that it came from."""

    legacy: PatientId
    present: PatientId
    line: int = 0


@dataclass(frozen=True)
class CrosswalkProblem:
    """A line that was not taken, or was taken and needs a person. `text` is one sentence."""

    line: int
    text: str


@dataclass(frozen=True)
class CrosswalkReport:
    """What became of a file: lines with an entry, entries that are new, persons who got a number by it."""

    lines: int = 0
    added: int = 0
    unchanged: int = 0
    persons: int = 0
    problems: tuple[CrosswalkProblem, ...] = ()
