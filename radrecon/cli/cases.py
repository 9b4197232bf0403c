"""radrecon cases: what is wrong, the severest first."""

from __future__ import annotations

import argparse

from radrecon.cli import lists
from radrecon.cli.opening import opened
from radrecon.model.case import CaseKind
from radrecon.store import listings

STATES = {
    "open": ("open", "correcting"),
    "correcting": ("correcting",),
    "closed": ("closed",),
    "dismissed": ("dismissed",),
    "all": (),
}
COLUMNS = {
    "id": "ID",
    "kind": "KIND",
    "state": "STATE",
    "cause": "CAUSE",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "accession_number": "ACCESSION",
    "modality": "MOD",
    "performed_at": "PERFORMED",
    "owner": "OWNER",
    "opened_at": "OPENED",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)
    parser.add_argument("--kind", action="append", default=[], choices=[str(kind) for kind in CaseKind])
    parser.add_argument("--state", default="open", choices=list(STATES), help="default: open (with those under way)")


def run(options: argparse.Namespace) -> int:
    with opened(options) as store, store.reading() as conn:
        rows = listings.cases(
            conn,
            kinds=options.kind,
            states=STATES[options.state],
            query=lists.query(options),
            limit=lists.limit(options),
        )
    return lists.show(options, rows, COLUMNS, "No such case." if lists.query(options) else "No open case.")
