"""radrecon crosswalk: legacy patient numbers and what they are now; list, import, remove."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from radrecon.cli import lists
from radrecon.cli.opening import opened, who
from radrecon.cli.printing import print_json, print_line, print_table
from radrecon.model.crosswalk import CrosswalkReport, Issuers
from radrecon.model.errors import Trouble
from radrecon.store import crosswalk, settings
from radrecon.store.database import Store

COLUMNS = {
    "id": "ID",
    "legacy_patient_id": "LEGACY MRN",
    "legacy_issuer_of_patient_id": "ISSUER",
    "patient_id": "MRN",
    "issuer_of_patient_id": "ISSUER NOW",
    "state": "STATE",
    "person_ids": "PATIENT",
    "source": "FROM",
    "imported_at": "IMPORTED",
}
PROBLEMS = {"line": "LINE", "text": "PROBLEM"}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, words="")
    parser.add_argument("what", nargs="?", choices=["list", "import", "remove"], default="list")
    parser.add_argument(
        "subject", nargs="?", default="", metavar="FILE|ID", help="CSV file to import, or id of the entry to remove"
    )
    parser.add_argument("--legacy-issuer", default="", metavar="NAME", help="authority of legacy numbers without one")
    parser.add_argument(
        "--issuer", default="", metavar="NAME", help="authority of present numbers (default: the site's)"
    )


def run(options: argparse.Namespace) -> int:
    if options.what != "list" and not options.subject:
        raise Trouble(f"radrecon crosswalk {options.what} what? name {_WANTED[options.what]}")
    with opened(options) as store:
        return {"list": _list, "import": _import, "remove": _remove}[options.what](store, options)


_WANTED = {"import": "a CSV file", "remove": "the id of an entry"}


def _list(store: Store, options: argparse.Namespace) -> int:
    with store.reading() as conn:
        rows = crosswalk.rows(conn, query=options.query or options.subject, limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No entry.")


def _import(store: Store, options: argparse.Namespace) -> int:
    """Exit code 1 where a line was not taken, or needs a person; all others are in."""
    from radrecon.workflow.crosswalk import import_file
    from radrecon.workflow.reconcile import drain

    with store.reading() as conn:
        site = settings.load_config(conn).site
    issuers = Issuers(options.legacy_issuer, options.issuer or site.patient_id_issuer)
    report = import_file(store, Path(options.subject), issuers, who=who(), at=datetime.now(UTC))
    drain(store)
    _say(report, options)
    if report.problems:
        first = report.problems[0]
        raise Trouble(f"{len(report.problems)} of {report.lines} lines need a look; line {first.line}: {first.text}")
    return 0


def _say(report: CrosswalkReport, options: argparse.Namespace) -> None:
    if options.json:
        print_json(report)
        return
    if report.problems:
        print_table(report.problems, PROBLEMS, "")
    print_line(
        f"{report.lines} lines: {report.added} new, {report.unchanged} known already; "
        f"{report.persons} patients got another number"
    )


def _remove(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.crosswalk import remove
    from radrecon.workflow.reconcile import drain

    try:
        number = lists.number(options.subject)
    except ValueError:
        raise Trouble(f"not the id of an entry: {options.subject!r}") from None
    said = remove(store, number, who=who(), at=datetime.now(UTC))
    drain(store)
    if options.json:
        print_json({"id": number, "removed": said})
    else:
        print_line(said)
    return 0
