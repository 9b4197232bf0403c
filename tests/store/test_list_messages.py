from __future__ import annotations

import pytest

from radrecon.model.errors import NotFound
from radrecon.store.database import Store
from radrecon.store.list_messages import message, messages
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
    from radrecon.store import list_messages
    from tests.store.plans import plan_of

    talk(store)
    if not store.is_sqlite:
        pytest.skip("PostgreSQL's planner reads tables this small from end to end")
    with store.reading() as conn:
        steps = plan_of(conn, lambda: list_messages.messages(conn, query="mrn:1"))
    assert any("message_key USING" in step and "value>" in step for step in steps), steps
    assert not any(step.startswith("SCAN message_key") for step in steps), steps
