"""Durable intake (journal, effects, touched keys, commit, then AA) beside a server that stores nothing; and memory.

A real engine with its worker on a fresh SQLite file, beside the `hl7` package's own asyncio MLLP server, which parses
and acknowledges. Same sender, same kind of messages, in turns; the median of several rounds counts. Then 100,000
messages as fast as they are taken, from 16 connections that wait for each answer and 4 that never wait, while the
engine's memory is watched.

RADRECON_BENCH_MESSAGES: how many messages the memory run sends (100,000).
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import _messages, _peers
from benchmarks._load import NEVER_WAITS, Address, Lane, Outcome, send, sending
from benchmarks._table import median, row
from tests.e2e.hospital import Engine, engine

ROUNDS, PER_ROUND, ALONE = 5, 4_000, 1_500
MANY = int(os.environ.get("RADRECON_BENCH_MESSAGES", "100000"))
SETTLED = 10_000  # messages after which memory should stand still


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="radrecon-bench-") as folder:
        with engine(Path(folder) / "speed", "") as desk, _peers.hl7_package() as theirs:
            beside(desk, theirs)
        with engine(Path(folder) / "memory", "") as desk:
            memory(desk)


# -- speed ------------------------------------------------------------------------------------------------------------


def beside(desk: Engine, theirs: Address) -> None:
    row("messages a second", "radrecon", "hl7 package", "ratio", goal="goal")
    with _peers.echo() as nothing:
        ceiling = send(nothing, orders, "E", 16, PER_ROUND).rate
    for name, make, connections, count, goal in (
        ("orders, 16 connections", orders, 16, PER_ROUND, 2.0),
        ("orders, one connection", orders, 1, ALONE, 1.0),
        ("orders 60, ADT 25, reports 15 %, 16 connections", mixed, 16, PER_ROUND, 0.0),
    ):
        ours, other = [], []
        for number in range(ROUNDS):
            batch = f"{'OIM'[(connections == 1) + 2 * (make is mixed)]}{number}"
            other.append(accepted(send(theirs, make, batch, connections, count)).rate)
            ours.append(accepted(send(desk.mllp, make, batch, connections, count)).rate)
        ratio = median(ours) / median(other)
        figures = (f"{median(ours):,.0f}", f"{median(other):,.0f}", f"{ratio:.2f}×")
        row(name, *figures, goal=f"≥ {goal:.0f}×" if goal else "", met=ratio >= goal if goal else None)
    row("the sender alone, against an echo", f"{ceiling:,.0f}")


def accepted(outcome: Outcome) -> Outcome:
    """A refusal is quick, and would flatter."""
    assert set(outcome.codes) == {"AA"}, outcome.codes
    return outcome


def orders(batch: str, connections: int, count: int) -> Sequence[Lane]:
    return [Lane(frames) for frames in _messages.orders(batch, connections, count)]


def mixed(batch: str, connections: int, count: int) -> Sequence[Lane]:
    return [Lane(frames) for frames in _messages.mixed(batch, connections, count)]


# -- memory -----------------------------------------------------------------------------------------------------------


def memory(desk: Engine) -> None:
    print(f"\n{MANY:,} messages from 16 connections that wait and 4 that never wait")
    with sending(desk.mllp, flood, MANY) as (answers, result), sampling(desk, answers) as samples:
        outcome = accepted(result())
    settled = next((rss for count, rss in samples if count >= min(SETTLED, MANY // 10)), samples[-1][1])
    most, end = max(rss for _, rss in samples), samples[-1][1]
    for at in range(0, len(samples), max(1, len(samples) // 10)):
        row(f"  after {samples[at][0]:>9,} messages", f"{samples[at][1] / 1024:.1f} MB")
    row("messages a second", f"{outcome.rate:,.0f}")
    row("sockets held back", f"{outcome.held:,} times", f"{outcome.ahead:,} ahead")
    growth = (end - settled) / settled
    figures = (f"{settled / 1024:.1f} MB", f"{end / 1024:.1f} MB", f"{growth:+.1%}")
    row(f"engine's memory, message {SETTLED:,} → end", *figures, goal="flat (≤ 10 %)", met=growth <= 0.1)
    row("  its most", f"{most / 1024:.1f} MB")


def flood(count: int) -> Sequence[Lane]:
    frames = _messages.mixed("F", 20, count)
    return [Lane(one, 1 if number < 16 else NEVER_WAITS) for number, one in enumerate(frames)]


@contextmanager
def sampling(desk: Engine, answers: object) -> Iterator[list[tuple[int, int]]]:
    """Each second: messages answered, and kilobytes that the engine's process holds."""
    assert desk.process
    samples, stop, pid = [(0, resident(desk.process.pid))], threading.Event(), desk.process.pid

    def watch() -> None:
        while not stop.wait(1):
            samples.append((answers.value, resident(pid)))  # type: ignore[attr-defined]

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
        samples.append((answers.value, resident(pid)))  # type: ignore[attr-defined]
    finally:
        stop.set()
        thread.join()


def resident(pid: int) -> int:
    """VmRSS in kB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found
    return int(found.group(1))


if __name__ == "__main__":
    main()
