"""radrecon decisions: what people decided and late images follow; list, revoke."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from radrecon.cli import lists
from radrecon.cli.opening import opened, who
from radrecon.cli.printing import print_json, print_line
from radrecon.model.errors import Trouble
from radrecon.store import decisions
from radrecon.store.database import Store

COLUMNS = {
    "id": "ID",
    "at": "AT",
    "who": "WHO",
    "verb": "WHAT",
    "scope": "SCOPE",
    "patient_id": "IMAGES SAID MRN",
    "accession_number": "ACCESSION",
    "station_name": "STATION",
    "day": "DAY",
    "decided_patient_id": "DECIDED MRN",
    "decided_accession_number": "ACCESSION",
    "state": "STATE",
    "expires_at": "UNTIL",
    "used": "USED",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser, query=False)
    parser.add_argument("what", nargs="?", choices=["list", "revoke"], default="list")
    parser.add_argument("id", nargs="?", type=lists.number, default=0, metavar="N", help="the decision to revoke")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is revoked")
    parser.add_argument("--all", action="store_true", help="also those that expired, were revoked or undone")


def run(options: argparse.Namespace) -> int:
    with opened(options) as store:
        return _revoke(store, options) if options.what == "revoke" else _list(store, options)


def _list(store: Store, options: argparse.Namespace) -> int:
    with store.reading() as conn:
        rows = decisions.rows(conn, datetime.now(UTC), everything=options.all, limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "No decision stands.")


def _revoke(store: Store, options: argparse.Namespace) -> int:
    from radrecon.workflow.deciding import revoke

    if not options.id:
        raise Trouble("radrecon decisions revoke what? name the id of a decision")
    revoke(store, options.id, reason=options.reason, who=who(), now=datetime.now(UTC))
    if options.json:
        print_json({"id": options.id, "state": "revoked"})
    else:
        print_line(f"decision {options.id} is revoked: late images follow it no longer; what was corrected stays")
    return 0
