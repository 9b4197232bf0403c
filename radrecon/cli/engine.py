"""radrecon engine: answer peers and write what they bring, or --stop. Flags win over the configuration file."""

from __future__ import annotations

import argparse
from pathlib import Path

from radrecon.cli.opening import configuration
from radrecon.config import Config, checked, database_url, find_file
from radrecon.config.base import application_entity

FLAGS = ("host", "mllp_port", "dicom_port", "ae_title")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to bind to")
    parser.add_argument("--mllp-port", type=port, metavar="PORT", help="HL7 listener; 0 = any free one")
    parser.add_argument("--dicom-port", type=port, metavar="PORT", help="worklist server; 0 = any free one")
    parser.add_argument("--ae-title", type=ae_title, metavar="AE", help="own AE title")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="written as JSON when everything listens")
    parser.add_argument("--stop", action="store_true", help="end the engine that serves the database; starts none")


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(text)
    return number


def ae_title(text: str) -> str:
    try:
        return application_entity(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def run(options: argparse.Namespace) -> int:
    if options.stop:
        from radrecon.cli import engine_stop

        return engine_stop.run(options)
    from radrecon.services.engine import main

    config = configuration(options)
    read = options.config or find_file() or "none, all is default"
    return main(with_flags(config, options), database_url(options.database, config), options.ready_file, str(read))


def with_flags(config: Config, options: argparse.Namespace) -> Config:
    flags = {name: getattr(options, name) for name in FLAGS if getattr(options, name) is not None}
    engine = checked({"engine": config.engine.model_dump() | flags}, "command line").engine
    return config.model_copy(update={"engine": engine})
