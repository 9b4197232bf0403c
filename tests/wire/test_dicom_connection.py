"""One connection: its order, and its socket."""

from __future__ import annotations

import socket

from radrecon.dicom.dimse import parse_command
from tests.unit.dicom.requests import echo
from tests.wire.dicom_ward import Peer, Ward, ward_fixture  # noqa: F401


async def test_many_requests_sent_at_once_are_answered_in_their_order(ward: Ward) -> None:
    peer = await Peer.associated(await ward.listen())
    await peer.send(b"".join(echo(number) for number in range(1, 101)))
    answered = []
    for _ in range(100):
        _, body = await peer.pdu()
        answered.append(parse_command(body[6:]).responded_to)
    assert answered == list(range(1, 101))
    await peer.close()


async def test_the_socket_does_not_wait_for_more_to_send(ward: Ward) -> None:
    listener = await ward.listen()
    peer = await Peer.associated(listener)
    (connection,) = listener._tasks.values()
    assert connection._transport is not None
    sock = connection._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    await peer.close()
