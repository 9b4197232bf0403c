"""The worklist over real sockets: dcmtk's findscu and echoscu, pynetdicom as a modality, and peers that mean harm."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE

from radrecon.dicom.dimse import C_CANCEL_RQ, Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_LE, Element, encode
from radrecon.dicom.worklist import WorklistQuery
from radrecon.model.errors import Trouble
from radrecon.model.order import Order, Step
from radrecon.services import dicom_listener
from radrecon.services.dicom_listener import Caller, Listener, QueryRecord
from tests.unit.dicom import requests
from tests.unit.dicom.requests import associate_request, echo, p_data, value
from tests.unit.dicom.test_upper_layer import FIND
from tests.unit.dicom.worklist_orders import WAITING, WORKLIST, entry

SPS = "ScheduledProcedureStepSequence"
ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}
dcmtk = pytest.mark.skipif(not shutil.which("findscu"), reason="dcmtk is not installed")

Pairs = Sequence[tuple[Order, Step]]


class Ward:
    """A listener with orders in memory, and what it was told."""

    def __init__(self) -> None:
        self.orders: Pairs = WORKLIST
        self.trouble: Exception | None = None
        self.records: list[QueryRecord] = []
        self.refused: list[str] = []
        self.listeners: list[Listener] = []

    async def find(self, _query: WorklistQuery, _caller: Caller) -> Pairs:
        if self.trouble:
            raise self.trouble
        return self.orders

    async def listen(self, **options: Any) -> Listener:
        listener = await dicom_listener.listen(
            "127.0.0.1", 0, "RADRECON", self.find, self.records.append,
            refused=lambda _peer, reason: self.refused.append(reason), today=lambda: "20261122", **options,
        )  # fmt: skip
        self.listeners.append(listener)
        return listener


@pytest_asyncio.fixture
async def ward() -> AsyncIterator[Ward]:
    one = Ward()
    yield one
    for listener in one.listeners:
        await listener.close()


async def run(*command: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, env=ENVIRONMENT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode("utf-8", "replace")


async def findscu(
    listener: Listener, folder: Path, *keys: str, options: Sequence[str] = ()
) -> tuple[list[Dataset], str]:
    """Its answers as data sets, and what it printed."""
    arguments = [part for key in ("AccessionNumber", *keys) for part in ("-k", key)]
    host, port = listener.address
    status, out = await run("findscu", "-v", "-W", "-X", "-od", str(folder), *options, *arguments, host, str(port))
    assert status == 0, out
    return [dcmread(path, force=True) for path in sorted(folder.glob("rsp*.dcm"))], out


def accessions(answers: Sequence[Dataset]) -> str:
    return " ".join(answer.AccessionNumber for answer in answers)


# -- dcmtk ------------------------------------------------------------------------------------------------------------


@dcmtk
async def test_echoscu_is_answered(ward: Ward) -> None:
    host, port = (await ward.listen()).address
    assert (await run("echoscu", "-aec", "ANYTHING", host, str(port)))[0] == 0


@dcmtk
@pytest.mark.parametrize("syntax", ["-xe", "-xb", "-xi"])
async def test_findscu_is_answered_in_each_transfer_syntax(ward: Ward, tmp_path: Path, syntax: str) -> None:
    answers, _ = await findscu(
        await ward.listen(), tmp_path, f"{SPS}[0].Modality=CT", "PatientName", "PregnancyStatus", options=[syntax]
    )
    assert accessions(answers) == "A1 A2 A6"
    assert str(answers[0].PatientName) == "SMITH^JOHN^Q"
    assert answers[0][SPS][0].Modality == "CT"


@dcmtk
@pytest.mark.parametrize(
    ("keys", "who", "marked"),
    [
        ((), WAITING, False),
        ((f"{SPS}[0].Modality",), WAITING, False),
        (("PatientID=100",), "A1", False),
        (("PatientID=10*",), "A1 A2 A3 A4 A5 A6 A7", False),
        (("PatientName=SMITH JOHN",), "A1", False),
        (("PatientName=smi*",), "A1 A2", False),
        (("PatientName=Mueller",), "A3", False),
        (("AccessionNumber=A4",), "A4", False),
        (("StudyInstanceUID=1.2.3.4\\1.2.3.5",), "A4 A5", False),
        ((f"{SPS}[0].Modality=ct", f"{SPS}[0].ScheduledStationAETitle=CT1"), "A1 A6", False),
        ((f"{SPS}[0].ScheduledProcedureStepStartDate=20261122-20261123",), "A1 A2 A3 A4 A5 A9", False),
        (
            (
                f"{SPS}[0].ScheduledProcedureStepStartDate=20261122-20261123",
                f"{SPS}[0].ScheduledProcedureStepStartTime=220000-060000",
            ),
            "A3 A4",
            False,
        ),
        ((f"{SPS}[0].ScheduledPerformingPhysicianName=HOUSE*",), "A1", False),
        ((f"{SPS}[0].ScheduledProcedureStepStartDate=tomorrow",), WAITING, True),
        (("PatientBirthDate=19600517",), WAITING, True),
        (("PatientID=nobody",), "", False),
    ],
)
async def test_findscu_gets_the_right_orders(
    ward: Ward, tmp_path: Path, keys: tuple[str, ...], who: str, marked: bool
) -> None:
    answers, out = await findscu(await ward.listen(), tmp_path, *keys)
    assert accessions(answers) == who
    assert ("WarningUnsupportedOptionalKeys" in out) is marked
    assert ward.records[0].matches == len(answers)
    assert ward.records[0].status == "0000"


@dcmtk
async def test_text_arrives_in_a_character_set_that_holds_it(ward: Ward, tmp_path: Path) -> None:
    answers, _ = await findscu(await ward.listen(), tmp_path, "PatientName")
    names = {answer.AccessionNumber: str(answer.PatientName) for answer in answers}
    assert (names["A3"], names["A5"]) == ("MÜLLER^JÜRGEN", "YAMADA^TARO=山田^太郎=やまだ^たろう")
    assert [answer.get("SpecificCharacterSet", "") for answer in answers[:5]] == [
        "",
        "",
        "ISO_IR 100",
        "",
        "ISO_IR 192",
    ]


@dcmtk
async def test_findscu_cancels_and_is_told_so(ward: Ward, tmp_path: Path) -> None:
    ward.orders = [entry(f"A{n}", "1", "LONG^LIST", "CT", "CT1", "2026-11-22") for n in range(4000)]
    answers, out = await findscu(
        await ward.listen(max_results=4000), tmp_path, "PatientName", options=["--cancel", "3"]
    )
    assert "Cancel" in out
    assert len(answers) < 4000
    assert ward.records[0].status == "FE00"


# -- pynetdicom as a modality -----------------------------------------------------------------------------------------


def ask(listener: Listener, *queries: Dataset, called: str = "RADRECON") -> list[tuple[list[int], list[Any], str]]:
    """Statuses, answers and the final error comment of each query, all on one association."""
    ae = AE(ae_title="CT1")
    ae.add_requested_context(requests.WORKLIST)
    association = ae.associate(*listener.address, ae_title=called)
    assert association.is_established
    found = []
    for query in queries:
        answers = list(association.send_c_find(query, requests.WORKLIST))
        comment = answers[-1][0].get("ErrorComment", "")
        found.append(([status.Status for status, _ in answers], [data for _, data in answers if data], comment))
    association.release()
    return found


def query(**keys: str) -> Dataset:
    dataset = Dataset()
    dataset.AccessionNumber = ""
    for key, wanted in keys.items():
        setattr(dataset, key, wanted)
    return dataset


async def test_two_queries_on_one_association(ward: Ward) -> None:
    listener = await ward.listen()
    one, two = await asyncio.to_thread(ask, listener, query(PatientID="100"), query(PatientID="101"))
    assert (one[0], accessions(one[1])) == ([0xFF00, 0x0000], "A1")
    assert accessions(two[1]) == "A2"
    assert [record.keys for record in ward.records] == [{"PatientID": "100"}, {"PatientID": "101"}]
    assert {(record.peer_ae, record.address) for record in ward.records} == {("CT1", "127.0.0.1")}


async def test_trouble_fails_the_query_and_not_the_association(ward: Ward) -> None:
    listener = await ward.listen()
    ward.trouble = Trouble("the database is down")
    one, two = await asyncio.to_thread(ask, listener, query(), query())
    assert one[0] == two[0] == [0xC001]
    assert one[2] == "the worklist is not available now"
    assert ward.records[0].status == "C001"


async def test_a_bug_in_the_search_fails_the_query_and_not_the_association(ward: Ward) -> None:
    listener = await ward.listen()
    ward.trouble = KeyError("patient")
    one, two = await asyncio.to_thread(ask, listener, query(), query())
    assert one[0] == two[0] == [0xC001]


@pytest.mark.parametrize(("status", "recorded"), [(0x0000, "0000 after 3"), (0xA700, "A700 after 3")])
async def test_over_the_maximum_it_stops_and_says_so(ward: Ward, status: int, recorded: str) -> None:
    listener = await ward.listen(max_results=3, over_limit=status)
    ((statuses, answers, _),) = await asyncio.to_thread(ask, listener, query())
    assert (statuses, len(answers)) == ([0xFF00] * 3 + [status], 3)
    assert ward.records[0].status == recorded


async def test_exactly_the_maximum_is_not_over_it(ward: Ward) -> None:
    listener = await ward.listen(max_results=1)
    await asyncio.to_thread(ask, listener, query(PatientID="100"))
    assert ward.records[0].status == "0000"


async def test_unsupported_keys_can_go_unmarked(ward: Ward) -> None:
    listener = await ward.listen(warn_of_unsupported_keys=False)
    ((statuses, _, _),) = await asyncio.to_thread(ask, listener, query(PatientID="100", PatientBirthDate="19600101"))
    assert statuses == [0xFF00, 0x0000]


async def test_a_called_name_that_is_not_ours_is_refused_where_the_site_wants_that(ward: Ward) -> None:
    listener = await ward.listen(any_called_ae_title=False)
    with pytest.raises(AssertionError):
        await asyncio.to_thread(ask, listener, query(), called="TYPO")
    assert ward.refused == ["association rejected: called AE title not recognized"]
    await asyncio.to_thread(ask, listener, query())


async def test_fifty_associations_at_once_are_all_served(ward: Ward) -> None:
    listener = await ward.listen(per_peer=64)
    peers = [await Peer.associated(listener) for _ in range(50)]
    assert listener.associations == 50
    for peer in peers:
        await peer.send(find_message({0x00100020: Element("LO", b"100 ")}))
    for peer in peers:
        assert await peer.statuses() == [0xFF00, 0x0000]
        await peer.close()


# -- peers that mean harm ---------------------------------------------------------------------------------------------


class Peer:
    """Bytes on a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, listener: Listener) -> Peer:
        return cls(*await asyncio.open_connection(*listener.address))

    @classmethod
    async def associated(cls, listener: Listener) -> Peer:
        peer = await cls.connected(listener)
        await peer.send(associate_request())
        assert (await peer.pdu())[0] == 2
        return peer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def pdu(self) -> tuple[int, bytes]:
        kind, length = struct.unpack(">BxI", await self.reader.readexactly(6))
        return kind, await self.reader.readexactly(length)

    async def statuses(self) -> list[int]:
        """Those of one query's responses, up to the final one."""
        found: list[int] = []
        while not found or found[-1] & 0xFF00 == 0xFF00:
            kind, body = await self.pdu()
            assert kind == 4
            if body[5] & 1:
                found.append(parse_command(body[6:]).status or 0)
        return found

    async def rest(self) -> bytes:
        """What comes until the listener closes."""
        return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def find_message(identifier: dict[int, Element], message_id: int = 2) -> bytes:
    command = Command(FIND.field, message_id, affected_sop_class=requests.WORKLIST, has_data_set=True)
    data_set = encode({0x00080050: Element("SH")} | identifier, EXPLICIT_LE)
    return p_data(value(3, encode_command(command), command=True)) + p_data(value(3, data_set, command=False))


async def served(ward: Ward, listener: Listener) -> None:
    """A working modality gets its list."""
    peer = await Peer.associated(listener)
    await peer.send(find_message({}))
    assert await peer.statuses() == [0xFF00] * 8 + [0x0000]
    await peer.send(requests.RELEASE)
    assert (await peer.pdu())[0] == 6
    await peer.close()


HARM = {
    "4 GiB PDU": struct.pack(">BxI", 4, 0xFFFFFFFF),
    "second A-ASSOCIATE": associate_request(),
    "PDV underflow": p_data(struct.pack(">IBB", 1, 3, 3)),
    "unknown PDU": b"\x42\0\0\0\0\0",
    "wrong context": echo(context_id=77),
    "request without an id": p_data(
        value(1, encode_command(Command(0x30, None, affected_sop_class=requests.VERIFICATION)), command=True)
    ),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
async def test_what_breaks_the_protocol_is_aborted_told_and_others_are_served(ward: Ward, harm: bytes) -> None:
    listener = await ward.listen()
    peer = await Peer.associated(listener)
    await peer.send(harm)
    assert (await peer.pdu())[0] == 7
    await peer.close()
    assert len(ward.refused) == 1
    await served(ward, listener)
    assert listener.associations == 0


async def test_a_find_without_identifier_is_answered_and_the_association_lives(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    command = Command(FIND.field, 9, affected_sop_class=requests.WORKLIST)
    await peer.send(p_data(value(3, encode_command(command), command=True)))
    assert await peer.statuses() == [0xA900]
    await peer.send(find_message({0x00100020: Element("LO", b"100 ")}))
    assert await peer.statuses() == [0xFF00, 0x0000]
    await peer.close()


async def test_an_identifier_in_another_transfer_syntax_is_answered_and_the_association_lives(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    command = p_data(value(3, encode_command(FIND), command=True))
    implicit = encode({0x00100020: Element("LO", b"100 ")}, requests.IMPLICIT)
    await peer.send(command + p_data(value(3, implicit, command=False)))
    assert await peer.statuses() == [0xA900]
    await peer.send(find_message({}))
    assert len(await peer.statuses()) == 9
    await peer.close()


@pytest.mark.parametrize(
    ("context_id", "field", "sop_class", "status"),
    [
        (1, 0x0020, requests.VERIFICATION, 0x0211),
        (3, 0x0030, requests.WORKLIST, 0x0211),
        (3, 0x0001, requests.CT_STORAGE, 0x0122),
    ],
)
async def test_an_operation_that_the_context_has_not_is_answered(
    ward: Ward, context_id: int, field: int, sop_class: str, status: int
) -> None:
    peer = await Peer.associated(await ward.listen())
    command = Command(field, 1, affected_sop_class=sop_class)
    await peer.send(p_data(value(context_id, encode_command(command), command=True)))
    assert await peer.statuses() == [status]
    await peer.close()


async def test_one_byte_at_a_time_holds_up_nobody(ward: Ward) -> None:
    listener = await ward.listen()
    slow = await Peer.connected(listener)
    for byte in associate_request()[:20]:
        await slow.send(bytes((byte,)))
        await served(ward, listener)
    await slow.close()


async def test_silent_connections_take_no_associations_place(ward: Ward) -> None:
    listener = await ward.listen(max_associations=2)
    silent = [await Peer.connected(listener) for _ in range(20)]
    await served(ward, listener)
    assert await silent[0].rest() != b""  # the oldest has gone
    assert "too many connections without an association" in ward.refused
    for peer in silent:
        await peer.close()


async def test_who_never_asks_to_associate_is_sent_away(ward: Ward) -> None:
    peer = await Peer.connected(await ward.listen(acse_timeout=0.05))
    assert (await peer.rest())[:1] == b"\x07"
    assert ward.refused == ["silent for too long"]
    await peer.close()


async def test_an_association_that_falls_silent_is_aborted(ward: Ward) -> None:
    listener = await ward.listen(idle_timeout=0.05)
    peer = await Peer.associated(listener)
    assert (await peer.pdu())[0] == 7
    await peer.close()


async def test_no_peer_has_more_associations_than_its_share(ward: Ward) -> None:
    listener = await ward.listen(per_peer=2)
    peers = [await Peer.associated(listener) for _ in range(2)]
    third = await Peer.connected(listener)
    await third.send(associate_request())
    assert await third.pdu() == (3, bytes((0, 2, 3, 2)))
    await third.close()
    assert ward.refused == ["association rejected: local limit exceeded"]
    for peer in peers:
        await peer.send(requests.RELEASE)
        await peer.pdu()
        await peer.close()
    await served(ward, listener)


async def test_a_cancel_in_the_same_segment_stops_the_query(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    cancel = Command(C_CANCEL_RQ, responded_to=2)
    await peer.send(find_message({}) + p_data(value(3, encode_command(cancel), command=True)))
    assert (await peer.statuses())[-1] == 0xFE00
    await peer.send(find_message({}))  # the same message id again: the old cancel no longer counts
    assert (await peer.statuses())[-1] == 0x0000
    await peer.close()


async def test_many_requests_sent_at_once_are_answered_in_their_order(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    await peer.send(b"".join(echo(number) for number in range(1, 101)))
    answered = []
    for _ in range(100):
        _, body = await peer.pdu()
        answered.append(parse_command(body[6:]).responded_to)
    assert answered == list(range(1, 101))
    await peer.close()


async def test_a_peer_that_leaves_in_the_middle_is_recorded_and_forgotten(ward: Ward) -> None:
    ward.orders = [entry(f"A{n}", "1", "LONG^LIST", "CT", "CT1", "2026-11-22") for n in range(4000)]
    listener = await ward.listen(max_results=4000)
    peer = await Peer.associated(listener)
    await peer.send(find_message({0x00100010: Element("PN")}))
    await peer.pdu()
    peer.writer.transport.abort()
    async with asyncio.timeout(30):
        while listener.associations or not ward.records:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert ward.records[0].status == "lost"


async def test_the_socket_does_not_wait_for_more_to_send(ward: Ward) -> None:
    listener = await ward.listen()
    peer = await Peer.associated(listener)
    (connection,) = listener._tasks.values()
    assert connection._transport is not None
    sock = connection._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await peer.close()


async def test_closing_ends_what_is_open(ward: Ward) -> None:
    listener = await ward.listen()
    peer = await Peer.associated(listener)
    await listener.close()
    assert (await peer.pdu())[0] == 7
    assert await peer.rest() == b""
    await peer.close()
    with pytest.raises(OSError):
        await Peer.connected(listener)
