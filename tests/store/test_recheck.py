from __future__ import annotations

from datetime import timedelta

from radrecon.store import persons, recheck
from radrecon.store.database import Store
from tests.builders import NOW, demographics


def test_pages_by_stage_and_the_pace(store: Store) -> None:
    with store.transaction() as conn:
        assert recheck.latest(conn) is None
        ids = [persons.insert(conn, demographics(str(number))) for number in (1, 2, 3)]
        recheck.start(conn, "rules", NOW)
        one = recheck.under_way(conn)
        assert one is not None
        assert (one.stage, one.total, list(recheck.page(conn, one, 2))) == ("orders", 3, [])
        recheck.advance(conn, one, [], NOW)
        one = recheck.under_way(conn)
        assert one is not None
        assert (one.stage, list(recheck.page(conn, one, 2))) == ("persons", ids[:2])
        assert list(recheck.page(conn, one, 2, ids[1])) == ids[2:]
        recheck.advance(conn, one, ids[:2], NOW + timedelta(seconds=4))
        one = recheck.under_way(conn)
        assert one is not None
        assert (list(recheck.page(conn, one, 2)), one.per_second, one.left) == (ids[2:], 0.5, timedelta(seconds=2))
        recheck.start(conn, "other rules", NOW)
        recheck.advance(conn, one, ids[2:], NOW)  # by a worker that knew nothing of it
        found = recheck.latest(conn)
    assert found is not None
    assert (found.reason, found.done, found.begun_anew) == ("other rules", 0, False)
