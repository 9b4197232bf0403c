"""radrecon report daily: the daily report as HTML, PDF, CSV or JSON, on standard output or into a file."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from radrecon.cli.opening import opened
from radrecon.model.errors import Trouble

if TYPE_CHECKING:
    from radrecon.workflow.daily_report import DailyReport

ENCODINGS = {"csv": "utf-8-sig"}  # Excel takes a table without byte order mark for one in the machine's own code page


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("which", choices=["daily"])
    parser.add_argument("--format", choices=["html", "pdf", "csv", "json"], default="html")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.daily_report import make

    if options.format == "pdf" and options.output is None and sys.stdout.isatty():
        raise Trouble("a PDF is nothing to read here: name a file with --output")
    with opened(options) as store:
        report = make(store, datetime.now(UTC))
    _write(_content(report, options.format, in_file=options.output is not None), options.output)
    return 0


def _content(report: DailyReport, form: str, *, in_file: bool) -> bytes | str:
    from radrecon.workflow.daily_report import as_csv, as_html, as_json

    if form == "pdf":
        from radrecon.ui.print_pdf import as_pdf

        return as_pdf(as_html(report), f"Daily report {report.generated_at[:10]}")
    text = {"html": as_html, "csv": as_csv, "json": as_json}[form](report)
    return text.encode(ENCODINGS.get(form, "utf-8")) if in_file else text


def _write(content: bytes | str, target: Path | None) -> None:
    if target is None:
        sys.stdout.write(content) if isinstance(content, str) else sys.stdout.buffer.write(content)
        return
    try:
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise Trouble(f"{target}: {error.strerror or error}") from error
