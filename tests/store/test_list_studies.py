from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.errors import NotFound
from radrecon.store import studies as aggregate
from radrecon.store.database import Store
from radrecon.store.life import database_now
from radrecon.store.list_studies import series_of, studies, studies_of_person, study
from tests.builders import study as facts
from tests.store.hospital import build


def test_studies_say_whether_they_are_complete_linked_and_reported(store: Store) -> None:
    h = build(store)
    with store.reading() as conn:
        rows = {row.id: row for row in studies(conn)}
    linked, orphan = rows[h.linked], rows[h.orphan]
    assert (linked.status, linked.link_state, linked.order_id, linked.reported) == (
        "complete", "auto", h.order_anna, "reported",
    )  # fmt: skip
    assert (orphan.status, orphan.link_state, orphan.order_id, orphan.reported) == ("arriving", "", 0, "unknown")
    assert linked.performed_at == "2026-11-22T14:34:00+01:00"


@pytest.mark.parametrize(
    ("pacs", "seconds_ago", "looks", "status"),
    [
        ("main", 61, 1, "complete"),
        ("main", 61, 0, "arriving"),
        ("main", 30, 5, "arriving"),
        ("vna", 100, 1, "arriving"),
        ("vna", 121, 1, "complete"),
        ("forgotten", 100, 1, "arriving"),
        ("forgotten", 121, 1, "complete"),
    ],
)
def test_complete_means_quiet_as_long_as_its_pacs_says_and_seen_twice(
    store: Store, pacs: str, seconds_ago: int, looks: int, status: str
) -> None:
    build(store)
    with store.transaction() as conn:
        then = database_now(conn) - timedelta(seconds=seconds_ago)
        number = aggregate.insert(conn, facts("9.9", pacs=pacs), at=then, baseline=False)
        for _ in range(looks):
            aggregate.seen_again(conn, [number], database_now(conn))
        assert study(conn, number).status == status
        assert [row.id for row in studies(conn, query=f"uid:9.9 status:{status}")] == [number]
        others = {"complete", "arriving", "gone"} - {status}
        assert [row for other in others for row in studies(conn, query=f"uid:9.9 status:{other}")] == []


def test_a_study_that_left_its_pacs_is_gone(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        aggregate.mark_gone(conn, h.linked, database_now(conn))
        assert study(conn, h.linked).status == "gone"
        assert [row.id for row in studies(conn, query="status:gone")] == [h.linked]


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("mrn:0002", ["1.2"]),
        ("accession:a020", ["1.2"]),
        ("uid:1.1", ["1.1"]),
        ("uid:1.*", ["1.3", "1.2", "1.1"]),
        ("pacs:vna", ["1.3"]),
        ("muler", ["1.2"]),
        ("age>1h", ["1.1"]),
    ],
)
def test_studies_are_found(store: Store, query: str, uids: list[str]) -> None:
    build(store)
    with store.reading() as conn:
        assert [row.study_instance_uid for row in studies(conn, query=query)] == uids


def test_a_study_by_id_and_by_person_and_its_series(store: Store) -> None:
    h = build(store)
    with store.reading() as conn:
        assert [row.id for row in studies_of_person(conn, h.anna)] == [h.linked]
        assert series_of(conn, h.linked) == facts("1.1").series
        assert series_of(conn, 99) == ()
        with pytest.raises(NotFound, match="no study 99"):
            study(conn, 99)


def test_a_report_that_names_only_the_uid_counts(store: Store) -> None:
    from radrecon.model.order import ReportVersion
    from radrecon.store import reports

    h = build(store)
    with store.transaction() as conn:
        said = ReportVersion(study_instance_uid="1.2", status="F")
        reports.add(conn, said, order_id=0, at=database_now(conn), message_id=0)
        assert study(conn, h.orphan).reported == "reported"
