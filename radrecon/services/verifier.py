"""The verifier: *filed* means that a fresh answer of the PACS shows the new value and no longer the old."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_client
from radrecon.services.pacs_query import ListedTwice
from radrecon.store.corrections import Delivery
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed, outbox

log = structlog.get_logger()

EDIT_PATIENCE = 60.0  # seconds until an edit that the PACS took must show
MESSAGE_PATIENCE = 300.0  # and a message that was acknowledged


async def run(store: Store, config: Callable[[], Config], wake: asyncio.Event) -> None:
    """Prove for ever what can be proved."""
    while True:
        wake.clear()
        try:
            await asyncio.to_thread(_prove_all, store, config())
        except DatabaseDown as error:
            log.warning("verifier waits", reason=str(error))
        except Exception:  # the top of a service loop
            log.exception("verifier broke")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), 0.5)


def _prove_all(store: Store, config: Config) -> None:
    for delivery in outbox.waiting_for_proof(store, datetime.now(UTC)):
        prove(store, delivery, config)


def prove(store: Store, delivery: Delivery, config: Config) -> None:
    """Ask the PACS that can prove this delivery, and note what it says."""
    now = datetime.now(UTC)
    pacs = config.pacs_named(delivery.proof)
    if pacs is None or not delivery.planned.expect:
        outbox.resolve_blind(store, delivery, now, config)
        return
    try:
        found = {uid: pacs_client.look(pacs, config.engine.ae_title, uid) for uid in delivery.planned.expect}
    except ListedTwice as error:
        outbox.half_done(store, delivery, str(error), now)
        return
    except PeerTrouble as error:
        outbox.hold(store, delivery, str(error), now, 5)
        return
    _save(store, pacs, found, now)
    patience = EDIT_PATIENCE if delivery.planned.edit else MESSAGE_PATIENCE
    outbox.judge_proof(store, delivery, found, now, patience, config)


def _save(store: Store, pacs: PacsConfig, found: dict[str, StudyFacts | None], now: datetime) -> None:
    """What was seen on the way is known at once, not only at the feed's next look."""
    shown = [facts for facts in found.values() if facts is not None]
    feed.record(store, pacs.name, shown, at=now, baseline=False, stable=pacs.stable_seconds)
