from __future__ import annotations

from radrecon.store import pacs
from radrecon.store.database import Store
from tests.builders import NOW


def test_a_pacs_has_one_row_that_is_updated(store: Store) -> None:
    with store.transaction() as conn:
        assert not pacs.is_up(conn, "main")
        pacs.note(conn, "main", up=True, last_success=NOW)
        pacs.note(conn, "main", baseline_done=True)
        pacs.note(conn, "vna")
        assert pacs.is_up(conn, "main")
        assert pacs.baseline_done(conn, "main")
        assert not pacs.is_up(conn, "vna")
        pacs.note(conn, "main", up=False, last_error="refused")
        assert not pacs.is_up(conn, "main")
        assert pacs.baseline_done(conn, "main")


def test_noting_nothing_keeps_the_row_that_is_there(store: Store) -> None:
    with store.transaction() as conn:
        pacs.note(conn, "main", up=True)
        pacs.note(conn, "main")
        assert pacs.is_up(conn, "main")
