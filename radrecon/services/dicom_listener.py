"""The DICOM listener: who may associate, and which service answers each message.

A connection takes an association's place only when its A-ASSOCIATE-RQ is accepted; those that say nothing have places
of their own, and so have those that are ending; when these run out, the address that has the most loses its oldest.
Each refusal is logged and told, without patient data.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from radrecon.dicom import dimse, pdu
from radrecon.dicom.dimse import RESPONSE, response
from radrecon.dicom.pdu import AssociateRequest, Rejection
from radrecon.dicom.uids import name_of
from radrecon.dicom.upper_layer import (
    LARGEST_PDU,
    MODALITY_WORKLIST_FIND,
    VERIFICATION,
    Aborted,
    Acceptor,
    AssociationRequested,
    Failed,
    MessageReceived,
    Offer,
    ReleaseRequested,
)
from radrecon.dicom.worklist import Profile
from radrecon.services.dicom_access import Access
from radrecon.services.dicom_connection import Connection
from radrecon.services.worklist_scp import Caller, Find, Profiled, QueryRecord, Service, Worklist, echo

__all__ = ["Caller", "Limits", "Listener", "Others", "Profiled", "QueryRecord", "Served", "listen"]

log = structlog.get_logger()

SILENT_PER_ASSOCIATION = 4
Refused = Callable[[str, str, str], None]
"""Told of each refusal: address, reason, calling AE title ("" where none was said)."""


@dataclass(frozen=True)
class Served:
    """A service, and how it is offered in the negotiation."""

    service: Service
    offer: Offer = Offer()


Others = Callable[[str, Caller], Served | None]
"""What serves an abstract syntax that no service is named for, for this caller; None: nobody does."""


@dataclass(frozen=True)
class Limits:
    """`acse_timeout`: from connection to whole request; `idle_timeout`: from one whole message to the next. Seconds."""

    max_associations: int = 64
    per_peer: int = 16
    acse_timeout: float = 30
    idle_timeout: float = 600
    largest_pdu: int = LARGEST_PDU


async def listen(
    host: str,
    port: int,
    ae_title: str,
    find: Find,
    found: Callable[[QueryRecord], None] | None = None,
    *,
    max_associations: int = 64,
    per_peer: int = 16,
    acse_timeout: float = 30,
    idle_timeout: float = 600,
    max_results: int = 500,
    over_limit: int = dimse.SUCCESS,
    warn_of_unsupported_keys: bool = True,
    refused: Refused | None = None,
    any_called_ae_title: bool = True,
    profile: Profiled | None = None,
    now: Callable[[], datetime] | None = None,
    tls: ssl.SSLContext | None = None,
    more: Mapping[str, Service | Served] | None = None,
    others: Others | None = None,
    access: Access | None = None,
    largest_pdu: int = LARGEST_PDU,
) -> Listener:
    """Bind and serve. Port 0 is any free one. Raises OSError where the address cannot be bound.

    `refused` is told of each refusal. `any_called_ae_title`: answer whatever name we are called by. `profile` says how
    a caller's worklist queries are answered; without it all are alike, by the three settings before. `now` is the
    present instant. `more`: further services by the SOP class that they answer; `others`: for any further one.
    """
    alike = Profile(max_results=max_results, over_limit=over_limit, warn_of_ignored_keys=warn_of_unsupported_keys)
    worklist = Worklist(find, found, profile or _always(alike), now or _now)
    services: dict[str, Service | Served] = {VERIFICATION: echo, MODALITY_WORKLIST_FIND: worklist, **(more or {})}
    limits = Limits(max_associations, per_peer, acse_timeout, idle_timeout, largest_pdu)
    access = access or Access()
    listener = Listener(services, limits, "" if any_called_ae_title else ae_title, refused, others, access)
    await listener.start(host, port, tls)
    return listener


def _always(one: Profile) -> Profiled:
    async def profile(_caller: Caller) -> Profile:
        return one

    return profile


def _now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """A bound listener; made by `listen`. `address`: host and port that it is bound to.

    `called`: the only AE title that is answered, "" for any.
    """

    def __init__(
        self,
        services: Mapping[str, Service | Served],
        limits: Limits,
        called: str,
        refused: Refused | None,
        others: Others | None = None,
        access: Access | None = None,
    ) -> None:
        self._services = {syntax: one if isinstance(one, Served) else Served(one) for syntax, one in services.items()}
        self._others = others
        self.access = access or Access()
        self._limits = limits
        self._called = called
        self._refused = refused
        self.address = ("", 0)
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], Connection] = {}
        self._silent: dict[Connection, None] = {}
        self._associated: Counter[str] = Counter()

    @property
    def associations(self) -> int:
        return self._associated.total()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port, backlog=256, ssl=tls)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """Stop listening and end what is open."""
        if self._server is not None:
            self._server.close()
        for task, connection in self._tasks.items():
            connection.drop()
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' own closing

    def _connection(self) -> Connection:
        return Connection(Acceptor({}, largest_pdu=self._limits.largest_pdu), self._made)

    def _made(self, connection: Connection) -> None:
        if not self.access.allows_address(connection.address):
            self._say_refused(connection, "address not allowed")
            connection.drop()
            return
        self._silent[connection] = None
        if len(self._silent) > SILENT_PER_ASSOCIATION * self._limits.max_associations:
            self._make_room()
        task = asyncio.get_running_loop().create_task(self._serve(connection))
        self._tasks[task] = connection
        task.add_done_callback(self._done)

    def _make_room(self) -> None:
        """Whoever floods loses its own places first."""
        most, _ = Counter(one.address for one in self._silent).most_common(1)[0]
        oldest = next(one for one in self._silent if one.address == most)
        self._say_refused(oldest, "too many connections without an association")
        self._silent.pop(oldest)
        oldest.drop()

    def _done(self, task: asyncio.Task[None]) -> None:
        connection = self._tasks.pop(task)
        self._silent.pop(connection, None)
        connection.drop()

    async def _serve(self, connection: Connection) -> None:
        """One connection from its first byte to its last. What escapes a service is a bug and ends this one only."""
        try:
            last = await self._converse(connection)
            self._silent[connection] = None
            await connection.farewell(last)
        except TimeoutError:
            self._say_refused(connection, "silent for too long")
        except OSError as error:
            log.debug("dicom connection lost", peer=connection.address, error=type(error).__name__)
        except Exception:
            log.exception("dicom connection ended by an error", peer=connection.address)

    async def _converse(self, connection: Connection) -> bytes:
        """What the connection comes to; the last bytes to send."""
        event = await connection.next_event(self._limits.acse_timeout)
        if not isinstance(event, AssociationRequested):
            return self._ended(connection, event)
        if why := self._objection(connection, event.request):
            self._say_refused(connection, f"association rejected: {why.text}")
            return connection.acceptor.reject(why)
        caller = Caller(event.request.calling_ae_title, event.request.called_ae_title, connection.address)
        with self._place(connection):
            served = self._served(connection, event.request, caller)
            offers = {syntax: one.offer for syntax, one in served.items()}
            await connection.send(connection.acceptor.accept(offers))
            return await self._associate(connection, caller, served)

    def _objection(self, connection: Connection, request: AssociateRequest) -> Rejection | None:
        if self._called and request.called_ae_title != self._called:
            return pdu.CALLED_UNKNOWN
        if not self.access.allows(request.calling_ae_title) and not self.access.echo_for_all:
            return pdu.CALLING_UNKNOWN
        full = self.associations >= self._limits.max_associations
        return pdu.BUSY if full or self._associated[connection.address] >= self._limits.per_peer else None

    def _served(self, connection: Connection, request: AssociateRequest, caller: Caller) -> dict[str, Served]:
        """What this caller may use of what it proposes; what it may not is told once."""
        if not self.access.allows(caller.ae_title):
            self._say_refused(connection, "calling AE title not recognized: verification only")
            return {VERIFICATION: self._services[VERIFICATION]}
        proposed = dict.fromkeys(context.abstract_syntax for context in request.contexts)
        found = {one: self._services.get(one) or (self._others and self._others(one, caller)) for one in proposed}
        if missing := [one for one, served in found.items() if not served]:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            self._say_refused(connection, f"not served: {name_of(missing[0])[:64]}{more}")
        return {one: served for one, served in found.items() if served}

    @contextmanager
    def _place(self, connection: Connection) -> Iterator[None]:
        self._associated[connection.address] += 1
        self._silent.pop(connection, None)
        try:
            yield
        finally:
            self._associated[connection.address] -= 1
            self._associated += Counter()  # forgets peers with none

    async def _associate(self, connection: Connection, caller: Caller, served: Mapping[str, Served]) -> bytes:
        while True:
            event = await connection.next_or_progress(self._limits.idle_timeout)
            if not isinstance(event, MessageReceived):
                return self._ended(connection, event)
            try:
                answered = await self._dispatch(connection, event, caller, served)
            finally:
                if event.sink:
                    event.sink.close()
            if not answered:
                self._say_refused(connection, "a request without a message id")
                return connection.acceptor.abort()

    async def _dispatch(
        self, connection: Connection, message: MessageReceived, caller: Caller, served: Mapping[str, Served]
    ) -> bool:
        """False for a request that cannot be answered at all."""
        command = message.command
        if command.field & RESPONSE:
            return True  # we asked nothing
        if command.message_id is None:
            return False
        if command.sop_class not in ("", message.context.abstract_syntax):
            refusal = response(command, dimse.SOP_CLASS_NOT_SUPPORTED)
            await connection.send(connection.acceptor.send_message(message.context.id, refusal))
            return True
        await served[message.context.abstract_syntax].service(connection, message, caller)
        return True

    def _ended(self, connection: Connection, event: object) -> bytes:
        if isinstance(event, ReleaseRequested):
            return connection.acceptor.release()
        if isinstance(event, Failed):
            self._say_refused(connection, event.why)
            return event.reply
        assert isinstance(event, Aborted)
        return b""

    def _say_refused(self, connection: Connection, reason: str) -> None:
        request = connection.acceptor.request
        ae_title = request.calling_ae_title if request else ""
        log.warning("dicom peer refused", peer=connection.address, port=connection.port, reason=reason)
        if self._refused:
            self._refused(connection.address, reason, ae_title)
