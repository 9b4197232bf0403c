"""Trouble that a person can act on, apart from bugs.

`Trouble` is shown as one line (exit code 1 on the command line, a banner on the desk). Anything else that is raised
is a bug and goes to the crash hook.
"""

from __future__ import annotations


class Trouble(Exception):
    """Something a user can act on; its text is one plain sentence without patient data where it may be logged."""


class ContentError(Trouble):
    """The content of a message is wrong and will be wrong again (HL7 AE). `location` is the ERR-2 path, e.g. PID-3."""

    def __init__(self, text: str, location: str = "") -> None:
        super().__init__(text)
        self.location = location


class RejectError(Trouble):
    """A message that cannot be taken: type, version or processing id, not parseable, or *not now* (HL7 AR)."""


class NotFound(Trouble):
    """No such case, order, study, message or correction."""


class Refused(Trouble):
    """A verb that does not apply to this case, or would be dangerous; the text says why and what to do instead."""


class Stale(Trouble):
    """What a plan was made from no longer stands; the person must look again."""


class PeerTrouble(Trouble):
    """A peer (PACS, HL7 destination) is down, refuses, or answers with an error; the text holds the peer's words."""


class PeerUncertain(PeerTrouble):
    """The connection broke after something was sent: the peer may or may not have applied it. Look before resending."""


class SchemaMismatch(Trouble):
    """The database's schema is older or newer than this program's."""


class DatabaseDown(Trouble):
    """The database cannot be had now: gone, locked, disk full. Nothing of the transaction was stored."""
