from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from radrecon.model.visit import ACCOUNT, Encounter
from radrecon.store import visits
from radrecon.store.database import Store
from tests.builders import NOW

V1 = Encounter(
    number="V1", issuer="HOSP", account="ACC", patient_class="I", location="W1", state="admitted", person_id=7
)


def test_a_visit_comes_back_as_it_was_saved(store: Store) -> None:
    with store.transaction() as conn:
        visit_id = visits.save(conn, V1, sent=NOW, message_id=3)
        expected = replace(V1, id=visit_id, updated_at=NOW)
        assert visits.load_one(conn, visit_id) == expected
        assert visits.of_numbers(conn, ["V1", "V1", "", "V2"]) == [expected]
        assert visits.of_person(conn, 7) == [expected]


def test_saved_again_it_is_replaced(store: Store) -> None:
    with store.transaction() as conn:
        visit_id = visits.save(conn, V1, sent=NOW)
        later = NOW + timedelta(hours=1)
        visits.save(conn, replace(V1, id=visit_id, state="discharged"), sent=later)
        (found,) = visits.of_numbers(conn, ["V1"])
    assert (found.state, found.updated_at) == ("discharged", later)


def test_a_number_leads_to_the_end_of_its_chain(store: Store) -> None:
    with store.transaction() as conn:
        third = visits.save(conn, replace(V1, kind=ACCOUNT, number="3"), sent=NOW)
        second = visits.save(conn, replace(V1, number="2", merged_into=third), sent=NOW)
        first = visits.save(conn, replace(V1, number="1", merged_into=second), sent=NOW)
        found = visits.load_one(conn, first)
        assert found is not None
        assert visits.root(conn, found).id == third
