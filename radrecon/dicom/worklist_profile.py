"""How each modality is answered: its scope, its character set, its limits, what it is known to drop.

The first [[modality]] entry that fits the caller's AE title and address counts, then the entry `*`. A caller without
one gets what is due within 48 hours and was within the last 12; where steps are scheduled on its AE title, its own and
those that name no station, else (a test tool, a console for all rooms) those of every station.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from radrecon.config import Config, ModalityConfig
from radrecon.dicom.worklist_query import WorklistQuery
from radrecon.dicom.worklist_scope import Asked, Elsewhere, Names, Scope
from radrecon.model.order import Order, Step, StepStatus

ANY = "*"
OVER_LIMIT = {"0000": 0x0000, "A700": 0xA700}
URGENT = {"STAT": 0, "HIGH": 1, "ROUTINE": 2, "MEDIUM": 2}


@dataclass(frozen=True)
class Profile:
    """What one caller gets. `over_limit`: the final status where there was more than `max_results`.

    `charset`: None = chosen for each answer, "" = ASCII, else the defined terms of (0008,0005).
    """

    scope: Scope = Scope()
    charset: str | None = None
    charset_only_when_asked: bool = False
    warn_of_ignored_keys: bool = True
    max_results: int = 500
    over_limit: int = 0x0000
    sort: Literal["start", "priority", "name"] = "start"
    device: str = ""
    needs: tuple[str, ...] = ()

    def asked(self, query: WorklistQuery, now: datetime) -> Asked:
        """`now` is an aware instant."""
        return Asked(query, self.scope, wall_clock(self.scope, now))

    def sorted(self, found: Iterable[tuple[Order, Step]]) -> Sequence[tuple[Order, Step]]:
        """In this modality's order; they come by start."""
        return list(found) if self.sort == "start" else sorted(found, key=SORTS[self.sort])


def wall_clock(scope: Scope, now: datetime) -> datetime:
    """The modality's clock on the wall."""
    return now.astimezone(scope.zone or scope.site_zone).replace(tzinfo=None)


SORTS: dict[str, Callable[[tuple[Order, Step]], tuple[object, ...]]] = {
    "priority": lambda pair: (URGENT.get(pair[0].priority.upper(), 2), pair[1].start, pair[1].id),
    "name": lambda pair: (str(pair[0].patient.name).casefold(), pair[1].start, pair[1].id),
}


class Profiles:
    """The configured modalities, ready to be asked for."""

    def __init__(self, config: Config) -> None:
        self._zone = config.zone()
        self._entries = config.modality
        self._made = [_profile(entry, config.modality, self._zone) for entry in config.modality]

    def of(self, ae_title: str, address: str = "", stations: Collection[str] = ()) -> Profile:
        """`stations`: AE titles that steps are scheduled on; an `address` that is not known fits any."""
        found = self._configured(ae_title, address) or self._configured(ANY, address)
        return found or _usual(ae_title, ae_title in stations, self._zone)

    def is_configured(self, ae_title: str) -> bool:
        return any(entry.ae_title in (ae_title, ANY) for entry in self._entries)

    def _configured(self, ae_title: str, address: str) -> Profile | None:
        for entry, made in zip(self._entries, self._made, strict=True):
            if entry.ae_title == ae_title and (not entry.address or not address or entry.address == address):
                return made
        return None


@lru_cache(maxsize=256)
def _usual(ae_title: str, is_station: bool, zone: ZoneInfo) -> Profile:
    own = frozenset((ae_title,)) if is_station else frozenset[str]()
    window = ModalityConfig(ae_title=ae_title)
    ahead, back = timedelta(hours=window.look_ahead_hours), timedelta(hours=window.look_back_hours)
    return Profile(Scope(ae_title, stations=own, ahead=ahead, back=back, site_zone=zone))


def _profile(entry: ModalityConfig, every: Sequence[ModalityConfig], zone: ZoneInfo) -> Profile:
    return Profile(
        _scope(entry, every, zone),
        None if not entry.charset else "" if entry.charset.strip().upper() == "ASCII" else entry.charset,
        entry.charset_only_when_asked,
        entry.warn_of_ignored_keys,
        entry.max_results,
        OVER_LIMIT[entry.over_limit],
        entry.sort,
        entry.device,
        tuple(entry.needs),
    )


def _scope(entry: ModalityConfig, every: Sequence[ModalityConfig], zone: ZoneInfo) -> Scope:
    own = ZoneInfo(entry.time_zone) if entry.time_zone else zone
    anything = ANY in (*entry.stations, entry.ae_title)
    return Scope(
        "" if entry.ae_title == ANY else entry.ae_title,
        entry.site,
        frozenset() if anything else _stations(entry),
        frozenset() if anything else _names(entry),
        frozenset(code.upper() for code in entry.modalities),
        _folded(entry.locations),
        _elsewhere(entry, every),
        frozenset(StepStatus(status) for status in entry.statuses),
        timedelta(hours=entry.look_ahead_hours),
        timedelta(hours=entry.look_back_hours),
        zone,
        own if own.key != zone.key else None,
    )


def _stations(entry: ModalityConfig) -> Names:
    return frozenset(title for title in entry.stations or [entry.ae_title] if title != ANY)


def _names(entry: ModalityConfig) -> Names:
    return _folded(entry.station_names)


def _folded(texts: Iterable[str]) -> Names:
    return frozenset(text.strip().casefold() for text in texts)


def _elsewhere(entry: ModalityConfig, every: Sequence[ModalityConfig]) -> Elsewhere:
    """What modalities of other named sites have and those of this site have not."""
    if not entry.site:
        return Elsewhere()
    here = [one for one in every if one.site == entry.site]
    there = [one for one in every if one.site not in ("", entry.site)]

    def apart(read: Callable[[ModalityConfig], Names]) -> Names:
        own = frozenset(name for one in here for name in read(one))
        return frozenset(name for one in there for name in read(one)) - own

    shared = frozenset(title for one in here for title in _titles(one)) & {t for one in there for t in _titles(one)}
    places, senders = apart(lambda one: _folded(one.locations)), apart(lambda one: _folded(one.senders))
    return Elsewhere(apart(_titles), apart(_names), places, senders, shared)


def _titles(entry: ModalityConfig) -> Names:
    return _stations(entry) | ({entry.ae_title} - {ANY})
