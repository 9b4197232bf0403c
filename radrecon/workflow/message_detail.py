"""One message as people read it: its text in its own character set, what it did, what it belongs to."""

from __future__ import annotations

from radrecon.hl7v2.charset import decode
from radrecon.hl7v2.reader import Message
from radrecon.model.errors import Trouble
from radrecon.model.rows import MessageDetail
from radrecon.store import message_detail as stored
from radrecon.store import settings
from radrecon.store.database import Store
from radrecon.store.message_detail import Journalled
from radrecon.workflow.intake import Site


def message_detail(store: Store, message_id: int) -> MessageDetail:
    """Raises NotFound."""
    with store.reading() as conn:
        found = stored.journalled(conn, message_id)
        site = Site(settings.load_config(conn))
        effects, related = stored.effects(conn, found.effect), stored.related(conn, found)
    text, charset, guessed = decode(found.raw, _setting(found, site))
    return MessageDetail(
        message=found.row,
        raw_encoding=found.raw_encoding,
        text=text,
        charset=charset,
        charset_guessed=guessed,
        sent_at=found.sent_at,
        flags=found.flags,
        ack_code=found.ack_code,
        ack=decode(found.ack)[0],
        effects=effects,
        related=related,
    )


def _setting(found: Journalled, site: Site) -> str:
    """The sender's character set for messages that state none."""
    try:
        sender, _ = site.sender(Message.parse(found.raw), found.row.peer)
    except Trouble:
        return ""
    return sender.charset if sender else ""
