"""Modalities tell a real engine what they do: each flow over the wire, IHE PIR's among them."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid
from pynetdicom import AE
from pynetdicom.sop_class import ModalityPerformedProcedureStep as MPPS  # type: ignore[attr-defined]
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from structlog.testing import capture_logs

from radrecon.dicom.dimse import N_CREATE_RQ, Command, encode_command
from radrecon.model.performed import Refusal
from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.services import dicom_listener
from radrecon.services.mpps_scp import MODALITY_PERFORMED_PROCEDURE_STEP, PerformedSteps
from radrecon.store import tables as t
from radrecon.store.database import DatabaseDown
from radrecon.workflow.performing import Said
from tests import builders
from tests.e2e.hospital import Engine, code, orm, send, until
from tests.unit.dicom.performed import (
    BIG,
    EXPLICIT,
    IMPLICIT,
    WRONG_ENTRY,
    completion,
    creation,
    discontinuation,
    item,
    scheduled,
    series,
    unscheduled,
)
from tests.unit.dicom.requests import associate_request, p_data, value
from tests.wire.performing_ward import Ward

TOML = '[site]\ntime_zone = "UTC"\nwatch_from = 2026-11-01\nmpps_idle_minutes = 0\n'


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    folder = tmp_path_factory.mktemp("engine")
    one = Engine(folder, TOML, f"sqlite:///{folder / 'radrecon.sqlite3'}").start()
    yield Ward(one)
    one.stop()


def study(uid: str, accession: str, **more: Any) -> StudyFacts:
    """Of today, as the orders are: images of long before an order are not its own."""
    return builders.study(uid, accession, performed=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}", **more)


def of(number: str, uid: str, **values: Any) -> Dataset:
    """A step that begins as the worklist told it."""
    return creation(scheduled(number, uid, sps=f"S{number}", procedure=f"R{number}"), **values)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_a_step_leaves_the_worklist_when_it_begins_and_is_done_when_it_ends(
    ward: Ward, tmp_path: Path, syntax: str
) -> None:
    number = f"A{syntax[-1]}"
    study_uid, uid = ward.ordered(number), generate_uid()
    assert ward.on_worklist(number, tmp_path)
    assert ward.creates(of(number, study_uid), uid, syntax).Status == 0x0000
    assert ward.named == uid
    assert not ward.on_worklist(number, tmp_path)
    assert ward.order(number).status == "STARTED"
    assert ward.sets(uid, item(PerformedProcedureStepStatus="IN PROGRESS"), syntax).Status == 0x0000
    assert ward.sets(uid, completion(series("1.5", 3)), syntax).Status == 0x0000
    assert ward.order(number).status == "COMPLETED"
    row = ward.row(uid)
    assert (row.status, row.instances, row.peer_ae_title) == ("COMPLETED", 3, "CT1")


def test_a_step_without_a_uid_gets_one(ward: Ward) -> None:
    study_uid = ward.ordered("B1")
    assert ward.creates(of("B1", study_uid)).Status == 0x0000
    uid = ward.named
    assert uid.startswith("2.25.")
    assert ward.sets(uid, discontinuation()).Status == 0x0000
    assert ward.order("B1").status == "DISCONTINUED"


def test_a_step_that_exists_and_one_that_does_not(ward: Ward) -> None:
    study_uid, uid, other = ward.ordered("C1"), generate_uid(), generate_uid()
    assert ward.creates(of("C1", study_uid), uid).Status == 0x0000
    assert ward.creates(of("C1", study_uid), uid).Status == 0x0111
    assert ward.sets(other, completion()).Status == 0x0112
    (kept,) = ward.journal(other)
    assert (kept.state, kept.operation, len(kept.raw) > 100) == ("refused", "N-SET", True)


def test_after_the_end_a_repetition_is_taken_and_a_contradiction_refused(ward: Ward) -> None:
    study_uid, uid = ward.ordered("D1"), generate_uid()
    ward.creates(of("D1", study_uid), uid)
    assert ward.sets(uid, completion(series("1.6"))).Status == 0x0000
    assert ward.sets(uid, completion(series("1.6"))).Status == 0x0000
    for other in (discontinuation(reason=WRONG_ENTRY), completion(series("1.7"))):
        refused = ward.sets(uid, other)
        assert (refused.Status, refused.ErrorID) == (0x0110, 0xA710)
        assert refused.ErrorComment == "Performed Procedure Step Object may no longer be updated"
    assert ward.row(uid).status == "COMPLETED"


def test_the_wrong_worklist_entry(ward: Ward, tmp_path: Path) -> None:
    """IHE PIR: the step is on the worklist again, the images wait for a person."""
    study_uid, uid = ward.ordered("E1"), generate_uid()
    ward.creates(of("E1", study_uid), uid)
    made = series("1.2.3.77.1")
    assert ward.sets(uid, discontinuation(made, reason=WRONG_ENTRY)).Status == 0x0000
    assert ward.on_worklist("E1", tmp_path)
    assert ward.order("E1").status == "SCHEDULED"
    assert ward.row(uid).flags == ("wrong_worklist_entry",)
    ward.arrives(study(study_uid, "E1", series=(SeriesFacts("1.2.3.77.1", "CT", "CT1"),)))
    found = until(lambda: ward.case(study_uid))
    assert "the wrong worklist entry was selected" in found.cause
    assert (ward.study(study_uid).wrong_worklist_entry, ward.study(study_uid).order_id) == (True, 0)


def test_without_the_wrong_pick_the_same_images_are_linked(ward: Ward) -> None:
    study_uid, uid = ward.ordered("E2"), generate_uid()
    ward.creates(of("E2", study_uid), uid)
    ward.sets(uid, completion(series("1.2.3.78.1")))
    ward.arrives(study(study_uid, "E2", description="", series=(SeriesFacts("1.2.3.78.1", "CT", "CT1"),)))
    until(lambda: ward.study(study_uid).order_id == ward.order("E2").id)


def test_an_unscheduled_step_is_kept_and_finds_its_order_later(ward: Ward) -> None:
    """IHE PIR cases 3 and 5: done before it was ordered."""
    study_uid, uid = generate_uid(), generate_uid()
    assert ward.creates(unscheduled(study_uid, PatientID="T9020"), uid).Status == 0x0000
    assert ward.sets(uid, completion(series("1.8"))).Status == 0x0000
    assert (ward.row(uid).flags, ward.row(uid).order_ids) == (("unscheduled",), ())
    assert code(send(ward.engine.mllp, orm("F1", uid=study_uid, mrn="T9020", name="FISCHER^ANNA", sex="F"))) == "AA"
    until(lambda: ward.order("F1").status == "COMPLETED")
    assert ward.row(uid).order_ids == (ward.order("F1").id,)


def test_one_examination_for_two_orders_and_two_for_one(ward: Ward) -> None:
    first, _second, uid, again = ward.ordered("G1"), ward.ordered("G2"), generate_uid(), generate_uid()
    both = [scheduled(one, first, sps=f"S{one}", procedure=f"R{one}") for one in ("G1", "G2")]
    assert ward.creates(creation(*both), uid).Status == 0x0000
    assert (ward.order("G1").status, ward.order("G2").status) == ("STARTED", "STARTED")
    assert ward.creates(of("G1", first, PerformedProcedureStepID="PPS2"), again).Status == 0x0000
    ward.sets(uid, completion(series("1.9.1"), series("1.9.2")))
    assert (ward.order("G1").status, ward.order("G2").status) == ("STARTED", "COMPLETED")
    ward.sets(again, completion(series("1.9.3")))
    assert ward.order("G1").status == "COMPLETED"


def test_an_examination_of_a_thousand_images_is_taken(ward: Ward) -> None:
    study_uid, uid = ward.ordered("I1"), generate_uid()
    ward.creates(of("I1", study_uid), uid)
    made = [series(f"1.2.826.0.1.3680043.8.498.55.{number}", 250) for number in range(4)]
    assert ward.sets(uid, completion(*made)).Status == 0x0000
    assert (ward.row(uid).series, ward.row(uid).instances) == (4, 1000)


def test_another_patients_step_is_not_moved(ward: Ward) -> None:
    study_uid, uid = ward.ordered("H1"), generate_uid()
    assert ward.creates(of("H1", study_uid, PatientID="7654321", PatientName="BAUER^KARL"), uid).Status == 0x0000
    assert ward.order("H1").status == "SCHEDULED"
    assert ward.row(uid).flags == ("patient_conflict",)


@pytest.mark.parametrize(
    ("dataset", "status"),
    [
        (item(PatientID="1000001"), 0x0000),
        (item(PerformedProcedureStepID="7", PerformedProcedureStepStatus="in progress"), 0x0000),
        (creation(ScheduledStepAttributesSequence=Sequence()), 0x0000),
        (creation(scheduled(uid="x/../y")), 0x0000),
        (creation(PerformedProcedureStepStatus="COMPLETED"), 0x0106),
        (creation(PerformedProcedureStepStatus="ASLEEP"), 0x0106),
        (item(Modality="CT"), 0x0120),
        (None, 0x0120),
    ],
)
def test_what_can_be_used_is_taken(ward: Ward, dataset: Dataset | None, status: int) -> None:
    uid = generate_uid()
    assert ward.creates(dataset, uid).Status == status
    assert [one.state for one in ward.journal(uid)] == ["refused" if status else "applied"]


# -- bytes ------------------------------------------------------------------------------------------------------------


class Bytes:
    """A modality that sends what pynetdicom would not."""

    def __init__(self, ward: Ward) -> None:
        self.socket = socket.create_connection(ward.engine.dicom, timeout=60)
        self.socket.sendall(associate_request(((str(MPPS), (EXPLICIT,)),)))
        assert self.pdu()[0] == 2

    def pdu(self) -> tuple[int, bytes]:
        kind, length = struct.unpack(">BxI", self._exactly(6))
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            assert part, "closed"
            data += part
        return data

    def creates(self, uid: str, raw: bytes) -> int:
        command = Command(
            N_CREATE_RQ, 1, affected_sop_class=str(MPPS), affected_sop_instance=uid, has_data_set=bool(raw)
        )
        self.socket.sendall(p_data(value(1, encode_command(command), command=True)))
        if raw:
            self.socket.sendall(p_data(value(1, raw, command=False)))
        _, body = self.pdu()
        at = body.index(b"\x00\x00\x00\x09\x02\x00\x00\x00")
        return int.from_bytes(body[at + 8 : at + 10], "little")


@pytest.mark.parametrize(
    ("uid", "raw", "status"),
    [
        ("1.2.3.999.1", b"\x10\x00\x10\x00PN\xff\xffX", 0x0110),
        ("1.2.3.999.2", b"\x00" * 7, 0x0110),
        ("../../x", b"\x10\x00\x20\x00LO\x02\x0012", 0x0117),
        ("1." + "2" * 70, b"\x10\x00\x20\x00LO\x02\x0012", 0x0117),
        ("1.2\0.3", b"\x10\x00\x20\x00LO\x02\x0012", 0x0117),
        ("1.2.3.999.3", b"\x10\x00\x20\x00LO\x04\x001\x0002", 0x0000),
    ],
)
def test_bytes_of_no_use_are_answered_and_kept_and_others_are_served(
    ward: Ward, uid: str, raw: bytes, status: int
) -> None:
    with ward.reading() as conn:
        before = conn.execute(t.performed_message.select()).all()
    peer = Bytes(ward)
    assert peer.creates(uid, raw) == status
    peer.socket.close()
    with ward.reading() as conn:
        after = conn.execute(t.performed_message.select()).all()
    assert len(after) == len(before) + 1
    assert after[-1].raw == raw
    ae = AE(ae_title="CT1")
    ae.add_requested_context(Verification)
    association = ae.associate(*ward.engine.dicom)
    assert association.send_c_echo().Status == 0x0000
    association.release()


# -- the power goes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_answered_is_there_after_the_power_went(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = request.getfixturevalue("empty_postgres") if database == "postgresql" else ""
    one = Engine(tmp_path, TOML, url or f"sqlite:///{tmp_path / 'radrecon.sqlite3'}").start()
    ward = Ward(one)
    try:
        study_uid, uid = ward.ordered("K1"), generate_uid()
        assert ward.creates(of("K1", study_uid), uid).Status == 0x0000
        one.kill()
        one.start()
        assert (ward.row(uid).status, ward.order("K1").status) == ("IN PROGRESS", "STARTED")
        assert ward.creates(of("K1", study_uid), uid).Status == 0x0111
        assert ward.sets(uid, completion(series("1.4", 5))).Status == 0x0000
        one.kill()
        one.start()
        assert (ward.row(uid).status, ward.row(uid).instances) == ("COMPLETED", 5)
        assert ward.order("K1").status == "COMPLETED"
        assert [one.state for one in ward.journal(uid)] == ["applied", "refused", "applied"]
    finally:
        one.stop()


# -- the database goes ------------------------------------------------------------------------------------------------


class Desk:
    """The service on a listener of its own, in front of what a test says."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble
        self.kept: list[str] = []

    async def take(self, said: Said) -> Refusal | None:
        if self.trouble:
            raise self.trouble
        return None

    async def keep(self, said: Said, reason: str) -> None:
        self.kept.append(reason)

    async def find(self, *_: object) -> list[Any]:
        return []

    async def asked(self) -> int:
        more = {MODALITY_PERFORMED_PROCEDURE_STEP: PerformedSteps(self.take, self.keep)}
        listener = await dicom_listener.listen("127.0.0.1", 0, "RADRECON", self.find, more=more)
        try:
            return await asyncio.to_thread(self._create, listener.address)
        finally:
            await listener.close()

    def _create(self, address: tuple[str, int]) -> int:
        ae = AE(ae_title="CT1")
        ae.add_requested_context(MPPS, EXPLICIT)
        association = ae.associate(*address)
        status, _ = association.send_n_create(creation(), MPPS, "1.2.3")
        association.release()
        return int(status.Status)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("trouble", "status", "kept"),
    [
        (None, 0x0000, []),
        (DatabaseDown("the disk is full"), 0x0110, []),
        (ZeroDivisionError(), 0x0110, ["it could not be applied"]),
    ],
)
async def test_what_cannot_be_stored_is_not_said_to_be(trouble: Exception | None, status: int, kept: list[str]) -> None:
    desk = Desk(trouble)
    with capture_logs():
        assert await desk.asked() == status
    assert desk.kept == kept
