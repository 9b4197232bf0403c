"""The worklist over real sockets: dcmtk's findscu, pynetdicom as a modality, and bytes as no modality sends them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from radrecon.dicom.dimse import C_CANCEL_RQ, Command, encode_command
from radrecon.dicom.elements import Element, encode
from radrecon.model.errors import Trouble
from radrecon.services.dicom_listener import Listener
from tests.unit.dicom import requests
from tests.unit.dicom.requests import FIND, p_data, value
from tests.unit.dicom.worklist_orders import WAITING, entry
from tests.wire.dicom_ward import Peer, Ward, ask, dcmtk, find_message, query, run, ward_fixture  # noqa: F401

SPS = "ScheduledProcedureStepSequence"


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


async def test_a_cancel_in_the_same_segment_stops_the_query(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    cancel = Command(C_CANCEL_RQ, responded_to=2)
    await peer.send(find_message({}) + p_data(value(3, encode_command(cancel), command=True)))
    assert (await peer.statuses())[-1] == 0xFE00
    await peer.send(find_message({}))  # the same message id again: the old cancel no longer counts
    assert (await peer.statuses())[-1] == 0x0000
    await peer.close()


@pytest.mark.parametrize("leave", ["closes", "aborts"])
async def test_a_peer_that_leaves_in_the_middle_is_recorded_and_forgotten(ward: Ward, leave: str) -> None:
    ward.orders = [entry(f"A{n}", "1", "LONG^LIST", "CT", "CT1", "2026-11-22") for n in range(4000)]
    listener = await ward.listen(max_results=4000)
    peer = await Peer.associated(listener)
    await peer.send(find_message({0x00100010: Element("PN")}))
    await peer.pdu()
    if leave == "closes":
        peer.writer.transport.abort()
    else:
        await peer.send(requests.ABORT)  # and holds on to its socket
    async with asyncio.timeout(30):
        while listener.associations or not ward.records:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert ward.records[0].status == "lost"
    peer.writer.close()
