"""Many blocks over two processes, each result written down once it is there, so that a run can go on where it was."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import radrecon.recon
from benchmarks._world_adverse import adversarial
from benchmarks._world_natural import enriched, natural
from benchmarks._world_tally import Tally, tally
from radrecon.recon.weigh import DEFAULT, Weights

KINDS = {"natural": natural, "enriched": enriched, "adversarial": adversarial}


@dataclass(frozen=True)
class Block:
    """One world of its own. `disturbed`: the weights are, each by a factor of its own out of this seed."""

    kind: str
    seed: int
    number: int
    studies: int
    disturbed: int = 0


def rules_digest() -> str:
    """What the rules and the generator are made of: results of others are none of these rules."""
    digest = hashlib.sha256()
    recon = Path(radrecon.recon.__file__).parent
    for path in [*sorted(recon.glob("*.py")), *sorted(Path(__file__).parent.glob("_world*.py"))]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


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


def run_all(blocks: Sequence[Block], processes: int, kept: Path | None = None) -> Iterator[tuple[Block, Tally]]:
    """Those that are written down first, then the others as they are done."""
    digest = rules_digest()
    known = _known(kept, digest) if kept else {}
    yield from ((block, known[block]) for block in blocks if block in known)
    left = [block for block in blocks if block not in known]
    for block, found in _pooled(left, processes):
        if kept:
            _keep(kept, digest, block, found)
        yield block, found


def _pooled(blocks: Sequence[Block], processes: int) -> Iterator[tuple[Block, Tally]]:
    if processes < 2:
        yield from ((block, run(block)) for block in blocks)
        return
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(run, block): block for block in blocks}
        yield from ((waiting[one], one.result()) for one in as_completed(waiting))


def _known(kept: Path, digest: str) -> dict[Block, Tally]:
    if not kept.exists():
        return {}
    lines = [json.loads(line) for line in kept.read_text().splitlines() if line.endswith("}")]
    return {Block(**line["block"]): Tally.read(line["tally"]) for line in lines if line["rules"] == digest}


def _keep(kept: Path, digest: str, block: Block, found: Tally) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("a") as file:
        file.write(json.dumps({"rules": digest, "block": asdict(block), "tally": found.data()}) + "\n")
