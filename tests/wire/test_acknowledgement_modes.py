"""Original and enhanced mode of a real engine: each acknowledgement as MSH-15 and MSH-16 ask (HL7 chapter 2.9)."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Iterator
from typing import Any

import hl7
import hl7.mllp
import pytest

from radrecon.hl7v2.framing import Deframer, frame
from tests.e2e.hospital import Engine, orm
from tests.wire.intake_ward import applied, desk

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
WHEN = {"AL": "good bad", "NE": "", "ER": "bad", "SU": "good"}
"""HL7 table 0155."""


def enhanced(text: str, accept: str, application: str) -> str:
    """An order with MSH-15 and MSH-16."""
    head, rest = text.split("\r", 1)
    return f"{head}|||{accept}|{application}\r{rest}"


def expected(accept: str, application: str, outcome: str) -> list[str]:
    """MSA-1 of each answer to a message that is applied, wrong in content, or of a type that is not taken (2.9.3)."""
    accepted, done = {"good": ("CA", "AA"), "wrong": ("CA", "AE"), "rejected": ("CR", "AR")}[outcome]
    kept, well = ("good" if one in ("CA", "AA") else "bad" for one in (accepted, done))
    found = [accepted] * (kept in WHEN[accept])
    says_it_again = outcome == "rejected" and bool(found)  # CR has said all
    return found + [done] * (well in WHEN[application] and not says_it_again)


def of_kind(outcome: str, number: str) -> str:
    text = orm(number, mrn="" if outcome == "wrong" else "1234567")
    return text.replace("ORM^O01", "RDE^O11") if outcome == "rejected" else text


COMBINATIONS = list(itertools.product(WHEN, WHEN, ("good", "wrong", "rejected")))


def test_each_acknowledgement_is_sent_where_it_is_asked_for(desk: Engine) -> None:
    """A message that wants none is followed by one that does, so that silence is seen without waiting."""
    wrong = []
    with socket.create_connection(desk.mllp, timeout=30) as peer:
        deframer = Deframer(1 << 20)
        for number, (accept, application, outcome) in enumerate(COMBINATIONS):
            peer.sendall(frame(enhanced(of_kind(outcome, f"E{number}"), accept, application).encode()))
            peer.sendall(frame(orm(f"MARK{number}").encode()))
            heard = list(until_marked(peer, deframer, f"MARK{number}NW"))
            codes = [msa[1] for msa in heard]
            if codes != expected(accept, application, outcome) or {msa[2] for msa in heard} - {f"E{number}NW"}:
                wrong.append(f"MSH-15 {accept}, MSH-16 {application}, {outcome}: {heard}")
    assert wrong == []
    taken = applied(desk.database)
    assert all((f"E{number}NW" in taken) == (outcome == "good") for number, (_, _, outcome) in enumerate(COMBINATIONS))


def until_marked(peer: socket.socket, deframer: Deframer, control_id: str) -> Iterator[list[str]]:
    """The MSA of each answer before that to a control id."""
    while data := peer.recv(65536):
        for one in deframer.feed(data):
            msa = next(line for line in one.raw.decode().split("\r") if line.startswith("MSA")).split("|")
            if msa[2] == control_id:
                return
            yield msa


async def test_another_client_hears_both_acknowledgements(desk: Engine) -> None:
    reader, writer = await hl7.mllp.open_hl7_connection(*desk.mllp, encoding="utf-8")

    async def says(text: str, *codes: str) -> None:
        writer.writemessage(hl7.parse(text))
        await writer.drain()
        for one in codes:
            answer: Any = await asyncio.wait_for(reader.readmessage(), 30)
            assert str(answer.segment("MSA")[1]) == one
            assert str(answer.segment("MSA")[2]) == str(hl7.parse(text).segment("MSH")[10])

    await says(enhanced(orm("H1"), "AL", "AL"), "CA", "AA")
    await says(enhanced(orm("H2"), "AL", "NE"), "CA")
    await says(enhanced(orm("H3"), "NE", "AL"), "AA")
    await says(enhanced(of_kind("wrong", "H4"), "NE", "ER"), "AE")
    await says(enhanced(of_kind("rejected", "H5"), "ER", "NE"), "CR")
    await says(orm("H6"), "AA")
    writer.close()
    await writer.wait_closed()
