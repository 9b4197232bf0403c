from __future__ import annotations

from dataclasses import replace

from radrecon.store import accessions, orders, persons, studies
from radrecon.store.database import Store
from tests.builders import NOW, demographics, order, study


def test_whose_a_number_is_on_orders_and_on_studies(store: Store) -> None:
    with store.transaction() as conn:
        anna, karl = (persons.insert(conn, demographics(number)) for number in ("1", "2"))
        for number, whose in (("A1", anna), ("A2", anna), ("A2", karl), ("A3", anna)):
            orders.save(conn, replace(order(number), person_id=whose), at=NOW)
        studies.insert(conn, study("1.2.1", "A1"), at=NOW, baseline=False, person_id=anna)
        studies.insert(conn, study("1.2.3", "A3"), at=NOW, baseline=False)
        gone = studies.insert(conn, study("1.2.4", "A1"), at=NOW, baseline=False, person_id=karl)
        studies.mark_gone(conn, gone, NOW)
        found = accessions.owners(conn, ["A1", "A2", "A3", "A4"])
    assert found == {"A1": {anna}, "A2": {anna, karl}, "A3": {0, anna}}
