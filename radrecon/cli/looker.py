"""radrecon looker: a child that the worker starts to look at much; nobody else has a use for it."""

from __future__ import annotations

import argparse

from radrecon.cli.opening import url


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    from radrecon.services.looker import main

    return main(url(options))
