"""Every command with its module and one line of help; a module is imported only when its command is on the line."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module

from radrecon import __version__


@dataclass(frozen=True)
class Command:
    """`help` None hides the command from the list."""

    module: str
    help: str | None


COMMANDS = {
    "demo": Command("demo", "a simulated hospital, the engine, and (unless headless) the desk on it"),
    "engine": Command("engine", "answer peers and write what they bring"),
    "worker": Command("worker", None),
    "looker": Command("looker", None),
    "simulate": Command("simulate", None),
    "cases": Command("cases", "what is wrong, the severest first"),
    "orders": Command("orders", "orders as heard, the newest first"),
    "reports": Command("reports", "report versions as heard, the newest first"),
    "performed": Command("performed", "what modalities say they did (MPPS), the newest first"),
    "studies": Command("studies", "studies as the PACS list them"),
    "pacs": Command("pacs", "each PACS: up or down, how it is followed, how far its sweep is"),
    "patients": Command("patients", "the index of persons"),
    "worklist": Command("worklist", "what modalities get, what they asked, and why a step is not on the list"),
    "messages": Command("messages", "the journal of HL7 messages in and out, by business keys or any text"),
    "senders": Command("senders", "who sends, how their clocks stand, where they put accession numbers"),
    "crosswalk": Command("crosswalk", "legacy patient numbers and what they are now: list, import, remove"),
    "decisions": Command("decisions", "what people decided and late images follow: list, revoke"),
    "rules": Command("rules", "what may be done without a person: list, set off, in shadow or on, replay over history"),
    "deliveries": Command("deliveries", "what corrections send, and how far it got"),
    "show": Command("show", "one case, message, order, study, patient or correction with its history"),
    "plan": Command("plan", "the dry run of a correction: every message and dataset change, nothing sent"),
    "correct": Command("correct", "correct a case through the outbox"),
    "investigate": Command("investigate", "open a case on a study that no rule has found"),
    "undo": Command("undo", "take a correction back"),
    "ingest": Command("ingest", "files of HL7 through the same path as the listener"),
    "recheck": Command("recheck", "look at everything again after rules changed, and see how far that is"),
    "replay": Command("replay", "apply journalled messages again, as they were or edited"),
    "report": Command("report", "the daily report"),
    "refusals": Command("refusals", "DICOM peers that were refused, and why"),
    "stored": Command("stored", "studies that came by Storage, and their thumbnails"),
    "db": Command("db", "upgrade, back up, check or prune the database"),
}
EPILOG = "Without a command: the desk. Exit codes: 0 fine, 1 a failure said in one line, 2 wrong usage."


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed line; `run` is the function that executes it."""
    parsed = parser(arguments).parse_args(arguments)
    parsed.command = parsed.command or "desk"
    return parsed


def parser(wanted: Collection[str] = tuple(COMMANDS)) -> argparse.ArgumentParser:
    """The whole line; commands that are not in `wanted` have no arguments of their own yet."""
    whole = argparse.ArgumentParser(
        prog="radrecon", description="Reconciliation and worklist management for radiology.", epilog=EPILOG
    )
    whole.add_argument("--version", action="version", version=f"radrecon {__version__}")
    whole.add_argument("--database", metavar="URL", help=_DATABASE_HELP)
    whole.add_argument("--config", metavar="FILE", help=_CONFIG_HELP)
    whole.set_defaults(command="")
    parsers = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        more = {} if command.help is None else {"help": command.help, "description": command.help}
        one = parsers.add_parser(name, parents=[_common()], **more)  # type: ignore[arg-type]
        if name in wanted:
            import_module(f"radrecon.cli.{command.module}").arguments(one)
    return whole


_DATABASE_HELP = "database URL or SQLite file (default: RADRECON_DATABASE, the configuration, the user's data folder)"
_CONFIG_HELP = "configuration file (default: the user's radrecon.toml, then /etc/radrecon/radrecon.toml)"


def _common() -> argparse.ArgumentParser:
    """Options that may also stand behind the command; unset ones must not hide those before it."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--database", metavar="URL", help=_DATABASE_HELP)
    common.add_argument("--config", metavar="FILE", help=_CONFIG_HELP)
    return common


def run(parsed: argparse.Namespace) -> int:
    """Execute a parsed line; the exit code."""
    code: int = import_module(f"radrecon.cli.{parsed.command}").run(parsed)
    return code
