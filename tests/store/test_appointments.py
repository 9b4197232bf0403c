from __future__ import annotations

import sqlalchemy as sa

from radrecon.model.appointment import Appointment, AppointmentState, BookedService, OrderNumbers
from radrecon.store import appointments
from radrecon.store import tables as t
from radrecon.store.appointments import StoredAppointment
from radrecon.store.database import Connection, Store
from tests.builders import NOW, demographics

BOOKED = Appointment(
    "S12", AppointmentState.BOOKED, "P1", "F1", demographics(), (OrderNumbers("A"),), ("F1",), (BookedService("CT"),)
)


def keep(conn: Connection, stored: StoredAppointment) -> int:
    return appointments.save(conn, stored, at=NOW, message_id=0)


def test_an_appointment_is_found_by_the_same_senders_numbers_and_replaced(store: Store) -> None:
    with store.transaction() as conn:
        first = keep(conn, StoredAppointment(BOOKED, "S1", 1, (7,)))
        other = keep(conn, StoredAppointment(BOOKED, "S2", 1))
        found = appointments.find(conn, "S1", Appointment(filler_appointment_id="F1"))
        assert found == [StoredAppointment(BOOKED, "S1", 1, (7,), False, first)]
        assert appointments.find(conn, "S1", Appointment(placer_appointment_id="P1")) == found
        assert appointments.find(conn, "S3", BOOKED) == []
        assert appointments.find(conn, "S1", Appointment()) == []
        assert keep(conn, StoredAppointment(BOOKED, "S2", 2, (8,), True, other)) == other
        assert conn.execute(sa.select(sa.func.count()).select_from(t.appointment)).scalar_one() == 2


def test_those_that_wait_are_found_through_merges_until_their_order_is_known(store: Store) -> None:
    with store.transaction() as conn:
        assert appointments.pending(conn, [1]) == []
        waiting = keep(conn, StoredAppointment(BOOKED, "S1", 3, (), True))
        for survivor, gone in ((1, 2), (2, 3)):
            conn.execute(t.merge.insert().values(survivor_id=survivor, non_survivor_id=gone, at=NOW, moved={}))
        assert [(one.id, one.person_id) for one in appointments.pending(conn, [1, 9])] == [(waiting, 1)]
        assert appointments.pending(conn, [9]) == appointments.pending(conn, []) == []
        appointments.settle(conn, waiting, [5])
        assert appointments.pending(conn, [1]) == []
