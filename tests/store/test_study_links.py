"""A study's links as they stand, and as they stood."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from radrecon.model.person import Link, LinkState
from radrecon.store import list_studies, studies, study_links
from radrecon.store.database import Store
from tests.builders import NOW, study


def test_a_study_has_one_standing_link_and_the_former_ones_are_kept(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        study_links.set_link(conn, Link(number, 1, LinkState.AUTO), NOW)
        study_links.set_link(conn, Link(number, 2, LinkState.PENDING, correction_id=5), NOW)
        assert study_links.link_of_study(conn, number) == Link(number, 2, LinkState.PENDING, 5)
        assert study_links.links_of_orders(conn, [1]) == []
        study_links.confirm_links(conn, 5)
        assert study_links.links_of_orders(conn, [2]) == [Link(number, 2, LinkState.CONFIRMED, 5)]
        study_links.drop_link(conn, number, NOW)
        assert study_links.link_of_study(conn, number) is None
        assert conn.execute(sa.text("SELECT count(*) FROM link")).scalar() == 2


def test_a_study_for_several_orders_has_a_link_to_each_and_gets_all_of_them_back(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        both = [Link(number, 5, LinkState.AUTO), Link(number, 2, LinkState.AUTO)]
        study_links.set_links(conn, number, both, NOW)
        assert study_links.links_of_study(conn, number) == both
        assert study_links.link_of_study(conn, number) == both[0]
        assert list_studies.study(conn, number).order_ids == (5, 2)
        assert len(list_studies.studies(conn)) == 1
        study_links.set_link(conn, Link(number, 7, LinkState.PENDING, 3), NOW + timedelta(seconds=1))
        assert study_links.former_links(conn, number, 2) == both
        assert study_links.former_links(conn, number, 99) == []


def test_links_of_several_studies_are_told_apart_and_asked_for_once(store: Store) -> None:
    with store.transaction() as conn:
        both = [studies.insert(conn, study(uid), at=NOW, baseline=False) for uid in ("1.2.1", "1.2.2")]
        links = [Link(both[0], 5, LinkState.AUTO), Link(both[0], 2, LinkState.AUTO)]
        study_links.set_links(conn, both[0], links, NOW)
    with store.reading(keep=True) as conn:
        assert study_links.by_study(conn, both) == {both[0]: links, both[1]: []}
        assert [study_links.links_of_study(conn, one) for one in both] == [links, []]
