"""Right, safe, explained: studies of made-up worlds through the rules in memory, beside the truth.

    ./dev bench matching                          # some minutes
    ./dev bench matching --full                   # ten million natural and one million adversarial studies, ten seeds
    ./dev bench matching --report                 # of those, what has been run so far
    ./dev bench matching --natural 20000 --adversarial 0 --examples 3

Each block is a world of its own and is written to the checkpoint file (`--kept`) when it is done: a run goes on where
it was stopped, and the results of other rules are never mixed in (a digest of what decides, and of the generator, goes
along). `--full` goes on from benchmarks/matching.jsonl; any block of it can be run again by its seed and number.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._world_kept import Block, condense, done_before
from benchmarks._world_report import adversarial_report, enriched_report, examples, natural_report, safety
from benchmarks._world_run import run_all
from benchmarks._world_tally import Tally

BLOCK = 20_000
KEPT = Path(__file__).with_name("matching.jsonl")  # in the repository: ten million are more than one night's work
FULL = {"natural": 10_000_000, "adversarial": 1_000_000, "disturbed": 1_000_000, "enriched": 100_000, "seeds": 10}


def main(arguments: Sequence[str] = ()) -> None:
    options = parse(arguments)
    if options.condense is not None:
        condense(options.kept or KEPT, *options.condense)
        return
    parts = {
        "natural": blocks("natural", options.natural, options.seeds),
        "adversarial": blocks("adversarial", options.adversarial, options.seeds),
        "rare errors made frequent": blocks("enriched", options.enriched, options.seeds),
        "natural, weights ±30 %": blocks("natural", options.disturbed, options.seeds, disturbed=True),
        "adversarial, weights ±30 %": blocks("adversarial", options.disturbed, options.seeds, disturbed=True),
    }
    wanted = {what: sum(one.studies for one in some) for what, some in parts.items()}
    started, sums = time.perf_counter(), {}
    for what, some in parts.items():
        sums[what] = added(what, some, options)
    how = "run so far" if options.report else f"in {time.perf_counter() - started:.0f} s, {options.processes} processes"
    print(f"\n{sum(one.studies for one in sums.values()):,} studies {how}, {options.seeds} seeds")
    safety(sums, wanted if options.full or options.report else {})
    natural_report(sums["natural"])
    enriched_report(sums["rare errors made frequent"])
    adversarial_report(sums["adversarial"])
    for total in sums.values() if options.examples else ():
        examples(total, options.examples)


def added(what: str, some: Sequence[Block], options: argparse.Namespace) -> Tally:
    total, last, at = Tally(), time.perf_counter(), 0
    lines = done_before(some, options.kept) if options.report else run_all(some, options.processes, options.kept)
    for done, found in lines:
        total.add(found)
        at += len(done)
        if time.perf_counter() - last > 60:
            last = time.perf_counter()
            print(f"{what}: {at} of {len(some)} blocks, {total.of('wrong_patient')} wrong-patient links", flush=True)
    return total


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench matching", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--natural", type=int, default=60_000, help="natural studies in all")
    parser.add_argument("--adversarial", type=int, default=20_000, help="adversarial studies in all")
    parser.add_argument(
        "--disturbed", type=int, default=10_000, help="of each kind, with each weight off by up to 30 %%"
    )
    parser.add_argument("--enriched", type=int, default=10_000, help="natural studies with rare errors made frequent")
    parser.add_argument("--seeds", type=int, default=2, help="over so many seeds")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--full", action="store_true", help=f"as many as the goals speak of: {FULL}")
    parser.add_argument("--kept", type=Path, help="checkpoint file (JSON lines)")
    parser.add_argument("--report", action="store_true", help="of --full what has been run so far; run nothing")
    parser.add_argument("--condense", type=Path, nargs="*", help="add these checkpoint files to --kept, and end")
    parser.add_argument("--examples", type=int, default=0, help="print so many of each failure")
    options = parser.parse_args(list(arguments))
    if options.full or options.report:
        vars(options).update(FULL, kept=options.kept or KEPT)
    return options


def blocks(kind: str, studies: int, seeds: int, *, disturbed: bool = False) -> list[Block]:
    each = studies // seeds
    size = min(BLOCK, each)
    places = range(each // size if size else 0)
    return [Block(kind, seed, at, size, seed if disturbed else 0) for at in places for seed in range(1, seeds + 1)]


if __name__ == "__main__":
    main(sys.argv[1:])
