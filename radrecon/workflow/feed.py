"""What a look at a PACS brought: new, changed, unchanged and vanished studies (PS3.4 C.6).

A study is *complete* when nothing has changed for the PACS's `stable_seconds` and a second look found the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from radrecon.config import PacsConfig
from radrecon.model.study import Study, StudyFacts
from radrecon.store import instances, orders, pacs, persons, queue, studies
from radrecon.store.database import Connection, Store
from radrecon.workflow.keys import index_study, touch_rivals

CHUNK = 8  # studies per write transaction: the listener waits no longer than for these
NO_ORDERS = "no orders heard yet"


@dataclass(frozen=True)
class Seen:
    new: int = 0
    changed: int = 0
    same: int = 0

    def __add__(self, other: Seen) -> Seen:
        return Seen(self.new + other.new, self.changed + other.changed, self.same + other.same)


def need_detail(store: Store, name: str, found: Sequence[StudyFacts]) -> list[StudyFacts]:
    """Those that are new or differ at study level from what is known: only they are worth a series query."""
    wanted = []
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        with store.reading() as conn:
            known = studies.by_uids(conn, name, [facts.study_instance_uid for facts in part])
        wanted += [facts for facts in part if _differs(known.get(facts.study_instance_uid), facts)]
    return wanted


def _differs(known: Study | None, facts: StudyFacts) -> bool:
    return known is None or known.gone or _study_level(known.facts) != _study_level(facts)


def _study_level(facts: StudyFacts) -> StudyFacts:
    return replace(facts, series=(), modalities=tuple(sorted(facts.modalities)))


def record(
    store: Store, name: str, found: Sequence[StudyFacts], *, at: datetime, baseline: bool, stable: float
) -> Seen:
    """Save one look, a few studies at a time. `found` have their series where they were asked for."""
    total = Seen()
    for start in range(0, len(found), CHUNK):
        with store.transaction() as conn:
            total += _record_chunk(conn, name, found[start : start + CHUNK], at, baseline, stable)
    return total


def _record_chunk(
    conn: Connection, name: str, found: Sequence[StudyFacts], at: datetime, baseline: bool, stable: float
) -> Seen:
    instances.adopt(conn, name, [facts.study_instance_uid for facts in found])
    known = studies.by_uids(conn, name, [facts.study_instance_uid for facts in found])
    counts, same = Seen(), []
    for facts in found:
        old = known.get(facts.study_instance_uid)
        if old is None:
            _insert(conn, facts, at, baseline, stable)
            counts += Seen(new=1)
        elif _differs(old, facts) or (facts.series and facts.series != old.facts.series):
            _update(conn, old, facts, at, stable)
            counts += Seen(changed=1)
        else:
            same.append(old)
    if same:
        studies.seen_again(conn, [one.id for one in same], at)
        _wake_second_looks(conn, same, at, stable)
    return counts + Seen(same=len(same))


def record_in(conn: Connection, facts: StudyFacts, *, at: datetime, stable: float) -> Seen:
    """One study within the caller's transaction, as something else than a look at its PACS has found it."""
    return _record_chunk(conn, facts.pacs, [facts], at, False, stable)


def _wake_second_looks(conn: Connection, same: Sequence[Study], at: datetime, stable: float) -> None:
    """Found the same for the first time: complete now, if it has been quiet, else when it has been."""
    for study in same:
        if study.steady == 0 and study.last_changed and not (study.baseline and study.not_judged):
            quiet = study.last_changed + timedelta(seconds=stable)
            queue.touch(conn, "study", [study.id], max(at, quiet))


def _insert(conn: Connection, facts: StudyFacts, at: datetime, baseline: bool, stable: float) -> None:
    quiet = NO_ORDERS if baseline and orders.first_heard(conn) is None else ""
    study_id = studies.insert(conn, facts, at=at, baseline=baseline, person_id=_person(conn, facts), not_judged=quiet)
    index_study(conn, study_id, facts, new=True)
    if quiet:
        return  # looked at when an order shares one of its keys
    touch_rivals(conn, facts, at)
    _wake(conn, study_id, facts, at, stable)


def _update(conn: Connection, old: Study, facts: StudyFacts, at: datetime, stable: float) -> None:
    if not facts.series:
        facts = replace(facts, series=old.facts.series)
    arrived = (len(facts.series), facts.instances) != (len(old.facts.series), old.facts.instances)
    studies.update(conn, old, facts, at=at, person_id=_person(conn, facts), arrived=arrived)
    index_study(conn, old.id, facts)
    touch_rivals(conn, facts, at)
    _wake(conn, old.id, facts, at, stable)
    if (old.facts.accession_number, old.gone) != (facts.accession_number, False):
        touch_rivals(conn, old.facts, at)
    if old.facts.accession_number not in ("", facts.accession_number):
        queue.touch(conn, "accession", [old.facts.accession_number], at)


def _wake(conn: Connection, study_id: int, facts: StudyFacts, at: datetime, stable: float) -> None:
    """Look at it now, and again when it may be complete."""
    queue.touch(conn, "study", [study_id], at)
    queue.touch(conn, "study", [study_id], at + timedelta(seconds=stable + 1))
    if facts.accession_number:
        queue.touch(conn, "accession", [facts.accession_number], at)


def _person(conn: Connection, facts: StudyFacts) -> int:
    known = persons.find(conn, facts.patient.patient_id) if facts.patient.patient_id else None
    return known.person_id if known else 0


def vanished(store: Store, name: str, asked: Sequence[str], *, at: datetime) -> None:
    """Studies that a direct question no longer finds."""
    with store.transaction() as conn:
        for study in studies.by_uids(conn, name, asked).values():
            studies.mark_gone(conn, study.id, at)
            queue.touch(conn, "study", [study.id], at)
            touch_rivals(conn, study.facts, at)
            if study.facts.accession_number:
                queue.touch(conn, "accession", [study.facts.accession_number], at)


def missing(store: Store, name: str, seen: Sequence[str], performed_from: str, limit: int = 20) -> list[str]:
    """Known studies of the window that a look did not list: each wants a direct question."""
    with store.reading() as conn:
        return studies.not_listed(conn, name, set(seen), performed_from, limit)


def note_look(
    store: Store, config: PacsConfig, *, up: bool, at: datetime, error: str = "", baseline_done: bool = False
) -> None:
    """The PACS's state after a look; an unchanged failure is not written again and again."""
    values: dict[str, object] = {"up": up, "last_error": error, "send": config.send}
    if up:
        values["last_success"] = at
    if baseline_done:
        values["baseline_done"] = True
    with store.transaction() as conn:
        pacs.note(conn, config.name, **values)


def is_complete(study: Study, now: datetime, stable_seconds: float) -> bool:
    """Quiet long enough, and found the same by a second look."""
    assert study.last_changed is not None
    return study.steady >= 1 and (now - study.last_changed).total_seconds() >= stable_seconds
