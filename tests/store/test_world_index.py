"""The benchmark's index in memory answers what the store answers the reconciler."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from benchmarks._world import World
from benchmarks._world_index import Index, normal
from benchmarks._world_natural import natural
from radrecon.store import orders, persons, studies
from radrecon.store import tables as t
from radrecon.store.database import Connection, Store
from radrecon.workflow.keys import index_study, write_keys
from radrecon.workflow.neighbourhood import issued, load_neighbourhood
from tests.builders import NOW

STUDIES = 250


def test_the_mirror_shows_what_the_store_shows(store: Store) -> None:
    world = natural(5, 0, STUDIES)
    fill(store, world)
    index = Index(world)
    with store.reading() as conn:
        for study in world.studies:
            loaded = load_neighbourhood(conn, study, issuers=index.issuers)
            mirrored = index.neighbourhood(study)
            assert mirrored.orders_total == loaded.orders_total
            assert [order.id for order in mirrored.orders] == [order.id for order in loaded.orders]
            assert (mirrored.study_person_id, mirrored.truncated) == (loaded.study_person_id, loaded.truncated)
            assert set(mirrored.persons or {}) == set(loaded.persons or {})
            assert set(mirrored.taken or {}) == set(loaded.taken or {})
            assert mirrored.orders == loaded.orders
            assert {(one.order.id, one.done, one.images is None) for one in mirrored.slots} == {
                (one.order.id, one.done, one.images is None) for one in loaded.slots
            }


def test_stations_tell_issuers_in_both_alike(store: Store) -> None:
    world = natural(5, 0, STUDIES)
    fill(store, world)
    index, told = Index(world), 0
    with store.reading() as conn:
        for study in world.studies:
            loaded, mirrored = issued(conn, study, index.issuers), index.neighbourhood(study).study
            assert (loaded.issuer_by_station, loaded.station_of_issuer) == (
                mirrored.issuer_by_station,
                mirrored.station_of_issuer,
            )
            told += bool(loaded.issuer_by_station)
    assert STUDIES // 3 < told < STUDIES


def fill(store: Store, world: World) -> None:
    with store.transaction() as conn:
        _persons(conn, world)
        for order in world.radiology.orders:
            assert orders.save(conn, replace(order, id=0), at=NOW) == order.id
        for study in world.studies:
            assert studies.insert(conn, study.facts, at=study.first_seen or NOW, baseline=False) == study.id
            index_study(conn, study.id, study.facts, new=True)
    write_keys(store, [order.id for order in world.radiology.orders], NOW)


def _persons(conn: Connection, world: World) -> None:
    for person in world.register.persons.values():
        block = persons.columns(person.demographics)
        row = t.person.insert().values(id=person.id, **block, merged_into=person.merged_into)
        conn.execute(row)
        for one in person.identifiers:
            own = person.demographics.patient_id
            retired = one.issuer == own.issuer and one != own
            values = {"value": one.value, "issuer": one.issuer, "normal": normal(one.value), "retired": retired}
            conn.execute(sa.insert(t.identifier).values(person_id=person.id, **values))
