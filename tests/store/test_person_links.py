from __future__ import annotations

from datetime import timedelta

from radrecon.store import person_links
from radrecon.store.database import Store
from tests.builders import NOW

LATER = NOW + timedelta(hours=1)


def test_a_link_holds_both_ways_and_over_others(store: Store) -> None:
    with store.transaction() as conn:
        link_id = person_links.link(conn, 1, 2, sent=NOW, message_id=9)
        person_links.link(conn, 3, 2, sent=NOW)
        assert person_links.standing(conn, 2, 1) == link_id
        assert person_links.begun(conn, link_id) == NOW
        assert person_links.linked(conn, [1]) == {2, 3}
        assert person_links.linked(conn, [2, 3]) == {1}
        assert person_links.linked(conn, [4, 0]) == frozenset()


def test_an_ended_link_is_kept_and_leads_nowhere(store: Store) -> None:
    with store.transaction() as conn:
        person_links.link(conn, 1, 2, sent=NOW)
        person_links.unlink(conn, 2, 1, sent=LATER, message_id=9)
        assert person_links.linked(conn, [1]) == frozenset()
        assert person_links.last_end(conn, 1, 2) == LATER
        person_links.link(conn, 1, 2, sent=LATER)
        assert person_links.linked(conn, [1]) == {2}


def test_an_end_that_came_before_its_beginning_is_remembered(store: Store) -> None:
    with store.transaction() as conn:
        assert person_links.last_end(conn, 1, 2) is None
        person_links.unlink(conn, 1, 2, sent=NOW)
        assert person_links.last_end(conn, 2, 1) == NOW
        assert not person_links.standing(conn, 1, 2)
