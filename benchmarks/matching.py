"""Right, safe, explained: millions of studies of made-up worlds through the rules in memory, beside the truth.

    ./dev bench matching                 # some minutes
    ./dev bench matching --full          # ten million natural and one million adversarial studies over ten seeds

Each block is a world of its own and is written to a checkpoint file when it is done, so that a run goes on where it
was stopped; results of other rules are never mixed in (a digest of recon/ and of the generator goes along).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks._table import row
from benchmarks._world_run import KINDS, Block, run_all
from benchmarks._world_tally import Tally

BLOCK = 20_000


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(sys.argv[2:] if arguments is None else arguments)
    started, sums = time.perf_counter(), {}
    for kind in KINDS:
        total = Tally()
        for _, found in run_all(blocks(options, kind), options.processes, options.kept):
            total.add(found)
        sums[kind] = total
        if not total.studies:
            continue
        report(kind, total)
        if options.examples:
            examples(total, options.examples)
    print(f"\n{time.perf_counter() - started:.0f} s")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench matching", description=__doc__)
    parser.add_argument("--natural", type=int, default=100_000, help="natural studies in all")
    parser.add_argument("--adversarial", type=int, default=40_000, help="adversarial studies in all")
    parser.add_argument("--seeds", type=int, default=2, help="over so many seeds")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--full", action="store_true", help="10,000,000 and 1,000,000 over ten seeds")
    parser.add_argument("--kept", type=Path, help="checkpoint file (JSON lines)")
    parser.add_argument("--examples", type=int, default=0, help="so many examples of each failure")
    options = parser.parse_args(arguments)
    if options.full:
        options.natural, options.adversarial, options.seeds = 10_000_000, 1_000_000, 10
        options.kept = options.kept or Path("matching.jsonl")
    return options


def blocks(options: argparse.Namespace, kind: str) -> list[Block]:
    each = getattr(options, kind) // options.seeds
    if not each:
        return []
    size = min(BLOCK, each)
    return [Block(kind, seed, at, size) for at in range(each // size) for seed in range(1, options.seeds + 1)]


def report(kind: str, total: Tally) -> None:
    print(f"\n{kind}: {total.studies:,} studies; made {total.studies / total.making:,.0f}/s, "
          f"decided {total.studies / total.seconds:,.0f}/s on a core")  # fmt: skip
    wrong = total.of("wrong_patient")
    row(
        "wrong-patient automatic links",
        f"{wrong}",
        f"<= {3 / total.studies:.1e}" if not wrong else "",
        goal="0",
        met=not wrong,
    )
    kinds = sorted(
        {key.split("/")[0] for key in total.counts if key.endswith("/n")}, key=lambda one: -total.counts[f"{one}/n"]
    )
    columns = (
        "n",
        "solved",
        "partly",
        "first",
        "among_three",
        "wrong_patient",
        "wrong_order",
        "unlinked",
        "no_order",
        "flagged",
        "picked",
    )
    print(f"{'class':20}" + "".join(f"{one[:10]:>11}" for one in columns))
    for one in kinds:
        print(f"{one:20}" + "".join(f"{total.counts[f'{one}/{what}']:>11,}" for what in columns))
    print("\nwhat stood between a study and its order (class/vetoes)")
    for what, count in total.vetoes.most_common(40):
        print(f"{count:>9,}  {what}")


def examples(total: Tally, most: int) -> None:
    for what, some in sorted(total.examples.items()):
        print(f"\n-- {what}")
        for text in some[:most]:
            print(f"   {text}")


if __name__ == "__main__":
    main(sys.argv[1:])
