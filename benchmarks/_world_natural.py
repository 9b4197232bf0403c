"""A world as it comes: most studies are right, and each known error happens as often as it does.

`RATES` are per 100,000 studies.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

from benchmarks import _world_errors as errors
from benchmarks import _world_identities as identities
from benchmarks import _world_orders as orders
from benchmarks._world import World, empty_world
from benchmarks._world_register import populate

HUMANS = 0.6  # per study
UNUSED = 0.08  # orders without images, per study
Rate = tuple[str, float, errors.Make]


def natural(seed: int, number: int, studies: int) -> World:
    """One block of a natural world with at least so many studies."""
    return made(empty_world(f"natural/{seed}/{number}", number), studies, RATES)


def enriched(seed: int, number: int, studies: int) -> World:
    """The same with every error as frequent as one in a hundred at least: rare classes are seen in small runs."""
    return made(empty_world(f"enriched/{seed}/{number}", number), studies, ENRICHED)


def made(world: World, studies: int, rates: Sequence[Rate]) -> World:
    populate(world.register, max(200, int(studies * HUMANS)))
    sums = list(accumulate(rate for _, rate, _ in rates))
    while len(world.studies) < studies:
        at = bisect(sums, world.rng.random() * 100_000)
        kind, make = (rates[at][0], rates[at][2]) if at < len(rates) else ("clean", errors.clean)
        make(world, kind)
        if world.rng.random() < UNUSED:
            errors.unused(world)
    return world.tell()


RATES: tuple[Rate, ...] = (
    ("manual", 2800, errors.by_header(errors.by_hand)),
    ("split", 2000, orders.split),
    ("outside", 1500, orders.outside),
    ("formatting", 800, errors.by_header(errors.formatting)),
    ("legacy_mapped", 400, identities.legacy(True)),
    ("legacy_unmapped", 100, identities.legacy(False)),
    ("name_typo", 300, errors.by_header(errors.name_typo)),
    ("merged", 300, identities.merged),
    ("name_change", 200, identities.name_change),
    ("names_swapped", 60, errors.by_header(errors.names_swapped)),
    ("accession_typo", 150, errors.by_header(errors.accession_typo)),
    ("collision", 25, orders.collision),  # two studies each
    ("accession_of_other", 20, orders.accession_of_other),
    ("never_sent", 150, orders.never_sent),
    ("birth_date", 100, errors.by_header(errors.birth_date)),
    ("sex", 50, errors.by_header(errors.sex)),
    ("wrong_order", 100, orders.wrong_order),
    ("trauma", 75, identities.trauma),  # a third makes two studies
    ("phantom", 100, orders.phantom),
    ("laterality", 50, orders.laterality),
    ("wrong_pick", 8, orders.wrong_pick),  # a fifth makes two
    ("trap_twin", 5, identities.trap("twin")),
    ("trap_namesake", 5, identities.trap("namesake")),
    ("trap_generation", 5, identities.trap("generation")),
    ("compound", 200, errors.compound),
)
ENRICHED = tuple((kind, max(rate, 1000.0), make) for kind, rate, make in RATES)
