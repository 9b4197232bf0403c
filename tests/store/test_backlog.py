from __future__ import annotations

from radrecon.model.correction import DeliveryState
from radrecon.store import corrections
from radrecon.store.backlog import not_filed, open_cases
from radrecon.store.database import Store
from tests.builders import NOW
from tests.store import hospital


def test_every_live_case_waits_with_its_owner(store: Store) -> None:
    hospital.open_cases(hospital.build(store))
    with store.reading() as conn:
        found = open_cases(conn)
    assert {kind: [one.owner for one in waiting] for kind, waiting in found.items()} == {
        "unassigned_study": ["technologist"],
        "accession_collision": ["ris"],
    }


def test_a_correction_waits_until_every_delivery_is_as_far_as_can_be_known(store: Store) -> None:
    h = hospital.build(store)
    hospital.correct(h, hospital.open_cases(h)[0])
    with store.transaction() as conn:
        waiting, deliveries = not_filed(conn)
        assert (len(waiting), [one.id for one in deliveries]) == (1, [1, 2])
        corrections.move(conn, corrections.load_delivery(conn, 2), DeliveryState.ACKNOWLEDGED, NOW)
        corrections.move(conn, corrections.load_delivery(conn, 1), DeliveryState.REFUSED, NOW)
        waiting, deliveries = not_filed(conn)
        assert (len(waiting), [one.id for one in deliveries]) == (1, [1])
        corrections.move(conn, corrections.load_delivery(conn, 1), DeliveryState.FILED, NOW)
        assert not_filed(conn) == ([], [])
