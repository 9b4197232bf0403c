"""Appointments."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import USUAL, SenderRules
from radrecon.hl7v2.schedule import read_appointment
from radrecon.model.appointment import Appointment, AppointmentState, BookedService, OrderNumbers
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.patient import PatientId

BERLIN = ZoneInfo("Europe/Berlin")
PID = "PID|1||123^^^HIS"


def segment(name: str, fields: dict[int, str]) -> str:
    return "|".join((name, *(fields.get(at, "") for at in range(1, max(fields) + 1))))


def sch(**fields: str) -> str:
    own = {1: "PA1^EHR", 2: "FA1^RIS", 11: "^^30^20261130090000^20261130093000", 25: "Booked"}
    return segment("SCH", own | {int(name.removeprefix("f")): value for name, value in fields.items()})


def read(*segments: str, event: str = "S12", rules: SenderRules = USUAL) -> Appointment:
    head = f"MSH|^~\\&|RIS|NORTH|||20261122||SIU^{event}^SIU_S12|1|P|2.5"
    return read_appointment(Message.parse("\r".join((head, *segments)).encode()), rules, BERLIN)


def test_an_appointment_is_read_with_its_services_and_resources() -> None:
    found = read(
        sch(f26="P1^EHR", f27="F1^RIS"), PID, "RGS|1|A", "AIS|1|A|CTCHE^CT chest^L|20261130091500",
        "AIG|1|A|CTROOM^CT room^L", "AIL|1|A|RAD^2^1", "AIP|1|A|7^TECH^TINA",
    )  # fmt: skip
    assert (found.placer_appointment_id, found.filler_appointment_id) == ("PA1", "FA1")
    assert found.patient.patient_id == PatientId("123", "HIS")
    assert found.orders == (OrderNumbers("P1", "F1"),)
    assert found.start == "2026-11-30T09:00:00"
    assert found.services == (
        BookedService("CTCHE", "CT chest", "2026-11-30T09:15:00", "CTROOM", "RAD 2 1", PersonName.parse("TECH^TINA")),
    )
    assert found.sources["filler_order_number"] == "SCH-27.1"
    assert found.loose == ("FA1", "PA1")


@pytest.mark.parametrize(
    ("segments", "start"),
    [
        (["AIS|1|A|X|20261130100000"], "2026-11-30T10:00:00"),
        (["AIS|1|A|X", segment("AIG", {1: "1", 3: "R", 8: "20261130103000"})], "2026-11-30T10:30:00"),
        (["AIS|1|A|X", segment("AIL", {1: "1", 3: "R", 6: "20261130110000"})], "2026-11-30T11:00:00"),
        (["AIS|1|A|X||15|min"], "2026-11-30T09:15:00"),
        (["AIS|1|A|X||1|h"], "2026-11-30T10:00:00"),
        (["AIS|1|A|X||1|fortnight"], "2026-11-30T09:00:00"),
        (["AIS|1|A|X|2026113009+0000"], "2026-11-30T10:00:00"),
        (["AIS|1|A|X|when there is time"], "2026-11-30T09:00:00"),
        (["TQ1|||||||20261201080000", "AIS|1|A|X"], "2026-12-01T08:00:00"),
    ],
)
def test_the_time_is_the_services_own_then_its_resources_then_the_appointments(segments: list[str], start: str) -> None:
    assert read(sch(), PID, "RGS|1", *segments).services[0].start == start


def test_each_group_is_a_service_and_a_group_without_one_serves_all() -> None:
    found = read(
        sch(), PID, "RGS|1", "AIS|1||A^a", "AIG|1||R1", "RGS|2", "AIS|1||B^b", "AIS|2||C^c", "AIG|1||R2", "AIG|2||R3",
        "RGS|3", "AIL|1||OPD^55",
    )  # fmt: skip
    assert [(one.code, one.resource, one.location) for one in found.services] == [
        ("A", "R1", "OPD 55"), ("B", "R2", "OPD 55"), ("C", "R3", "OPD 55"),
    ]  # fmt: skip


def test_resources_without_groups_and_without_a_service_are_one_service() -> None:
    [service] = read(sch(), PID, "AIG|1||CT1").services
    assert (service.resource, service.start) == ("CT1", "2026-11-30T09:00:00")
    assert read(sch(), PID).services == ()


def test_what_was_taken_off_is_no_service() -> None:
    found = read(sch(), PID, "RGS|1|U", "AIS|1|D|A", "AIS|2|U|B", event="S14")
    assert [one.code for one in found.services] == ["B"]


@pytest.mark.parametrize(
    ("event", "status", "state"),
    [
        ("S12", "Booked", "booked"), ("S13", "", "booked"), ("S14", "Cancelled^Cancelled^HL70278", "cancelled"),
        ("S15", "Cancelled", "cancelled"), ("S15", "", "cancelled"), ("S17", "", "cancelled"), ("S26", "", "no_show"),
        ("S14", "Noshow", "no_show"), ("S14", "x^No show", "no_show"),
    ],
)  # fmt: skip
def test_the_event_or_the_status_tells_whether_it_stands(event: str, status: str, state: str) -> None:
    assert read(sch(f25=status), PID, event=event).state is AppointmentState(state)


def test_orders_are_named_by_repetition_by_segments_or_by_the_senders_rule() -> None:
    assert read(sch(f26="P1^E~P2^E", f27="F1~F2~F3"), PID).orders == (
        OrderNumbers("P1", "F1"), OrderNumbers("P2", "F2"), OrderNumbers("", "F3"),
    )  # fmt: skip
    groups = ("ORC|NW|P1|F1", segment("OBR", {18: "A1"}), segment("OBR", {3: "F2", 18: "A2"}))
    assert read(sch(), PID, *groups).orders == (OrderNumbers("P1", "F1", "A1"), OrderNumbers("", "F2", "A2"))
    assert read(sch(), PID, rules=SenderRules(accession_paths=("SCH-2.1",))).orders == (
        OrderNumbers(accession_number="FA1"),
    )
    assert read(sch(), PID).orders == ()


def test_an_appointment_heard_before_may_leave_the_patient_out() -> None:
    assert not read(sch(), event="S15").patient.patient_id
    for segments, where in (((sch(f1="", f2=""),), "PID-3"), ((sch(), "PID|1"), "PID-3"), ((PID,), "SCH")):
        with pytest.raises(ContentError) as caught:
            read(*segments)
        assert caught.value.location == where


@pytest.mark.parametrize(
    ("event", "status", "arrived"),
    [
        ("S14", "Arrived", "2026-11-30T08:41:00"),
        ("S14", "CHKIN^Checked in", "2026-11-30T08:41:00"),
        ("S14", "Booked", ""),
        ("S14", "Started", ""),
        ("S15", "Arrived", ""),
        ("S26", "Arrived", ""),
    ],
)
def test_a_patient_has_arrived_when_it_is_said(event: str, status: str, arrived: str) -> None:
    head = f"MSH|^~\\&|RIS|NORTH|||20261130084100||SIU^{event}^SIU_S12|1|P|2.5"
    found = read_appointment(Message.parse("\r".join((head, sch(f25=status), PID)).encode()), USUAL, BERLIN)
    assert found.arrived == arrived
