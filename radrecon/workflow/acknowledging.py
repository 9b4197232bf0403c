"""Which acknowledgements a message gets (HL7 2.9.2, 2.9.3).

Original mode (MSH-15 and MSH-16 empty): one answer that says what became of it. Enhanced mode: an accept
acknowledgement, CA once the message is in safe storage, and an application acknowledgement, each if it was asked for.
Here both are known at the same time, for storing and applying are one commit.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import datetime

from radrecon.hl7v2.ack import ack, wanted
from radrecon.hl7v2.reader import Message

OWN_APPLICATION = "RADRECON"
_UNSUPPORTED = "200"  # message type (table 0357): what is said of MSH-9
_WHEN = {"AL": (True, True), "NE": (False, False), "SU": (True, False), "ER": (False, True), "": (False, False)}
"""Table 0155: whether a success and whether an error is to be acknowledged."""


@dataclass(frozen=True)
class Outcome:
    """AA, AE or AR, and what ERR and the journal say. `stored`: the message is in the journal, whatever it says."""

    code: str
    reason: str = ""
    location: str = ""
    stored: bool = True


def answers(message: Message | None, outcome: Outcome, at: datetime) -> tuple[bytes, ...]:
    """The unframed answers, the accept acknowledgement first; `message` None: there was no MSH."""
    accept, application = wanted(message) if message else (None, None)
    if accept is None and application is None:
        return (_answer(message, outcome.code, outcome, at),)
    code = _accept_code(outcome)
    found = [code] if _asked(accept, code) else []
    if outcome.stored and outcome.code != "AR" and _asked(application, outcome.code):
        found.append(outcome.code)
    if outcome.code == "AR" and not found and _asked(application, "AR"):
        found.append("AR")
    return tuple(_answer(message, one, outcome, at) for one in found)


def _accept_code(outcome: Outcome) -> str:
    """CA for what is kept and may be applied; CR for a type that is not taken, and for what cannot be stored now."""
    return "CA" if outcome.stored and outcome.code != "AR" else "CR"


def _asked(condition: str | None, code: str) -> bool:
    success, error = _WHEN.get(condition or "", (True, True))
    return success if code in ("AA", "CA") else error


def _answer(message: Message | None, code: str, outcome: Outcome, at: datetime) -> bytes:
    wrong = code not in ("AA", "CA")
    text, location = (outcome.reason, outcome.location) if wrong else ("", "")
    error = _UNSUPPORTED if location == "MSH-9" else ""
    own = (OWN_APPLICATION, "")
    return ack(message, code, text, location, now=at, control_id=new_control_id(), sender=own, error=error)


def new_control_id() -> str:
    """MSH-10, unique for ever and at most 20 characters: this run of the program, and a number."""
    return f"{_RUN}{next(_NUMBERS):07X}"


_RUN = uuid.uuid4().hex[:13].upper()
_NUMBERS = itertools.count(1)
