"""Instances that Storage took → studies: seen by the same rules as what a look at a PACS found (PS3.4 annex B).

A study that a PACS is known to have stays that PACS's, and is only asked for anew. One that no PACS has been seen to
have belongs to the PACS whose AE title sent it, else to `storage:` and the sender's AE title, until a PACS lists it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from radrecon.config import Config, PacsConfig
from radrecon.dicom import stored, thumbnail
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.several_patients import as_one
from radrecon.store import instances, requests
from radrecon.store.database import Connection, Store
from radrecon.store.instances import STORAGE, StoredSeries, Waiting
from radrecon.workflow import feed

STUDIES = 8  # per pass
LOOK = "look"
LOOK_DEADLINE = timedelta(minutes=10)
MOST_LOOKS = 1000


def take(store: Store, config: Config, now: datetime) -> tuple[int, bool]:
    """See what waits. How many studies, and whether there are more."""
    with store.reading() as conn:
        found = instances.waiting(conn, STUDIES)
    for one in found:
        _take_one(store, config, one, now)
    return len(found), len(found) == STUDIES


def _take_one(store: Store, config: Config, one: Waiting, now: datetime) -> None:
    with store.reading() as conn:
        series = instances.series_of(conn, one.study_instance_uid)
        headers = instances.headers_of(conn, one.study_instance_uid)
    facts = _counted(as_one(stored.by_patient("", headers)), series)
    with store.transaction() as conn:
        instances.looked_at(conn, one)
        if series:
            _see(conn, config, replace(facts, study_instance_uid=one.study_instance_uid), one, now)
            _say_undecodable(conn, series, now)


def _counted(facts: StudyFacts, series: Sequence[StoredSeries]) -> StudyFacts:
    counts = {one.series_instance_uid: one.instances for one in series}
    listed = tuple(
        replace(one, instances=counts[one.series_instance_uid])
        for one in facts.series
        if one.series_instance_uid in counts
    )
    return replace(facts, series=listed, instances=sum(counts.values()))


def _see(conn: Connection, config: Config, facts: StudyFacts, one: Waiting, now: datetime) -> None:
    known = instances.known(conn, one.study_instance_uid)
    archived = [study for study in known if not study.facts.pacs.startswith(STORAGE)]
    for study in archived:
        if _tells_more(study, facts):
            ask_look(conn, study.facts.pacs, one.study_instance_uid, now)
    if archived:
        return
    sender = next((pacs for pacs in config.pacs if pacs.ae_title == one.ae_title), None)
    name = sender.name if sender else next((study.facts.pacs for study in known), STORAGE + one.ae_title)
    seen = replace(facts, pacs=name, source_ae_title="" if sender else one.ae_title)
    feed.record_in(conn, seen, at=now, stable=_quiet(config, sender))
    if sender:
        ask_look(conn, sender.name, one.study_instance_uid, now)


def _tells_more(study: Study, facts: StudyFacts) -> bool:
    """Whether the PACS's list may be behind: gone there, fewer images, or another identity."""
    return (
        study.gone
        or facts.instances > study.facts.instances
        or (facts.patient, facts.accession_number) != (study.facts.patient, study.facts.accession_number)
    )


def _quiet(config: Config, pacs: PacsConfig | None) -> float:
    return pacs.stable_seconds if pacs else config.engine.storage_quiet_seconds


def ask_look(conn: Connection, pacs: str, study_instance_uid: str, now: datetime) -> bool:
    """Have one study looked at; nothing is asked twice at a time. False where too much is asked already."""
    arguments = {"pacs": pacs, "study_instance_uid": study_instance_uid}
    asked = requests.open_of(conn, LOOK, MOST_LOOKS)
    if arguments in asked:
        return True
    if len(asked) >= MOST_LOOKS:
        return False
    requests.ask(conn, LOOK, arguments, at=now, deadline=now + LOOK_DEADLINE)
    return True


def settle(store: Store, config: Config, now: datetime) -> int:
    """Studies that only Storage knows and that were quiet long enough get their second look; how many."""
    quiet = config.engine.storage_quiet_seconds
    with store.reading() as conn:
        found = instances.unsettled(conn, now - timedelta(seconds=quiet))
    for study in found:
        with store.transaction() as conn:
            feed.record_in(conn, study.facts, at=now, stable=quiet)
    return len(found)


def _say_undecodable(conn: Connection, series: Sequence[StoredSeries], now: datetime) -> None:
    for one in series:
        why = thumbnail.refusal(one.transfer_syntax_uid)
        if why and instances.thumbnail(conn, one.series_instance_uid) is None:
            instances.save_thumbnail(conn, one.series_instance_uid, None, why, now)
