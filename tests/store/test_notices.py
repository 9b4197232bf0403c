from __future__ import annotations

from dataclasses import replace

from radrecon.store import notices
from radrecon.store.database import Store
from radrecon.store.notices import DELETION, RETIRED, Notice
from tests.builders import NOW

SAID = Notice(DELETION, NOW, person_id=5, message_id=3, detail={"event": "A29"})


def test_a_notice_stands_until_it_is_settled(store: Store) -> None:
    with store.transaction() as conn:
        assert not notices.waiting(conn, 5, DELETION)
        notice_id = notices.add(conn, SAID)
        assert notices.unsettled(conn, person_id=5) == [replace(SAID, id=notice_id)]
        assert notices.waiting(conn, 5, DELETION)
        assert not notices.waiting(conn, 5, RETIRED)
        notices.settle(conn, [notice_id], NOW)
        assert notices.unsettled(conn, person_id=5) == []
        assert not notices.waiting(conn, 5, DELETION)


def test_the_same_said_twice_is_one_notice_until_it_is_settled(store: Store) -> None:
    with store.transaction() as conn:
        first = notices.add(conn, SAID)
        assert notices.add(conn, replace(SAID, message_id=4)) == first
        assert notices.add(conn, replace(SAID, detail={"event": "A23"})) != first
        notices.settle(conn, [first], NOW)
        assert notices.add(conn, SAID) != first


def test_notices_of_an_order_are_its_own(store: Store) -> None:
    with store.transaction() as conn:
        notices.add(conn, SAID)
        own = notices.add(conn, Notice(RETIRED, NOW, order_id=5))
        assert [one.id for one in notices.unsettled(conn, order_id=5)] == [own]
