from __future__ import annotations

from dataclasses import replace

from radrecon.model.duplicate import Particulars, Usage
from radrecon.model.patient import PatientId, Visit
from radrecon.model.visit import VISIT, Encounter
from radrecon.store import identifiers, orders, person_records, persons, visits
from radrecon.store.database import Store
from radrecon.store.person_records import Told
from tests.builders import NOW, demographics, order


def test_a_record_has_former_names_and_the_numbers_in_use(store: Store) -> None:
    with store.transaction() as conn:
        one = persons.insert(conn, demographics("1", "FISCHER^ANNA"))
        persons.add_identifiers(conn, one, [PatientId("9", "HOSP")])
        identifiers.retire(
            conn, [held.id for held in identifiers.of_person(conn, one) if held.patient_id.value == "9"], NOW
        )
        person = persons.load_one(conn, one)
        assert person
        persons.change_identity(conn, person, demographics("1", "SCHULZ^ANNA"), event="A08", at=NOW)
        record = person_records.records(conn, [one, 99])[one]
    assert str(record.person.demographics.name) == "SCHULZ^ANNA"
    assert [str(block.name) for block in record.former] == ["FISCHER^ANNA"]
    assert record.in_use == (PatientId("1", "HOSP"),)


def test_usage_is_counted_for_several_at_once(store: Store) -> None:
    with store.transaction() as conn:
        one, other = persons.insert(conn, demographics("1")), persons.insert(conn, demographics("2"))
        orders.save(conn, replace(order("A1"), person_id=one), at=NOW)
        secret = replace(order("A2"), person_id=other, visit=Visit("V1", confidential=True))
        orders.save(conn, secret, at=NOW)
        visits.save(conn, Encounter(VISIT, "V2", person_id=one, state="admitted"), sent=NOW)
        found = person_records.usage_of(conn, [one, other, 99])
    assert found[one] == Usage(orders=1, first=NOW, last=NOW, admitted=("V2",))
    assert found[other] == Usage(orders=1, first=NOW, last=NOW, confidential=True)
    assert found[99] == Usage()


def test_what_messages_told_is_kept(store: Store) -> None:
    told = Told(7, Particulars(street="4 High Street", phones=("1", "2")), True)
    with store.transaction() as conn:
        person_records.save_told(conn, {3: Told(1)})
        person_records.save_told(conn, {3: told})
        person_records.save_told(conn, {})
        assert person_records.told_of(conn, [3, 4]) == {3: told}
