"""The benchmark's index in memory answers what the store answers the reconciler."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from benchmarks._world import World
from benchmarks._world_adverse import adversarial
from benchmarks._world_index import Index, normal
from benchmarks._world_natural import natural
from radrecon.model.person import Watch
from radrecon.model.study import StudyFacts
from radrecon.recon.classify import classify
from radrecon.recon.slots import Slot
from radrecon.store import orders, persons, studies
from radrecon.store import tables as t
from radrecon.store.codec import dump
from radrecon.store.database import Connection, Store
from radrecon.workflow.keys import index_study, write_keys, write_person_keys
from radrecon.workflow.neighbourhood import decide, issued, load_neighbourhood
from tests.builders import NOW

STUDIES = 250
WATCH = Watch(date(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC))


def test_the_mirror_shows_what_the_store_shows(store: Store) -> None:
    world = natural(5, 0, STUDIES)
    fill(store, world)
    index = Index(world)
    with store.reading() as conn:
        for study in world.studies:
            loaded = load_neighbourhood(conn, study, watch=replace(world.watch, issuers=index.issuers))
            mirrored = index.neighbourhood(study)
            assert mirrored.orders_total == loaded.orders_total
            assert [order.id for order in mirrored.orders] == [order.id for order in loaded.orders]
            assert (mirrored.study_person_id, mirrored.truncated) == (loaded.study_person_id, loaded.truncated)
            assert mirrored.persons == loaded.persons
            assert mirrored.taken == loaded.taken
            assert mirrored.orders == loaded.orders
            assert mirrored.persons_truncated == loaded.persons_truncated
            assert [one.id for one in mirrored.rivals] == [one.id for one in loaded.rivals]
            assert [one.id for one in mirrored.sources] == [one.id for one in loaded.sources]
            assert summary(loaded.slots) <= summary(mirrored.slots)  # the store leaves out who cannot matter


def test_slots_that_the_store_leaves_out_change_no_verdict(store: Store) -> None:
    world = natural(6, 0, STUDIES)
    fill(store, world)
    index = Index(world)
    fewer = 0
    with store.reading() as conn:
        for study in world.studies:
            loaded = load_neighbourhood(conn, study)
            every = index.slots(study, loaded.orders, every=True)
            assert classify(loaded, WATCH) == classify(replace(loaded, slots=every), WATCH)
            fewer += len(every) - len(loaded.slots)
    assert fewer > 0


def summary(slots: Iterable[Slot]) -> set[tuple[int, bool, bool]]:
    return {(one.order.id, one.seen, one.images is None) for one in slots}


@pytest.mark.parametrize("number", [0, 1])
def test_both_decide_alike(store: Store, number: int) -> None:
    world = adversarial(5, number, STUDIES)
    fill(store, world)
    index = Index(world)
    watch = replace(world.watch, issuers=index.issuers)
    with store.reading() as conn:
        for study in world.studies:
            _, decided = decide(conn, study, watch)
            mirrored = index.decide(study, watch)
            assert (mirrored.order_ids, mirrored.match_class) == (decided.order_ids, decided.match_class)
            assert [one.order_id for one in mirrored.ranking.candidates] == [
                one.order_id for one in decided.ranking.candidates
            ]


def test_issuers_are_inferred_in_both_alike(store: Store) -> None:
    by_station, _ = inferred_alike(store, natural(5, 0, STUDIES))
    assert STUDIES // 3 < by_station < STUDIES


def test_where_the_site_has_an_issuer_of_its_own_as_well(store: Store) -> None:
    """Headers with numbers of the replaced system, as the index alone knows them."""
    _, by_the_index = inferred_alike(store, adversarial(5, 1, STUDIES))
    assert by_the_index


def inferred_alike(store: Store, world: World) -> tuple[int, int]:
    """For how many studies an issuer was inferred by their station, and by the index alone."""
    fill(store, world)
    index, stations, alone = Index(world), 0, 0
    with store.reading() as conn:
        for study in world.studies:
            loaded = issued(conn, study, index.issuers, world.watch.patient_id_issuer)
            mirrored = index.neighbourhood(study).study
            found = loaded.inferred_issuer, loaded.inferred_by_station
            assert found == (mirrored.inferred_issuer, mirrored.inferred_by_station)
            stations += bool(found[1])
            alone += found > ("", "") and not found[1]
    return stations, alone


def fill(store: Store, world: World) -> None:
    with store.transaction() as conn:
        _persons(conn, world)
        for order in world.radiology.orders:
            assert orders.save(conn, replace(order, id=0), at=NOW) == order.id
        seen: Counter[str] = Counter()
        for study in world.studies:
            at = study.first_seen or NOW
            assert studies.insert(conn, _elsewhere(study.facts, seen), at=at, baseline=False) == study.id
            index_study(conn, study.id, study.facts, new=True)
    write_keys(store, [order.id for order in world.radiology.orders], NOW)
    write_person_keys(store, list(world.register.persons), NOW)


def _elsewhere(facts: StudyFacts, seen: Counter[str]) -> StudyFacts:
    """One PACS holds a UID once: another study under the same one is in another PACS."""
    seen[facts.study_instance_uid] += 1
    return replace(facts, pacs=f"{facts.pacs}{seen[facts.study_instance_uid]}")


def _persons(conn: Connection, world: World) -> None:
    for person in world.register.persons.values():
        block = persons.columns(person.demographics)
        more: dict[str, Any] = {"quarantined": person.quarantined, "registered": int(person.registered)}
        if person.updated_at:
            more["updated_at"] = person.updated_at
        if person.before_overlay:
            more["before_overlay"] = dump(person.before_overlay)
        conn.execute(t.person.insert().values(id=person.id, **block, **more, merged_into=person.merged_into))
        for one in person.identifiers:
            own = person.demographics.patient_id
            retired = one.issuer == own.issuer and one != own
            values = {"value": one.value, "issuer": one.issuer, "normal": normal(one.value), "retired": retired}
            conn.execute(sa.insert(t.identifier).values(person_id=person.id, **values))
