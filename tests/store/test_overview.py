from __future__ import annotations

from datetime import date, timedelta

from radrecon.model.correction import DeliveryState
from radrecon.model.rows import EngineState, Recheck
from radrecon.store import corrections, life, recheck, settings
from radrecon.store import tables as t
from radrecon.store.database import Store
from radrecon.store.overview import engine_state, pacs_states, summary
from tests.builders import NOW
from tests.store.hospital import build, correct, open_cases, talk


def test_an_empty_database_counts_nothing_and_says_no_times(store: Store) -> None:
    with store.reading() as conn:
        found = summary(conn)
    assert (found.cases, found.orders, found.studies, found.messages) == ({}, 0, 0, 0)
    assert (found.last_order_at, found.last_message_at, found.watch_from, found.coverage_from) == ("", "", "", "")


def test_the_counts_are_those_of_the_hospital(store: Store) -> None:
    h = build(store)
    number, _ = open_cases(h)
    correct(h, number)
    talk(store)
    with store.transaction() as conn:
        settings.set_watch_from(conn, date(2026, 11, 1))
        found = summary(conn)
    assert found.cases == {"unassigned_study": 1, "accession_collision": 1}
    assert found.oldest_unassigned == found.oldest_case["unassigned_study"] != ""
    assert (found.orders, found.studies, found.studies_not_judged) == (3, 3, 1)
    assert (found.messages, found.messages_refused) == (3, 1)
    assert (found.deliveries_unfinished, found.deliveries_in_trouble) == (2, 0)
    assert found.watch_from == "2026-11-01"
    assert found.coverage_from < found.last_order_at


def test_what_is_taken_and_cannot_be_proved_is_finished(store: Store) -> None:
    h = build(store)
    correct(h, open_cases(h)[0])
    with store.transaction() as conn:
        main, ehr = (corrections.load_delivery(conn, one) for one in (1, 2))
        corrections.move(conn, main, DeliveryState.NOT_APPLIED, NOW)
        corrections.move(conn, ehr, DeliveryState.ACKNOWLEDGED, NOW)
        found = summary(conn)
    assert (found.deliveries_unfinished, found.deliveries_in_trouble) == (0, 1)


def test_every_pacs_is_listed_also_one_that_was_never_reached(store: Store) -> None:
    build(store)
    with store.reading() as conn:
        main, vna = pacs_states(conn)
    assert (main.name, main.up, main.studies, main.baseline_done, main.send) == ("main", True, 2, True, True)
    assert (vna.name, vna.up, vna.studies, vna.send) == ("vna", False, 1, False)
    assert main.id != vna.id


def test_an_engine_lives_by_its_heartbeat_on_the_databases_clock(store: Store) -> None:
    with store.transaction() as conn:
        assert engine_state(conn) == EngineState("none")
        life.announce(conn, state="running", host="h", pid=7, version="1", endpoints={"mllp": ["h", 1]})
        alive = engine_state(conn)
        life.worker_beat(conn, 8)
        assert engine_state(conn).worker_alive
        conn.execute(t.engine_life.update().values(heartbeat=NOW.replace(year=2020)))
        lost = engine_state(conn)
        life.say_stopped(conn)
        stopped = engine_state(conn)
    assert (alive.state, alive.pid, alive.worker_alive) == ("running", 7, False)
    assert alive.endpoints == {"mllp": ["h", 1]}
    assert (lost.state, lost.worker_alive) == ("lost", False)
    assert (stopped.state, stopped.worker_alive) == ("none", False)


def test_a_look_at_everything_says_how_far_it_is(store: Store) -> None:
    build(store)
    with store.transaction() as conn:
        life.announce(conn, state="running", host="h", pid=7, version="1", endpoints={})
        assert engine_state(conn).recheck is None
        recheck.start(conn, "rules", NOW)
        begun = recheck.under_way(conn)
        assert begun is not None
        recheck.advance(conn, begun, [1], NOW + timedelta(seconds=2))
        assert engine_state(conn).recheck == Recheck("rules", 1, begun.total, 2 * (begun.total - 1))
