"""Histories played in every order of arrival that leaves each sender's own order as it is."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from radrecon.store.database import open_store
from tests.workflow.hospital import Hospital

Event = Callable[[Hospital], object]


@contextmanager
def fresh(path: Path, template: Path) -> Iterator[Hospital]:
    """A hospital on a new SQLite file."""
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    shutil.copy(template, path)
    store = open_store(f"sqlite:///{path}")
    yield Hospital(store)
    store.close()


def interleaved(chains: Sequence[Sequence[Event]], most: int, seed: int) -> list[list[Event]]:
    """Ways in which chains can come in, each chain in its own order: one whole after the other, and some at random."""
    chance = random.Random(seed)
    turns = [at for at, chain in enumerate(chains) for _ in chain]
    ways = [turns, turns[::-1]]
    ways += [chance.sample(turns, len(turns)) for _ in range(most - len(ways))]
    return [_played(chains, way) for way in dict.fromkeys(map(tuple, ways))]


def _played(chains: Sequence[Sequence[Event]], turns: Sequence[int]) -> list[Event]:
    left = [iter(chain) for chain in chains]
    return [next(left[turn]) for turn in turns]
