"""Who may associate, over real sockets: dcmtk's echoscu, and peers that mean harm while others are served."""

from __future__ import annotations

import asyncio
import struct

import pytest

from radrecon.dicom.dimse import Command, encode_command
from radrecon.dicom.elements import Element
from tests.unit.dicom import requests
from tests.unit.dicom.requests import associate_request, echo, p_data, value
from tests.wire.dicom_ward import Peer, Ward, ask, dcmtk, find_message, query, run, served, ward_fixture  # noqa: F401


@dcmtk
async def test_echoscu_is_answered(ward: Ward) -> None:
    host, port = (await ward.listen()).address
    assert (await run("echoscu", "-aec", "ANYTHING", host, str(port)))[0] == 0


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


async def test_closing_ends_what_is_open(ward: Ward) -> None:
    listener = await ward.listen()
    peer = await Peer.associated(listener)
    await listener.close()
    assert (await peer.pdu())[0] == 7
    assert await peer.rest() == b""
    await peer.close()
    with pytest.raises(OSError):
        await Peer.connected(listener)
