"""Hostile and broken peers at the real engine: refused within limits, memory flat, a modality served all the while."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE

from radrecon.dicom.dimse import C_FIND_RQ, C_STORE_RQ, Command, encode_command
from tests.e2e.hospital import Engine, engine, until
from tests.e2e.rough_peer import EXPLICIT, RoughPeer
from tests.unit.dicom.requests import associate_request, p_data, value

TOML = """[engine]
storage = "any"
max_associations_per_peer = 8
max_associations = 16
storage_max_bytes = 1048576
"""
SHORT = """[engine]
acse_seconds = 4
idle_seconds = 8
"""
WORKLIST, CT = "1.2.840.10008.5.1.4.31", "1.2.840.10008.5.1.4.1.1.2"
FIND = Command(C_FIND_RQ, 1, affected_sop_class=WORKLIST, priority=0, has_data_set=True)
STORE = Command(C_STORE_RQ, 1, affected_sop_class=CT, affected_sop_instance="1.2.3.4", has_data_set=True)
MAY_GROW = 48 << 20


@pytest.fixture(scope="module", name="serving")
def serving_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("hostile"), TOML) as one:
        yield one


class Modality:
    """Asks for its worklist on one association, again and again."""

    def __init__(self, address: tuple[str, int]) -> None:
        ae = AE(ae_title="MODALITY")
        ae.add_requested_context(WORKLIST)
        self.association = ae.associate(*address)
        assert self.association.is_established
        self.answered, self.failed = 0, ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        query = Dataset()
        query.PatientName = "*"
        while not self._stop.wait(0.05):
            status = [status for status, _ in self.association.send_c_find(query, WORKLIST)][-1]
            if status.get("Status") != 0:
                self.failed = str(status)
                return
            self.answered += 1

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.association.release()


@pytest.fixture(name="modality")
def modality_fixture(serving: Engine) -> Iterator[Modality]:
    """Served before, during and after; the engine's memory stays."""
    one = Modality(serving.dicom)
    until(lambda: one.answered or one.failed)
    before = memory(serving)
    try:
        yield one
        seen = one.answered
        until(lambda: one.answered > seen or one.failed)
        assert not one.failed
        assert memory(serving) - before < MAY_GROW
    finally:
        one.close()


def memory(serving: Engine) -> int:
    """Resident set in bytes."""
    assert serving.process
    status = Path(f"/proc/{serving.process.pid}/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) << 10


def said(serving: Engine, words: str) -> set[str]:
    """The AE titles of those that were refused so, "" before an association."""
    return {row["ae_title"] for row in serving.looks("refusals") if words in row["reason"]}


def refused(serving: Engine, words: str) -> Any:
    return until(lambda: [row for row in serving.looks("refusals") if words in row["reason"]])


@pytest.fixture(name="peer")
def peer_fixture(serving: Engine, modality: Modality) -> Iterator[RoughPeer]:
    with RoughPeer(serving.dicom, "ROUGH") as one:
        one.associate((WORKLIST, (EXPLICIT,)), (CT, (EXPLICIT,)))
        yield one


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(struct.pack(">BxI", 4, 0xFFFFFFFF), "declares 4294967295 bytes", id="a PDU of 4 GiB"),
        pytest.param(p_data(struct.pack(">IBB", 1, 1, 3)), "value's length is wrong", id="PDV underflow"),
        pytest.param(p_data(struct.pack(">IBB", 0xFFFFFFF0, 1, 3)), "value's length is wrong", id="PDV overflow"),
        pytest.param(associate_request(), "0x01 is not expected", id="second A-ASSOCIATE"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", "0x47 does not exist", id="another protocol"),
        pytest.param(p_data(value(9, b"x", command=False)), "was not accepted", id="context not accepted"),
        pytest.param(p_data(value(1, b"\xff" * 40, command=True)), "no command", id="no command"),
    ],
)
def test_what_breaks_the_protocol_is_aborted_and_recorded(
    serving: Engine, peer: RoughPeer, data: bytes, words: str
) -> None:
    peer.send(data)
    assert peer.pdu()[0] == 7
    assert refused(serving, words)[0]["ae_title"] == "ROUGH"


@pytest.mark.parametrize(
    ("data_set", "id_"),
    [(b"", "no identifier"), (b"\x10\x00\x10\x00XX\x04\x00ABCD", "a VR that lies"), (b"\x10\x00", "cut off")],
)
def test_an_identifier_that_is_none_is_answered(peer: RoughPeer, data_set: bytes, id_: str) -> None:
    answer = peer.request(FIND, data_set)
    assert (answer.status, bool(answer.error_comment)) == (0xA900, True), id_


def test_a_data_set_in_another_transfer_syntax_is_refused(serving: Engine, peer: RoughPeer) -> None:
    implicit = struct.pack("<HHI", 8, 0x16, 26) + CT.encode() + b"\0" + struct.pack("<HHI", 0x20, 0x0D, 4) + b"1.2\0"
    assert peer.request(STORE, implicit, context=3).status == 0xC000
    refused(serving, "not stored, C000")


def test_an_instance_over_the_limit_is_refused_and_nothing_of_it_is_kept(serving: Engine, peer: RoughPeer) -> None:
    before = memory(serving)
    assert peer.request(STORE, bytes(1_500_000), context=3).status == 0xA700
    refused(serving, "not stored, A700")
    assert memory(serving) - before < MAY_GROW


def test_an_instance_without_end_is_aborted(serving: Engine, peer: RoughPeer) -> None:
    peer.send(p_data(value(3, encode_command(STORE), command=True)))
    piece = p_data(value(3, bytes(60_000), command=False, last=False))
    with contextlib.suppress(ConnectionError):
        for _ in range(200):
            peer.send(piece)
    assert peer.pdu()[0] in (0, 7)
    refused(serving, "a message is over the limit")


def test_half_open_and_silent_connections_take_no_place(serving: Engine, modality: Modality) -> None:
    flood = [socket.create_connection(serving.dicom) for _ in range(150)]
    with RoughPeer(serving.dicom) as peer:
        assert peer.associate((WORKLIST, (EXPLICIT,))) == 2
    for one in flood:
        one.close()
    refused(serving, "too many connections without an association")


def test_a_flood_of_associations_is_held_at_the_limit(serving: Engine, modality: Modality) -> None:
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(RoughPeer(serving.dicom)) for _ in range(20)]
        answers = [peer.associate((WORKLIST, (EXPLICIT,))) for peer in peers]
    assert answers.count(2) <= 8
    assert answers.count(3) >= 12
    refused(serving, "local limit exceeded")


@pytest.fixture(scope="module", name="hurried")
def hurried_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that waits for nobody long; others need no more than their time on a busy machine."""
    with engine(tmp_path_factory.mktemp("hurried"), SHORT) as one:
        yield one


def test_one_byte_per_second_is_ended(hurried: Engine) -> None:
    """Before an association by the ACSE time, within a message by the idle time: a few bytes are no progress."""
    modality = Modality(hurried.dicom)
    try:
        with RoughPeer(hurried.dicom, "SLOW") as peer, RoughPeer(hurried.dicom, "SLOWER") as other:
            peer.associate((WORKLIST, (EXPLICIT,)))
            peer.send(struct.pack(">BxI", 4, 1000))
            other.send(struct.pack(">BxI", 1, 1000))
            ended: set[RoughPeer] = set()
            until(lambda: _drip(ended, peer, other), every=0.5)
        until(lambda: said(hurried, "silent for too long") == {"", "SLOW"})
        seen = modality.answered
        until(lambda: modality.answered > seen or modality.failed)
        assert not modality.failed
    finally:
        modality.close()


def _drip(ended: set[RoughPeer], *peers: RoughPeer) -> bool:
    """One more byte of each one's PDU; whether all of them are ended."""
    for peer in peers:
        if peer in ended:
            continue
        peer.socket.setblocking(False)
        try:
            if peer.socket.recv(100):
                ended.add(peer)  # an A-ABORT
                continue
            ended.add(peer)
        except BlockingIOError:
            with contextlib.suppress(OSError):
                peer.socket.send(b"\0")
        except OSError:
            ended.add(peer)
    return len(ended) == len(peers)


def test_only_who_is_on_the_list_is_served(tmp_path: Path) -> None:
    lists = '[engine]\nallow_ae_titles = ["CT1"]\nunknown_ae = "echo"\nallow_addresses = ["127.0.0.0/8"]\n'
    with engine(tmp_path / "listed", lists) as one:
        with RoughPeer(one.dicom, "CT1") as peer:
            assert peer.associate((WORKLIST, (EXPLICIT,))) == 2
            assert peer.request(FIND, b"\x10\x00\x20\x00LO\x00\x00").status == 0
        stranger = AE(ae_title="STRANGER")
        stranger.add_requested_context("1.2.840.10008.1.1")
        stranger.add_requested_context(WORKLIST)
        association = stranger.associate(*one.dicom)
        assert [context.abstract_syntax for context in association.accepted_contexts] == ["1.2.840.10008.1.1"]
        assert association.send_c_echo().Status == 0
        association.release()
        refused(one, "verification only")


def test_an_address_that_is_not_allowed_is_not_heard(tmp_path: Path) -> None:
    with engine(tmp_path / "closed", '[engine]\nallow_addresses = ["10.0.0.0/8"]\n') as one:
        with RoughPeer(one.dicom) as peer:
            with contextlib.suppress(ConnectionError):
                peer.send(associate_request())
            assert peer.pdu()[0] in (0, 7)
        refused(one, "address not allowed")
