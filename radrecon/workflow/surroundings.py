"""What stands around a study beside its candidates: what it was made for, who was due there, what it goes with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from radrecon.model.order import Order, StepStatus
from radrecon.model.person import Link, LinkState
from radrecon.model.study import RequestAttributes, Study, StudyFacts
from radrecon.recon.compare import SAME, compare_accessions
from radrecon.recon.follow import is_companion
from radrecon.recon.normalise import accession_key, fold
from radrecon.recon.times import day_of
from radrecon.recon.wrong_pick import Slot
from radrecon.store import orders, studies
from radrecon.store.codec import key_number
from radrecon.store.database import Connection
from radrecon.store.performed import StoredPerformed

MOST_SLOTS = 200
DONE = frozenset((StepStatus.COMPLETED, StepStatus.STARTED))


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


def sources_of(conn: Connection, study: Study) -> tuple[Study, ...]:
    """What a study of companions only may have been made from."""
    if not is_companion(study.facts) or not study.facts.accession_number:
        return ()
    return tuple(one for one in studies.by_accession(conn, study.facts.accession_number) if one.id != study.id)


def decided_links(conn: Connection, sources: Sequence[Study]) -> tuple[Link, ...]:
    """People's decisions on those."""
    found = studies.links_of_studies(conn, [one.id for one in sources])
    return tuple(link for link in found if link.state is not LinkState.AUTO)


def taken_by_decision(conn: Connection, links: Sequence[Link]) -> dict[int, int]:
    """Order → the study that a person has linked with it; companions take no order."""
    decided = [link for link in links if link.state is not LinkState.AUTO]
    mere = {one.id for one in studies.load_many(conn, [one.study_id for one in decided]) if is_companion(one.facts)}
    return {link.order_id: link.study_id for link in decided if link.study_id not in mere}


# -- who was due there ------------------------------------------------------------------------------------------------


def slots_of(conn: Connection, study: Study, near: Sequence[Order]) -> tuple[Slot, ...]:
    """The orders of the study's day at its station, or at those of the order that it names, and which of them are done.

    Only for a study that names an order; where a day holds too many, none: nothing is said of it then.
    """
    day = day_of(study.facts.performed)
    named = [one for one in near if compare_accessions(one.accession_number, study.facts.accession_number) in SAME]
    if not day or not named or study.baseline:
        return ()
    ids, truncated = orders.by_keys(conn, _station_keys(study, named, day), MOST_SLOTS)
    if truncated:
        return ()
    due = [one for one in orders.load_many(conn, ids) if any(step.start[:10] == day for step in one.steps)]
    images = _images(conn, study, due)
    return tuple(Slot(one, one.id in images or one.status in DONE, images.get(one.id)) for one in due)


def _station_keys(study: Study, named: Sequence[Order], day: str) -> list[int]:
    stations = {fold(series.station_name) for series in study.facts.series}
    steps = [step for one in named for step in one.steps]
    stations |= {fold(name) for step in steps for name in (step.station_ae_title, step.station_name)}
    return [key_number("station_day", f"{station}/{day}") for station in sorted(stations - {""})]


def _images(conn: Connection, study: Study, due: Sequence[Order]) -> dict[int, StudyFacts]:
    """Order → some other study that has it: by a decision, by accession number, or by UID."""
    numbers = {one.accession_number for one in due}
    by_number = studies.by_requests(conn, numbers) | studies.by_accessions(conn, numbers)
    by_uid = studies.with_uids(conn, {one.study_instance_uid for one in due}, fitting=True)
    links = [
        link for link in studies.links_of_orders(conn, [one.id for one in due]) if link.state is not LinkState.AUTO
    ]
    ids = {one.id: by_uid.get(one.study_instance_uid, []) for one in due}
    ids |= {link.order_id: [link.study_id] for link in links}
    known = {one.id: one for one in studies.load_many(conn, {number for some in ids.values() for number in some})}
    found: dict[int, StudyFacts] = {}
    for order in due:
        having = [known[number] for number in ids[order.id] if number in known]
        having += by_number.get(order.accession_number, [])
        others = [one.facts for one in having if one.id != study.id and not is_companion(one.facts)]
        found |= {order.id: others[0]} if others else {}
    return found
