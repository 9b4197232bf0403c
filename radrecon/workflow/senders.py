"""Senders: noted as they are heard, listed with their rules, and where a new one puts its accession numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from radrecon.config import Config, HL7SenderConfig
from radrecon.hl7v2.flatten import flatten_orders
from radrecon.hl7v2.reader import Message
from radrecon.hl7v2.rules import FILLER_PATHS, IMAGING_PATHS, sender_for
from radrecon.hl7v2.values import when
from radrecon.model.errors import NotFound, Trouble
from radrecon.model.rows import SenderRow
from radrecon.recon import skew
from radrecon.recon.accession_paths import Proposal, Sample, propose, values_of
from radrecon.recon.normalise import id_key
from radrecon.store import senders, settings
from radrecon.store.codec import iso
from radrecon.store.database import Store
from radrecon.store.senders import Heard
from radrecon.workflow.intake import Received

LONGEST_NAME = 200
SAMPLES = 500
PLACES = ("ORC-", "OBR-", "IPC-", "PV1-19.", "Z")
NOT_OFF_THE_WIRE = ("file:", "replay", "edit")


def hear(message: Message, received: Received, zone: tzinfo, *, refused: bool) -> Heard:
    """What a message says of its sender. `zone` is the sender's own or the site's."""
    name = (_name(message.sending_application), _name(message.sending_facility))
    if received.peer.startswith(NOT_OFF_THE_WIRE):
        return Heard(*name, refused=refused)
    seconds = skew.seconds_behind(when(message.timestamp), received.at, zone)
    late = skew.is_late(seconds)
    return Heard(*name, None if late else seconds, refused, late)


class Roll:
    """Who sent the messages of a group. What came together was sent together: one of each sender is timed."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._timed: dict[tuple[str, str], Heard] = {}

    def note(self, message: Message, received: Received, zone: tzinfo, *, refused: bool) -> None:
        name = (message.sending_application, message.sending_facility)
        timed = self._timed.get(name)
        if timed is None:
            timed = self._timed[name] = hear(message, received, zone, refused=refused)
            self.heard.append(timed)
        else:
            self.heard.append(Heard(timed.application, timed.facility, None, refused, timed.late))


def _name(text: str) -> str:
    """What every database can hold and index."""
    return text.replace("\0", "")[:LONGEST_NAME]


# -- list -------------------------------------------------------------------------------------------------------------


def rows(store: Store) -> list[SenderRow]:
    """Every sender that was heard, by name."""
    with store.reading() as conn:
        config, found = settings.load_config(conn), senders.load_all(conn)
    return [_row(one, config) for one in found]


def _row(one: senders.Sender, config: Config) -> SenderRow:
    rules = _rules_for(one, config)
    own = sender_for(config.hl7_sender, one.application, one.facility) or (rules[0] if rules else HL7SenderConfig())
    return SenderRow(
        id=one.id,
        sending_application=one.application,
        sending_facility=one.facility,
        configured=bool(rules),
        tap=", ".join(dict.fromkeys(rule.tap for rule in rules)) or "feed",
        owner_of=tuple(own.owner_of),
        accession_paths=tuple(own.accession_paths) or tuple(dict.fromkeys((*IMAGING_PATHS, *FILLER_PATHS))),
        messages=one.messages,
        refused=one.refused,
        late=one.late,
        first_heard=iso(one.first_heard),
        last_heard=iso(one.last_heard),
        skew_seconds=_rounded(one.skew),
        skew_least=_rounded(one.skew_least),
        skew_most=_rounded(one.skew_most),
        clock=skew.in_words(one.skew),
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _rules_for(one: senders.Sender, config: Config) -> list[HL7SenderConfig]:
    """Entries that may fit: a copy before and one behind an engine often bear the same names."""
    return [
        rule
        for rule in config.hl7_sender
        if rule.match.sending_application in ("", one.application) and rule.match.sending_facility in ("", one.facility)
    ]


# -- where the accession number stands --------------------------------------------------------------------------------


@dataclass(frozen=True)
class PathProposal:
    """A proposal for one sender, beside the places that are asked now."""

    sender: str
    in_use: tuple[str, ...]
    configured: bool
    messages: int
    proposal: Proposal


def propose_paths(store: Store, name: str, limit: int = SAMPLES) -> PathProposal:
    """Score the latest orders of `APPLICATION` or `APPLICATION^FACILITY` against what the PACS knows."""
    application, _, facility = name.partition("^")
    with store.reading() as conn:
        config = settings.load_config(conn)
        raws = senders.orders_of(conn, application, facility or None, limit)
        if not raws and not any(one.application == application for one in senders.load_all(conn)):
            raise NotFound(f"no message of {name} was heard")
    samples = [sample for raw in raws for sample in _samples(raw)]
    with store.reading() as conn:
        known = senders.recent_accessions(conn) | senders.known_accessions(conn, sorted(values_of(samples)))
    own = sender_for(config.hl7_sender, application, facility)
    paths = tuple(own.accession_paths) if own else ()
    comparable = {number: frozenset(map(id_key, patients)) for number, patients in known.items()}
    usual = dict.fromkeys((*IMAGING_PATHS, *FILLER_PATHS))
    return PathProposal(name, paths or tuple(usual), bool(paths), len(raws), propose(samples, comparable))


def _samples(raw: bytes) -> Sequence[Sample]:
    try:
        message = Message.parse(raw)
    except Trouble:
        return ()
    numbers = [field.get(1) for path in ("PID-3", "PID-2", "PID-4") for field in message.repeats(path)]
    patients = frozenset(id_key(number) for number in numbers) - {""}
    return [Sample(patients, tuple(_candidates(order))) for order in flatten_orders(message)]


def _candidates(order: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where an accession number may stand: the order's own segments, the visit number, the site's own segments."""
    return [(path, value) for path, value in order if path.startswith(PLACES)]
