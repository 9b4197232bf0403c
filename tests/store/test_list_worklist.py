from __future__ import annotations

import pytest

from radrecon.store import worklist as aggregate
from radrecon.store.database import Store
from radrecon.store.list_worklist import stations, worklist, worklist_queries
from tests.builders import NOW
from tests.store.hospital import build


def test_waiting_steps_come_by_start_and_cancelled_ones_do_not(store: Store) -> None:
    build(store)
    with store.reading() as conn:
        rows = worklist(conn)
    assert [row.accession_number for row in rows] == ["A200", "A100"]
    assert rows[0].scheduled_start == "2026-07-01T08:00:00+02:00"
    assert (rows[0].patient_name, rows[0].scheduled_procedure_step_description) == ("MÜLLER^BERT", "CT chest")


@pytest.mark.parametrize(
    ("station", "query", "expected"),
    [("CT1", "", ["A100"]), ("MR1", "", ["A200"]), ("XX", "", []), ("", "mrn:0001", ["A100"]), ("CT1", "mrn:2", [])],
)
def test_a_station_sees_its_own(store: Store, station: str, query: str, expected: list[str]) -> None:
    build(store)
    with store.reading() as conn:
        assert [row.accession_number for row in worklist(conn, station=station, query=query)] == expected


def test_stations_are_those_of_steps_and_of_the_configuration(store: Store) -> None:
    build(store)
    with store.reading() as conn:
        assert stations(conn) == ["CT1", "MR1", "US1"]


def test_the_latest_question_comes_first(store: Store) -> None:
    with store.transaction() as conn:
        for matches in (1, 2):
            aggregate.record(
                conn, at=NOW, peer_ae_title="CT1", address="h", keys={"modality": "CT"}, matches=matches,
                milliseconds=0.5, status="0000",
            )  # fmt: skip
        assert [row.matches for row in worklist_queries(conn)] == [2, 1]
        assert worklist_queries(conn, limit=1)[0].keys == {"modality": "CT"}
