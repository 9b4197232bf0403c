"""radrecon simulate: the demo's own children; nobody else has a use for them."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["hospital", "pacs", "caretaker"])
    of_which = "of the PACS: FOLDER PORT AE OWN_AE OWN_PORT; of the caretaker: FOLDER"
    parser.add_argument("rest", nargs="*", metavar="ARGUMENT", help=of_which)


def run(options: argparse.Namespace) -> int:
    if options.what == "hospital":
        from radrecon.sim import apart

        apart.main()
    elif options.what == "caretaker":
        from radrecon.sim import caretaker

        caretaker.main(Path(options.rest[0]))
    else:
        from radrecon.sim import qr_pacs

        qr_pacs.main(options.rest)
    return 0
