"""Messages that we send, read again by ourselves and by another reader."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import hl7
import pytest

from radrecon.hl7v2.adt import read_adt
from radrecon.hl7v2.build import adt, encode, order_status, timeless
from radrecon.hl7v2.orders import read_orders
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, Step, StepStatus
from radrecon.model.patient import Demographics, PatientId, Visit

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=timezone(timedelta(hours=1)))
COMMON: dict[str, Any] = {"now": NOW, "control_id": "42", "sender": ("RADRECON", "US"), "receiver": ("PACS", "NORTH")}
JOHN = Demographics(PatientId("12^3", "HIS"), PersonName.parse("O|DOE^JOHN&J^Q^DR^JR=山田^太郎"), "1960-05-17", "M")
JACK = Demographics(PatientId("77", "1.2.840.5"), PersonName.parse("SMITH^JACK"))


def parsed(text: str, charset: str = "UNICODE UTF-8") -> Message:
    return Message.parse(encode(text, charset))


@pytest.mark.parametrize(
    ("event", "structure"),
    [("A04", "ADT_A01"), ("A08", "ADT_A01"), ("A28", "ADT_A05"), ("A31", "ADT_A05"), ("A40", "ADT_A39")],
)
def test_an_adt_reads_back_as_it_was_meant(event: Any, structure: str) -> None:
    loser = JACK if event == "A40" else None
    message = parsed(adt(event, JOHN, non_survivor=loser, **COMMON))
    assert message.header.raw(9) == f"ADT^{event}^{structure}"
    assert (message.control_id, message.version, message.charset) == ("42", "2.5.1", "UNICODE UTF-8")
    assert [message.get(f"MSH-{at}") for at in (3, 4, 5, 6)] == ["RADRECON", "US", "PACS", "NORTH"]
    assert message.get("EVN-2") == message.get("EVN-6") == message.timestamp == "20261122143000+0100"
    read = read_adt(message)
    assert (read.event, read.patient, read.non_survivor) == (event, JOHN, loser)
    assert read.flags == ()


def test_an_update_as_it_stands_on_the_wire() -> None:
    patient = Demographics(PatientId("123", "HIS"), PersonName.parse("DOE^JOHN"), "1960-05", "F")
    assert adt("A08", patient, visit=Visit("V1", "HIS", "I"), **COMMON) == (
        "MSH|^~\\&|RADRECON|US|PACS|NORTH|20261122143000+0100||ADT^A08^ADT_A01|42|P|2.5.1||||||UNICODE UTF-8\r"
        "EVN|A08|20261122143000+0100||||20261122143000+0100\r"
        "PID|||123^^^HIS^MR||DOE^JOHN^^^^^L||196005|F\r"
        "PV1||I|||||||||||||||||V1^^^HIS\r"
    )


def test_a_merge_as_it_stands_on_the_wire() -> None:
    patient = Demographics(PatientId("123", "HIS"), PersonName.parse("DOE^JOHN"))
    lines = adt("A40", patient, non_survivor=JACK, **COMMON).split("\r")
    assert lines[2:] == [
        "PID|||123^^^HIS^MR||DOE^JOHN^^^^^L",
        "MRG|77^^^&1.2.840.5&ISO^MR||||||SMITH^JACK^^^^^L",
        "",
    ]


@pytest.mark.parametrize("at", [NOW, NOW + timedelta(days=1)])
def test_the_same_message_of_another_moment_says_the_same(at: datetime) -> None:
    later = COMMON | {"now": at, "control_id": "43"}
    assert timeless(adt("A08", JOHN, **COMMON)) == timeless(adt("A08", JOHN, **later))
    assert timeless(order_status(ORDER, "9.9.9", **COMMON)) == timeless(order_status(ORDER, "9.9.9", **later))
    assert timeless(adt("A08", JOHN, **COMMON)) != timeless(adt("A08", JACK, **later))
    assert timeless(order_status(ORDER, "9.9.9", **COMMON)) != timeless(order_status(ORDER, "9.9.8", **later))


def test_what_names_nobody_is_not_built() -> None:
    nobody = Demographics()
    for wrong, location in (((nobody, JACK), "PID-3"), ((JOHN, None), "MRG-1"), ((JOHN, nobody), "MRG-1")):
        with pytest.raises(ContentError) as caught:
            adt("A40", wrong[0], non_survivor=wrong[1], **COMMON)
        assert caught.value.location == location
    with pytest.raises(ContentError):
        order_status(Order(), **COMMON)


ORDER = Order(
    accession_number="A|100",
    placer_order_number="P1",
    filler_order_number="F1",
    requested_procedure_id="RP1",
    requested_procedure_description="CT Thorax",
    requested_procedure_code=Code("71250", "C4", "CT Thorax"),
    study_instance_uid="1.2.3",
    reason="Cough",
    priority="STAT",
    requesting_physician=PersonName.parse("ORDER^OTTO"),
    referring_physician=PersonName.parse("REFER^RITA"),
    patient=JOHN,
    visit=Visit("V1", "HIS", "I", referring="REFER^RITA"),
    steps=(
        Step("SPS1", "CT", start="2026-11-22T14:30:00", description="Chest", protocol_code=Code("P7", "99R", "Chest")),
        Step("SPS2", "CT", start="2026-11-22", description="Neck", protocol_code=Code("P8", "99R", "Neck")),
    ),
)


def test_an_orders_status_reads_back_with_the_study_it_was_done_in() -> None:
    message = parsed(order_status(ORDER, "9.9.9", **COMMON))
    assert message.message_type == "ORM^O01"
    [read] = read_orders(message)
    assert (read.status, read.study_instance_uid) == (StepStatus.COMPLETED, "9.9.9")
    assert message.get("ZDS-1.4") == "DICOM"
    same = ("accession_number", "placer_order_number", "filler_order_number", "requested_procedure_id", "reason",
            "requested_procedure_description", "requested_procedure_code", "priority", "requesting_physician",
            "referring_physician", "patient", "visit")  # fmt: skip
    assert {name: getattr(read, name) for name in same} == {name: getattr(ORDER, name) for name in same}
    facts = [(step.scheduled_procedure_step_id, step.start, step.protocol_code) for step in read.steps]
    assert facts == [(step.scheduled_procedure_step_id, step.start, step.protocol_code) for step in ORDER.steps]


def test_an_order_without_images_is_scheduled_again() -> None:
    bare = Order(placer_order_number="P1", patient=JACK)
    message = parsed(order_status(bare, control="XO", status="SC", **COMMON))
    assert read_orders(message)[0].status is StepStatus.SCHEDULED
    assert message.first("ZDS") is None


def test_another_reader_understands_what_is_sent() -> None:
    other = hl7.parse(adt("A40", JOHN, non_survivor=JACK, **COMMON))
    assert other.unescape(str(other.segment("PID")[3][0][0])) == "12^3"
    assert str(other.segment("MRG")[1][0][0]) == "77"
    assert other.unescape(str(other.segment("PID")[5][0][0])) == "O|DOE"


def test_a_character_set_that_cannot_hold_the_name_is_an_error() -> None:
    text = adt("A08", JOHN, charset="8859/1", **COMMON)
    with pytest.raises(ContentError):
        encode(text, "8859/1")
