"""A DICOM listener with orders in memory, and peers for it: a modality, and bytes on a socket."""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from pydicom.dataset import Dataset
from pynetdicom import AE

from radrecon.dicom.dimse import C_FIND_RQ, Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_LE, Element, encode
from radrecon.dicom.worklist import Asked
from radrecon.model.order import Order, Step
from radrecon.services import dicom_listener
from radrecon.services.dicom_listener import Listener, QueryRecord
from tests.unit.dicom import requests
from tests.unit.dicom.requests import associate_request, p_data, value
from tests.unit.dicom.worklist_orders import WORKLIST

ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}
dcmtk = pytest.mark.skipif(not shutil.which("findscu"), reason="dcmtk is not installed")

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
Pairs = Sequence[tuple[Order, Step]]


class Ward:
    """A listener with orders in memory, and what it was told."""

    def __init__(self) -> None:
        self.orders: Pairs = WORKLIST
        self.trouble: Exception | None = None
        self.records: list[QueryRecord] = []
        self.refused: list[str] = []
        self.listeners: list[Listener] = []

    async def find(self, asked: Asked, limit: int) -> Pairs:
        if self.trouble:
            raise self.trouble
        return [pair for pair in self.orders if asked.takes(*pair)][: limit or None]

    async def listen(self, **options: Any) -> Listener:
        listener = await dicom_listener.listen(
            "127.0.0.1", 0, "RADRECON", self.find, self.records.append,
            refused=lambda _peer, reason, _ae: self.refused.append(reason), now=lambda: NOON, **options,
        )  # fmt: skip
        self.listeners.append(listener)
        return listener


@pytest_asyncio.fixture(name="ward")
async def ward_fixture() -> AsyncIterator[Ward]:
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
    command = Command(C_FIND_RQ, message_id, affected_sop_class=requests.WORKLIST, has_data_set=True)
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
