"""ADT events."""

from __future__ import annotations

import pytest

from radrecon.hl7v2.adt import MERGES, AdtEvent, read_adt, read_adt_events
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.values import when
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId, Visit

PID = "PID|1||123^^^HIS^MR||DOE^JOHN||19600517|M"


def adt(event: str, *segments: str, evn: str = "EVN||20261122120000") -> Message:
    return Message.parse("\r".join((f"MSH|^~\\&|HIS||||20261122||ADT^{event}|1|P|2.5", evn, *segments)).encode())


def test_an_update_is_its_patient_and_visit() -> None:
    assert read_adt(adt("A08", PID, "PV1|1|I" + "|" * 17 + "V1")) == AdtEvent(
        "A08",
        Demographics(PatientId("123", "HIS"), PersonName.parse("DOE^JOHN"), "1960-05-17", "M"),
        Visit("V1", patient_class="I"),
        occurred=when("20261122120000"),
    )


def test_fields_sent_as_null_are_named() -> None:
    event = read_adt(adt("A31", 'PID|||1||DOE||""|'))
    assert event.deletes == {"birth_date"}
    assert (event.patient.birth_date, event.patient.sex) == ("", "")


@pytest.mark.parametrize("event", sorted(MERGES | {"A47"}))
def test_a_merge_names_survivor_and_loser(event: str) -> None:
    found = read_adt(adt(event, PID, "MRG|77^^^HIS~78^^^OLD||||||SMITH^JOHN"))
    assert found.patient.patient_id == PatientId("123", "HIS")
    assert found.non_survivor == Demographics(
        PatientId("77", "HIS"), PersonName.parse("SMITH^JOHN"), other_ids=(PatientId("78", "OLD"),)
    )
    assert found.flags == ()


def test_the_losers_primary_identifier_is_of_the_survivors_authority() -> None:
    found = read_adt(adt("A40", PID, "MRG|78^^^OLD^MR~77^^^HIS^PI"))
    assert found.non_survivor
    assert found.non_survivor.patient_id == PatientId("77", "HIS")


@pytest.mark.parametrize("segments", [(PID,), (PID, "MRG|"), (PID, 'MRG|""'), (PID, "MRG|7", "PID|||8")])
def test_a_merge_without_loser_is_wrong_at_mrg_1(segments: tuple[str, ...]) -> None:
    with pytest.raises(ContentError) as caught:
        read_adt_events(adt("A40", *segments))
    assert caught.value.location == "MRG-1"


def test_a_merge_without_survivor_is_wrong_at_pid_3() -> None:
    with pytest.raises(ContentError) as caught:
        read_adt(adt("A40", "MRG|7"))
    assert caught.value.location == "PID-3"


def test_one_a40_may_hold_several_merges() -> None:
    message = adt("A40", PID, "PD1|", "MRG|1", "PV1|1|I", "PID|||124", "MRG|2", "MRG|3")
    pairs = [(one.patient.patient_id.value, one.non_survivor) for one in read_adt_events(message)]
    assert [(survivor, loser.patient_id.value if loser else "") for survivor, loser in pairs] == [
        ("123", "1"), ("124", "2"), ("124", "3"),
    ]  # fmt: skip
    assert [one.visit.patient_class for one in read_adt_events(message)] == ["I", "", ""]


def test_a_merge_to_itself_is_flagged() -> None:
    assert read_adt(adt("A40", PID, "MRG|123^^^HIS")).flags == ("self_merge",)


@pytest.mark.parametrize("event", ["A24", "A35", "A43", "A50"])
def test_other_events_have_no_loser(event: str) -> None:
    assert read_adt(adt(event, PID, "MRG|7")).non_survivor is None


def test_when_it_occurred_is_evn_6_then_evn_2_then_msh_7() -> None:
    assert read_adt(adt("A08", PID, evn="EVN|A08|20261122||||20261121")).occurred == when("20261121")
    assert read_adt(adt("A08", PID, evn="EVN|A08|never")).occurred == when("20261122")
