"""The power goes at random moments: what was acknowledged is there, and nothing is sent twice without a look."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from radrecon.hl7v2.framing import Deframer, frame
from radrecon.model.case import CaseKind, Finding
from radrecon.model.correction import Plan, PlannedDelivery, Verb
from radrecon.store import cases, corrections, life, listings
from radrecon.store.database import open_store
from tests.e2e.hospital import Engine, Sender, adt, code, orm, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ROUNDS = int(os.environ.get("RADRECON_KILL_ROUNDS", "4"))  # the soak run sets 200


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Engine]:
    one = Engine(tmp_path, "", f"sqlite:///{tmp_path / 'radrecon.sqlite3'}")
    yield one
    one.stop()


def kill_both(desk: Engine, chance: random.Random) -> None:
    """Engine and worker, in either order, the hard way."""
    store = open_store(desk.database)
    with store.reading() as conn:
        worker = life.worker_pid(conn)
    store.close()
    victims = [desk.kill, lambda: kill(worker)]
    chance.shuffle(victims)
    for victim in victims:
        victim()


def kill(pid: int) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def stream(desk: Engine, prefix: str, acknowledged: list[str], stop: threading.Event) -> None:
    """Orders without end until the engine is gone; those answered AA are noted."""
    with contextlib.suppress(OSError), Sender(desk.mllp) as sender:
        for number in range(100_000):
            if stop.is_set():
                return
            accession = f"{prefix}{number}"
            if code(sender.send(orm(accession, mrn=f"7{number % 40:04}", id=accession))) == "AA":
                acknowledged.append(accession)


def test_every_acknowledged_message_is_there_after_any_kill(desk: Engine) -> None:
    chance, acknowledged, stop = random.Random(7), [], threading.Event()
    for number in range(ROUNDS):
        desk.start()
        peers = [
            threading.Thread(target=stream, args=(desk, f"K{number}x{peer}n", acknowledged, stop)) for peer in range(3)
        ]
        for peer in peers:
            peer.start()
        time.sleep(chance.uniform(0.3, 2))
        kill_both(desk, chance)
        for peer in peers:
            peer.join(30)
    desk.start()
    desk.stop()
    store = open_store(desk.database)
    with store.reading() as conn:
        held = Counter(row.accession_number for row in listings.orders(conn, limit=1_000_000))
        applied = {row.control_id for row in listings.messages(conn, state="applied", limit=1_000_000)}
    store.close()
    assert len(acknowledged) > ROUNDS, "nothing was under way when the power went"
    assert [one for one in acknowledged if not held[one] or one not in applied] == []
    assert [one for one, count in held.items() if count > 1] == []


@contextlib.contextmanager
def destination(received: list[str]) -> Iterator[int]:
    """An HL7 receiver that notes each MSH-10, takes its time, and answers AA."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve(peer: socket.socket) -> None:
        deframer = Deframer(1 << 20)
        with contextlib.suppress(OSError), peer:
            while data := peer.recv(65536):
                for one in deframer.feed(data):
                    control_id = one.raw.split(b"|")[9].decode()
                    received.append(control_id)
                    time.sleep(0.05)
                    peer.sendall(frame(f"MSH|^~\\&|E||R||20260101||ACK|1|P|2.5\rMSA|AA|{control_id}\r".encode()))

    def accept() -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                peer, _ = server.accept()
                threading.Thread(target=serve, args=(peer,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        stop.set()
        server.close()


def queue_messages(desk: Engine, count: int) -> list[str]:
    """Approved deliveries of one message each; returns their control ids."""
    store, now, ids = open_store(desk.database), datetime.now(UTC), []
    with store.transaction() as conn:
        finding = Finding(CaseKind.SUSPECTED_OVERLAY, "person:1", "a case that stands", person_id=1)
        cases.settle(conn, finding.subject, [finding.kind], [finding], now)
        for number in range(count):
            message = adt("A08", f"{number}", f"NAME{number}^X").replace("MSH|^~\\&|HIS", "MSH|^~\\&|RADRECON")
            ids.append(message.split("|")[9])
            planned = PlannedDelivery("EHR", (f"patient:{number}",), message=message, title="ADT^A08")
            plan = Plan(Verb.FIX, 1, "test", deliveries=(planned,))
            correction = corrections.insert_correction(conn, plan, reason="t", ticket="", who="t", at=now)
            corrections.insert_delivery(conn, correction, 0, planned, now)
    store.close()
    return ids


def wait_for_another(received: list[str], most: int) -> None:
    before = len(received)
    until(lambda: len(received) > before or len(received) >= most)


def test_no_message_is_sent_twice_unlooked(desk: Engine) -> None:
    received: list[str] = []
    chance = random.Random(11)
    with destination(received) as port:
        desk.toml = f'[[hl7_destination]]\nname = "EHR"\nport = {port}\nmessages = ["ADT"]\n'
        desk.start()
        ids = queue_messages(desk, 30)
        for _ in range(ROUNDS):
            wait_for_another(received, len(ids))
            time.sleep(chance.uniform(0, 0.3))
            kill_both(desk, chance)
            desk.start()
        until(lambda: not desk.json("deliveries", "--query", "status:queued"), 60)
        until(lambda: not desk.json("deliveries", "--query", "status:sending"), 60)
        states = Counter(one["state"] for one in desk.json("deliveries"))
        desk.stop()
    counts = Counter(received)
    assert [one for one in ids if counts[one] > 1] == []
    assert set(states) <= {"acknowledged", "uncertain"}
    assert states["acknowledged"] + states["uncertain"] == len(ids)
    assert states["uncertain"] <= ROUNDS
    assert counts.total() >= states["acknowledged"]
