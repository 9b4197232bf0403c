"""What a modality's worklist is about, and how a query that leaves it open is narrowed to that.

Modalities ask for less than they mean: any date, any modality, any station. Where a key is left out the scope of the
caller stands in for it, and the query is marked. A key that was asked for is never widened, and who names one order or
patient is not narrowed: a patient who comes a week early must be found. Only sites are kept apart whatever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property

from radrecon.dicom.worklist_match import WAITING, Objection, key_objections
from radrecon.dicom.worklist_query import WorklistQuery
from radrecon.model.order import Order, Step, StepStatus

NAMING = ("patient_id", "accession_number", "requested_procedure_id", "study_instance_uid",
          "scheduled_procedure_step_id")  # fmt: skip
"""Keys that name one patient or order; with a wildcard they do not."""

Names = frozenset[str]
NOBODY: Names = frozenset()


@dataclass(frozen=True)
class Elsewhere:
    """What belongs to other sites: AE titles of stations, and station names, locations, sending applications.

    `shared`: AE titles that both sites use, which therefore tell nothing.
    """

    stations: Names = NOBODY
    names: Names = NOBODY
    locations: Names = NOBODY
    senders: Names = NOBODY
    shared: Names = NOBODY


@dataclass(frozen=True)
class Scope:
    """An empty set is any. `names` and `locations` are casefolded, `modalities` upper case, AE titles exact.

    `ahead` and `back` bound the start around the query's moment, None = unbounded. `site_zone` is the zone that steps
    are scheduled in, `zone` the modality's own wall clock; both None where they are the same.
    """

    ae_title: str = ""
    site: str = ""
    stations: Names = NOBODY
    names: Names = NOBODY
    modalities: Names = NOBODY
    locations: Names = NOBODY
    elsewhere: Elsewhere = Elsewhere()
    statuses: frozenset[StepStatus] = frozenset(WAITING)
    ahead: timedelta | None = None
    back: timedelta | None = None
    site_zone: tzinfo | None = None
    zone: tzinfo | None = None


@dataclass(frozen=True)
class Asked:
    """One query as this caller's, at this moment (`now`: the modality's wall clock, without zone)."""

    query: WorklistQuery
    scope: Scope
    now: datetime

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Where the scope stands in for what the query leaves open."""
        return () if names_one(self.query) else tuple(part for part in PARTS if part.applies(self))

    @property
    def narrowed(self) -> tuple[str, ...]:
        """Which of date, station, modality and location the scope stands in for."""
        return tuple(part.name for part in self.parts)

    def objection(self, order: Order, step: Step) -> Objection | None:
        """The one key or rule that keeps a step out; None where it is an answer. `step` in the site's clock."""
        return next(self._objections(order, in_zone(step, self.scope)), None)

    def takes(self, order: Order, step: Step) -> bool:
        return self.objection(order, step) is None

    def _objections(self, order: Order, step: Step) -> Iterator[Objection]:
        if step.status not in self.scope.statuses:
            yield Objection("Scheduled Procedure Step Status", lambda: _left(step))
        yield from _of_another_site(self.scope, order, step)
        yield from key_objections(self.query, order, step)
        for part in self.parts:
            if not part.takes(self, step):
                yield Objection(f"{part.name} of the list", lambda part=part: part.words(self, step))  # type: ignore[misc]


def hint(asked: Asked) -> WorklistQuery:
    """The query as a store may select by it: nothing that `Asked.takes` takes is left out."""
    query, scope = asked.query, asked.scope
    first, last = query.date_from, query.date_to
    if DATE in asked.parts:
        first = (asked.now - scope.back).date().isoformat() if scope.back is not None else ""
        last = (asked.now + scope.ahead).date().isoformat() if scope.ahead is not None else ""
    if scope.zone is not None:
        first, last = _days_on(first, -1), _days_on(last, 1)
    modality = tuple(scope.modalities) if MODALITY in asked.parts else query.modality
    stations = tuple(scope.stations) if STATION in asked.parts and not scope.names else query.station_ae_title
    return replace(query, date_from=first, date_to=last, modality=modality, station_ae_title=stations)


def _days_on(day: str, days: int) -> str:
    """Another day; the calendar's first and last (`99991231` is for ever) have none beyond."""
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if day else ""
    except OverflowError:
        return day


def in_zone(step: Step, scope: Scope) -> Step:
    """The step as the modality's wall clock has it."""
    if scope.zone is None or len(step.start) < len("2026-11-22T09:00"):
        return step
    try:
        start = datetime.fromisoformat(step.start).replace(tzinfo=scope.site_zone).astimezone(scope.zone)
    except (ValueError, OverflowError):
        return step
    return replace(step, start=start.replace(tzinfo=None).isoformat())


def names_one(query: WorklistQuery) -> bool:
    """Whether the query names a patient, an order or a step."""
    return any(
        values and not any("*" in value or "?" in value for value in values)
        for values in (getattr(query, name) for name in NAMING)
    )


# -- the parts of a scope ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """`left_open`: the query says nothing of it; `bounded`: the scope does."""

    name: str
    left_open: Callable[[WorklistQuery], bool]
    bounded: Callable[[Scope], bool]
    takes: Callable[[Asked, Step], bool]
    words: Callable[[Asked, Step], str]

    def applies(self, asked: Asked) -> bool:
        return self.bounded(asked.scope) and self.left_open(asked.query)


def _in_time(asked: Asked, step: Step) -> bool:
    """A step without a start is on every list; one with a day only is judged by the day."""
    if not step.start:
        return True
    back, ahead = asked.scope.back, asked.scope.ahead
    first = "" if back is None else (asked.now - back).isoformat()[: len(step.start)]
    return first <= step.start and (ahead is None or step.start <= (asked.now + ahead).isoformat())


def _not_in_time(asked: Asked, step: Step) -> str:
    start = step.start.replace("T", " ")
    if asked.scope.ahead is not None and step.start > asked.now.isoformat():
        return f"it starts {start}, more than {_hours(asked.scope.ahead)} ahead, and any date was asked for"
    return f"it started {start}, more than {_hours(asked.scope.back)} ago, and any date was asked for"


def _hours(span: timedelta | None) -> str:
    return f"{(span or timedelta()) / timedelta(hours=1):g} hours"


def _at_station(asked: Asked, step: Step) -> bool:
    """By AE title or by station name; a step that names neither is for every station."""
    scope = asked.scope
    if step.station_ae_title in scope.stations or step.station_name.casefold() in scope.names:
        return True
    return not step.station_ae_title and not (step.station_name and scope.names)


def _other_station(asked: Asked, step: Step) -> str:
    return f"it is on the list of {step.station_ae_title or step.station_name}"


def _of_modality(asked: Asked, step: Step) -> bool:
    return not step.modality or step.modality.upper() in asked.scope.modalities


def _other_modality(asked: Asked, step: Step) -> str:
    return f"its modality is {step.modality}, and the list of {_whose(asked)} is {_listed(asked.scope.modalities)}"


def _at_location(asked: Asked, step: Step) -> bool:
    return not step.location or step.location.casefold() in asked.scope.locations


def _other_location(asked: Asked, step: Step) -> str:
    return f"its location is {step.location}, which is none of {_whose(asked)}'s"


def _whose(asked: Asked) -> str:
    return asked.scope.ae_title or "this station"


def _listed(names: Names) -> str:
    return " or ".join(sorted(names))


DATE = Part(
    "date",
    lambda query: not (query.date_from or query.date_to),
    lambda scope: scope.ahead is not None or scope.back is not None,
    _in_time,
    _not_in_time,
)
STATION = Part(
    "station",
    lambda query: not (query.station_ae_title or query.station_name),
    lambda scope: bool(scope.stations or scope.names),
    _at_station,
    _other_station,
)
MODALITY = Part(
    "modality", lambda query: not query.modality, lambda scope: bool(scope.modalities), _of_modality, _other_modality
)
LOCATION = Part(
    "location", lambda query: not query.location, lambda scope: bool(scope.locations), _at_location, _other_location
)
PARTS = (STATION, MODALITY, LOCATION, DATE)


# -- sites ------------------------------------------------------------------------------------------------------------


def _of_another_site(scope: Scope, order: Order, step: Step) -> Iterator[Objection]:
    """By the step's station, else its name, else its location, else by who ordered it: the first that tells decides."""
    found = _site_of(scope.elsewhere, scope, order, step)
    if found:
        yield Objection("Site", lambda: f"it is {found}, of another site than {scope.site or scope.ae_title}")


def _site_of(elsewhere: Elsewhere, scope: Scope, order: Order, step: Step) -> str:
    if step.station_ae_title in elsewhere.stations:
        return f"on the list of {step.station_ae_title}"
    if step.station_ae_title in scope.stations - elsewhere.shared:
        return ""
    for value, there, here, words in (
        (step.station_name, elsewhere.names, scope.names, "for the station"),
        (step.location, elsewhere.locations, scope.locations, "at the location"),
        (order.sender, elsewhere.senders, NOBODY, "from the sender"),
    ):
        if value and value.casefold() in here:
            return ""
        if value and value.casefold() in there:
            return f"{words} {value}"
    return ""


def _left(step: Step) -> str:
    if step.status in WAITING:
        return f"the step is {step.status.lower()}, which this list leaves out"
    return f"the step is {step.status.lower()}, so it has left the worklist"
