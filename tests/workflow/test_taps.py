"""Copies before and behind the interface engine, and copies of answers, as they arrive."""

from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.workflow.intake import Taken
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, message, msh, order, pid


def tapped(name: str, tap: str, **match: str) -> HL7SenderConfig:
    return HL7SenderConfig(match=SenderMatch(sending_application=name, **match), tap=tap)  # type: ignore[arg-type]


TAPS = [tapped("RIS", "copy"), tapped("ENGINE", "copy_after"), tapped("ACKS", "ack_copy")]


@pytest.fixture
def site(hospital: Hospital) -> Hospital:
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": TAPS}))
    return hospital


def take(site: Hospital, raw: bytes) -> Taken:
    (taken,) = site.takes(raw)
    assert taken.ack_code == "AA", taken.reason
    return taken


def ack(control_id: str, code: str = "AA", sender: str = "ACKS", kind: str = "ACK^O01", text: str = "") -> bytes:
    return message(msh(kind, sender=sender), f"MSA|{code}|{control_id}|{text}")


@on_both
def test_both_copies_are_applied_and_what_is_behind_the_engine_wins(site: Hospital) -> None:
    take(site, order("A100", sender="RIS", control_id="C1", alerts="before"))
    take(site, order("A100", sender="ENGINE", control_id="C1", alerts="behind"))
    assert site.order("A100").medical_alerts == "behind"


@on_both
def test_a_copy_from_before_that_comes_later_does_not_undo_what_is_behind(site: Hospital) -> None:
    behind = take(site, order("A100", sender="ENGINE", control_id="C1", alerts="behind"))
    before = take(site, order("A100", sender="RIS", control_id="C1", alerts="before"))
    assert site.order("A100").medical_alerts == "behind"
    assert before.reason == (
        f"not applied: the same from behind the interface engine (message {behind.message_id}) stands"
    )


def test_nor_where_the_engine_writes_its_own_control_id(site: Hospital) -> None:
    take(site, order("A100", sender="ENGINE", control_id="E77", alerts="behind"))
    take(site, order("A100", sender="RIS", control_id="C1", alerts="before"))
    assert site.order("A100").medical_alerts == "behind"


def test_a_later_message_from_before_the_engine_is_not_taken_for_an_older_one(site: Hospital) -> None:
    take(site, order("A100", sender="ENGINE", control_id="E77"))
    take(site, order("A200", sender="RIS", control_id="C2"))
    take(site, adt("A08", name="MEIER^ANNA", sender="RIS"))
    assert site.order("A200").accession_number == "A200"
    assert str(site.person().demographics.name) == "MEIER^ANNA"


def test_where_the_copy_behind_was_refused_the_one_from_before_is_applied(site: Hospital) -> None:
    (refused,) = site.takes(order("A100", "PID|1||", sender="ENGINE", control_id="C1"))
    assert refused.ack_code == "AE"
    take(site, order("A100", sender="RIS", control_id="C1"))
    assert site.order("A100").patient.patient_id.value == "1000001"


def test_copies_under_one_name_are_told_apart_by_their_host(hospital: Hospital) -> None:
    same = [tapped("RIS", "copy_after", host="10.0.0.1"), tapped("RIS", "copy")]
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": same}))
    take(hospital, order("A100", sender="RIS", control_id="C1", alerts="behind"))
    assert hospital.order("A100").medical_alerts == "behind"


@on_both
@pytest.mark.parametrize("kind", ["ACK", "ACK^O01^ACK", "ORR^O02"])
def test_an_answer_from_a_tap_is_journalled_and_taken(site: Hospital, kind: str) -> None:
    assert take(site, ack("C1", kind=kind)).reason == ""
    (row,) = site.journal(sending_application="ACKS")
    assert (row.state, row.ack_code) == ("applied", "AA")


def test_a_refusal_in_a_copy_of_answers_is_said(site: Hospital) -> None:
    assert take(site, ack("C1", "AE", text="unknown patient")).reason == "AE for C1: unknown patient"
    (nameless,) = site.takes(ack("", "AA"))
    assert nameless.ack_code == "AE"


def test_an_answer_from_anybody_else_is_refused(site: Hospital) -> None:
    for sender in ("RIS", "SOMEBODY"):
        (taken,) = site.takes(ack("C1", sender=sender, kind="ACK"))
        assert taken.ack_code == "AR"


def test_other_messages_of_a_tap_of_answers_go_the_usual_way(site: Hospital) -> None:
    take(site, message(msh("ADT^A04", sender="ACKS"), pid()))
    assert site.people() == 1
