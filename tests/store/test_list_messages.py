from __future__ import annotations

import pytest

from radrecon.model.errors import NotFound
from radrecon.store import journal, list_messages, message_keys
from radrecon.store.database import Store
from radrecon.store.list_messages import message, messages
from radrecon.store.query_text import parse
from tests.builders import NOW
from tests.store.hospital import talk


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [3, 2, 1]),
        ("mrn:1", [1]),
        ("MÜLL", [1]),
        ("name:mülle", [1]),
        ("accession:a100", [1]),
        ("control:C-", [2, 1]),
        ("c-2", [2]),
        ("ADT", [2]),
        ("type:orm", [1]),
        ("from:ris", [1]),
        ("state:refused", [2]),
        ("-adt", [3, 1]),
        ("nothing", []),
        ("state:ref", [2]),
        ("state:odd", []),
        ("order:p-7", [1]),
        ("name:m -mrn:1", []),
        ('"mülle"', [1]),
    ],
)
def test_messages_are_found_by_their_keys(store: Store, query: str, ids: list[int]) -> None:
    talk(store)
    with store.reading() as conn:
        assert [row.id for row in messages(conn, query=query)] == ids


def test_direction_and_state_narrow_and_bytes_stay_away_from_lists(store: Store) -> None:
    talk(store)
    with store.reading() as conn:
        assert [row.id for row in messages(conn, direction="in")] == [2, 1]
        assert [row.id for row in messages(conn, state="refused")] == [2]
        assert {row.raw for row in messages(conn)} == {""}


def test_one_message_shows_its_text_in_utf_8_or_latin_1(store: Store) -> None:
    talk(store)
    with store.reading() as conn:
        assert message(conn, 1).raw.endswith("Müller")
        assert message(conn, 2).raw.endswith("Ärztin")
        with pytest.raises(NotFound, match="no message 9"):
            message(conn, 9)


def test_the_business_keys_are_answered_by_their_index(store: Store) -> None:
    """A million messages are not read to find one."""
    from tests.store.plans import plan_of

    talk(store)
    if not store.is_sqlite:
        pytest.skip("PostgreSQL's planner reads tables this small from end to end")
    with store.reading() as conn:
        steps = plan_of(conn, lambda: list_messages.messages(conn, query="mrn:1"))
    assert any("message_key USING" in step and "value>" in step for step in steps), steps
    assert not any(step.startswith("SCAN message_key") for step in steps), steps


def crowd(store: Store, number: int) -> None:
    """Messages whose keys all begin alike; every tenth is refused."""
    with store.transaction() as conn:
        for at in range(1, number + 1):
            state = "applied" if at % 10 else "refused"
            keys = (("control_id", f"RIS{at:05}"), ("patient_name", "smith" if at % 2 else "jones"))
            journal.add(conn, journal.Entry("in", NOW, b"x", state=state, control_id=f"RIS{at:05}", keys=keys))


IN_A_CROWD = [
    ("control:ris", "", [100, 99, 98]),
    ("ris", "", [100, 99, 98]),
    ("ris state:refused", "", [100, 90, 80]),
    ("ris", "refused", [100, 90, 80]),
    ("ris smith", "", [99, 97, 95]),
    ("ris -smith", "", [100, 98, 96]),
    ("control:ris0000", "", [9, 8, 7]),
    ("control:ris0001", "", [19, 18, 17]),
]


@pytest.mark.parametrize("sorted_in", [0, 50, 100])
def test_what_is_common_is_found_as_what_is_rare(store: Store, monkeypatch: pytest.MonkeyPatch, sorted_in: int) -> None:
    crowd(store, 100)
    with store.transaction() as conn:
        message_keys.sort_in(conn, message_keys.fresh(conn, sorted_in))
    monkeypatch.setattr(list_messages, "FEW", 7)
    for window in (5, 40, 1000):
        monkeypatch.setattr(list_messages, "WINDOW", window)
        with store.reading() as conn:
            found = [
                (query, state, [row.id for row in messages(conn, query=query, state=state, limit=3)])
                for query, state, _ in IN_A_CROWD
            ]
        assert found == IN_A_CROWD, window


def test_a_common_beginning_is_met_by_walking_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.store.plans import plan_of

    monkeypatch.setattr(list_messages, "FEW", 7)
    crowd(store, 100)
    with store.transaction() as conn:
        message_keys.sort_in(conn, message_keys.fresh(conn, 100))
    if not store.is_sqlite:
        pytest.skip("PostgreSQL's planner reads tables this small from end to end")
    with store.reading() as conn:
        steps = plan_of(conn, lambda: messages(conn, query="name:s", limit=3))
    assert any("ix_message_key_message_id (message_id=? AND kind=? AND value>?" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps


def test_a_page_goes_on_where_the_last_ended_and_may_be_among_some(store: Store) -> None:
    crowd(store, 20)
    with store.reading() as conn:
        query = parse("name:smith")
        assert [row.id for row in list_messages.matching(conn, query, limit=2, below=10)] == [9, 7]
        assert [row.id for row in list_messages.matching(conn, query, among=[3, 4, 5, 99])] == [5, 3]
        assert list_messages.newest_id(conn) == 20
