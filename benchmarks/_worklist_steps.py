"""The steps that every worklist server of a benchmark is filled with, the questions, and a modality's bytes.

Of any number of steps 200 are today, 20 of those CT on CT1; the others lie on the days after.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from radrecon.dicom.dimse import C_FIND_RQ, Command, encode_command
from radrecon.dicom.elements import EXPLICIT_LE, Element, Item, encode, usual_vr
from radrecon.dicom.upper_layer import MODALITY_WORKLIST_FIND
from radrecon.dicom.worklist import answer, read_query
from radrecon.dicom.worklist_attributes import ORDER
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.store import orders, persons, schema
from radrecon.store.database import open_store
from tests.unit.dicom.requests import associate_request, p_data, value

TODAY, OF_TODAY, ANSWERS = date.today(), 200, 20
SPS = 0x00400100
RETURNED = (0x00080050, 0x00080090, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x0020000D, 0x00321060, 0x00401001)
EMPTY = (0x00400003, 0x00400006, 0x00400007, 0x00400009, 0x00400010, 0x00400011)
TYPICAL = {0x00080060: b"CT", 0x00400001: b"CT1 "}
PER_COMMIT = 500


def steps(count: int) -> Iterator[tuple[Order, Step]]:
    for number in range(count):
        later = 0 if number < OF_TODAY else 1 + number % 27
        place = ("CT", "CT1") if number % 10 == 0 else ("MR", f"MR{number % 10}")
        start = f"{TODAY + timedelta(days=later)}T{number % 24:02}:00:00"
        step = Step(f"S{number}", *place, start=start, description="Exam")
        patient = Demographics(PatientId(f"{100000 + number}"), PersonName.parse("MÜLLER^ANNA"), "1960-05-17", "F")
        ids = {"requested_procedure_id": f"RP{number}", "study_instance_uid": f"1.2.3.{number}"}
        yield Order(f"A{number}", **ids, patient=patient), step


def identifier(**keys: bytes) -> Item:
    """Today; `keys` as values of the step, by tag."""
    asked = {0x00080060: b"", 0x00400001: b"", 0x00400002: TODAY.strftime("%Y%m%d").encode()} | dict.fromkeys(
        EMPTY, b""
    )
    asked |= {int(tag, 16): text for tag, text in keys.items()}
    step = {tag: Element(usual_vr(tag), text) for tag, text in asked.items()}
    return {tag: Element(usual_vr(tag)) for tag in RETURNED} | {SPS: Element("SQ", items=(step,))}


def question(item: Item) -> bytes:
    command = Command(C_FIND_RQ, 1, None, MODALITY_WORKLIST_FIND, priority=0, has_data_set=True)
    sent = p_data(value(1, encode_command(command), command=True))
    return sent + p_data(value(1, encode(item, EXPLICIT_LE), command=False))


ONE_STATION = question(identifier(**{f"{tag:x}": text for tag, text in TYPICAL.items()}))
ALL_OF_TODAY = question(identifier())


def greeting(called: str) -> bytes:
    """From a console of all rooms: no step is scheduled on it, so that the scope of one station narrows nothing."""
    return associate_request(((MODALITY_WORKLIST_FIND, (EXPLICIT_LE,)),), called=called, calling="CONSOLE")


def data_sets(count: int) -> Iterator[bytes]:
    """Each step with all attributes of a worklist entry, Explicit VR Little Endian."""
    everything = read_query(dict.fromkeys(ORDER, Element("LO")) | {SPS: Element("SQ")})
    for order, step in steps(count):
        yield encode(answer(everything, order, step), EXPLICIT_LE)


def write_files(folder: Path, count: int) -> None:
    """As wlmscpfs and Orthanc's plug-in read them."""
    folder.mkdir(parents=True)
    (folder / "lockfile").touch()
    meta = encode({0x00020010: Element("UI", EXPLICIT_LE.encode() + b"\0")}, EXPLICIT_LE)
    head = encode({0x00020000: Element("UL", struct.pack("<I", len(meta)))}, EXPLICIT_LE) + meta
    for number, data_set in enumerate(data_sets(count)):
        (folder / f"{number}.wl").write_bytes(bytes(128) + b"DICM" + head + data_set)


def fill(url: str, count: int) -> None:
    """A database of ours, as orders and persons are saved."""
    store = open_store(url)
    schema.upgrade(store)
    every = list(steps(count))
    for at in range(0, count, PER_COMMIT):
        with store.transaction() as conn:
            for order, step in every[at : at + PER_COMMIT]:
                who = persons.insert(conn, order.patient)
                whole = Order(**{**vars(order), "steps": (step,), "person_id": who})
                orders.save(conn, whole, at=datetime.now(UTC))
    store.close()
