"""radrecon without a command: the desk."""

from __future__ import annotations

import argparse

from radrecon.cli.opening import url


def run(options: argparse.Namespace) -> int:
    from radrecon.ui.app import main

    return main(url(options), options.config or "")
