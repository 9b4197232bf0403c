"""What a look that only reads names is all that a look of the worker's would change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown, open_store
from radrecon.workflow import looking, rechecking, standing
from tests.builders import demographics, study
from tests.workflow.histories import fresh, interleaved
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid
from tests.workflow.random_histories import chains
from tests.workflow.test_rechecking import ward

KARL = pid("2000002", "BAUER^KARL", "19851224", "M")
STAGES = ("orders", "persons", "studies")


def named(hospital: Hospital) -> list[list[int]]:
    """By stage, of all that there is; by a connection that cannot write."""
    store = open_store(hospital.store.url.render_as_string(hide_password=False), read_only=True)
    try:
        return [looking.named(store, stage, range(1, 40), hospital.now) for stage in STAGES]
    finally:
        store.close()


@on_both
def test_where_all_is_as_it_should_be_nothing_is_named(hospital: Hospital) -> None:
    ward(hospital)
    assert named(hospital) == [[], [], []]


@on_both
@pytest.mark.parametrize(("table", "at"), [(t.order_key, 0), (t.person_key, 1), (t.study_key, 2)])
def test_what_has_other_keys_than_it_should_have_is_named(hospital: Hospital, table: Any, at: int) -> None:
    ward(hospital)
    one = table.c[("order_id", "person_id", "study_id")[at]]
    with hospital.store.transaction() as conn:
        conn.execute(table.delete().where(one == 2))
    found = named(hospital)
    assert found[at] == [2]


@on_both
def test_a_study_with_another_verdict_is_named(hospital: Hospital) -> None:
    ward(hospital)
    with hospital.store.transaction() as conn:
        conn.execute(t.link.delete().where(t.link.c.study_id == 1))
    assert named(hospital) == [[], [], [1]]


@on_both
def test_whoever_carries_a_number_to_be_examined_is_named(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A300"), order("A100", KARL))
    hospital.sees(study("1.2.9", "A900", demographics("77", "NOBODY^KNOWN", birth_date="1950-01-01")))
    assert named(hospital) == [[1, 3], [], [1]]


def test_a_person_under_suspicion_is_named(hospital: Hospital) -> None:
    ward(hospital)
    with hospital.store.transaction() as conn:
        conn.execute(t.person.update().where(t.person.c.id == 1).values(quarantined=True))
    assert named(hospital)[1] == [1]


def test_a_page_in_which_a_look_breaks_is_left_to_the_worker(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward(hospital)

    def breaks(error: Exception) -> Any:
        def look(*_: Any) -> Any:
            raise error

        monkeypatch.setattr(standing, "look_at", look)

    breaks(ValueError("a bug"))
    assert looking.named(hospital.store, "studies", [1, 2], hospital.now) == [1, 2]
    breaks(DatabaseDown("database: gone"))
    with pytest.raises(DatabaseDown):
        looking.named(hospital.store, "studies", [1, 2], hospital.now)
    with pytest.raises(KeyError):
        looking.named(hospital.store, "cases", [1], hospital.now)


@pytest.mark.parametrize("seed", range(320, 326))
def test_after_any_history_only_what_is_looked_at_alone_is_named(seed: int, tmp_path: Path, template: Path) -> None:
    """What a look at everything would leave as it is, but for what may have to be written of it."""
    (events,) = interleaved(chains(seed), 3, seed)[2:]
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        hospital.hears_an_early_order()
        for event in events:
            event(hospital)
        hospital.recheck()
        before = hospital.dump()
        found = named(hospital)
        for stage, ids in zip(STAGES, found, strict=True):
            rechecking.look_again(hospital.store, stage, ids, hospital.now)
        hospital.reconcile()
        assert hospital.dump() == before
