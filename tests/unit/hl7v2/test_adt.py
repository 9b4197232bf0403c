"""ADT events."""

from __future__ import annotations

import pytest

from radrecon.hl7v2 import adt as events
from radrecon.hl7v2.adt import MERGES, AdtEvent, read_adt, read_adt_events
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.values import when
from radrecon.model.errors import ContentError
from radrecon.model.names import PersonName
from radrecon.model.patient import Demographics, PatientId, Visit
from radrecon.model.visit import ACCOUNT, ALTERNATE, VISIT, Encounter

PID = "PID|1||123^^^HIS^MR||DOE^JOHN||19600517|M"


def adt(event: str, *segments: str, evn: str = "EVN||20261122120000") -> Message:
    return Message.parse("\r".join((f"MSH|^~\\&|HIS||||20261122||ADT^{event}|1|P|2.5", evn, *segments)).encode())


def test_an_update_is_its_patient_and_visit() -> None:
    assert read_adt(adt("A08", PID, "PV1|1|I" + "|" * 17 + "V1")) == AdtEvent(
        "A08",
        Demographics(PatientId("123", "HIS"), PersonName.parse("DOE^JOHN"), "1960-05-17", "M"),
        Visit("V1", patient_class="I"),
        occurred=when("20261122120000"),
        encounters=(Encounter("visit", "V1", patient_class="I"),),
        sent=when("20261122"),
        sender="HIS",
        control_id="1",
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


@pytest.mark.parametrize("event", ["A24", "A35", "A50"])
def test_other_events_have_no_loser(event: str) -> None:
    assert read_adt(adt(event, PID, "MRG|7")).non_survivor is None


def test_when_it_occurred_is_evn_6_then_evn_2_then_msh_7() -> None:
    assert read_adt(adt("A08", PID, evn="EVN|A08|20261122||||20261121")).occurred == when("20261121")
    assert read_adt(adt("A08", PID, evn="EVN|A08|never")).occurred == when("20261122")


# -- who is who -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "survivor", "losers"),
    [
        ("2^^^H~1^^^H", "1^^^H", ["2"], ["1"]),
        ("1^^^H~2^^^H", "1^^^H", ["2"], ["1"]),
        ("2^^^H", "1^^^H~2^^^H", ["2"], ["1"]),
        ("2^^^H~E^^^M", "1^^^H~E^^^M", ["2", "E"], ["1"]),
        ("E^^^M~2^^^H", "E^^^M~1^^^H", ["2", "E"], ["1"]),
        ("2^^^H", "1^^^H~3^^^H", ["2"], ["1", "3"]),
    ],
)
def test_numbers_in_both_lists_tell_nobody_apart(now: str, before: str, survivor: list[str], losers: list[str]) -> None:
    found = read_adt(adt("A40", f"PID|1||{now}||DOE^JOHN", f"MRG|{before}"))
    assert [one.value for one in (found.patient.patient_id, *found.patient.other_ids)] == survivor
    assert found.non_survivor
    assert [one.value for one in (found.non_survivor.patient_id, *found.non_survivor.other_ids)] == losers
    assert found.flags == ()


@pytest.mark.parametrize(("pid2", "target"), [("2^^^H", "2"), ("", "11")])
def test_a43_as_the_standard_writes_it_names_the_target_in_pid_2(pid2: str, target: str) -> None:
    found = read_adt(adt("A43", f"PID|1|{pid2}|11^^^H||DOE^JOHN", "MRG|11^^^H"))
    assert found.patient.patient_id.value == target
    assert ("self_merge" in found.flags) is (not pid2)


def test_account_and_visit_numbers_stand_in_pid_pv1_and_mrg() -> None:
    pid = PID + "|" * 10 + "ACC2^^^BILL"
    pv1 = "PV1|1|I|W1^2" + "|" * 16 + "V2" + "|" * 31 + "X2"
    found = read_adt(adt("A50", pid, "MRG|77||ACC1||V1|X1", pv1))
    assert found.encounters == (
        Encounter(VISIT, "V2", account="ACC2", patient_class="I", location="W1 2"),
        Encounter(ACCOUNT, "ACC2", "BILL"),
        Encounter(ALTERNATE, "X2"),
    )
    assert found.priors == (Encounter(VISIT, "V1"), Encounter(ACCOUNT, "ACC1"), Encounter(ALTERNATE, "X1"))


def test_each_visit_of_a_move_stands_after_its_mrg() -> None:
    found = read_adt_events(adt("A45", PID, "MRG|7||||V1", "PV1|1|I" + "|" * 17 + "V1", "MRG|7||||V2", "PV1|2|O"))
    assert [[one.number for one in event.priors] for event in found] == [["V1"], ["V2"]]
    assert [[one.number for one in event.encounters] for event in found] == [["V1"], []]


@pytest.mark.parametrize("event", ["A24", "A37", "A17"])
def test_a_link_and_a_swap_have_an_event_per_patient(event: str) -> None:
    found = read_adt_events(adt(event, PID, "PV1|1|I", "PID|||8", "PV1|1|O"))
    assert [(one.patient.patient_id.value, one.visit.patient_class) for one in found] == [("123", "I"), ("8", "O")]


def test_fields_of_the_visit_sent_as_null_are_named() -> None:
    assert read_adt(adt("A08", PID, 'PV1|1|""|""^""')).deletes == {"patient_class", "location"}
    assert read_adt(adt("A08", PID, "PV1|1||")).deletes == frozenset()


def test_every_adt_event_of_the_standard_has_its_place_and_only_one() -> None:
    groups = [
        events.REGISTER, events.UPDATE, events.VISIT_EVENTS, events.DELETIONS, events.MERGES, events.ID_CHANGES,
        frozenset(events.NUMBER_CHANGES), events.MOVES, events.LINKS, events.NO_EFFECT,
    ]  # fmt: skip
    standard = {f"A{number:02}" for number in (*range(1, 19), *range(20, 56), 60, 61, 62)}  # A19 is a query
    assert frozenset().union(*groups) == standard
    assert sum(map(len, groups)) == len(standard)
