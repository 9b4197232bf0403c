"""What plan, correct and undo share: their options, and a plan in words."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from radrecon.cli import lists
from radrecon.cli.printing import print_line
from radrecon.model.correction import Plan, PlannedDelivery, Verb

VERBS = [str(verb) for verb in Verb if verb is not Verb.UNDO]


def case_and_verb(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", type=lists.number, metavar="CASE")
    parser.add_argument("verb", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    parser.add_argument("--order", type=lists.number, default=0, metavar="ID", help="the order to link to")
    parser.add_argument(
        "--set", action="append", default=[], type=field_and_value, metavar="FIELD=VALUE", dest="values"
    )
    parser.add_argument("--json", action="store_true", help="one object")


def field_and_value(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals or not field.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=VALUE")
    return field.strip(), value


def now() -> datetime:
    return datetime.now(UTC)


def print_plan(plan: Plan) -> None:
    print_line(plan.summary)
    if plan.touches:
        print_line("touches " + ", ".join(f"{number} {name}" for name, number in plan.touches.items()))
    for change in plan.index_changes:
        print_line(f"index: {change.text}")
    for number, delivery in enumerate(plan.deliveries, 1):
        _print_delivery(number, delivery)
    for warning in plan.warnings:
        print_line(f"warning: {warning}")
    for step in plan.irrevocable:
        print_line(f"cannot be undone: {step}")


def _print_delivery(number: int, delivery: PlannedDelivery) -> None:
    proof = f", proved by asking {delivery.proof}" if delivery.proof else ", not provable"
    print_line(f"{number}. {delivery.title or delivery.destination} → {delivery.destination}{proof}")
    for change in delivery.changes:
        print_line(f"   {change.where}: {change.old or '(none)'} → {change.new or '(none)'}")
    for segment in delivery.message.split("\r"):
        if segment:
            print_line(f"   {segment}")
