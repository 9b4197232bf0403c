"""What has been run, written down: a run goes on where one before it was, today or months later.

A line is what came out of one block or of several, with a digest of all that decides it, so that the results of other
rules are never mixed in. `condense` makes one line of those that belong together, without the examples.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import _world_index as index
from benchmarks._world_tally import Tally

HERE = Path(__file__).parent
DECIDING = ("radrecon.recon", "radrecon.model")
VETOES = 300  # of a kind of world: an adversary finds tens of thousands of ways to hold a link up


@dataclass(frozen=True)
class Block:
    """One world of its own. `disturbed`: the weights are, each by a factor of its own out of this seed."""

    kind: str
    seed: int
    number: int
    studies: int
    disturbed: int = 0


Line = tuple[frozenset[Block], Tally]


def rules_digest() -> str:
    """Of the generator, of what it calls of the rules, and of the limits that the store keeps."""
    digest = hashlib.sha256(repr(LIMITS).encode())
    for path in sorted(_files()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


LIMITS = (
    *(index.COMMON, index.BLOCK_LIMIT, index.ALIKE_LIMIT, index.COMMON_KEY, index.WEAK_LIMIT, index.MOST_SLOTS),
    *(sorted(index.STRONG), sorted(index.PERSONAL)),
)


def _files() -> set[Path]:
    """The generator's modules, and those that decide, as far as they are imported from there."""
    found: set[Path] = set()
    waiting = set(HERE.glob("_world*.py")) - {HERE / "_world_report.py", Path(__file__)}
    while waiting:
        path = waiting.pop()
        found.add(path)
        waiting |= set(_imported(path)) - found
    return found


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(DECIDING):
            names = [node.module or "", *(f"{node.module}.{one.name}" for one in node.names)]
            places = (HERE.parent.joinpath(*name.split(".")).with_suffix(".py") for name in names)
            yield from (place for place in places if place.exists())


def known(kept: Path, digest: str) -> list[Line]:
    """What these rules have done. A line that was cut off is none."""
    lines = kept.read_text("utf-8").splitlines() if kept.exists() else []
    found = (json.loads(line) for line in lines if line.endswith("}"))
    return [_line(one["blocks"], one["tally"]) for one in found if one["rules"] == digest]


def _line(blocks: Iterable[dict[str, object]], counts: dict[str, object]) -> Line:
    return frozenset(Block(**one) for one in blocks), Tally.read(counts)  # type: ignore[arg-type]


def keep(kept: Path, digest: str, blocks: Collection[Block], found: Tally) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("ab", buffering=0) as file:  # one write: whoever else appends does not come between
        file.write(_text(digest, blocks, found).encode())


def _text(digest: str, blocks: Collection[Block], found: Tally) -> str:
    named = [asdict(one) for one in sorted(blocks, key=lambda one: (one.kind, one.disturbed, one.seed, one.number))]
    return json.dumps({"rules": digest, "blocks": named, "tally": found.data()}, ensure_ascii=False) + "\n"


def done_before(blocks: Iterable[Block], kept: Path) -> Iterator[Line]:
    """What these rules have done of these blocks, without doing any."""
    left = set(blocks)
    for done, found in known(kept, rules_digest()):
        if done <= left:
            left -= done
            yield done, found


def condense(into: Path, *others: Path) -> None:
    """One line for each kind of world, of what these rules have done; no block counts twice. The others are added."""
    digest, sums = rules_digest(), {}
    for blocks, found in (line for kept in (into, *others) for line in known(kept, digest)):
        done, total = sums.setdefault({(one.kind, bool(one.disturbed)) for one in blocks}.pop(), (set(), Tally()))
        if not blocks & done:
            done |= blocks
            total.add(found)
    for _, total in sums.values():
        total.examples.clear()
        total.vetoes = Counter(dict(total.vetoes.most_common(VETOES)))
    into.write_text("".join(_text(digest, *sums[what]) for what in sorted(sums)), "utf-8")
