from __future__ import annotations

from radrecon.model.rule import Fitted
from radrecon.store import calibrations
from radrecon.store.database import Store
from tests.builders import NOW


def test_the_last_fit_counts(store: Store) -> None:
    with store.transaction() as conn:
        assert calibrations.latest(conn) is None
        for fitted in (Fitted(NOW, 1, 2, 1), Fitted(NOW, 300, 900, 250, (-5.0, 0.5), (-1.0, 2.0))):
            calibrations.save(conn, fitted)
        assert calibrations.latest(conn) == fitted
