from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

from tests.store.hospital import Hospital
from tests.unit.cli.conftest import Radrecon


def test_the_report_in_three_formats(radrecon: Radrecon, hospital: Hospital, tmp_path: Path) -> None:
    assert radrecon("report", "daily").out.startswith("<!DOCTYPE html>")
    assert radrecon("report", "daily", "--format", "json").json["counts"]["unassigned_study"] == 1
    rows = list(csv.DictReader(io.StringIO(radrecon("report", "daily", "--format", "csv").out)))
    assert {row["section"] for row in rows} >= {"unassigned_study", "not_filed", "not_judged"}
    target = tmp_path / "report.html"
    said = radrecon("report", "daily", "--output", str(target))
    assert (said.code, said.out) == (0, "")
    assert "MULER^BERT" in target.read_text("utf-8")


def test_a_table_in_a_file_says_that_it_is_utf_8(radrecon: Radrecon, hospital: Hospital, tmp_path: Path) -> None:
    """Excel showed MÃ¼ller for Müller."""
    target = tmp_path / "report.csv"
    assert radrecon("report", "daily", "--format", "csv", "--output", str(target)).code == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbfsection,")
    assert radrecon("report", "daily", "--format", "csv").out.startswith("section,")


def test_a_report_that_cannot_be_written_is_said(radrecon: Radrecon, hospital: Hospital, tmp_path: Path) -> None:
    target = tmp_path / "none" / "report.html"
    said = radrecon("report", "daily", "--output", str(target))
    assert said.code == 1
    assert said.err.startswith(f"radrecon: {target}: ")


def test_as_pdf_it_needs_no_display(hospital: Hospital, database: str, tmp_path: Path) -> None:
    """In a process of its own: an application without windows is none for the tests of the desk."""
    target = tmp_path / "report.pdf"
    arguments = ("--database", database, "report", "daily", "--format", "pdf", "--output", str(target))
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    subprocess.run([sys.executable, "-m", "radrecon", *arguments], env=bare, check=True, timeout=60)
    content = target.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/MediaBox [0 0 842" in content, "A4 across"
    assert len(content) > 5_000, "there is text in it"
