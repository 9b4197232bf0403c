"""What a look at a PACS brought: new, changed, unchanged and vanished studies (PS3.4 C.6).

A study is *complete* when nothing has changed for the PACS's `stable_seconds` and a second look found the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from radrecon.config import PacsConfig
from radrecon.model.patient import PatientId
from radrecon.model.study import FeedState, Study, StudyFacts
from radrecon.recon.issuers import as_issued
from radrecon.recon.several_patients import as_one
from radrecon.store import corrections, instances, orders, pacs, persons, queue, settings, studies, study_sweep
from radrecon.store.database import Connection, Store
from radrecon.workflow import issuing
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


@dataclass(frozen=True)
class Compared:
    """A list of studies against what is known: `fresh` ones are new or differ, and are worth a query for series."""

    fresh: tuple[StudyFacts, ...] = ()
    same: tuple[StudyFacts, ...] = ()


def compare(store: Store, name: str, listed: Sequence[StudyFacts]) -> Compared:
    """What of a list is fresh. A list does not tell the issuer of a patient id: the one that is known stands in."""
    fresh, same = list[StudyFacts](), list[StudyFacts]()
    with store.reading() as conn:
        known = studies.by_uids(conn, name, [facts.study_instance_uid for facts in listed])
    for facts in listed:
        old = known.get(facts.study_instance_uid)
        whole = _with_issuer(facts, old)
        (fresh if _differs(old, whole) else same).append(whole)
    return Compared(tuple(fresh), tuple(same))


def of_several(store: Store, told: Sequence[StudyFacts]) -> list[StudyFacts]:
    """What is saved of a study that a PACS tells for several patients.

    Nothing while a correction of it is under way: that makes the new copy before it takes away the old one.
    """
    with store.reading() as conn:
        if not told or corrections.corrections_of_study(conn, told[0].study_instance_uid):
            return []
    return [as_one(told)]


def _with_issuer(facts: StudyFacts, known: Study | None) -> StudyFacts:
    if known is None or facts.patient.patient_id.issuer:
        return facts
    before = known.facts.patient.patient_id
    if before.value != facts.patient.patient_id.value:
        return facts
    return replace(facts, patient=replace(facts.patient, patient_id=before))


def _differs(known: Study | None, facts: StudyFacts) -> bool:
    return known is None or known.gone or _study_level(known.facts) != _study_level(facts)


def _study_level(facts: StudyFacts) -> StudyFacts:
    """What a list of studies tells."""
    plain = replace(facts, institution_name="", identity_removed=False, source_ae_title="")
    return replace(plain, series=(), modalities=tuple(sorted(facts.modalities)))


@dataclass(frozen=True)
class Look:
    """When a look began, when it is saved, and what is saved with it."""

    begun: datetime
    at: datetime
    baseline: bool
    stable: float


def record(
    store: Store,
    name: str,
    found: Sequence[StudyFacts],
    *,
    at: datetime,
    baseline: bool,
    stable: float,
    begun: datetime | None = None,
) -> Seen:
    """Save one look, a few studies at a time. `found` have their series where they were asked for.

    A study of which a look that began later than `begun` (default `at`) has told is left as that one found it: what a
    correction changed and the verifier has seen is not undone by a look that was under way.
    """
    look = Look(begun or at, at, baseline, stable)
    total = Seen()
    for start in range(0, len(found), CHUNK):
        with store.transaction() as conn:
            total += _record_chunk(conn, name, found[start : start + CHUNK], look)
    return total


def _record_chunk(conn: Connection, name: str, found: Sequence[StudyFacts], look: Look) -> Seen:
    instances.adopt(conn, name, [facts.study_instance_uid for facts in found])
    known = studies.by_uids(conn, name, [facts.study_instance_uid for facts in found])
    counts, same = Seen(), []
    for each in found:
        old = known.get(each.study_instance_uid)
        facts = _with_details(each, old.facts) if old else each
        if old is None:
            _insert(conn, facts, look)
            counts += Seen(new=1)
        elif _is_older(look.begun, old, look.at):
            continue
        elif _differs(old, facts) or (facts.series and facts.series != old.facts.series):
            _update(conn, old, facts, look)
            counts += Seen(changed=1)
        else:
            same.append(old)
    if same:
        studies.seen_again(conn, [one.id for one in same], look.at, look.begun)
        _wake_second_looks(conn, same, look.at, look.stable)
    return counts + Seen(same=len(same))


WRONG_CLOCK = timedelta(hours=1)


def _is_older(begun: datetime, known: Study, at: datetime) -> bool:
    """Whether a look began before the one that is known. One in the future was made by a clock that was wrong."""
    return known.as_of is not None and begun < known.as_of <= at + WRONG_CLOCK


def record_in(conn: Connection, facts: StudyFacts, *, at: datetime, stable: float) -> Seen:
    """One study within the caller's transaction, as something else than a look at its PACS has found it."""
    return _record_chunk(conn, facts.pacs, [facts], Look(at, at, False, stable))


def _wake_second_looks(conn: Connection, same: Sequence[Study], at: datetime, stable: float) -> None:
    """Found the same for the first time: complete now, if it has been quiet, else when it has been."""
    for study in same:
        if study.steady == 0 and study.last_changed and not (study.baseline and study.not_judged):
            quiet = min(study.last_changed, at) + timedelta(seconds=stable)
            queue.touch(conn, "study", [study.id], max(at, quiet))


def _insert(conn: Connection, facts: StudyFacts, look: Look) -> None:
    quiet = NO_ORDERS if look.baseline and orders.first_heard(conn) is None else ""
    person_id = _person(conn, facts)
    study_id = studies.insert(
        conn, facts, at=look.at, begun=look.begun, baseline=look.baseline, person_id=person_id, not_judged=quiet
    )
    index_study(conn, study_id, facts, new=True)
    if quiet:
        return  # looked at when an order shares one of its keys
    touch_rivals(conn, facts, look.at)
    _wake(conn, study_id, facts, look.at, look.stable)


def _update(conn: Connection, old: Study, facts: StudyFacts, look: Look) -> None:
    if not facts.series:
        facts = replace(facts, series=old.facts.series)
    arrived = (len(facts.series), facts.instances) != (len(old.facts.series), old.facts.instances)
    person_id, at = _person(conn, facts), look.at
    _keep_prior(conn, old, facts, at)
    studies.update(conn, old, facts, at=at, begun=look.begun, person_id=person_id, arrived=arrived)
    index_study(conn, old.id, facts)
    touch_rivals(conn, facts, at)
    _wake(conn, old.id, facts, at, look.stable)
    if old.gone or _whose(old.facts) != _whose(facts):
        touch_rivals(conn, old.facts, at, freed=True)
    if old.facts.accession_number not in ("", facts.accession_number):
        queue.touch(conn, "accession", [old.facts.accession_number], at)


def _whose(facts: StudyFacts) -> tuple[str, PatientId]:
    """What says which orders a study is in the way of."""
    return facts.accession_number, facts.patient.patient_id


def _with_details(facts: StudyFacts, known: StudyFacts) -> StudyFacts:
    """What this look did not tell and an earlier one, or the images themselves, did: few archives tell all of it.

    Where accession or patient id have changed the headers were written anew: what they said of orders is not known.
    """
    if facts.series and not facts.requests and known.requests and _whose(facts) == _whose(known):
        before = {series.series_instance_uid: series.requests for series in known.series}
        series = tuple(replace(one, requests=before.get(one.series_instance_uid, ())) for one in facts.series)
        facts = replace(facts, series=series)
    return replace(
        facts,
        institution_name=facts.institution_name or known.institution_name,
        identity_removed=facts.identity_removed or known.identity_removed,
        source_ae_title=facts.source_ae_title or known.source_ae_title,
    )


def _keep_prior(conn: Connection, old: Study, facts: StudyFacts, at: datetime) -> None:
    prior = prior_values(old, facts)
    if prior or old.gone:
        studies.add_history(conn, old.id, at, "back" if old.gone else "changed", prior)


def prior_values(old: Study, facts: StudyFacts) -> dict[str, object]:
    """What the PACS said before, by field. Counts that rise while a study arrives are its arrival and no change."""
    before, after = _values(old.facts), _values(facts)
    growing = {"modalities", "series", "instances"} if old.steady == 0 else set()
    return {key: value for key, value in before.items() if value != after[key] and key not in growing}


def _values(facts: StudyFacts) -> dict[str, object]:
    patient = facts.patient
    return {
        "accession_number": facts.accession_number,
        "patient_id": patient.patient_id.value,
        "issuer_of_patient_id": patient.patient_id.issuer,
        "patient_name": str(patient.name),
        "patient_birth_date": patient.birth_date,
        "patient_sex": patient.sex,
        "study_id": facts.study_id,
        "performed": facts.performed,
        "study_description": facts.description,
        "referring_physician": facts.referring_physician,
        "modalities": sorted(facts.modalities),
        "series": len(facts.series),
        "instances": facts.instances,
    }


def _wake(conn: Connection, study_id: int, facts: StudyFacts, at: datetime, stable: float) -> None:
    """Look at it now, and again when it may be complete."""
    queue.touch(conn, "study", [study_id], at)
    queue.touch(conn, "study", [study_id], at + timedelta(seconds=stable + 1))
    if facts.accession_number:
        queue.touch(conn, "accession", [facts.accession_number], at)


def _person(conn: Connection, facts: StudyFacts) -> int:
    """Whom the number leads to, read as the reconciler does: as of the issuer that is inferred."""
    if not facts.patient.patient_id:
        return 0
    config = settings.load_config(conn)
    own = config.site.patient_id_issuer
    number = as_issued(issuing.issued(conn, Study(facts), issuing.stations(config), own)).facts.patient.patient_id
    known = persons.find(conn, number)
    return known.person_id if known else 0


def vanished(store: Store, name: str, asked: Sequence[str], *, at: datetime, begun: datetime | None = None) -> int:
    """Studies that a direct question, begun then, no longer finds. How many are newly known to be gone."""
    gone = 0
    with store.transaction() as conn:
        for study in studies.by_uids(conn, name, asked).values():
            if study.gone or _is_older(begun or at, study, at):
                continue
            _vanish(conn, study, at, begun)
            gone += 1
    return gone


def _vanish(conn: Connection, study: Study, at: datetime, begun: datetime | None) -> None:
    studies.mark_gone(conn, study.id, at, begun)
    counts = {"series": len(study.facts.series), "instances": study.facts.instances}
    studies.add_history(conn, study.id, at, "gone", counts)
    queue.touch(conn, "study", [study.id], at)
    touch_rivals(conn, study.facts, at, freed=True)
    if study.facts.accession_number:
        queue.touch(conn, "accession", [study.facts.accession_number], at)


def missing(
    store: Store, name: str, seen: Collection[str], performed_from: str, limit: int = 20, performed_to: str = ""
) -> list[str]:
    """Known studies of the window that a look did not list: each wants a direct question."""
    with store.reading() as conn:
        return study_sweep.not_listed(conn, name, set(seen), performed_from, limit, performed_to)


def second_looks(store: Store, name: str, now: datetime, stable: float, limit: int = 20) -> list[str]:
    """Studies that have been quiet long enough and that no second look has found the same yet."""
    with store.reading() as conn:
        return study_sweep.unsteady(conn, name, now - timedelta(seconds=stable), limit)


def undated_before(store: Store, name: str, before: datetime, limit: int) -> list[str]:
    """Known studies without a date that no look since then has seen."""
    with store.reading() as conn:
        return study_sweep.undated_before(conn, name, before, limit)


# -- where a feed stands ----------------------------------------------------------------------------------------------


def state(store: Store, name: str) -> FeedState:
    with store.reading() as conn:
        return pacs.load_feed(conn, name)


def note_feed(store: Store, name: str, **values: object) -> None:
    """Keep some of a feed's values: see FeedState."""
    with store.transaction() as conn:
        pacs.note_feed(conn, name, **values)


def baseline_done(store: Store, name: str) -> bool:
    with store.reading() as conn:
        return pacs.baseline_done(conn, name)


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
