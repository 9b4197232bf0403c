"""radrecon worklist: what modalities get, what they asked, and why a step is not on a station's list."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from radrecon.cli import lists, ris_sources
from radrecon.cli.opening import opened
from radrecon.cli.printing import print_json, print_line
from radrecon.store import listings

COLUMNS = {
    "id": "ID",
    "accession_number": "ACCESSION",
    "patient_name": "PATIENT",
    "patient_id": "MRN",
    "modality": "MOD",
    "scheduled_station_ae_title": "STATION",
    "scheduled_start": "START",
    "scheduled_procedure_step_description": "STEP",
    "priority": "PRIORITY",
    "status": "STATUS",
}
QUERY_COLUMNS = {
    "id": "ID",
    "at": "AT",
    "peer_ae_title": "STATION",
    "address": "ADDRESS",
    "matches": "MATCHES",
    "milliseconds": "MS",
    "keys": "KEYS",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    lists.arguments(parser)
    parser.add_argument("--for", dest="station", default="", metavar="AE", help="as this station would see it")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--explain", default="", metavar="ACCESSION", help="why an order is (not) on the list")
    what.add_argument("--queries", action="store_true", help="the C-FINDs that modalities made")
    what.add_argument("--sources", action="store_true", help="other systems' worklists, and how they answered")
    what.add_argument("--ask", nargs="?", const="", metavar="SOURCE", help="ask other systems' worklists now")


def run(options: argparse.Namespace) -> int:
    if options.explain:
        return _explain(options)
    if options.sources or options.ask is not None:
        return ris_sources.run(options)
    with opened(options) as store, store.reading() as conn:
        if options.queries:
            asked = listings.worklist_queries(conn, limit=lists.limit(options))
            return lists.show(options, asked, QUERY_COLUMNS, "No modality has asked yet.")
        rows = listings.worklist(conn, station=options.station, query=options.query, limit=lists.limit(options))
    return lists.show(options, rows, COLUMNS, "The worklist is empty.")


def _explain(options: argparse.Namespace) -> int:
    from radrecon.workflow.explaining import explain

    with opened(options) as store:
        answer = explain(store, options.station, options.explain, datetime.now(UTC))
    if options.json:
        print_json(answer)
        return 0
    print_line(answer.sentence)
    for line in answer.details:
        print_line(f"  {line}")
    for one in answer.ris_lists:
        print_line(one.sentence)
    return 0
