from __future__ import annotations

from radrecon.model.patient import PatientId
from radrecon.store import identifiers, persons
from radrecon.store.database import Store
from tests.builders import ISSUER, NOW, demographics


def test_a_number_is_found_as_its_person_is(store: Store) -> None:
    with store.transaction() as conn:
        who = persons.insert(conn, demographics("0000123", other_ids=(PatientId("123", "RIS"),)))
        for spelled, issuer in (("123", ISSUER), ("0000123", ISSUER), ("123", "RIS")):
            held = identifiers.held(conn, PatientId(spelled, issuer))
            assert held is not None
            assert (held.person_id, held.patient_id.issuer) == (who, issuer)
        assert identifiers.held(conn, PatientId("9", ISSUER)) is None


def test_a_retired_number_says_since_when_and_comes_back(store: Store) -> None:
    with store.transaction() as conn:
        who = persons.insert(conn, demographics("1"))
        (own,) = identifiers.of_person(conn, who)
        identifiers.retire(conn, [own.id], NOW)
        held = identifiers.held(conn, PatientId("1", ISSUER))
        assert held is not None
        assert (held.retired, held.retired_at) == (True, NOW)
        assert persons.find(conn, PatientId("1", ISSUER)) == persons.Known(who, True)
        identifiers.reinstate(conn, [own.id])
        assert identifiers.of_person(conn, who) == [own]


def test_a_number_is_given_to_somebody_else(store: Store) -> None:
    with store.transaction() as conn:
        one, two = persons.insert(conn, demographics("1")), persons.insert(conn, demographics("2"))
        identifiers.give(conn, [each.id for each in identifiers.of_person(conn, one)], two)
        assert persons.find(conn, PatientId("1", ISSUER)) == persons.Known(two, False)
        assert identifiers.of_person(conn, one) == []
