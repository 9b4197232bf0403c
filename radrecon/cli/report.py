"""radrecon report daily: the daily report as HTML, CSV or JSON, on standard output or into a file."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from radrecon.cli.opening import opened
from radrecon.model.errors import Trouble

ENCODINGS = {"csv": "utf-8-sig"}  # Excel takes a table without byte order mark for one in the machine's own code page


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("which", choices=["daily"])
    parser.add_argument("--format", choices=["html", "csv", "json"], default="html")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")


def run(options: argparse.Namespace) -> int:
    from radrecon.workflow.daily_report import as_csv, as_html, as_json, make

    with opened(options) as store:
        report = make(store, datetime.now(UTC))
    text = {"html": as_html, "csv": as_csv, "json": as_json}[options.format](report)
    if options.output is None:
        sys.stdout.write(text)
        return 0
    try:
        options.output.write_text(text, ENCODINGS.get(options.format, "utf-8"), newline="")
    except OSError as error:
        raise Trouble(f"{options.output}: {error.strerror or error}") from error
    return 0
