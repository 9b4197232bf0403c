"""What stands around a study beside its candidates: what it was made for, who was due there, what it goes with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from radrecon.model.order import Order, StepStatus, Timed
from radrecon.model.person import Link, LinkState, OutsideRules
from radrecon.model.study import RequestAttributes, Study, StudyFacts
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.follow import is_companion
from radrecon.recon.normalise import accession_key, fold
from radrecon.recon.rivalry import why_none_of_ours
from radrecon.recon.slots import Slot, Wanted, is_seen
from radrecon.recon.times import day_of
from radrecon.recon.veto import DEAD
from radrecon.recon.wrong_pick import wanted_slots
from radrecon.store import order_keys, orders, persons, rivals, studies, study_links
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.performed import StoredPerformed
from radrecon.workflow import former_keys

MOST_SLOTS = 200
WAYS = (rivals.DECIDED, rivals.UID, rivals.ACCESSION, rivals.REQUEST)  # how studies have orders, the surest first
SPOKEN_FOR = DEAD | {StepStatus.STARTED}  # who had one of these was not imaged under another line


def requested_by(made: Iterable[StoredPerformed]) -> tuple[RequestAttributes, ...]:
    """The orders that modalities say a study was made for (Scheduled Step Attributes Sequence, PS3.3 C.4.13)."""
    found = (
        RequestAttributes(
            reference.accession_number,
            reference.requested_procedure_id,
            reference.scheduled_procedure_step_id,
            reference.study_instance_uid,
        )
        for one in made
        if not one.step.wrong_worklist_entry
        for reference in one.step.references
        if reference.scheduled
    )
    return tuple(dict.fromkeys(found))


def request_keys(requests: Iterable[RequestAttributes]) -> frozenset[int]:
    numbers = {accession_key(one.accession_number) for one in requests} - {""}
    return frozenset(key_number("accession", number) for number in numbers)


def sources_of(conn: Connection, study: Study, rules: OutsideRules) -> tuple[Study, ...]:
    """What a study of companions only may have been made from; `rules`: what is none of the site's."""
    if not is_companion(study.facts) or not study.facts.accession_number:
        return ()
    found = studies.by_accession(conn, study.facts.accession_number)
    return tuple(one for one in found if one.id != study.id and not why_none_of_ours(one.facts, rules))


def decided_links(conn: Connection, sources: Sequence[Study]) -> tuple[Link, ...]:
    """People's decisions on those."""
    found = study_links.links_of_studies(conn, [one.id for one in sources])
    return tuple(link for link in found if link.state is not LinkState.AUTO)


def taken_by_decision(conn: Connection, links: Sequence[Link]) -> dict[int, int]:
    """Order → the study that a person has linked with it; companions take no order."""
    decided = [link for link in links if link.state is not LinkState.AUTO]
    mere = {one.id for one in studies.load_many(conn, [one.study_id for one in decided]) if is_companion(one.facts)}
    return {link.order_id: link.study_id for link in decided if link.study_id not in mere}


# -- who was due there ------------------------------------------------------------------------------------------------


def slots_of(conn: Connection, study: Study, near: Sequence[Order], taken: Mapping[int, int]) -> tuple[Slot, ...]:
    """The orders of the study's day at its station, or at those of the order that it names, and what they have.

    Only for a study that names an order, and only those that could show a wrong pick; where a day holds too many, none:
    nothing is said of it then.
    """
    day = day_of(study.facts.performed)
    named = [one for one in near if compare_accessions(one.accession_number, study.facts.accession_number) in SAME]
    if not day or not named or study.baseline:
        return ()
    wanted = _wanted(study, near, named, taken)
    if all(one.hinted for one in wanted) and not orders.are_times_told(conn):
        return ()
    ids, truncated = (
        order_keys.of_day(conn, _station_keys(conn, study, named, day), MOST_SLOTS) if wanted else ([], False)
    )
    if truncated:
        return ()
    times = [one for one in orders.timetable(conn, ids) if any(start[:10] == day for start in one.starts)]

    def having(some: Sequence[Timed]) -> Mapping[int, StudyFacts]:
        return _images(conn, study, [one.id for one in some])

    reached = {one.id for each in wanted for one in each.chosen(times, having)}
    return _slots(conn, study, [one for one in times if one.id in reached], day)


def _wanted(study: Study, near: Sequence[Order], named: Sequence[Order], taken: Mapping[int, int]) -> list[Wanted]:
    """By each order that may turn out to be the header's: of the same accession number or Study UID."""
    uid, ids = study.facts.study_instance_uid, {one.id for one in named}
    headers = [one for one in near if one.id in ids or one.study_instance_uid == uid]
    found = (wanted_slots(study.facts, one, twice=taken.get(one.id, study.id) != study.id) for one in headers)
    return [one for one in found if one]


def _slots(conn: Connection, study: Study, times: Sequence[Timed], day: str) -> tuple[Slot, ...]:
    images = _images(conn, study, [one.id for one in times])
    open_ = {one.id for one in times if one.status not in SPOKEN_FOR}
    due = orders.load_many(conn, open_ | images.keys())
    seen = _seen(conn, study, [one for one in due if one.id not in images], day)
    return tuple(Slot(one, images.get(one.id), one.id in seen) for one in due)


def _seen(conn: Connection, study: Study, due: Sequence[Order], day: str) -> frozenset[int]:
    """Those orders whose patient has images of that day under another number, or none."""
    numbers = persons.normals_of(conn, {one.person_id for one in due})
    found = studies.of_day(conn, {normal for normals in numbers.values() for normal in normals}, day)
    others = {one.id: (normal, one) for normal, one in found if one.id != study.id and not is_companion(one.facts)}
    facts = {
        person_id: [one.facts for normal, one in others.values() if normal in normals]
        for person_id, normals in numbers.items()
    }
    return frozenset(one.id for one in due if is_seen(one, facts.get(one.person_id, ())))


def _station_keys(conn: Connection, study: Study, named: Sequence[Order], day: str) -> list[int]:
    stations = {fold(series.station_name) for series in study.facts.series}
    steps = [step for one in named for step in one.steps]
    stations |= {fold(name) for step in steps for name in (step.station_ae_title, step.station_name)}
    keys = [("station_day", f"{station}/{day}") for station in sorted(stations - {""})]
    return [*(key_number(*key) for key in keys), *sorted(former_keys.also_asked(conn, lambda: keys))]


def _images(conn: Connection, study: Study, order_ids: Sequence[int]) -> dict[int, StudyFacts]:
    """Order → some other study that has it: by a decision, else by UID; then by accession number."""
    having = [one for one in rivals.every(conn, order_ids) if one.way != rivals.UID or not one.wrong_entry]
    known = {one.id: one for one in studies.load_many(conn, {one.study_id for one in having} - {study.id})}
    by_way: dict[tuple[int, int], list[int]] = {}
    for one in having:
        by_way.setdefault((one.order_id, one.way), []).append(one.study_id)
    found: dict[int, StudyFacts] = {}
    for order_id in order_ids:
        decided, uid, number, requested = (by_way.get((order_id, way), []) for way in WAYS)
        ids = (decided[-1:] or uid) + (number or requested)
        others = [known[one].facts for one in ids if one in known and not is_companion(known[one].facts)]
        found |= {order_id: others[0]} if others else {}
    return found
