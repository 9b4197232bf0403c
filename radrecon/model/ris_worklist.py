"""The worklist of another system (a RIS, a broker) as each modality would get it (PS3.4 annex K, DOMAIN's RIS list)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from radrecon.model.patient import Demographics


@dataclass(frozen=True)
class WorklistEntry:
    """One scheduled step as another system lists it. `start` is its wall clock, ISO text, "" if it says none.

    `charset` is the character set that the answer declared; `flags` are what is wrong with it, in words.
    """

    accession_number: str = ""
    issuer_of_accession: str = ""
    placer_order_number: str = ""
    filler_order_number: str = ""
    requested_procedure_id: str = ""
    requested_procedure_description: str = ""
    scheduled_procedure_step_id: str = ""
    step_description: str = ""
    station_ae_title: str = ""
    station_name: str = ""
    modality: str = ""
    start: str = ""
    study_instance_uid: str = ""
    patient: Demographics = Demographics()
    charset: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListState:
    """What is known of one list: the one that `source` gives to `station`. Instants are UTC.

    `complete_at`: when the last whole answer was asked for; what came since then was no answer, or only part of one.
    `day_from`, `day_to`: the ISO days that this answer covers.
    """

    source: str
    station: str
    asked_at: datetime | None = None
    complete_at: datetime | None = None
    first_complete_at: datetime | None = None
    answers: int = 0
    error: str = ""
    day_from: str = ""
    day_to: str = ""
    milliseconds: float = 0.0
    id: int = 0

    @property
    def is_current(self) -> bool:
        """Whether the last time it was asked it answered in full."""
        return self.complete_at is not None and self.complete_at == self.asked_at and not self.error


@dataclass(frozen=True)
class Listed:
    """One entry on one list, from `first_seen` on; once it is gone, `last_seen` is the last list that had it and
    `gone_at` the first that had it not.

    `key` names the entry on whichever list of its source it stands. `fresh`: it was put there while we looked, for a
    whole answer that covered its day had been without it.
    """

    source: str
    station: str
    key: str
    entry: WorklistEntry
    first_seen: datetime
    fresh: bool = False
    last_seen: datetime | None = None
    gone_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True)
class RisAnswer:
    """What one source's lists say of an accession number, for who asks why it is (not) on a station's list."""

    source: str
    sentence: str
    on_list: bool = False
    listed_for: tuple[str, ...] = ()
    asked_at: str = ""
    answers: int = 0


@dataclass(frozen=True)
class WorklistSourceRow:
    """One list as `worklist --sources` shows it. `state`: never asked, up, not answered, off."""

    id: int
    source: str
    calling_ae_title: str
    ae_title: str
    host: str
    port: int
    state: str
    asked_at: str
    last_success: str
    answers: int
    last_error: str
    milliseconds: float
    poll_seconds: float
