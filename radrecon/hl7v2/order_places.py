"""Where in a message each order stands (chapter 4), per ORC run, OBR and IPC in it; and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from radrecon.hl7v2.patient import of_each_patient
from radrecon.hl7v2.reader import NULL, Segment, split_path

_PRIOR_RESULT = "PR"  # ORC-1: a result from before, sent along with a new order

Place = Mapping[str, Segment]
"""One OBR (and IPC) with the segments around it, by name."""


def places_of(segments: Sequence[Segment]) -> list[Place]:
    """Cut the message into places: per ORC run, per OBR in it, per IPC in that. Prior results are no orders."""
    common = {segment.name: segment for segment in segments if segment.name in ("PV1", "PID", "PV2")}
    runs = _runs([segment for segment in segments if segment.name != "PID"], "ORC", also="OBR")
    if len(runs) == 1 and (zds := next((segment for segment in segments if segment.name == "ZDS"), None)):
        common["ZDS"] = zds
    places: list[Place] = [
        _named(part, _named(head, dict(common))) for run in runs for head, parts in [_split(run)] for part in parts
    ]
    return [one for one in places if control_of(one) != _PRIOR_RESULT] if len(places) > 1 else places


def patients_of(segments: Sequence[Segment]) -> list[Sequence[Segment]]:
    """A run of segments per patient. The PID of results from before (OMG, 4.4.4) begins none: they are left out."""
    first, *others = of_each_patient(segments)
    runs = [first]
    for group in others:
        if _is_prior(group, any(one.name == "ORC" for one in segments)):
            runs[-1] = [*runs[-1], *_next_order(group)]
        else:
            runs.append(group)
    return runs


def _is_prior(group: Sequence[Segment], with_orc: bool) -> bool:
    """Results from before say so in their ORC, or leave it out where the orders have theirs."""
    first = next((segment for segment in group if segment.name in ("ORC", "OBR")), None)
    return first is not None and (_is_prior_result(first) or (with_orc and first.name == "OBR"))


def _next_order(group: Sequence[Segment]) -> Sequence[Segment]:
    """What follows results from before: the next order of the patient whose message it is."""
    at = next((i for i, one in enumerate(group) if one.name == "ORC" and not _is_prior_result(one)), len(group))
    return group[at:]


def _is_prior_result(segment: Segment) -> bool:
    return segment.name == "ORC" and segment.value(1).upper() == _PRIOR_RESULT


def control_of(place: Place) -> str:
    return place["ORC"].value(1).upper() if "ORC" in place else ""


def _runs(segments: Sequence[Segment], start: str, also: str) -> list[list[Segment]]:
    """Runs that begin at each ORC; where a sender leaves ORC out, at each OBR."""
    start = start if any(segment.name == start for segment in segments) else also
    runs: list[list[Segment]] = []
    for segment in segments:
        if segment.name == start:
            runs.append([])
        if runs:
            runs[-1].append(segment)
    return runs


def _split(run: Sequence[Segment]) -> tuple[Sequence[Segment], list[Sequence[Segment]]]:
    """An ORC run → what all its parts share, and a part per OBR, or per IPC where an OBR has some."""
    names = [segment.name for segment in run]
    if names.count("OBR") == 1 and "IPC" not in names:
        return (), [run]
    if "OBR" not in names:
        return [one for one in run if one.name != "IPC"], [[one] for one in run if one.name == "IPC"] or [[]]
    at = names.index("OBR")
    parts: list[Sequence[Segment]] = []
    for group in _runs(run[at:], "OBR", also="OBR"):
        rest = [segment for segment in group if segment.name != "IPC"]
        parts += [[*rest, ipc] for ipc in group if ipc.name == "IPC"] or [rest]
    return run[:at], parts


def _named(segments: Iterable[Segment], over: dict[str, Segment]) -> dict[str, Segment]:
    """The first segment of each name, over those that are there already."""
    own: dict[str, Segment] = {}
    for segment in segments:
        own.setdefault(segment.name, segment)
    over.update(own)
    return over


# -- values -------------------------------------------------------------------------------------------------------


def found(place: Place, paths: tuple[str, ...]) -> tuple[str, str]:
    """The first value that one of the paths leads to, and that path; two empty texts where none does."""
    for path, name, number, component, subcomponent in ways(paths):
        segment = place.get(name)
        if segment is not None:
            value = segment.value(number, component, subcomponent)
            if value and value != NULL:
                return value, path
    return "", ""


@lru_cache(maxsize=256)
def ways(paths: tuple[str, ...]) -> tuple[tuple[str, str, int, int, int], ...]:
    """Each path with its parts, worked out once."""
    return tuple(_way(path) for path in paths)


def _way(path: str) -> tuple[str, str, int, int, int]:
    name, position = split_path(path)
    number, component, subcomponent, *_ = (*map(int, position.split(".")), 1, 1)
    return path, name, number, component, subcomponent


def deleted(place: Place, fields: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Names of what is sent as `""` and has no value at any other of its places."""
    return frozenset(name for name, paths in fields.items() if _is_deleted(place, paths))


def _is_deleted(place: Place, paths: tuple[str, ...]) -> bool:
    null = any(name in place and place[name].field(number).null for _, name, number, _, _ in ways(paths))
    return null and not found(place, paths)[0]


def assigner(place: Place, path: str) -> str:
    """EI-2, else EI-3, of the number that was taken from component 1 of a field."""
    if not path:
        return ""
    name, number = path[:3], int(path[4])
    found = place[name].value(number, 2) or place[name].value(number, 3)
    return "" if found == NULL else found
