"""The verifier: *filed* means that a fresh answer of the PACS shows the new value and no longer the old."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from radrecon.config import Config, PacsConfig
from radrecon.model.correction import DeliveryState
from radrecon.model.errors import NotFound, PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_client, spool
from radrecon.services.pacs_query import ListedTwice
from radrecon.store.corrections import Delivery
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import feed, outbox, proving

log = structlog.get_logger()
S = DeliveryState

BROKEN_SECONDS = 60.0  # until a delivery whose proof broke is looked at again


@dataclass(frozen=True)
class Patience:
    """Seconds until an edit that the PACS took must show, and a message that was acknowledged."""

    edit: float = 60.0
    message: float = 300.0


PATIENCE = Patience()


async def run(store: Store, config: Callable[[], Config], wake: asyncio.Event, patience: Patience = PATIENCE) -> None:
    """Prove for ever what can be proved; each PACS is asked by itself, so that none waits for one that is down."""
    busy: dict[str, asyncio.Task[None]] = {}
    while True:
        wake.clear()
        try:
            asked = {pacs for pacs, task in busy.items() if not task.done()}
            for pacs, waiting in (await asyncio.to_thread(_by_pacs, store, asked)).items():
                busy[pacs] = asyncio.create_task(asyncio.to_thread(_prove_all, store, waiting, config(), patience))
        except DatabaseDown as error:
            log.warning("verifier waits", reason=str(error))
        except Exception:  # the top of a service loop
            log.exception("verifier broke")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await wake.wait()


def _by_pacs(store: Store, asked: Collection[str]) -> dict[str, list[Delivery]]:
    """What waits, but for the PACS that are being asked right now."""
    found: dict[str, list[Delivery]] = {}
    for delivery in proving.waiting_for_proof(store, datetime.now(UTC), asked):
        found.setdefault(delivery.proof, []).append(delivery)
    return found


def _prove_all(store: Store, waiting: Sequence[Delivery], config: Config, patience: Patience) -> None:
    """One that breaks is put off, and the others are still proved."""
    for delivery in waiting:
        try:
            prove(store, delivery, config, patience)
        except DatabaseDown as error:
            log.warning("verifier waits", reason=str(error))
            return
        except Exception:
            log.exception("delivery not proved; looked at again in a minute", delivery=delivery.id)
            with contextlib.suppress(DatabaseDown):
                outbox.hold(store, delivery, "could not be proved; looking again", datetime.now(UTC), BROKEN_SECONDS)


def prove(store: Store, delivery: Delivery, config: Config, patience: Patience = PATIENCE) -> None:
    """Ask the PACS that can prove this delivery, and note what it says."""
    now = datetime.now(UTC)
    pacs = config.pacs_named(delivery.proof)
    if pacs is None or not delivery.planned.expect:
        _not_provable(store, delivery, now, config)
        return
    seconds = patience.edit if delivery.planned.edit else patience.message
    try:
        found = {uid: pacs_client.look(pacs, config.engine.ae_title, uid) for uid in delivery.planned.expect}
    except ListedTwice as error:
        proving.half_done(store, delivery, str(error), now, seconds)
        return
    except PeerTrouble as error:
        outbox.hold(store, delivery, str(error), now, 5)
        return
    _save(store, pacs, found, now)
    if proving.images_to_look_at(delivery, found):
        _prove_images(store, delivery, pacs, config, seconds)
    else:
        proving.judge_proof(store, delivery, found, now, seconds, config)


def _not_provable(store: Store, delivery: Delivery, now: datetime, config: Config) -> None:
    """What has arrived is not sent again because nobody can be asked any more."""
    if delivery.state is S.UNCERTAIN:
        proving.resolve_blind(store, delivery, now, config)
    else:
        outbox.hold(store, delivery, f"no PACS {delivery.proof} is configured that could prove it", now, 60)


def _prove_images(store: Store, delivery: Delivery, pacs: PacsConfig, config: Config, patience: float) -> None:
    """The study shows it; where the PACS may have changed some of the images only, each is looked at."""
    assert delivery.planned.edit
    uid, engine = delivery.planned.edit.study_instance_uid, config.engine
    try:
        folder = spool.folder(store, delivery.id)
        said = pacs_client.images(pacs, engine.ae_title, uid, folder, retrieve_port=engine.retrieve_port)
    except (PeerTrouble, NotFound) as error:
        outbox.hold(store, delivery, str(error), datetime.now(UTC), 5)
        return
    except OSError as error:
        outbox.hold(store, delivery, spool.trouble(error), datetime.now(UTC), BROKEN_SECONDS)
        return
    proving.judge_images(store, delivery, said, datetime.now(UTC), patience)


def _save(store: Store, pacs: PacsConfig, found: dict[str, StudyFacts | None], now: datetime) -> None:
    """What was seen on the way is known at once, not only at the feed's next look."""
    shown = [facts for facts in found.values() if facts is not None]
    feed.record(store, pacs.name, shown, at=now, baseline=False, stable=pacs.stable_seconds)
