"""The outbox relay: one delivery at a time per destination, each attempt committed before its first byte leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import structlog

from radrecon.config import Config, HL7DestinationConfig, PacsConfig
from radrecon.hl7v2.build import encode
from radrecon.model.correction import DatasetEdit, DeliveryState, OriginalHeader
from radrecon.model.errors import ContentError, NotFound, PeerTrouble, PeerUncertain, Stale, Trouble
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_client, spool
from radrecon.services.hl7_sender import HL7Sender
from radrecon.services.pacs_query import ListedTwice
from radrecon.store import studies
from radrecon.store.corrections import Delivery
from radrecon.store.database import DatabaseDown, Store
from radrecon.workflow import outbox
from radrecon.workflow.feed import is_complete

log = structlog.get_logger()
S = DeliveryState


class Relay:
    """Works off what is queued; `wake` is set when there may be something."""

    def __init__(self, store: Store, config: Callable[[], Config], wake: asyncio.Event) -> None:
        self._store = store
        self._config = config
        self._wake = wake
        self._sender = HL7Sender()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._broken: set[int] = set()

    async def run(self) -> None:
        """Relay for ever."""
        try:
            while True:
                self._wake.clear()
                await self._turn()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.5):
                        await self._wake.wait()
        finally:
            await self._end()

    async def _end(self) -> None:
        """What is being sent right now stays `sending`: the next start looks at it."""
        for task in self._busy.values():
            task.cancel()
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        await self._sender.close()

    async def _turn(self) -> None:
        for step in (self._note_broken, self._start_ready):
            try:
                await step()
            except DatabaseDown as error:
                log.warning("outbox waits", reason=str(error))
            except Exception:  # the top of a service loop
                log.exception("outbox broke")

    async def _start_ready(self) -> None:
        """One per destination; those that are busy or switched off take no place in the page of what is ready."""
        off = self._switched_off()
        await asyncio.to_thread(outbox.hold_all, self._store, off, "sending is switched off", datetime.now(UTC))
        passed_over = off | set(self._busy)
        for delivery in await asyncio.to_thread(outbox.ready, self._store, datetime.now(UTC), passed_over):
            if delivery.destination not in self._busy:
                task = asyncio.create_task(self._deliver(delivery))
                self._busy[delivery.destination] = task
                task.add_done_callback(partial(self._done, delivery.destination))

    def _done(self, destination: str, _task: asyncio.Task[None]) -> None:
        self._busy.pop(destination, None)
        self._wake.set()

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            if delivery.planned.edit:
                await asyncio.to_thread(self._edit, delivery)
            else:
                await self._send(delivery)
        except DatabaseDown as error:
            log.warning("delivery waits", delivery=delivery.id, reason=str(error))
            self._broken.add(delivery.id)
        except Exception:  # the top of a service loop
            log.exception("delivery broke", delivery=delivery.id)
            self._broken.add(delivery.id)

    async def _note_broken(self) -> None:
        """Attempts whose outcome was not stored are not left `sending`: they are looked at."""
        for delivery_id in sorted(self._broken):
            await asyncio.to_thread(outbox.broke, self._store, delivery_id, datetime.now(UTC))
            self._broken.discard(delivery_id)

    # -- HL7 ----------------------------------------------------------------------------------------------------------

    async def _send(self, delivery: Delivery) -> None:
        destination = self._config().destination_named(delivery.destination)
        why = self._held(destination)
        if destination is None or why:
            await asyncio.to_thread(outbox.hold, self._store, delivery, why, datetime.now(UTC), 5)
            return
        begun = await asyncio.to_thread(outbox.begin, self._store, delivery, datetime.now(UTC))
        if begun:
            state, words = await self._exchange(destination, begun)
            await asyncio.to_thread(self._sent, begun, state, words)

    async def _exchange(self, destination: HL7DestinationConfig, delivery: Delivery) -> tuple[DeliveryState, str]:
        try:
            answer = await self._sender.send(destination, encode(delivery.planned.message, destination.charset))
        except ContentError as error:  # before its first byte
            return S.REFUSED, f"not sent: {error}"
        except PeerUncertain as error:
            return S.UNCERTAIN, str(error)
        except PeerTrouble as error:
            return S.QUEUED, str(error)
        if answer.code in ("AA", "CA"):
            return (S.ACKNOWLEDGED if answer.code == "AA" else S.ACCEPTED), ""
        words = f"{answer.code}: {answer.text or answer.error or 'no reason given'}"
        return (S.QUEUED if answer.code in ("AR", "CR") and delivery.attempts < 3 else S.REFUSED), words

    def _sent(self, delivery: Delivery, state: DeliveryState, words: str) -> None:
        now = datetime.now(UTC)
        if state is S.QUEUED:
            outbox.wait(self._store, delivery, words, now)
        else:
            outbox.end(self._store, delivery, state, now, words)

    def _switched_off(self) -> set[str]:
        config = self._config()
        peers = [(peer.name, peer.send) for peer in config.pacs] + [
            (peer.name, peer.send) for peer in config.hl7_destination
        ]
        return {name for name, send in peers if not (send and config.sending)}

    def _held(self, peer: HL7DestinationConfig | PacsConfig | None) -> str:
        if peer is None:
            return "no such destination is configured"
        return "" if self._config().sending and peer.send else "sending is switched off"

    # -- DICOM --------------------------------------------------------------------------------------------------------

    def _edit(self, delivery: Delivery) -> None:
        """Look first; edit only what the plan was made for; keep the originals before anything changes."""
        edit, now = delivery.planned.edit, datetime.now(UTC)
        assert edit is not None
        config = self._config()
        pacs = config.pacs_named(edit.pacs)
        why = self._held(pacs) or self._not_complete(edit, pacs, now)
        if pacs is None or why:
            outbox.hold(self._store, delivery, why, now)
            return
        try:
            facts = pacs_client.look(pacs, config.engine.ae_title, edit.study_instance_uid)
        except ListedTwice as error:
            self._complete_half(delivery, edit, pacs, str(error))
            return
        except PeerTrouble as error:
            outbox.hold(self._store, delivery, str(error), now, outbox.backoff(2).total_seconds())
            return
        stale = "the study is gone" if facts is None else self._no_longer_fits(delivery, facts)
        if stale:
            outbox.end(self._store, delivery, S.STALE, now, stale)
        else:
            self._change(delivery, edit, pacs)

    def _complete_half(self, delivery: Delivery, edit: DatasetEdit, pacs: PacsConfig, words: str) -> None:
        """Listed under two patients: by our own broken try, which another completes, or by somebody else."""
        if delivery.attempts > 0:
            self._change(delivery, edit, pacs)
        else:
            outbox.end(self._store, delivery, S.REFUSED, datetime.now(UTC), words)

    def _no_longer_fits(self, delivery: Delivery, facts: StudyFacts) -> str:
        planned, edit = outbox.inventory_of(self._store, delivery), delivery.planned.edit
        tried = edit.values if edit and delivery.attempts else {}
        return outbox.no_longer_fits(planned, facts, tried) if planned else ""

    def _not_complete(self, edit: DatasetEdit, pacs: PacsConfig | None, now: datetime) -> str:
        """No edit while images still arrive."""
        if pacs is None:
            return ""
        with self._store.reading() as conn:
            study = studies.by_uid(conn, edit.pacs, edit.study_instance_uid)
        complete = study is not None and is_complete(study, now, pacs.stable_seconds)
        return "" if complete else "waits: the study is still arriving"

    def _change(self, delivery: Delivery, edit: DatasetEdit, pacs: PacsConfig) -> None:
        begun = outbox.begin(self._store, delivery, datetime.now(UTC))
        if begun is None:
            return
        originals = outbox.originals_for(self._store, begun)

        def keep(found: Sequence[OriginalHeader]) -> None:
            outbox.keep(self._store, begun, found)

        engine = self._config().engine
        try:
            pacs_client.edit(
                pacs, engine.ae_title, edit, keep, originals, datetime.now(UTC), spool.folder(self._store, begun.id),
                retrieve_port=engine.retrieve_port,
            )  # fmt: skip
            outbox.end(self._store, begun, S.WRITTEN, datetime.now(UTC))
        except (Stale, NotFound) as error:
            outbox.end(self._store, begun, S.STALE, datetime.now(UTC), str(error))
        except PeerUncertain as error:
            outbox.end(self._store, begun, S.UNCERTAIN, datetime.now(UTC), str(error))
        except PeerTrouble as error:
            outbox.again(self._store, begun, str(error), datetime.now(UTC))
        except OSError as error:  # not the PACS's fault, and another try completes what this one has begun
            outbox.wait(self._store, begun, spool.trouble(error), datetime.now(UTC))
        except DatabaseDown:
            raise
        except Trouble as error:
            outbox.end(self._store, begun, S.REFUSED, datetime.now(UTC), str(error))
