"""The worker's loops, with something broken in them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from radrecon.config import Config, HL7SenderConfig, SenderMatch
from radrecon.model.errors import Trouble
from radrecon.services import worker
from radrecon.store import pairs, queue, requests, studies
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed, pairing, rechecking, reconcile
from radrecon.workflow.ingest import take_group
from radrecon.workflow.intake import Received, Site
from radrecon.workflow.requests import answer, ask
from tests import builders
from tests.wire.outbox_desk import migrated, store, until
from tests.workflow import messages

__all__ = ["migrated", "store"]


def sees(store: Store, *uids: str) -> list[int]:
    now = datetime.now(UTC)
    found = [builders.study(uid, accession=f"A{uid[-1]}") for uid in uids]
    feed.record(store, "main", found, at=now, baseline=False, stable=3600)
    with store.reading() as conn:
        known = studies.by_uids(conn, "main", uids)
    return [known[uid].id for uid in uids]


def due(store: Store, after: timedelta = timedelta()) -> list[queue.Touched]:
    with store.reading() as conn:
        return queue.due(conn, datetime.now(UTC) + after)


async def test_one_study_that_cannot_be_examined_stops_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned, *others = sees(store, "1.2.1", "1.2.2", "1.2.3")
    examined: list[int] = []
    examine = reconcile.examine_study

    def breaks(store: Store, study_id: int, *more: Any) -> Any:
        examined.append(study_id)
        if study_id == poisoned:
            raise ValueError("a bug")
        return examine(store, study_id, *more)

    monkeypatch.setattr(reconcile, "examine_study", breaks)
    with capture_logs() as lines:
        await _reconciled(store)
    assert set(others) <= set(examined)
    assert examined.count(poisoned) == 1
    assert [line["id"] for line in lines if line["log_level"] == "error"] == [poisoned]
    put_off = [one for one in due(store, timedelta(seconds=90)) if one.kind == "study"]
    assert [one.value for one in put_off] == [str(poisoned)]


async def _reconciled(store: Store) -> None:
    """The worker's reconciler runs until nothing is due."""
    one = worker.Worker(store)
    task = asyncio.create_task(one._reconcile())
    try:
        await until(lambda: not due(store))
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("trouble", [DatabaseDown("database: locked"), ValueError("a bug")])
async def test_the_reconciler_outlives_what_breaks_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    sees(store, "1.2.1")
    drain, failed = reconcile.drain_some, []

    def breaks_once(*arguments: Any) -> Any:
        if not failed:
            failed.append(True)
            raise trouble
        return drain(*arguments)

    monkeypatch.setattr(reconcile, "drain_some", breaks_once)
    await _reconciled(store)


async def test_requests_wait_while_the_database_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    claim, failed = requests.claim, []

    def away_once(*arguments: Any) -> Any:
        if not failed:
            failed.append(True)
            raise DatabaseDown("database: locked")
        return claim(*arguments)

    monkeypatch.setattr(requests, "claim", away_once)
    one, now = worker.Worker(store), datetime.now(UTC)
    asked = ask(store, "recheck", {}, now=now, deadline=now + timedelta(seconds=60))
    task = asyncio.create_task(one._answer_requests())
    try:
        await until(lambda: failed)
        one._asked.set()
        await until(lambda: answer(store, asked))
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_bug_in_a_request_is_an_answer_in_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr(rechecking, "start", breaks)
    one, now = worker.Worker(store), datetime.now(UTC)
    asked = ask(store, "recheck", {}, now=now, deadline=now + timedelta(seconds=60))
    (claimed,) = one._claim()
    await one._answer(claimed)
    with pytest.raises(Trouble, match="could not be done"):
        answer(store, asked)


@pytest.mark.parametrize("trouble", [DatabaseDown("database: locked"), ValueError("a bug")])
async def test_copies_before_and_behind_the_engine_are_paired_whatever_breaks_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    before, behind = (
        HL7SenderConfig(match=SenderMatch(sending_application=name), tap=tap)  # type: ignore[arg-type]
        for name, tap in (("RIS", "copy"), ("ENGINE", "copy_after"))
    )
    config = Config(hl7_sender=[before, behind])
    then = datetime.now(UTC) - timedelta(minutes=1)
    raws = [messages.order("A100", sender=name) for name in ("RIS", "ENGINE")]
    first, second = (
        one.message_id for one in take_group(store, [Received(raw, "", then) for raw in raws], Site(config))
    )
    pair_some, failed = pairing.pair_some, []

    def breaks_once(*arguments: Any) -> Any:
        if not failed:
            failed.append(True)
            raise trouble
        return pair_some(*arguments)

    monkeypatch.setattr(pairing, "pair_some", breaks_once)
    monkeypatch.setattr(worker, "PAIR_SECONDS", 0.01)
    one = worker.Worker(store)
    one._config = config
    task = asyncio.create_task(one._pair())
    try:
        await until(lambda: _pairs(store, first) == [(first, second)])
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _pairs(store: Store, message_id: int) -> list[tuple[int, int]]:
    with store.reading() as conn:
        return [(pair.first_id, pair.second_id) for pair in pairs.of_message(conn, message_id)]
