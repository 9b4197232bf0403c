"""radrecon simulate: the demo's own children, a hospital and a PACS; nobody else has a use for them."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["hospital", "pacs"])
    parser.add_argument("rest", nargs="*", metavar="ARGUMENT", help="of the PACS: FOLDER PORT AE OWN_AE OWN_PORT")


def run(options: argparse.Namespace) -> int:
    if options.what == "hospital":
        from radrecon.sim import apart

        apart.main()
    else:
        from radrecon.sim import qr_pacs

        qr_pacs.main(options.rest)
    return 0
