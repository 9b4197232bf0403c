"""A DICOM peer on a bare socket, to say what no library would."""

from __future__ import annotations

import socket
import struct
from types import TracebackType

from pydicom.datadict import dictionary_VR, tag_for_keyword

from radrecon.dicom.dimse import Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_LE, Element, encode
from radrecon.dicom.pdu import fragments
from tests.unit.dicom.requests import associate_request, p_data, value

EXPLICIT = EXPLICIT_LE
PIECE = 16 << 10


def elements_of(values: dict[str, str]) -> bytes:
    """Keyword → value as a data set; nothing is checked."""
    item = {}
    for keyword, text in values.items():
        raw = text.encode("utf-8")
        tag = tag_for_keyword(keyword)
        assert tag is not None
        vr = dictionary_VR(tag)
        item[tag] = Element(vr, raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2))
    return encode(item, EXPLICIT)


class RoughPeer:
    """Connect, send bytes, read PDUs."""

    def __init__(self, address: tuple[str, int], ae_title: str = "CT1") -> None:
        self.socket = socket.create_connection(address, timeout=60)
        self._ae_title = ae_title

    def __enter__(self) -> RoughPeer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def associate(self, *proposed: tuple[str, tuple[str, ...]]) -> int:
        """The type of the answering PDU."""
        request = bytearray(associate_request(proposed))
        request[26:42] = self._ae_title.encode().ljust(16)
        self.send(bytes(request))
        return self.pdu()[0]

    def request(self, command: Command, data_set: bytes | None = None, context: int = 1) -> Command:
        """Send a message and read the answering command."""
        self.send(p_data(value(context, encode_command(command), command=True)))
        if data_set is not None:
            pieces = [data_set[at : at + PIECE] for at in range(0, len(data_set), PIECE)] or [b""]
            for number, piece in enumerate(pieces, 1):
                self.send(p_data(value(context, piece, command=False, last=number == len(pieces))))
        kind, body = self.pdu()
        assert kind == 4, f"PDU type {kind}: {body!r}"
        return parse_command(b"".join(bytes(one.data) for one in fragments(body) if one.is_command))

    def pdu(self) -> tuple[int, bytes]:
        """Type and body; type 0 where the engine has closed."""
        head = self._read(6)
        if len(head) < 6:
            return 0, b""
        kind, length = struct.unpack(">BxI", head)
        return kind, self._read(length)

    def _read(self, size: int) -> bytes:
        found = b""
        try:
            while len(found) < size and (more := self.socket.recv(size - len(found))):
                found += more
        except ConnectionError:
            pass
        return found
