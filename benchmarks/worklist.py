"""One typical worklist query on an open association: ours (sockets, matching, encoding) beside dcmtk's wlmscpfs.

Today + CT + one station, 20 answers out of 1,000 scheduled steps. Ours selects from memory as an index would, so that
the database is not what is compared. The client is the same for both; wlmscpfs runs with TCP_NODELAY=1.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import structlog
from pydicom.dataset import FileMetaDataset
from pydicom.filereader import read_dataset

from radrecon.dicom.dimse import C_FIND_RQ, PENDING, Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_LE, Element, Item, encode, usual_vr
from radrecon.dicom.pdu import fragments
from radrecon.dicom.upper_layer import MODALITY_WORKLIST_FIND
from radrecon.dicom.worklist import WorklistQuery, answer, narrow, read_query
from radrecon.dicom.worklist_attributes import ORDER
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.services import dicom_listener
from tests.unit.dicom.requests import associate_request, p_data, value

STEPS, ANSWERS, DAY = 1000, 20, "2026-11-22"
OURS, THEIRS = 300, 20
SPS = 0x00400100
RETURNED = (0x00080050, 0x00080090, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x0020000D, 0x00321060, 0x00401001)


def orders(count: int) -> list[tuple[Order, Step]]:
    """All are today; every 50th is a CT on CT1."""
    every = STEPS // ANSWERS
    return [order(number, *(("MR", "MR1") if number % every else ("CT", "CT1"))) for number in range(count)]


def order(number: int, modality: str, station: str) -> tuple[Order, Step]:
    step = Step(f"S{number}", modality, station, start=f"{DAY}T{number % 24:02}:00:00", description="Exam")
    patient = Demographics(PatientId(f"{100000 + number}"), PersonName.parse("MÜLLER^ANNA"), "1960-05-17", "F")
    ids = {"requested_procedure_id": f"RP{number}", "study_instance_uid": f"1.2.3.{number}"}
    return Order(f"A{number}", **ids, patient=patient), step


def identifier() -> Item:
    keys = {0x00080060: b"CT", 0x00400001: b"CT1 ", 0x00400002: DAY.replace("-", "").encode()}
    empty = (0x00400003, 0x00400006, 0x00400007, 0x00400009, 0x00400010, 0x00400011)
    step = {tag: Element(usual_vr(tag), keys.get(tag, b"")) for tag in (*keys, *empty)}
    return {tag: Element(usual_vr(tag)) for tag in RETURNED} | {SPS: Element("SQ", items=(step,))}


async def main_async() -> None:
    all_orders = orders(STEPS)
    ours = await our_times(all_orders)
    theirs = await their_times(all_orders)
    print(f"{STEPS} steps, {ANSWERS} answers, one open association   p50 ms   p99 ms")
    for name, times in (("radrecon", ours), ("wlmscpfs (dcmtk)", theirs)):
        shown = (
            f"{statistics.median(times):8.2f} {statistics.quantiles(times, n=100)[98]:8.2f}" if times else "  absent"
        )
        print(f"{name:46}{shown}")
    if theirs:
        print(f"{'times faster (p50)':46}{statistics.median(theirs) / statistics.median(ours):8.0f}")


async def our_times(all_orders: Sequence[tuple[Order, Step]]) -> list[float]:
    async def find(query: WorklistQuery, _caller: object) -> Sequence[tuple[Order, Step]]:
        return at_station[narrow(query).ae]

    at_station = {ae: [pair for pair in all_orders if pair[1].station_ae_title == ae] for ae in ("CT1", "MR1")}
    listener = await dicom_listener.listen("127.0.0.1", 0, "RADRECON", find)
    try:
        return await ask(listener.address[1], "RADRECON", OURS)
    finally:
        await listener.close()


async def their_times(all_orders: Sequence[tuple[Order, Step]]) -> list[float]:
    if not shutil.which("wlmscpfs"):
        return []
    with tempfile.TemporaryDirectory() as folder:
        write_files(Path(folder) / "PEER", all_orders)
        port = 20000 + os.getpid() % 20000
        command = ["wlmscpfs", "-q", "-dfr", "-dfp", folder, str(port)]
        process = subprocess.Popen(command, env=os.environ | {"TCP_NODELAY": "1"})
        try:
            await asyncio.sleep(1)  # it says nowhere that it is ready
            return await ask(port, "PEER", THEIRS)
        finally:
            process.terminate()
            process.wait()


def write_files(folder: Path, all_orders: Sequence[tuple[Order, Step]]) -> None:
    folder.mkdir()
    (folder / "lockfile").touch()
    everything = read_query(dict.fromkeys(ORDER, Element("LO")) | {SPS: Element("SQ")})
    for number, (whole, step) in enumerate(all_orders):
        encoded = encode(answer(everything, whole, step), EXPLICIT_LE)
        dataset = read_dataset(BytesIO(encoded), False, True)
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = EXPLICIT_LE
        dataset.save_as(folder / f"{number}.wl", implicit_vr=False, little_endian=True)


async def ask(port: int, called: str, times: int) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(associate_request(((MODALITY_WORKLIST_FIND, (EXPLICIT_LE,)),), called=called))
    assert (await pdu(reader))[0] == 2, "association refused"
    command = Command(C_FIND_RQ, 1, None, MODALITY_WORKLIST_FIND, priority=0, has_data_set=True)
    question = p_data(value(1, encode_command(command), command=True))
    question += p_data(value(1, encode(identifier(), EXPLICIT_LE), command=False))
    spent = [await one_query(reader, writer, question) for _ in range(times + 1)]
    writer.close()
    return spent[1:]


async def one_query(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, question: bytes) -> float:
    started, answers, pending = time.perf_counter(), 0, True
    writer.write(question)
    while pending:
        kind, body = await pdu(reader)
        assert kind == 4, f"PDU type {kind}: {body!r}"
        for fragment in fragments(body):
            if fragment.is_command:
                pending = (parse_command(fragment.data).status or 0) & 0xFF00 == PENDING
                answers += pending
    assert answers == ANSWERS, f"{answers} answers"
    return (time.perf_counter() - started) * 1000


async def pdu(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind, length = struct.unpack(">BxI", await reader.readexactly(6))
    return kind, await reader.readexactly(length)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(main_async())
