"""radrecon worker: the child that the engine starts and watches; nobody else has a use for it."""

from __future__ import annotations

import argparse

from radrecon.cli.opening import url


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from radrecon.services.worker import main

    return main(url(options))
