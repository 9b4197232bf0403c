from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.errors import NotFound
from radrecon.store import journal
from radrecon.workflow import replaying
from radrecon.workflow.message_detail import message_detail
from tests.builders import NOW
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, message, msh, order, pid, report


def told(hospital: Hospital, message_id: int) -> list[str]:
    detail = message_detail(hospital.store, message_id)
    return [f"{one.kind}: {one.text}" for one in (*detail.effects, *detail.related)]


@on_both
def test_what_a_message_did_is_told_in_a_line_each(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100"))
    assert told(hospital, 1)[:2] == [
        "person: FISCHER^ANNA · 1000001 · HOSP · 1960-05-17",
        "order: A100 · CT chest with contrast · completed · FISCHER^ANNA",
    ]
    assert "report: A100 · version 1 · status F" in told(hospital, 2)
    assert "accession: A100" in told(hospital, 2)


def test_bytes_text_answer_and_flags_are_there(hospital: Hospital) -> None:
    raw = message(msh("ADT^A08", sender="HIS"), "EVN|A08", "PID|1||1000001^^^HOSP||M\xfcLLER||19600517|F")
    raw = raw.replace("\xfc".encode(), b"\xfc")
    hospital.takes(raw)
    detail = message_detail(hospital.store, 1)
    assert detail.message.raw.encode(detail.raw_encoding) == raw
    assert "MüLLER" in detail.text
    assert (detail.charset, detail.charset_guessed, detail.flags) == ("8859/1", True, ("charset_guessed",))
    assert "MSA|AA|" in detail.ack
    assert detail.sent_at == "20261122140000"


def test_the_text_is_read_in_the_senders_character_set(hospital: Hospital) -> None:
    rules = HL7SenderConfig(match=SenderMatch(sending_application="HIS"), charset="UNICODE UTF-8")
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [rules]}))
    hospital.takes(message(msh("ADT^A08", sender="HIS"), "EVN|A08", pid(name="MÜLLER")))
    detail = message_detail(hospital.store, 1)
    assert "MÜLLER" in detail.text
    assert not detail.charset_guessed


@on_both
def test_resends_and_replays_name_each_other(hospital: Hospital) -> None:
    refused = message(msh("ADT^A08", control="N1", sender="HIS"), "EVN|A08", "PID|1||||FISCHER^ANNA||19600517|F")
    hospital.takes(refused)
    raw = replaying.edit(hospital.store, 1, {"PID-3.1": "1000001"})
    replaying.replay_edited(hospital.store, 1, raw, who="ann")
    hospital.takes(raw)
    assert told(hospital, 1) == ["message: replayed as message 2"]
    assert "message: edited replay of message 1" in told(hospital, 2)
    assert "message: sent again as message 3, resend" in told(hospital, 2)
    assert told(hospital, 3) == ["message: resend of message 2"]


def test_an_applied_message_names_its_replays(hospital: Hospital) -> None:
    hospital.hears(adt("A04"))
    replaying.replay(hospital.store, [1], who="ann")
    assert "message: replayed as message 2, applied" in told(hospital, 1)
    assert "message: replay of message 1" in told(hospital, 2)


def test_what_is_gone_is_said_to_be(hospital: Hospital) -> None:
    effect = {"persons": [99], "orders": [98], "news": [1], "remarks": ["odd"]}
    with hospital.store.transaction() as conn:
        journal.add(conn, journal.Entry("in", NOW, b"x", state="resend", first_id=77, effect=effect))
    assert told(hospital, 1) == [
        "person: person 99, which is there no more",
        "order: order 98, which is there no more",
        "news: [1]",
        "remark: odd",
        "message: resend of message 77, which has been pruned",
    ]


def test_no_message_is_trouble(hospital: Hospital) -> None:
    with pytest.raises(NotFound, match="no message 5"):
        message_detail(hospital.store, 5)
