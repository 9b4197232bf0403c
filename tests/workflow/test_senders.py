"""Senders as a person sees them, and where a new one puts its accession numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import NotFound
from radrecon.store import senders
from radrecon.store.senders import Heard
from radrecon.workflow.intake import Received
from radrecon.workflow.senders import hear, propose_paths, rows
from tests.builders import NOW, demographics, study
from tests.workflow import messages
from tests.workflow.hospital import CONFIG, Hospital, on_both


def heard(peer: str = "10.0.0.1:4711", minutes: float = 0) -> Heard:
    raw = messages.order("A100")  # written at 14:00
    message = Message.parse(raw)
    return hear(message, Received(raw, peer, NOW + timedelta(minutes=minutes)), CONFIG.zone(), refused=False)


def test_a_message_says_who_sent_it_and_how_their_clock_stands() -> None:
    assert heard(minutes=1) == Heard("RIS", "HOSP", 60.0, False, False)
    assert heard(minutes=-4) == Heard("RIS", "HOSP", -240.0, False, False)
    assert heard(minutes=300) == Heard("RIS", "HOSP", None, False, True)


@pytest.mark.parametrize("peer", ["replay", "file:a.hl7", "edit"])
def test_a_replay_says_nothing_of_a_clock(peer: str) -> None:
    assert heard(peer, minutes=300) == Heard("RIS", "HOSP")


def test_a_senders_name_is_what_every_database_can_hold() -> None:
    raw = b"MSH|^~\\&|A\x00B" + b"x" * 500 + b"|H|||20261122140000||ADT^A08|1|P|2.5\rPID|||1\r"
    found = hear(Message.parse(raw), Received(raw, "p", NOW), CONFIG.zone(), refused=True)
    assert (found.application[:3], len(found.application), found.refused) == ("ABx", 200, True)


@on_both
def test_a_sender_is_listed_with_its_rules_and_its_clock(hospital: Hospital) -> None:
    ris = HL7SenderConfig(
        match=SenderMatch(sending_application="RIS"), tap="copy", owner_of=["accession"], accession_paths=["OBR-20"]
    )
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [ris]}))
    with hospital.store.transaction() as conn:
        senders.heard(conn, [Heard("RIS", "HOSP", -240.0), Heard("NEW", "", 1.0, refused=True)], NOW)
    new, known = rows(hospital.store)
    assert (new.configured, new.tap, new.refused, new.clock) == (False, "feed", 1, "its clock agrees with ours")
    assert new.accession_paths == ("IPC-1", "OBR-18", "OBR-3.1", "ORC-3.1")
    assert (known.configured, known.tap, known.owner_of) == (True, "copy", ("accession",))
    assert known.accession_paths == ("OBR-20",)
    assert (known.skew_seconds, known.clock) == (-240.0, "its clock is 4 min ahead")


def test_one_name_with_two_taps_shows_both(hospital: Hospital) -> None:
    taps = [
        HL7SenderConfig(match=SenderMatch(sending_application="RIS", host=f"10.0.0.{at}"), tap=tap)  # type: ignore[arg-type]
        for at, tap in enumerate(("copy", "copy_after"))
    ]
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": taps}))
    with hospital.store.transaction() as conn:
        senders.heard(conn, [Heard("RIS", "HOSP")], NOW)
    (row,) = rows(hospital.store)
    assert (row.tap, row.clock, row.skew_seconds) == ("copy, copy_after", "", None)


@on_both
def test_the_place_of_a_new_senders_accession_numbers_is_proposed(hospital: Hospital) -> None:
    """OBR-18 is empty and OBR-3 holds another number: the site writes its accession number into OBR-20."""
    for at in range(12):
        patient = messages.pid(str(5000 + at), f"NAME{at}^ANNA")
        raw = messages.order("", patient, filler=f"F{at}", placer=f"P{at}", sps=f"X{at:05}")
        hospital.takes(raw)
        if at < 8:
            hospital.looks(study(f"1.2.{at}", f"X{at:05}", demographics(str(5000 + at), f"NAME{at}^ANNA")))
    found = propose_paths(hospital.store, "RIS^HOSP")
    assert found.proposal.paths == ("OBR-20",)
    assert (found.messages, found.proposal.orders, found.proposal.performed) == (12, 12, 8)
    assert found.in_use[0] == "IPC-1"
    assert not found.configured


def test_a_sender_that_nobody_heard_is_said_to_be_unknown(hospital: Hospital) -> None:
    with pytest.raises(NotFound):
        propose_paths(hospital.store, "NOBODY")
    hospital.takes(messages.adt("A08", sender="HIS"))
    with hospital.store.transaction() as conn:
        senders.heard(conn, [Heard("HIS", "HOSP")], NOW)
    assert propose_paths(hospital.store, "HIS").proposal.sentence == "no order of this sender is in the journal"
