"""Many blocks over two processes, each result written down once it is there, so that a run can go on where it was."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks._world_adverse import adversarial
from benchmarks._world_kept import Block, keep, known, rules_digest
from benchmarks._world_natural import enriched, natural
from benchmarks._world_tally import Tally, tally
from radrecon.recon.weigh import DEFAULT, Weights

KINDS = {"natural": natural, "enriched": enriched, "adversarial": adversarial}


def run(block: Block) -> Tally:
    started = time.process_time()
    world = KINDS[block.kind](block.seed, block.number, block.studies)
    made = time.process_time()
    found = tally(world, disturbed(block.disturbed) if block.disturbed else DEFAULT)
    found.making, found.seconds = made - started, time.process_time() - made
    return found


def disturbed(seed: int) -> Weights:
    """Every weight times a factor of its own between 0.7 and 1.3."""
    return DEFAULT.disturbed(lambda name, level: random.Random(f"{seed}/{name}/{level}").uniform(0.7, 1.3))


def run_all(
    blocks: Sequence[Block], processes: int, kept: Path | None = None
) -> Iterator[tuple[frozenset[Block], Tally]]:
    """Those that are written down first, then the others as they are done."""
    digest, left = rules_digest(), set(blocks)
    for done, found in known(kept, digest) if kept else ():
        if done <= left:
            left -= done
            yield done, found
    for block, found in _pooled([block for block in blocks if block in left], processes):
        if kept:
            keep(kept, digest, [block], found)
        yield frozenset((block,)), found


def _pooled(blocks: Sequence[Block], processes: int) -> Iterator[tuple[Block, Tally]]:
    if processes < 2:
        yield from ((block, run(block)) for block in blocks)
        return
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(run, block): block for block in blocks}
        yield from ((waiting[one], one.result()) for one in as_completed(waiting))
