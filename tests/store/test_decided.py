"""Studies that people have decided, in pages, with what corrections changed in their images."""

from __future__ import annotations

from datetime import timedelta

from radrecon.model.correction import DeliveryState
from radrecon.model.person import Link, LinkState
from radrecon.store import cases, corrections, decided, study_links
from radrecon.store.database import Store
from tests.builders import NOW
from tests.store.hospital import build, correct, orphan_finding

LATER = NOW + timedelta(hours=1)


def test_only_what_people_linked_counts_and_comes_in_pages(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        study_links.set_link(conn, Link(h.orphan, h.order_bert, LinkState.CONFIRMED, 7), LATER)
        (one,) = decided.links(conn, None, 0, 10)
        assert (one.study_id, one.order_id, one.at) == (h.orphan, h.order_bert, LATER)
        assert decided.links(conn, None, one.id, 10) == decided.links(conn, LATER + timedelta(1), 0, 10) == []
        assert (decided.count(conn, None), decided.count(conn, LATER + timedelta(1))) == (1, 0)


def test_studies_put_aside_count_as_decided_for_no_order(store: Store) -> None:
    h = build(store)
    with store.transaction() as conn:
        case_id = cases.open_case(conn, orphan_finding(h), NOW)
        assert decided.dismissals(conn, None, 0, 10) == []
        cases.update(conn, case_id, state="dismissed", closed_at=LATER)
        (one,) = decided.dismissals(conn, NOW, 0, 10)
        assert (one.study_id, one.order_id) == (h.orphan, 0)
        assert decided.count(conn, None) == 1


def test_only_edits_that_were_carried_out_are_taken_back(store: Store) -> None:
    h = build(store)
    correction = correct(h, 1)
    with store.transaction() as conn:
        first, *_ = corrections.deliveries_of(conn, correction)
        assert decided.edits(conn, "1.2") == []
        corrections.move(conn, first, DeliveryState.FILED, NOW)
        assert decided.edits(conn, "1.2") == [first.planned.changes]
        assert decided.edits(conn, "no such study") == []
