"""The worker's care for the journal: its keys and texts are indexed as they come, and what is past its age goes.

All work in small steps and rest between them, so that neither intake nor the rest of the worker waits for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from radrecon.config import Config
from radrecon.model.errors import Trouble
from radrecon.store.database import Store
from radrecon.store.text_index import TextIndex, TextIndexBroken, open_index
from radrecon.workflow import key_sorting, pruning, record_pruning, stored_pruning, text_indexing
from radrecon.workflow.pruning import Step

log = structlog.get_logger()

T = TypeVar("T")

SORT_SECONDS = 0.5  # new keys are read from end to end by every search: there must not be many of them
SORT_REST = 4.0  # of the time that the last step took: a writer's step, and senders wait at the same door
REST = 0.5  # of the time that the last step took
LOOK_SECONDS = 30.0  # at the latest; new messages wake the indexer at once
AGAIN_SECONDS = 5.0  # after trouble
DAY_SECONDS = 86_400.0
TIDY_SECONDS = 3_600.0


# -- keys -------------------------------------------------------------------------------------------------------------


async def sort_keys(store: Store) -> None:
    """Until cancelled."""
    while True:
        begun, done = time.monotonic(), 0
        try:
            done = await asyncio.to_thread(key_sorting.sort_some, store)
        except Trouble as error:
            log.warning("keys not sorted in", reason=str(error))
        except Exception:  # the top of a service loop
            log.exception("sorting of keys broke")
        full = done == key_sorting.BATCH
        await asyncio.sleep(SORT_REST * (time.monotonic() - begun) if full else SORT_SECONDS)


# -- texts ------------------------------------------------------------------------------------------------------------


async def index_texts(store: Store, config: Callable[[], Config], arrived: asyncio.Event) -> None:
    """Until cancelled. `arrived` is set when the journal has changed."""
    while True:
        try:
            with open_index(store) as index:
                await _index(store, index, config, arrived)
        except TextIndexBroken as broken:
            log.warning("index of texts", reason=str(broken))
        except (Trouble, OSError) as error:
            log.warning("texts not indexed", reason=str(error))
        except Exception:  # the top of a service loop
            log.exception("indexing of texts broke")
        await asyncio.sleep(AGAIN_SECONDS)


async def _index(store: Store, index: TextIndex, config: Callable[[], Config], arrived: asyncio.Event) -> None:
    tidied = 0.0
    while True:
        arrived.clear()
        begun = time.monotonic()
        if await _to_its_end(text_indexing.index_some, store, index, config()):
            await asyncio.sleep(REST * (time.monotonic() - begun))
            continue
        if begun - tidied > TIDY_SECONDS:
            tidied = begun
            await _to_its_end(text_indexing.tidy, store, index)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await arrived.wait()


async def _to_its_end(step: Callable[..., T], *arguments: Any) -> T:
    """In a thread; who is cancelled waits for it, for it uses the connection that is closed then."""
    running = asyncio.ensure_future(asyncio.to_thread(step, *arguments))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


# -- age --------------------------------------------------------------------------------------------------------------


async def prune(store: Store, config: Callable[[], Config]) -> None:
    """Messages, records of what modalities asked and said, and what Storage brought; until cancelled."""
    await asyncio.gather(
        _daily(lambda: config().engine.keep_messages_days, partial(_prune, store)),
        _daily(lambda: config().engine.keep_records_days, partial(_prune_records, store)),
        _daily(lambda: config().engine.keep_stored_days, partial(_prune_stored, store)),
    )


async def _daily(setting: Callable[[], int], prune_older: Callable[[int], Awaitable[None]]) -> None:
    """Once a day, soon after the start, and when the setting is another. 0 days: nothing goes."""
    last, due = 0, 0.0
    while True:
        days = setting()
        if days and (days != last or time.monotonic() >= due):
            last, due = days, time.monotonic() + DAY_SECONDS
            await _prune_well(prune_older, days)
        await asyncio.sleep(LOOK_SECONDS)


async def _prune_well(prune_older: Callable[[int], Awaitable[None]], days: int) -> None:
    try:
        await prune_older(days)
    except Trouble as error:
        log.warning("nothing pruned", reason=str(error))
    except Exception:  # the top of a service loop
        log.exception("pruning broke")


async def _prune_records(store: Store, days: int) -> None:
    before, step = record_pruning.edge(days, datetime.now(UTC)), record_pruning.Step(0)
    while step.after is not None:
        begun = time.monotonic()
        step = await asyncio.to_thread(record_pruning.prune_some, store, before, step.after)
        await asyncio.sleep(REST * (time.monotonic() - begun))


async def _prune_stored(store: Store, days: int) -> None:
    before = pruning.edge(days, datetime.now(UTC))
    gone: int | None = 0
    while gone is not None:
        begun = time.monotonic()
        gone = await asyncio.to_thread(stored_pruning.prune_some, store, before)
        await asyncio.sleep(REST * (time.monotonic() - begun))


async def _prune(store: Store, days: int) -> None:
    now = datetime.now(UTC)
    before, total, step = pruning.edge(days, now), Step(0), Step(0)
    try:
        while step.after is not None:
            begun = time.monotonic()
            step = await asyncio.to_thread(pruning.prune_some, store, before, step.after)
            total += step
            await asyncio.sleep(REST * (time.monotonic() - begun))
    finally:
        pruning.note(store, total, before, who="radrecon", now=now)
