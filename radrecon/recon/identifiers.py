"""A list of legacy patient numbers read strictly: what cannot be meant is reported with its line, never guessed.

The columns have names, so that a file whose columns were swapped is not taken for its opposite.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from radrecon.model.crosswalk import CrosswalkEntry, CrosswalkProblem, Issuers
from radrecon.model.errors import Trouble
from radrecon.model.patient import PatientId

COLUMNS = ("legacy_patient_id", "legacy_issuer", "patient_id", "issuer")
NEEDED = ("legacy_patient_id", "patient_id")
LONGEST = 200


def read_crosswalk(text: str, issuers: Issuers) -> tuple[list[CrosswalkEntry], list[CrosswalkProblem]]:
    """CSV (comma, semicolon or tab) → entries and problems. Raises Trouble where the columns are not named."""
    entries: dict[PatientId, CrosswalkEntry] = {}
    problems: list[CrosswalkProblem] = []
    for line, row in _rows(text):
        try:
            entry = _entry(line, row, issuers)
            if (before := entries.get(entry.legacy)) is not None:
                raise Trouble(_again(entry, before))
            entries[entry.legacy] = entry
        except Trouble as trouble:
            problems.append(CrosswalkProblem(line, str(trouble)))
    return list(entries.values()), problems


def _rows(text: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    lines = re.split(r"\r\n|\r|\n", text.lstrip("\ufeff"))
    head = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=max(",;\t", key=head.count))
    names: list[str] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if names:
                yield reader.line_num, _named(names, row)
            else:
                names = _names(row)
    except csv.Error as error:
        raise Trouble(f"line {reader.line_num}: {error}") from error
    if not names:
        raise Trouble(f"the file is empty; its first line names the columns: {','.join(COLUMNS)}")


def _names(row: Sequence[str]) -> list[str]:
    names = [cell.strip().lower().replace(" ", "_") for cell in row]
    for name in names:
        if name not in COLUMNS:
            raise Trouble(f"line 1: no such column: {name!r} (the columns are {', '.join(COLUMNS)})")
    missing = [name for name in NEEDED if name not in names]
    if missing or len(set(names)) < len(names):
        raise Trouble(f"line 1: the columns are {', '.join(COLUMNS)}, each once; {', '.join(NEEDED)} are needed")
    return names


def _named(names: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """`rest` holds what has no column."""
    found = {name: row[at].strip() if at < len(row) else "" for at, name in enumerate(names)}
    return found | {"rest": "".join(row[len(names) :]).strip()}


def _entry(line: int, row: Mapping[str, str], issuers: Issuers) -> CrosswalkEntry:
    if row["rest"]:
        raise Trouble("more values than columns")
    legacy = PatientId(row["legacy_patient_id"], row.get("legacy_issuer") or issuers.legacy)
    present = PatientId(row["patient_id"], row.get("issuer") or issuers.present)
    for identifier, name in ((legacy, "legacy_patient_id"), (present, "patient_id")):
        if not identifier.value:
            raise Trouble(f"{name} is empty")
        if len(identifier.value) > LONGEST or not str(identifier).isprintable():
            raise Trouble(f"{name} is no patient number")
    if legacy == present:
        raise Trouble(f"{legacy} leads to itself")
    return CrosswalkEntry(legacy, present, line)


def _again(entry: CrosswalkEntry, before: CrosswalkEntry) -> str:
    if entry.present == before.present:
        return f"the same as line {before.line}"
    return f"{entry.legacy} leads to {before.present} in line {before.line} already; not taken"
