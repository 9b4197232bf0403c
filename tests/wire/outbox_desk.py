"""A database with corrections on their way, and HL7 destinations that answer as they are told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from radrecon.config import Config, HL7DestinationConfig, PacsConfig
from radrecon.model.case import CaseKind, Finding
from radrecon.model.correction import DatasetEdit, DeliveryState, Plan, PlannedDelivery, Verb
from radrecon.model.study import Inventory, StudyFacts
from radrecon.services import pacs_client
from radrecon.services.outbox import Relay
from radrecon.sim.pacs import RunningPacs
from radrecon.sim.receiver import FS_CR, VT, acknowledge
from radrecon.store import cases, corrections
from radrecon.store.corrections import Delivery
from radrecon.store.database import Store, open_store
from radrecon.workflow import feed, outbox
from tests.wire.pacs_peers import OWN_AE

S = DeliveryState
NEW_NAME = {"PatientName": "Miller^Joan"}


@pytest.fixture(scope="session")
def migrated(migrated_sqlite: Path) -> Path:
    """A migrated, empty SQLite file to be copied."""
    return migrated_sqlite


@pytest.fixture
def store(clean_sqlite: str) -> Iterator[Store]:
    one = open_store(clean_sqlite)
    yield one
    one.close()


async def until(what: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer."""
    async with asyncio.timeout(seconds):
        while not (found := what()):  # noqa: ASYNC110 - it happens in other threads and processes
            await asyncio.sleep(0.02)
    return found


class Desk:
    """Approved corrections and what became of them; `config` may be changed while they are on their way."""

    def __init__(self, store: Store, config: Config | None = None) -> None:
        self.store = store
        self.config = config or Config()
        self.wake = asyncio.Event()

    def tells(self, *peers: HL7DestinationConfig) -> None:
        self.config = self.config.model_copy(update={"hl7_destination": list(peers)})

    def edits(self, pacs: PacsConfig) -> None:
        self.config = self.config.model_copy(update={"pacs": [pacs]})

    # -- what is approved ---------------------------------------------------------------------------------------------

    def queue(self, *planned: PlannedDelivery, inventory: Sequence[Inventory] = ()) -> list[int]:
        """One approved correction; the ids of its deliveries."""
        now = datetime.now(UTC)
        with self.store.transaction() as conn:
            finding = Finding(CaseKind.SUSPECTED_OVERLAY, "person:1", "a case that stands", person_id=1)
            cases.settle(conn, finding.subject, [finding.kind], [finding], now)
            plan = Plan(Verb.FIX, 1, "test", deliveries=planned, inventory=tuple(inventory))
            correction = corrections.insert_correction(conn, plan, reason="typed by hand", ticket="", who="ann", at=now)
            ids = [
                corrections.insert_delivery(conn, correction, position, one, now)
                for position, one in enumerate(planned)
            ]
        self.wake.set()
        return ids

    def says(self, destination: str, patient: str, control: str = "", **more: Any) -> int:
        """One ADT^A08 about a patient."""
        control = control or f"{destination}{patient}"
        text = f"MSH|^~\\&|RADRECON||||||ADT^A08|{control}|P|2.5.1\rPID|1||{patient}^^^HOSP||M^J\r"
        return self.queue(PlannedDelivery(destination, (f"patient:{patient}^^^HOSP",), message=text, **more))[0]

    def corrects(self, facts: StudyFacts, *, made_from: StudyFacts | None = None, **values: str) -> int:
        """One edit of a study as the PACS shows it."""
        uid, values = facts.study_instance_uid, values or NEW_NAME
        edit = DatasetEdit(facts.pacs, uid, values)
        planned = PlannedDelivery(facts.pacs, (f"study:{uid}",), edit=edit, proof=facts.pacs, expect={uid: values})
        return self.queue(planned, inventory=[Inventory.of(made_from or facts)])[0]

    def sees(self, pacs: PacsConfig, uid: str, *, settled: bool = True) -> StudyFacts:
        """A study as the PACS lists it, looked at often and long enough to be complete."""
        facts = pacs_client.look(pacs, OWN_AE, uid)
        assert facts is not None
        self.remembers(pacs, facts, settled=settled)
        return facts

    def remembers(self, pacs: PacsConfig, facts: StudyFacts, *, settled: bool = True) -> None:
        at = datetime.now(UTC) - timedelta(seconds=pacs.stable_seconds + 60 if settled else 0)
        for _ in range(2 if settled else 1):
            begun, stable = datetime.now(UTC), pacs.stable_seconds
            feed.record(self.store, pacs.name, [facts], at=at, begun=begun, baseline=False, stable=stable)

    # -- what became of it --------------------------------------------------------------------------------------------

    def delivery(self, delivery_id: int) -> Delivery:
        with self.store.reading() as conn:
            return corrections.load_delivery(conn, delivery_id)

    def is_(self, delivery_id: int, state: DeliveryState) -> Callable[[], bool]:
        return lambda: self.delivery(delivery_id).state is state

    def words(self, delivery_id: int, part: str) -> Callable[[], bool]:
        return lambda: part in self.delivery(delivery_id).words

    def moved(self, delivery_id: int, state: DeliveryState) -> Delivery:
        """One attempt by hand, with its outcome."""
        begun = outbox.begin(self.store, self.delivery(delivery_id), datetime.now(UTC))
        assert begun is not None
        outbox.end(self.store, begun, state, datetime.now(UTC))
        return self.delivery(delivery_id)

    def correction_state(self, delivery_id: int) -> str:
        with self.store.reading() as conn:
            return corrections.load_correction(conn, self.delivery(delivery_id).correction_id).state

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        task = asyncio.create_task(Relay(self.store, lambda: self.config, self.wake).run())
        try:
            yield
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


Answers = Callable[[str], str | None]


class Destination:
    """An MLLP server whose `answers` says each message's MSA-1: "" for silence, None to hang up."""

    def __init__(self, name: str, answers: Answers) -> None:
        self.name, self.answers = name, answers
        self.heard: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.port = 0
        self._talks: set[asyncio.Task[None]] = set()

    def config(self, **more: Any) -> HL7DestinationConfig:
        return HL7DestinationConfig(**({"name": self.name, "port": self.port, "messages": ["ADT"]} | more))

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[Destination]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for talk in self._talks:
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                text = (await reader.readuntil(FS_CR)).strip(VT + FS_CR).decode()
                self.heard.append(text.split("|")[9])
                await self.gate.wait()
                code = self.answers(text)
                if code is None:
                    break
                if code:
                    writer.write(VT + acknowledge(text, code).encode() + FS_CR)
                    await writer.drain()
        self._talks.discard(task)
        writer.close()


def codes(*wanted: str | None) -> Answers:
    """These one after the other, the last one for ever."""
    left = list(wanted)
    return lambda _text: left.pop(0) if len(left) > 1 else left[0]


def name_at(pacs: RunningPacs, uid: str) -> str:
    facts = pacs_client.look(pacs.config, OWN_AE, uid)
    assert facts is not None
    return str(facts.patient.name)
