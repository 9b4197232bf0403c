from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.hl7v2.ack import read_ack
from radrecon.model.errors import Trouble
from radrecon.model.order import StepStatus
from radrecon.store import journal, listings, senders
from radrecon.store import tables as t
from radrecon.store.database import Connection, DatabaseDown, Store
from radrecon.workflow import dispatch, ingest
from radrecon.workflow.intake import Received, Site
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, cancel, imaging_order, merge, message, msh, orc, order, pid, report

GARBAGE = b"hello, is this a printer?"


def found(hospital: Hospital, query: str) -> list[int]:
    with hospital.store.reading() as conn:
        return [row.id for row in listings.messages(conn, query=query)]


@on_both
def test_a_message_is_applied_and_committed_before_it_is_acknowledged(hospital: Hospital) -> None:
    (taken,) = hospital.takes(order("A100", control_id="C1"))
    answer = read_ack(b"".join(taken.answers))
    assert (answer.code, answer.control_id) == ("AA", "C1")
    assert hospital.order("A100").patient.patient_id.value == "1000001"
    (row,) = hospital.journal()
    assert (row.state, row.ack_code, row.ack, row.message_type) == ("applied", "AA", taken.answers[0], "ORM^O01")
    assert row.effect["orders"] == [hospital.order("A100").id]


def test_nobody_is_acknowledged_before_the_commit(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_to_commit(monkeypatch, hospital.store, times=99)
    (taken,) = hospital.takes(order("A100"))
    monkeypatch.undo()
    assert taken.ack_code == "AR"
    assert "not stored" in read_ack(b"".join(taken.answers)).text
    assert hospital.journal() == []
    assert hospital.orders("A100") == []


@on_both
def test_every_kind_of_message_is_applied(hospital: Hospital) -> None:
    raws = [
        adt("A01"), adt("A04", "1000002", "MEYER^EVA"), adt("A08", name="FISCHER^ANNE"), adt("A31", sex="F"),
        order("A100"), imaging_order("A200", "1.2.200"), report("A100"), merge("1000001", "1000002"),
    ]  # fmt: skip
    assert [taken.ack_code for taken in hospital.takes(*raws)] == ["AA"] * len(raws)
    assert str(hospital.person("1000002").demographics.name) == "FISCHER^ANNA"
    assert hospital.order("A100").status is StepStatus.COMPLETED
    assert hospital.order("A200").study_instance_uid == "1.2.200"
    assert hospital.order("A200").steps[0].station_ae_title == "CT1"


@on_both
def test_wrong_content_is_answered_with_its_place_and_kept(hospital: Hospital) -> None:
    raw = message(msh("ORM^O01"), "PID|1||||FISCHER^ANNA", orc("A100"), "OBR|1")
    (taken,) = hospital.takes(raw)
    answer = read_ack(b"".join(taken.answers))
    assert (taken.ack_code, answer.error.split(":")[0]) == ("AE", "PID-3")
    (row,) = hospital.journal()
    assert (row.state, row.ack_code, bytes(row.raw)) == ("refused", "AE", raw)
    assert row.reason == taken.reason
    assert hospital.people() == 0


@pytest.mark.parametrize("kind", ["ADT^A99", "ADT^Z99", "BAR^P01", "MDM^T02"])
def test_an_event_that_is_not_taken_is_answered_ar_and_kept(hospital: Hospital, kind: str) -> None:
    (taken,) = hospital.takes(message(msh(kind), f"EVN|{kind[-3:]}", pid()))
    assert taken.ack_code == "AR"
    assert kind in taken.reason
    assert hospital.journal()[0].state == "refused"


def test_garbage_is_answered_ar_and_kept_byte_for_byte(hospital: Hospital) -> None:
    raw = GARBAGE + bytes(range(256))
    (taken,) = hospital.takes(raw)
    assert taken.ack_code == "AR"
    assert b"MSA|AR" in (b"".join(taken.answers))
    assert bytes(hospital.journal()[0].raw) == raw


@on_both
def test_messages_are_found_by_the_keys_that_they_name(hospital: Hospital) -> None:
    hospital.takes(order("A100", control_id="C77"), merge("1000001", "1000009"))
    refused = hospital.takes(message(msh("ORM^O01"), pid("1000001"), "NTE|1"))[0].message_id
    assert found(hospital, "accession:A100") == [1]
    assert found(hospital, "control:C77") == [1]
    assert found(hospital, "patient_id:1000009") == [2]
    assert found(hospital, "name:fischer") == [refused, 2, 1]


def test_a_refused_order_is_found_by_its_accession_number(hospital: Hospital) -> None:
    raw = order("A100", "PID|1||||FISCHER^ANNA")
    (taken,) = hospital.takes(raw)
    assert taken.ack_code == "AE"
    assert found(hospital, "accession:A100") == [taken.message_id]


@on_both
def test_a_resend_is_acknowledged_again_and_applied_once(hospital: Hospital) -> None:
    raw = report("A100")
    first, second = hospital.takes(raw)[0], hospital.takes(raw)[0]
    assert (first.ack_code, second.ack_code) == ("AA", "AA")
    rows = hospital.journal()
    assert [(row.state, row.first_id) for row in rows] == [("applied", 0), ("resend", first.message_id)]
    assert count(hospital, t.report) == 1


def test_a_resend_within_one_group_is_applied_once(hospital: Hospital) -> None:
    raw = report("A100")
    assert [taken.ack_code for taken in hospital.takes(raw, raw)] == ["AA", "AA"]
    assert count(hospital, t.report) == 1


def test_a_refused_message_is_tried_again_when_it_is_resent(hospital: Hospital) -> None:
    raw = merge("1000001", "1000001")
    hospital.takes(raw)
    (taken,) = hospital.takes(raw)
    assert taken.ack_code == "AE"
    assert [row.state for row in hospital.journal()] == ["refused", "refused"]


def test_a_control_id_with_other_content_is_applied_and_flagged(hospital: Hospital) -> None:
    hospital.takes(order("A100", control_id="C1"))
    (taken,) = hospital.takes(order("A200", control_id="C1"))
    assert taken.ack_code == "AA"
    assert hospital.order("A200")
    assert hospital.journal(id=taken.message_id)[0].flags == ["control_id_reused"]


def test_a_resend_is_known_although_its_control_id_was_reused_since(hospital: Hospital) -> None:
    first, other = adt("A08", name="FISCHER^ANNE", control="C1"), adt("A08", name="FISCHER^ANNA", control="C1")
    hospital.takes(first)
    hospital.takes(other)
    hospital.takes(first)
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"


def test_the_same_control_id_of_another_sender_is_no_resend(hospital: Hospital) -> None:
    hospital.takes(order("A100", control_id="C1", sender="RIS1"), order("A200", control_id="C1", sender="RIS2"))
    assert [row.flags for row in hospital.journal()] == [[], []]


@on_both
def test_our_own_message_come_round_is_journalled_and_not_applied(hospital: Hospital) -> None:
    raw = adt("A08", name="WRONG^NAME", sender="RADRECON", control="OUT1")
    hospital.takes(adt("A04"))
    with hospital.store.transaction() as conn:
        out = journal.Entry("out", hospital.now, raw, "viewer", "RADRECON", control_id="OUT1", delivery_id=7)
        journal.add(conn, out)
    (taken,) = hospital.takes(raw)
    assert taken.ack_code == "AA"
    (row,) = hospital.journal(state="echo")
    assert row.delivery_id == 7
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"


@on_both
def test_one_bad_message_in_a_group_does_not_harm_the_others(hospital: Hospital) -> None:
    bad = [GARBAGE, merge("1000001", "1000001"), message(msh("ADT^A99"), pid())]
    codes = [taken.ack_code for taken in hospital.takes(order("A100"), *bad, order("A200"))]
    assert codes == ["AA", "AR", "AE", "AR", "AA"]
    assert hospital.order("A100")
    assert hospital.order("A200")
    assert len(hospital.journal()) == 5


NUL_EVERYWHERE = order("A1\x0000", pid("10\x0000001", "FI\x00SCHER^ANNA"), control_id="C\x001")
LONG = "".join(f"{(at * 7919) % 100003:x}" for at in range(4000))


@on_both
@pytest.mark.parametrize(
    "odd",
    [
        NUL_EVERYWHERE,
        order("A300", pid(LONG)),
        order(LONG),
        order("A300", pid(name=LONG)),
        order("A300", control_id=LONG),
    ],
    ids=["nul", "long id", "long accession", "long name", "long control id"],
)
def test_values_that_a_database_refuses_harm_nobody_else_and_are_kept(hospital: Hospital, odd: bytes) -> None:
    before, taken, after = hospital.takes(order("A100"), odd, order("A200"))
    assert (before.ack_code, after.ack_code) == ("AA", "AA")
    assert taken.message_id
    assert bytes(hospital.journal(id=taken.message_id)[0].raw) == odd


def fails_to_commit(monkeypatch: pytest.MonkeyPatch, store: Store, times: int) -> list[int]:
    """The next commits fail as a full disk does: at the end, after everything was written."""
    left = [times]

    def broken(conn: Connection, *_: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise sa.exc.OperationalError("COMMIT", {}, Exception("database or disk is full"))

    monkeypatch.setattr("radrecon.store.database._finish", broken)
    return left


@on_both
def test_when_the_commit_fails_each_of_the_group_is_tried_alone(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = fails_to_commit(monkeypatch, hospital.store, times=2)
    taken = hospital.takes(order("A100"), order("A200"), order("A300"))
    assert left == [0]
    assert [one.ack_code for one in taken] == ["AR", "AA", "AA"]
    assert [row.accession_number for row in hospital.journal()] == ["A200", "A300"]


def test_on_a_full_disk_nobody_is_acknowledged_and_nothing_is_half_stored(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    with hospital.store.transaction() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    big = order("A200", visit="NTE|1||" + "x" * 500_000)
    taken = hospital.takes(big, big.replace(b"A200", b"A300"))
    assert [one.ack_code for one in taken] == ["AR", "AR"]
    assert len(hospital.journal()) == 1
    with hospital.store.transaction() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert hospital.takes(big)[0].ack_code == "AA"


def breaks_after_applying(monkeypatch: pytest.MonkeyPatch) -> None:
    real = dispatch.APPLY["ORM^O01"]

    def broken(*args: Any) -> None:
        real(*args)
        raise ZeroDivisionError("a bug")

    monkeypatch.setitem(dispatch.APPLY, "ORM^O01", broken)


@on_both
def test_a_bug_while_applying_is_answered_ae_kept_and_leaves_nothing_behind(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_after_applying(monkeypatch)
    (taken,) = hospital.takes(order("A100"))
    assert taken.ack_code == "AE"
    assert "ZeroDivisionError" in taken.reason
    assert hospital.orders("A100") == []
    assert hospital.people() == 0
    assert hospital.touched() == []
    (row,) = hospital.journal()
    assert (row.state, row.effect) == ("refused", {})


def test_files_go_the_way_of_the_listener(hospital: Hospital, tmp_path: Path) -> None:
    bare, framed = tmp_path / "bare.hl7", tmp_path / "framed.hl7"
    bare.write_bytes(order("A100") + order("A200"))
    framed.write_bytes(b"\x0b" + cancel("A100") + b"\x1c\r\x0b" + adt("A99") + b"\x1c\r")
    results = ingest.ingest_files(hospital.store, [bare, framed])
    assert [result.ack_code for result in results] == ["AA", "AA", "AA", "AR"]
    assert hospital.order("A100").status is StepStatus.CANCELLED
    with pytest.raises(Trouble):
        ingest.ingest_files(hospital.store, [tmp_path / "none.hl7"])


def test_times_without_a_zone_are_the_senders_where_one_is_set(hospital: Hospital) -> None:
    sender = HL7SenderConfig(match=SenderMatch(sending_application="RIS"), time_zone="America/New_York")
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [sender]}))
    hospital.hears(order("A100", start="20261122093000"))
    assert hospital.order("A100").steps[0].start == "2026-11-22T14:30:00"


def test_a_database_that_is_gone_is_trouble_and_not_a_bug(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> Any:
        raise DatabaseDown("database: gone")

    monkeypatch.setattr(hospital.store, "transaction", gone)
    taken = hospital.takes(order("A100"), GARBAGE)
    assert [one.ack_code for one in taken] == ["AR", "AR"]
    assert all("gone" in one.reason for one in taken)


def count(hospital: Hospital, table: sa.Table) -> int:
    with hospital.store.reading() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_the_journal_says_what_a_message_did(hospital: Hospital) -> None:
    hospital.takes(order("A100", steps="2"))
    effect = hospital.journal()[0].effect
    assert json.loads(json.dumps(effect))["accessions"] == ["A100"]
    assert effect["persons"] == [hospital.person().id]


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("too_long",), "AE"),
        (("no_start", "too_long"), "AE"),
        (("unfinished",), "AE"),
        (("no_start", "unfinished"), "AA"),
        (("no_end", "noise", "fs_inside"), "AA"),
    ],
)
def test_half_a_message_is_kept_and_changes_nothing(hospital: Hospital, flags: tuple[str, ...], code: str) -> None:
    (taken,) = ingest.take_group(hospital.store, [Received(order("A100"), "peer", hospital.now, flags)], Site(CONFIG))
    assert taken.ack_code == code
    assert len(hospital.orders("A100")) == (code == "AA")
    (row,) = hospital.journal()
    assert tuple(row.flags) == flags
    assert bool(row.reason) == (code == "AE")


@on_both
def test_senders_are_counted_with_what_was_refused(hospital: Hospital) -> None:
    hospital.takes(order("A100"), order("A200", sender="EHR"), merge("1000001", "1000001"), b"no message")
    with hospital.store.reading() as conn:
        found = {one.application: (one.messages, one.refused) for one in senders.load_all(conn)}
    assert sum(messages for messages, _ in found.values()) == 3
    assert found["EHR"] == (1, 0)
    assert sum(refused for _, refused in found.values()) == 1


def test_every_order_number_of_a_message_finds_it(hospital: Hospital) -> None:
    second = b"ORC|NW|P-TWO^EHR|F-TWO\rOBR|2|P-TWO^EHR|F-TWO|CT^CT\r"
    (taken,) = hospital.takes(order("A100", placer="P-ONE", filler="F-ONE") + second)
    with hospital.store.reading() as conn:
        for number in ("p-one", "f-one", "P-TWO", "F-TWO"):
            assert [row.id for row in listings.messages(conn, query=number)] == [taken.message_id]


def test_every_patient_of_a_message_finds_it(hospital: Hospital) -> None:
    eva, urs = pid("1000001"), pid("1000002", "KOCH^URS", "19700101", "M")
    hospital.takes(message(msh("ADT^A24"), "EVN|A24", eva, "PV1|1|O", urs, "PV1|1|O"))
    hospital.takes(message(msh("ADT^A40"), "EVN|A40", eva, "MRG|3~4", urs, "MRG|5"))
    assert found(hospital, "mrn:1000002") == [2, 1]
    assert [found(hospital, f"mrn:{number}") for number in "345"] == [[2], [2], [2]]
    assert [row.patient_id for row in hospital.journal()] == ["1000001", "1000001"]


@on_both
@pytest.mark.parametrize("filled", ["1000001\0\0", "1000001\\X00\\"])
def test_fields_filled_up_with_nul_hold_what_stands_before_it(hospital: Hospital, filled: str) -> None:
    hospital.hears(adt("A04", "1000001"), order("A100", pid(filled, "FISCHER\0^ANNA")))
    assert hospital.order("A100").person_id == hospital.person("1000001").id
    assert str(hospital.order("A100").patient.name) == "FISCHER^ANNA"


def test_a_type_that_is_not_taken_is_said_to_be_so_by_its_code(hospital: Hospital) -> None:
    (taken,) = hospital.takes(message(msh("MDM^T02"), pid()))
    assert b"|MSH^1^9|200^Unsupported message type^HL70357|E|" in taken.answers[0]
