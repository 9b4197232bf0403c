"""Running the reconciler again changes nothing; the same facts come to the same end whatever came first."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.workflow import random_histories
from tests.workflow.histories import fresh, interleaved
from tests.workflow.hospital import Hospital, on_both

SEEDS = range(25)
ON_BOTH = range(100, 103)
WAYS = 4  # orders of arrival of one history


def plays_with_decisions(hospital: Hospital, seed: int) -> None:
    chance = random.Random(seed)
    deeds = random_histories.decisions(chance)
    (events,) = interleaved([*random_histories.chains(seed), deeds], 3, seed)[2:]
    hospital.hears_an_early_order()
    for event in events:
        event(hospital)


def looked_at_again_all_stays(hospital: Hospital) -> None:
    hospital.reconcile()
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before
    assert hospital.touched() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_looking_again_changes_nothing(seed: int, tmp_path: Path, template: Path) -> None:
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        plays_with_decisions(hospital, seed)
        looked_at_again_all_stays(hospital)


@on_both
@pytest.mark.parametrize("seed", ON_BOTH)
def test_nor_on_either_database(hospital: Hospital, seed: int) -> None:
    plays_with_decisions(hospital, seed)
    looked_at_again_all_stays(hospital)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_facts_come_to_the_same_end(seed: int, tmp_path: Path, template: Path) -> None:
    found = {}
    for events in interleaved(random_histories.chains(seed), WAYS, seed):
        with fresh(tmp_path / "one.sqlite3", template) as hospital:
            hospital.hears_an_early_order()
            for event in events:
                event(hospital)
            hospital.later(86_400)
            hospital.reconcile()
            found[repr(hospital.state())] = events
    assert len(found) == 1, "\n".join(found)
