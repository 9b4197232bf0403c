from __future__ import annotations

from typing import Any

from radrecon.model.patient import PatientId
from radrecon.store import descriptions, journal
from radrecon.store.database import Connection, Store
from tests.builders import NOW


def told(conn: Connection, number: str, sent_at: str, **more: Any) -> None:
    entry: dict[str, Any] = {"sending_application": "HIS", "message_type": "ADT^A08", "state": "applied"} | more
    entry = {"effect": {"persons": [5, 77]}} | entry
    keys = (("patient_id", "E9"), ("patient_id", number), ("patient_id", "77"))  # the last as MRG-1
    journal.add(conn, journal.Entry("in", NOW, sent_at.encode(), sent_at=sent_at, patient_id="E9", keys=keys, **entry))


def heard(conn: Connection, *numbers: str, person_id: int = 5) -> list[str]:
    named = [PatientId(number, "HOSP") for number in numbers]
    found = descriptions.heard(conn, person_id, named, "HIS", ("ADT^A08", "ADT^A31"))
    return [sent for sent, _ in found]


def test_what_a_sender_has_said_of_a_patient_is_known_by_its_time(store: Store) -> None:
    with store.transaction() as conn:
        told(conn, "1", "20261122140000")
        told(conn, "0001", "20261122140100", message_type="ADT^A31")
        assert heard(conn, "1") == ["20261122140000"]
        assert sorted(heard(conn, "0001")) == ["20261122140000", "20261122140100"]
        assert len(heard(conn, "1", "0001")) == 2
        assert heard(conn, "77", person_id=77) == [], "whose number was merged away was not described"
        assert heard(conn, "1", person_id=6) == [], "another authority's number"


def test_other_senders_other_events_and_what_was_refused_say_nothing(store: Store) -> None:
    with store.transaction() as conn:
        told(conn, "1", "1", sending_application="RIS")
        told(conn, "1", "2", message_type="ADT^A03")
        told(conn, "1", "3", state="refused")
        assert heard(conn, "1") == []
