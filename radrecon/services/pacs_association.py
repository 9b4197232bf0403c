"""Associations with a PACS as SCU (PS3.8): opened, used and closed on the calling worker thread.

pynetdicom leaves Nagle's algorithm on and runs threads of its own; here neither outlives or slows a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any, Protocol

from pydicom.dataset import Dataset
from pynetdicom import AE, _config, build_role, evt
from pynetdicom.presentation import PresentationContext

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble, PeerUncertain

CONNECT_SECONDS = 10
ANSWER_SECONDS = 120
MAX_CONTEXTS = 128
SUCCESS, PENDING = 0x0000, (0xFF00, 0xFF01)

Handler = tuple[Any, Callable[[Any], Any]]

# else every answer is made pretty for a log that nobody reads: slow, and it converts, and so loses, what a peer wrote
_config.LOG_RESPONSE_IDENTIFIERS = False


class Peer(Protocol):
    """Whom an association is with: a PACS, or another system that serves a worklist."""

    @property
    def name(self) -> str: ...
    @property
    def ae_title(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class PeerDown(PeerTrouble):
    """Nobody answers there: asking for something else is of no use now."""


@contextmanager
def association(
    pacs: Peer,
    own_ae: str,
    contexts: Sequence[PresentationContext],
    *,
    receive: Sequence[str] = (),
    handlers: Sequence[Handler] = (),
    answer_seconds: float = ANSWER_SECONDS,
) -> Iterator[Any]:
    """An established association; `receive` are the storage classes that we take on it (C-GET).

    Raises PeerTrouble, naming the PACS, when it refuses; PeerDown when it cannot be reached.
    """
    entity = AE(ae_title=own_ae)
    entity.connection_timeout, entity.acse_timeout = CONNECT_SECONDS, CONNECT_SECONDS * 3
    entity.dimse_timeout = entity.network_timeout = answer_seconds
    reached: list[Any] = []
    assoc = entity.associate(
        pacs.host,
        pacs.port,
        ae_title=pacs.ae_title,
        contexts=list(contexts),
        ext_neg=[build_role(uid, scp_role=True) for uid in receive],
        evt_handlers=[(evt.EVT_CONN_OPEN, _no_delay), (evt.EVT_CONN_OPEN, reached.append), *handlers],
    )
    try:
        if not assoc.is_established:
            raise _why_not(pacs, assoc, bool(reached))
        _keep_answers(assoc)
        yield assoc
    finally:
        _close(assoc)


def check(pacs: PacsConfig, status: Dataset, doing: str) -> None:
    """Raise where an answer says anything but success: PeerTrouble with its words, PeerUncertain if none came."""
    if "Status" not in status:
        raise PeerUncertain(f"{pacs.name}: the connection broke while {doing}")
    if status.Status != SUCCESS:
        raise PeerTrouble(f"{pacs.name} answered {words(status)} while {doing}")


def words(status: Dataset) -> str:
    """A DIMSE status as the PACS put it: `A700 (Out of resources)`."""
    comment = "".join(letter for letter in str(status.get("ErrorComment", "")) if letter.isprintable()).strip()
    return f"{status.Status:04X}" + (f" ({comment})" if comment else "")


def _no_delay(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)


def _keep_answers(assoc: Any) -> None:
    """Leave every answer to the call that waits for it.

    The association's own thread looks for requests of the peer in the same queue, without blocking. The pause that is
    to keep it away during a call has a gap: on a busy machine it takes, and drops, an answer in some hundred, so that
    a query misses an image or a store waits in vain. A requestor that serves nobody needs none of its looking.
    """
    take = assoc.dimse.get_msg
    assoc.dimse.get_msg = lambda block=False: take(block=True) if block else (None, None)


def _why_not(pacs: Peer, assoc: Any, reached: bool) -> PeerTrouble:
    where = f"{pacs.name} ({pacs.ae_title} at {pacs.host}:{pacs.port})"
    if assoc.is_rejected:
        primitive = assoc.acceptor.primitive
        return PeerTrouble(f"{where} rejects our association: {getattr(primitive, 'reason_str', 'no reason given')}")
    if assoc.acceptor.primitive:
        return PeerTrouble(f"{where} accepts none of what we ask")
    if reached:
        return PeerDown(f"{where} takes the connection and does not answer as DICOM does: is it the right port?")
    return PeerDown(f"{where} cannot be reached")


def _close(assoc: Any) -> None:
    """Release where that is still possible; in every case wait until its threads have ended."""
    if assoc.is_established:
        assoc.release()
    if assoc.is_alive() and not assoc.is_released:
        assoc.abort()
    for thread in (assoc, assoc.dul):
        if thread.is_alive():
            thread.join(CONNECT_SECONDS)
