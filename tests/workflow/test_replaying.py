from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.errors import NotFound, Refused, Trouble
from radrecon.model.rows import ReplayRow
from radrecon.store import journal
from radrecon.store import tables as t
from radrecon.workflow import replaying
from tests.builders import NOW
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, cancel, merge, message, msh, order, pid, report
from tests.workflow.test_ingest import breaks_after_applying

NO_PATIENT = message(msh("ADT^A08", control="NP1", sender="HIS"), "EVN|A08", "PID|1||||FISCHER^ANNA||19600517|F")


def replay(hospital: Hospital, *ids: int, **more: Any) -> list[ReplayRow]:
    return replaying.replay(hospital.store, ids, who="ann", **more)


def edited(hospital: Hospital, message_id: int, **values: str) -> ReplayRow:
    paths = {path.replace("_", "-", 1).replace("_", "."): value for path, value in values.items()}
    raw = replaying.edit(hospital.store, message_id, paths)
    return replaying.replay_edited(hospital.store, message_id, raw, who="ann", reason="typing slip")


def content(hospital: Hospital) -> dict[str, list[Any]]:
    """All that messages make, apart from when it was touched and by which row of the journal."""
    tables = (t.person, t.identifier, t.imaging_order, t.step, t.merge, t.visit)
    passing = ("message_id", "updated_at", "version", "at", "retired_at", "data", "received_at")
    with hospital.store.reading() as conn:
        return {
            table.name: [
                tuple(row) for row in conn.execute(
                    sa.select(*(c for c in table.columns if c.name not in passing)).order_by(table.c.id)
                )
            ]
            for table in tables
        }  # fmt: skip


@on_both
def test_a_refused_message_that_is_applied_now_is_closed(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_after_applying(monkeypatch)
    (refused,) = hospital.takes(order("A100"))
    monkeypatch.undo()
    (row,) = replay(hospital, refused.message_id)
    assert (row.was, row.outcome, row.ack_code) == ("refused", "applied", "AA")
    assert hospital.order("A100")
    assert hospital.journal(id=refused.message_id)[0].state == "replayed"
    new = hospital.journal(id=row.message_id)[0]
    assert (new.first_id, new.flags, new.peer) == (refused.message_id, ["replayed"], "10.0.0.1")


def test_a_replay_that_is_refused_again_leaves_the_first_open(hospital: Hospital) -> None:
    (refused,) = hospital.takes(NO_PATIENT)
    (row,) = replay(hospital, refused.message_id)
    assert (row.outcome, row.ack_code) == ("refused", "AE")
    assert hospital.journal(id=refused.message_id)[0].state == "refused"
    (second,) = replay(hospital, row.message_id)
    assert hospital.journal(id=second.message_id)[0].first_id == refused.message_id


@on_both
def test_replaying_what_was_applied_changes_nothing(hospital: Hospital) -> None:
    hospital.hears(
        adt("A04"), adt("A04", "1000002", "MEYER^EVA"), order("A100"), order("A200"), cancel("A200"),
        adt("A08", name="FISCHER^ANNE"), merge("1000001", "1000002"), order("A300"), report("A300"),
    )  # fmt: skip
    before = content(hospital)
    rows = replay(hospital, *range(1, 10))
    assert [row.outcome for row in rows] == ["applied"] * 9
    assert content(hospital) == before
    with hospital.store.reading() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(t.report)).scalar() == 1


@on_both
def test_a_search_is_replayed_in_the_order_of_arrival(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_after_applying(monkeypatch)
    for number in range(40):
        hospital.takes(order(f"A1{number:02}"))
    monkeypatch.undo()
    hospital.takes(order("A900"))
    ids = replaying.found(hospital.store, "mrn:1000001", state="refused")
    assert ids == list(range(1, 41))
    rows = replay(hospital, *reversed(ids))
    assert [row.replay_of for row in rows] == ids
    assert {row.outcome for row in rows} == {"applied"}
    assert replaying.found(hospital.store, "", state="refused") == []


def test_a_search_leaves_out_what_another_row_stands_for(hospital: Hospital) -> None:
    hospital.takes(order("A100", control_id="C1"))
    hospital.takes(order("A100", control_id="C1"))
    assert replaying.found(hospital.store, "control:C1") == [1]
    hospital.takes(order("A200", control_id="C12"))
    with pytest.raises(Refused, match="more than 1 messages"):
        replaying.found(hospital.store, "control:C1", limit=1)


@on_both
def test_a_dry_run_says_what_would_be_and_keeps_nothing(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks_after_applying(monkeypatch)
    hospital.takes(order("A100"))
    monkeypatch.undo()
    hospital.takes(NO_PATIENT)
    rows = replay(hospital, 1, 2, dry=True)
    assert [(row.outcome, row.message_id) for row in rows] == [("applied", 0), ("refused", 0)]
    assert hospital.orders("A100") == []
    assert [row.state for row in hospital.journal()] == ["refused", "refused"]


def test_what_was_sent_and_our_own_echo_are_not_applied(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        journal.add(conn, journal.Entry("out", NOW, b"MSH|^~\\&|", state="acknowledged"))
        journal.add(conn, journal.Entry("in", NOW, b"MSH|^~\\&|", state="echo"))
    assert [(row.outcome, row.message_id) for row in replay(hospital, 1, 2)] == [("not replayed", 0)] * 2


def test_a_message_that_is_not_there_stops_before_anything_is_applied(hospital: Hospital) -> None:
    hospital.takes(NO_PATIENT)
    with pytest.raises(NotFound, match="no message 99"):
        replay(hospital, 1, 99)
    assert len(hospital.journal()) == 1


def test_the_senders_own_rules_hold_for_a_replay(hospital: Hospital) -> None:
    """They may be found by the host that the message came from."""
    rules = HL7SenderConfig(match=SenderMatch(host="10.0.0.1"), accession_paths=["OBR-20"])
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [rules]}))
    hospital.takes(order("A100", sps="X77"))
    replay(hospital, 1)
    assert [row.accession_number for row in hospital.journal()] == ["X77", "X77"]


# -- edited -----------------------------------------------------------------------------------------------------------


@on_both
def test_an_edited_message_is_a_new_row_that_closes_the_first(hospital: Hospital) -> None:
    (refused,) = hospital.takes(NO_PATIENT)
    row = edited(hospital, refused.message_id, PID_3_1="1000001", PID_3_4="HOSP")
    assert row.outcome == "applied"
    first, second = hospital.journal()
    assert (first.state, first.raw, first.first_id) == ("replayed", NO_PATIENT, second.id)
    assert (second.first_id, second.flags) == (first.id, ["edited"])
    assert b"PID|1||1000001^^^HOSP||FISCHER^ANNA" in bytes(second.raw)
    assert hospital.person("1000001")
    with hospital.store.reading() as conn:
        audit = conn.execute(t.audit.select().order_by(t.audit.c.id.desc())).first()
    assert audit is not None
    assert (audit.who, audit.subject, audit.detail["reason"]) == ("ann", f"message {first.id}", "typing slip")


def test_edits_that_are_refused_wait_with_the_first_until_one_is_applied(hospital: Hospital) -> None:
    hospital.takes(NO_PATIENT)
    assert edited(hospital, 1, PID_5_1="FISHER").outcome == "refused"
    assert [row.state for row in hospital.journal()] == ["refused", "refused"]
    assert edited(hospital, 2, PID_3_1="1000001").outcome == "applied"
    assert [(row.state, row.first_id) for row in hospital.journal()] == [
        ("replayed", 3),
        ("replayed", 1),
        ("applied", 1),
    ]


def test_an_edit_in_the_senders_character_set(hospital: Hospital) -> None:
    rules = HL7SenderConfig(match=SenderMatch(sending_application="HIS"), charset="UNICODE UTF-8")
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [rules]}))
    hospital.takes(message(msh("ADT^A08", sender="HIS"), "EVN|A08", pid(name="MÜLLER^EVA")))
    assert "MÜLLER^JÜRGEN".encode() in replaying.edit(hospital.store, 1, {"PID-5.2": "JÜRGEN"})


def test_an_edit_that_cannot_be_made_keeps_nothing(hospital: Hospital) -> None:
    hospital.takes(NO_PATIENT)
    for values in ({"PV9-1": "x"}, {"PID": "x"}):
        with pytest.raises(Trouble):
            replaying.edit(hospital.store, 1, values)
    with pytest.raises(NotFound):
        replaying.edit(hospital.store, 9, {"PID-3": "1"})
    assert len(hospital.journal()) == 1


# -- late replays -----------------------------------------------------------------------------------------------------


def test_an_old_order_puts_nothing_back_on_the_worklist(hospital: Hospital) -> None:
    hospital.hears(order("A100"), report("A100"))
    replay(hospital, 1)
    assert hospital.order("A100").status == "COMPLETED"
    assert {step.status for step in hospital.order("A100").steps} == {"COMPLETED"}


def test_an_old_order_leaves_what_a_later_message_said(hospital: Hospital) -> None:
    hospital.hears(order("A100", start="20261122143000"), order("A100", control="XO", start="20261122170000"))
    (row,) = replay(hospital, 1)
    assert row.reason == "later messages have spoken of this order: it is kept as it was"
    assert [step.start for step in hospital.order("A100").steps] == ["2026-11-22T17:00:00"]
    assert replay(hospital, 2)[0].outcome == "applied"
    assert replay(hospital, 1, 2)[1].outcome == "applied"
    assert [step.start for step in hospital.order("A100").steps] == ["2026-11-22T17:00:00"]


def test_a_refused_change_is_made_up_for_after_its_order(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital.hears(order("A100"))
    breaks_after_applying(monkeypatch)
    hospital.takes(cancel("A100"))
    monkeypatch.undo()
    replay(hospital, 1, 2)
    assert hospital.order("A100").status == "CANCELLED"
