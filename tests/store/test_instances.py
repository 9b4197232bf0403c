"""Stored instances, headers and thumbnails, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.store import instances, studies
from radrecon.store.database import Store
from radrecon.store.instances import Arrived
from tests.builders import NOW, study

ONE = Arrived(
    "1.2.3.1", "1.2.840.10008.5.1.4.1.1.2", "1.2", "1.2.3", "1.2.840.10008.1.2.1", "1", 1, 1000, "d1", "", b"header",
    "CT1", "10.0.0.1", NOW,
)  # fmt: skip


def keep(store: Store, *arrived: Arrived) -> None:
    with store.transaction() as conn:
        instances.keep(conn, arrived, range(len(arrived)))


def test_an_instance_that_is_sent_again_is_one(store: Store) -> None:
    keep(store, ONE, replace(ONE, sop_instance_uid="1.2.3.2"))
    keep(store, ONE)
    with store.reading() as conn:
        (series,) = instances.series_of(conn, "1.2")
        assert (series.series_instance_uid, series.instances) == ("1.2.3", 2)
        assert instances.count_of_series(conn, "1.2.3") == 2
        assert instances.headers_of(conn, "1.2") == [(b"header", "1.2.840.10008.1.2.1")]
        (row,) = instances.listed(conn, 10)
    assert (row.instances, row.arrivals, row.ae_title) == (2, 3, "CT1")


def test_an_instance_that_is_corrected_is_what_came_last(store: Store) -> None:
    keep(store, ONE)
    keep(store, replace(ONE, sop_instance_uid="1.2.3.2"))
    keep(store, replace(ONE, digest="d2", header=b"corrected", at=NOW + timedelta(seconds=9)))
    with store.reading() as conn:
        assert [header for header, _ in instances.headers_of(conn, "1.2")] == [b"corrected", b"header"]
    keep(store, replace(ONE, sop_instance_uid="1.2.3.2", digest="d2", header=b"corrected"))
    with store.reading() as conn:
        assert [header for header, _ in instances.headers_of(conn, "1.2")] == [b"corrected"]


def test_a_study_waits_until_all_of_it_was_looked_at(store: Store) -> None:
    keep(store, ONE)
    with store.reading() as conn:
        (waiting,) = instances.waiting(conn, 10)
    keep(store, ONE)
    with store.transaction() as conn:
        instances.looked_at(conn, waiting)
        (again,) = instances.waiting(conn, 10)
        instances.looked_at(conn, again)
        assert instances.waiting(conn, 10) == []


def test_a_pacs_takes_over_what_only_storage_knew(store: Store) -> None:
    with store.transaction() as conn:
        first = studies.insert(conn, study("1.2", pacs="storage:CT1"), at=NOW, baseline=False)
        instances.adopt(conn, "main", ["1.2", "1.9"])
        assert studies.by_uids(conn, "main", ["1.2"])["1.2"].id == first
        studies.insert(conn, study("1.2", pacs="storage:MR1"), at=NOW, baseline=False)
        instances.adopt(conn, "main", ["1.2"])  # it has its own already
        assert studies.by_uids(conn, "main", ["1.2"])["1.2"].id == first
        assert len(instances.known(conn, "1.2")) == 2


def test_what_was_quiet_is_found_for_its_second_look(store: Store) -> None:
    with store.transaction() as conn:
        studies.insert(conn, study("1.2", pacs="storage:CT1"), at=NOW, baseline=False)
        studies.insert(conn, study("1.3", pacs="main"), at=NOW, baseline=False)
        assert instances.unsettled(conn, NOW - timedelta(seconds=1)) == []
        assert [one.facts.study_instance_uid for one in instances.unsettled(conn, NOW)] == ["1.2"]


def test_a_thumbnail_is_kept_or_why_there_is_none(store: Store) -> None:
    with store.transaction() as conn:
        assert instances.thumbnail(conn, "1.2.3") is None
        instances.save_thumbnail(conn, "1.2.3", None, "no decoder", NOW)
        assert instances.thumbnail(conn, "1.2.3") == (None, "no decoder")
        instances.save_thumbnail(conn, "1.2.3", b"png", "", NOW)
        assert instances.thumbnail(conn, "1.2.3") == (b"png", "")
