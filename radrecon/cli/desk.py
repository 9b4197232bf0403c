"""radrecon without a command: the desk."""

from __future__ import annotations

import argparse
from pathlib import Path

from radrecon.model.errors import Trouble


def run(options: argparse.Namespace) -> int:
    if options.config and not Path(options.config).is_file():
        raise Trouble(f"{options.config}: no such file")
    from radrecon.ui.app import main

    return main(lambda: _url(options), options.config or "")


def _url(options: argparse.Namespace) -> str:
    """Asked for when the window shows: what reads the configuration takes its time to load."""
    from radrecon.cli.opening import url

    return url(options)
