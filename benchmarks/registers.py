"""The same worlds with other countries' names: nobody is linked to another there either, and what is solved stays.

    ./dev bench registers                              # some minutes: 10,000 natural and 5,000 adversarial studies each
    ./dev bench registers --natural 20000 --seed 3

The rules and the generator are those of `matching`; only what people are called is another's (`_registers.py`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks import _world
from benchmarks._registers import COUNTRIES
from benchmarks._table import row
from benchmarks._world import Group
from benchmarks._world_run import Block, run
from benchmarks._world_tally import Tally

HEADS = ("clean", "exceptions", "right first", "natural", "adversarial")


def main(arguments: Sequence[str] = ()) -> None:
    options = parse(arguments)
    sizes = {"natural": options.natural, "adversarial": options.adversarial}
    jobs = [(name, Block(kind, options.seed, 0, size)) for name in COUNTRIES for kind, size in sizes.items()]
    print("linked by themselves, and wrong-patient links of all studies")
    row("", *HEADS)
    with ProcessPoolExecutor(options.processes) as pool:
        tallies = pool.map(judge, *zip(*jobs, strict=True))
        for name in COUNTRIES:
            report(name, next(tallies), next(tallies))


def judge(name: str, block: Block) -> Tally:
    """One block, as it would be where people are called so."""
    own = _world.NAMES
    _world.NAMES = COUNTRIES[name]
    try:
        return run(block)
    finally:
        _world.NAMES = own


def report(name: str, natural: Tally, adversarial: Tally) -> None:
    wrong = natural.of("wrong_patient"), adversarial.of("wrong_patient")
    linkable = natural.of("n", Group.LINKABLE)
    shares = (
        (natural.of("solved", Group.CLEAN), natural.of("n", Group.CLEAN)),
        (natural.of("solved", Group.LINKABLE), linkable),
        (natural.of("first", Group.LINKABLE), linkable),
    )
    shown = [f"{100 * some / of:.2f} %" if of else "none" for some, of in shares]
    counts = (f"{wrong[0]} / {natural.studies:,}", f"{wrong[1]} / {adversarial.studies:,}")
    row(name, *shown, *counts, goal="0", met=not any(wrong))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench registers", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--natural", type=int, default=10_000, help="natural studies of each country")
    parser.add_argument("--adversarial", type=int, default=5_000, help="adversarial studies of each country")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(list(arguments))


if __name__ == "__main__":
    main(sys.argv[1:])
