"""Deliveries on their way: each attempt is committed before its first byte leaves, each outcome as it is known.

queued → sending → written → accepted → acknowledged → filed. What is found `sending` at start is *uncertain*: the
target is looked at before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from radrecon.model.case import CaseState
from radrecon.model.correction import DeliveryState, OriginalHeader
from radrecon.model.errors import Refused
from radrecon.model.study import Inventory, StudyFacts
from radrecon.store import cases, corrections, journal, life, queue, studies, study_links
from radrecon.store.corrections import Delivery
from radrecon.store.database import Connection, Store
from radrecon.workflow import deciding
from radrecon.workflow.acknowledging import OWN_APPLICATION
from radrecon.workflow.index_changes import revert
from radrecon.workflow.investigation import close_solved

S = DeliveryState
RETRY_SECONDS = (2, 5, 15, 60, 300)
BROKEN_SECONDS = 30  # until an attempt that broke before it began is tried again
TRIED = {S.QUEUED: "failed", S.UNCERTAIN: "uncertain"}  # what became of an attempt's message; the next try is another
GIVE_UP_AFTER = 8  # tries of a peer that is down or says "not now"


def backoff(attempts: int) -> timedelta:
    return timedelta(seconds=RETRY_SECONDS[min(attempts, len(RETRY_SECONDS) - 1)])


# -- what the relay asks ----------------------------------------------------------------------------------------------


def recover(store: Store, now: datetime) -> int:
    """At start: what was being sent when the power went is uncertain. Returns how many."""
    with store.transaction() as conn:
        found = corrections.found_sending(conn)
        for delivery in found:
            _move(conn, delivery, S.UNCERTAIN, now, "the sender stopped in the middle; looking before sending again")
            settle(conn, delivery.correction_id, now)
    return len(found)


def ready(store: Store, now: datetime, passed_over: Collection[str] = ()) -> list[Delivery]:
    """What may be sent now, but for the destinations passed over."""
    with store.reading() as conn:
        return corrections.ready(conn, now, passed_over)


def hold_all(store: Store, destinations: Collection[str], why: str, now: datetime) -> None:
    """Say of everything queued for these destinations why it waits; written only where it is news."""
    with store.reading() as conn:
        news = corrections.queued_without(conn, destinations, why)
    if news:
        with store.transaction() as conn:
            corrections.say(conn, news, why, now)


def unfinished(store: Store) -> frozenset[int]:
    """Deliveries that have not ended well: their originals are kept whatever their age."""
    with store.reading() as conn:
        return corrections.unfinished_ids(conn)


def inventory_of(store: Store, delivery: Delivery) -> Inventory | None:
    """What the plan was made from, for the study that this delivery edits."""
    edit = delivery.planned.edit
    with store.reading() as conn:
        plan = corrections.load_correction(conn, delivery.correction_id).plan
    wanted = (edit.pacs, edit.study_instance_uid) if edit else None
    return next((one for one in plan.inventory if (one.pacs, one.study_instance_uid) == wanted), None)


def no_longer_fits(planned: Inventory, found: StudyFacts, tried: Mapping[str, str]) -> str:
    """Why a plan is stale, "" if it still fits. `tried`: what a broken try may have set already, if any."""
    now = Inventory.of(found)
    if now.instances != planned.instances or (planned.series and now.series != planned.series):
        return f"the study changed since the plan: {planned.instances} → {now.instances} images"
    number = _is_either(now.patient_id, planned.patient_id, tried.get("PatientID"))
    accession = _is_either(now.accession_number, planned.accession_number, tried.get("AccessionNumber"))
    return "" if number and accession else "the study's patient number or accession changed since the plan"


def _is_either(present: str, planned: str, tried: str | None) -> bool:
    return present == planned or (tried is not None and present.strip() == tried.strip())


# -- what the relay tells ---------------------------------------------------------------------------------------------


def hold(store: Store, delivery: Delivery, why: str, now: datetime, seconds: float = 2) -> None:
    """Not now: the delivery waits, and says why (the same reason is not written again and again)."""
    with store.transaction() as conn:
        corrections.hold(conn, delivery, why, now, now + timedelta(seconds=seconds))


def begin(store: Store, delivery: Delivery, now: datetime) -> Delivery | None:
    """Commit the attempt before its first byte leaves; None if somebody else changed the delivery meanwhile."""
    with store.transaction() as conn:
        message_id = _journal_out(conn, delivery, now) if delivery.planned.message else delivery.message_id
        if not _move(conn, delivery, S.SENDING, now, "", attempts=delivery.attempts + 1, message_id=message_id):
            return None
        return corrections.load_delivery(conn, delivery.id)


def _journal_out(conn: Connection, delivery: Delivery, now: datetime) -> int:
    header = delivery.planned.message.split("\r", 1)[0].split("|")
    entry = journal.Entry(
        direction="out",
        at=now,
        raw=delivery.planned.message.encode("utf-8"),
        peer=delivery.destination,
        sending_application=OWN_APPLICATION,
        control_id=header[9] if len(header) > 9 else "",
        message_type=header[8] if len(header) > 8 else "",
        state="sending",
        delivery_id=delivery.id,
        keys=tuple(("patient_id", key.removeprefix("patient:").split("^")[0]) for key in delivery.planned.keys),
    )
    return journal.add(conn, entry)


def end(store: Store, delivery: Delivery, state: DeliveryState, now: datetime, words: str = "") -> None:
    """Note an outcome and what it means for the correction and its case."""
    stamps = {S.WRITTEN: "written_at", S.ACKNOWLEDGED: "acknowledged_at", S.FILED: "filed_at"}
    values = {stamps[state]: now} if state in stamps else {}
    with store.transaction() as conn:
        if _move(conn, delivery, state, now, words, **values):
            if delivery.message_id and state is not S.FILED:
                journal.note(conn, delivery.message_id, state=str(state), reason=words)
            settle(conn, delivery.correction_id, now)


def broke(store: Store, delivery_id: int, now: datetime) -> None:
    """An attempt that broke in a way nobody foresaw: look before anything is sent again; one not begun waits."""
    with store.transaction() as conn:
        delivery = corrections.load_delivery(conn, delivery_id)
        if delivery.state is S.SENDING:
            _move(conn, delivery, S.UNCERTAIN, now, "the attempt broke; looking before sending again")
            settle(conn, delivery.correction_id, now)
        elif delivery.state is S.QUEUED:
            due = now + timedelta(seconds=BROKEN_SECONDS)
            corrections.hold(conn, delivery, "the attempt broke before it began; trying again", now, due)


def again(store: Store, delivery: Delivery, words: str, now: datetime) -> None:
    """Nothing was applied: try later, within bounds."""
    if delivery.attempts >= GIVE_UP_AFTER:
        end(store, delivery, S.FAILED, now, f"given up after {delivery.attempts} tries: {words}")
        return
    with store.transaction() as conn:
        _move(conn, delivery, S.QUEUED, now, words, due=now + backoff(delivery.attempts))
        settle(conn, delivery.correction_id, now)


def wait(store: Store, delivery: Delivery, words: str, now: datetime) -> None:
    """Nothing left us: a peer that is down is waited for, a night if need be."""
    with store.transaction() as conn:
        _move(conn, delivery, S.QUEUED, now, words, due=now + backoff(delivery.attempts))
        settle(conn, delivery.correction_id, now)


def _move(
    conn: Connection, delivery: Delivery, state: DeliveryState, now: datetime, words: str, **values: object
) -> bool:
    moved = corrections.move(conn, delivery, state, now, words, **values)
    if moved and delivery.message_id and delivery.state is S.SENDING and state in TRIED:
        journal.note(conn, delivery.message_id, state=TRIED[state], reason=words)
    return moved


def keep(store: Store, delivery: Delivery, originals: Sequence[OriginalHeader]) -> None:
    """Originals are durable before anything changes; in bites, so that no transaction is long."""
    for start in range(0, len(originals), 100):
        with store.transaction() as conn:
            corrections.keep_originals(conn, delivery.id, originals[start : start + 100])


def originals_for(store: Store, delivery: Delivery) -> list[OriginalHeader]:
    """What a restore brings back, or what an earlier try of this delivery kept."""
    edit = delivery.planned.edit
    with store.reading() as conn:
        return corrections.load_originals(conn, edit.restore_of if edit and edit.restore_of else delivery.id)


# -- corrections ------------------------------------------------------------------------------------------------------


def settle(conn: Connection, correction_id: int, now: datetime) -> None:
    """What its deliveries make of a correction: done, in trouble, stale, or still under way."""
    correction = corrections.load_correction(conn, correction_id)
    state = _state_of(conn, corrections.deliveries_of(conn, correction_id))
    if correction.state == "undone" or correction.undone_by or state == correction.state:
        return
    corrections.update_correction(conn, correction_id, state=state, ended_at=now if state != "under way" else None)
    if correction.undo_of:
        standing = correction.id if state in ("under way", "done") else 0
        corrections.update_correction(conn, correction.undo_of, undone_by=standing)
    if state == "done":
        corrections_done(conn, correction, now)
    elif state == "under way":
        cases.set_state(conn, correction.case_id, CaseState.CORRECTING, now)
    else:
        if state == "stale":
            _take_back(conn, correction, now)
            deciding.taken_back(conn, correction_id, now)
        cases.set_state(conn, correction.case_id, CaseState.OPEN, now)
    _look_again(conn, correction, now)


def _state_of(conn: Connection, deliveries: Sequence[Delivery]) -> str:
    """The worst of what has ended, once nothing moves any more by itself."""
    if any(one.state is S.STALE for one in deliveries):
        arrived = any(one.state not in NEVER_ARRIVED or corrections.has_originals(conn, one.id) for one in deliveries)
        return "in trouble" if arrived else "stale"
    if any(one.parked or str(one.state) in corrections.STUCK for one in deliveries):
        return "in trouble"
    return "done" if all(_landed(one) for one in deliveries) else "under way"


NEVER_ARRIVED = (S.STALE, S.QUEUED, S.REFUSED, S.FAILED)


def _landed(delivery: Delivery) -> bool:
    arrived = delivery.state in (S.ACKNOWLEDGED, S.ACCEPTED) and not delivery.proof
    return delivery.state is S.FILED or arrived


def corrections_done(conn: Connection, correction: corrections.Correction, now: datetime) -> None:
    study_links.confirm_links(conn, correction.id)
    close_solved(conn, correction, now)
    if correction.undo_of:
        corrections.update_correction(conn, correction.undo_of, state="undone", undone_by=correction.id)


def _take_back(conn: Connection, correction: corrections.Correction, now: datetime) -> None:
    """A stale plan of which nothing arrived leaves the records as they were."""
    for delivery in corrections.deliveries_of(conn, correction.id):
        if delivery.state is S.QUEUED:
            corrections.move(conn, delivery, S.STALE, now, "the plan no longer fits")
    revert(conn, correction, now)


def _look_again(conn: Connection, correction: corrections.Correction, now: datetime) -> None:
    for one in correction.plan.inventory:
        study = studies.by_uid(conn, one.pacs, one.study_instance_uid)
        if study:
            queue.touch(conn, "study", [study.id], now)
            queue.touch(conn, "accession", [study.facts.accession_number] if study.facts.accession_number else [], now)
    _touch_case(conn, correction.case_id, now)


def _touch_case(conn: Connection, case_id: int, now: datetime) -> None:
    """What the case is about need not be what the correction edited."""
    kind, _, value = cases.load_one(conn, case_id).subject.partition(":")
    queue.touch(conn, kind, [value.rpartition("/")[2] if kind == "accession" else value], now)


# -- what a person does -----------------------------------------------------------------------------------------------


def retry(store: Store, delivery_id: int, *, who: str, now: datetime) -> None:
    """Send a stuck delivery again, now."""
    with store.transaction() as conn:
        delivery = corrections.load_delivery(conn, delivery_id)
        if str(delivery.state) not in corrections.STUCK and not delivery.parked:
            raise Refused(f"delivery {delivery_id} is {delivery.state}: there is nothing to retry")
        _refuse_overtaken(conn, delivery)
        tried = min(delivery.attempts, 1)  # what it has begun it may have half done
        _move(conn, delivery, S.QUEUED, now, f"sent again by {who}", due=now, parked=False, attempts=tried)
        life.audit(conn, at=now, who=who, what="retry", subject=f"delivery:{delivery_id}")
        settle(conn, delivery.correction_id, now)


def _refuse_overtaken(conn: Connection, delivery: Delivery) -> None:
    """An old correction never comes after a newer one."""
    correction = corrections.load_correction(conn, delivery.correction_id)
    if corrections.undo_of(conn, correction.id) or correction.state == "stale":
        raise Refused(f"correction {correction.id} was taken back: plan it again")
    if later := corrections.later_of_study(conn, delivery):
        raise Refused(f"correction {later} of this study came after it: plan it again")


def call_off(conn: Connection, correction_id: int, now: datetime) -> None:
    """A correction is undone: of what has not arrived nothing is sent any more, and it holds up no other."""
    for delivery in corrections.deliveries_of(conn, correction_id):
        if delivery.state is S.SENDING:
            raise Refused(f"delivery {delivery.id} of correction {correction_id} is being sent right now")
        if delivery.state is S.QUEUED:
            _move(conn, delivery, S.STALE, now, "undone before it was sent")
        elif delivery.state is not S.STALE and not _landed(delivery) and not delivery.parked:
            _move(conn, delivery, delivery.state, now, f"undone; {delivery.words}".removesuffix("; "), parked=True)


def park(store: Store, delivery_id: int, *, who: str, now: datetime) -> None:
    """Put a delivery aside: it holds nobody up and is not tried again until somebody retries it."""
    with store.transaction() as conn:
        delivery = corrections.load_delivery(conn, delivery_id)
        if delivery.state is S.STALE or _landed(delivery) or delivery.parked:
            raise Refused(f"delivery {delivery_id} is {delivery.state}: there is nothing to park")
        if delivery.state is S.SENDING:
            raise Refused(f"delivery {delivery_id} is being sent right now")
        _move(conn, delivery, delivery.state, now, f"parked by {who}", parked=True)
        life.audit(conn, at=now, who=who, what="park", subject=f"delivery:{delivery_id}")
        settle(conn, delivery.correction_id, now)
