from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from radrecon.model.case import CaseState
from radrecon.model.correction import OriginalHeader
from radrecon.model.errors import Refused
from radrecon.store import corrections
from radrecon.store.corrections import Delivery
from radrecon.workflow import outbox
from tests.builders import demographics, study
from tests.workflow.deliveries import S, begin, fixes, tells
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order


@on_both
def test_an_attempt_is_committed_and_journalled_before_it_is_sent(hospital: Hospital) -> None:
    tells(hospital)
    _, _, message = fixes(hospital)
    begun = begin(hospital, message)
    assert (begun.state, begun.attempts) == (S.SENDING, 1)
    (row,) = hospital.journal(direction="out")
    assert (row.state, row.peer, row.delivery_id, row.id) == ("sending", "viewer", message.id, begun.message_id)
    assert bytes(row.raw).decode() == message.planned.message
    outbox.end(hospital.store, begun, S.ACKNOWLEDGED, hospital.now)
    assert hospital.journal(direction="out")[0].state == "acknowledged"


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (lambda store, begun, now: outbox.wait(store, begun, "connection refused", now), "failed"),
        (lambda store, begun, now: outbox.again(store, begun, "not now", now), "failed"),
        (lambda store, begun, now: outbox.broke(store, begun.id, now), "uncertain"),
        (lambda store, begun, now: outbox.recover(store, now), "uncertain"),
    ],
    ids=["nothing left us", "the peer cannot now", "it broke", "the power went"],
)
def test_no_attempt_stays_on_its_way(hospital: Hospital, ends: Any, state: str) -> None:
    tells(hospital)
    _, _, message = fixes(hospital)
    ends(hospital.store, begin(hospital, message), hospital.now)
    (row,) = hospital.journal(direction="out")
    assert row.state == state
    assert row.reason


def test_one_attempt_is_begun_once(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    assert outbox.begin(hospital.store, edit, hospital.now)
    assert outbox.begin(hospital.store, edit, hospital.now) is None
    assert edit.id not in hospital.ready()


@on_both
def test_what_was_being_sent_at_the_end_is_uncertain_and_trouble(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, message = fixes(hospital)
    begin(hospital, message)
    assert outbox.recover(hospital.store, hospital.now) == 1
    assert hospital.delivery(message.id).state is S.UNCERTAIN
    assert hospital.delivery(edit.id).state is S.QUEUED
    assert message.id not in hospital.ready()
    assert hospital.correction(correction).state == "in trouble"
    assert hospital.case().state is CaseState.OPEN


def test_what_was_being_sent_is_found_also_where_the_clock_went_back_since(hospital: Hospital) -> None:
    tells(hospital)
    _, _, message = fixes(hospital)
    begin(hospital, message)
    assert outbox.recover(hospital.store, hospital.now - timedelta(minutes=10)) == 1
    assert hospital.delivery(message.id).state is S.UNCERTAIN


def fixes_twice(hospital: Hospital) -> tuple[Delivery, Delivery]:
    """Two messages about one patient to one destination."""
    hospital.hears(order("A100"), order("A200"))
    hospital.sees(study(), study("1.2.4", "A2O0"))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    case = next(one for one in hospital.cases() if one.finding.study_id == hospital.study("1.2.4").id)
    first = hospital.deliveries(hospital.approves(hospital.plans("link", case)))[-1]
    mismatch = next(one for one in hospital.cases() if one.finding.study_id == hospital.study().id)
    plan = replace(hospital.plans("fix", mismatch), inventory=())
    return first, hospital.deliveries(hospital.approves(plan))[-1]


@on_both
def test_the_second_message_of_one_patient_waits_for_the_first(hospital: Hospital) -> None:
    tells(hospital)
    first, second = fixes_twice(hospital)
    assert set(first.planned.keys) & set(second.planned.keys)
    assert first.id in hospital.ready()
    assert second.id not in hospital.ready()
    begun = begin(hospital, first)
    assert second.id not in hospital.ready()
    outbox.end(hospital.store, begun, S.ACKNOWLEDGED, hospital.now)
    assert second.id in hospital.ready()


def test_a_stuck_message_holds_its_own_patient_and_nobody_else(hospital: Hospital) -> None:
    tells(hospital, "viewer", "archive")
    hospital.hears(order("A100"), order("B1", "PID|1||3000003^^^HOSP||NGUYEN^LAN||19700101|F"))
    lan = demographics("3000003", "NGUYEN^LANN", birth_date="1970-01-01")
    hospital.sees(study(), study("1.2.5", "B1", lan))
    hospital.hears(adt("A08", name="ZIMMERMANN^ANNA"))
    other, mine = hospital.cases()
    first = hospital.deliveries(hospital.approves(hospital.plans("fix", mine)))
    second = hospital.deliveries(hospital.approves(hospital.plans("fix", other)))
    hospital.sends(first[1].id, S.REFUSED, "AE: no such patient")
    assert set(hospital.ready()) == {first[0].id, first[2].id, *(one.id for one in second)}


def test_a_parked_message_lets_the_next_one_of_its_patient_go(hospital: Hospital) -> None:
    tells(hospital)
    first, second = fixes_twice(hospital)
    outbox.park(hospital.store, first.id, who="ann", now=hospital.now)
    assert first.id not in hospital.ready()
    assert second.id in hospital.ready()
    outbox.retry(hospital.store, first.id, who="ann", now=hospital.now)
    assert first.id in hospital.ready()
    assert second.id not in hospital.ready()


def test_only_what_is_stuck_is_retried_and_only_what_has_not_arrived_is_parked(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, message = fixes(hospital)
    with pytest.raises(Refused):
        outbox.retry(hospital.store, edit.id, who="ann", now=hospital.now)
    hospital.sends(message.id, S.ACKNOWLEDGED)
    with pytest.raises(Refused):
        outbox.park(hospital.store, message.id, who="ann", now=hospital.now)
    begun = begin(hospital, edit)
    with pytest.raises(Refused):
        outbox.park(hospital.store, begun.id, who="ann", now=hospital.now)


def test_a_peer_that_is_down_is_tried_again_later_and_given_up_in_the_end(hospital: Hospital) -> None:
    tells(hospital)
    correction, _, message = fixes(hospital)
    waits = []
    for _ in range(outbox.GIVE_UP_AFTER):
        begun = begin(hospital, message)
        outbox.again(hospital.store, begun, "connection refused", hospital.now)
        waits.append((hospital.delivery(message.id).due - hospital.now).total_seconds())
        assert message.id not in hospital.ready()
        hospital.later(600)
    assert waits[:-1] == sorted(waits[:-1])
    found = hospital.delivery(message.id)
    assert found.state is S.FAILED
    assert "connection refused" in found.words
    assert hospital.correction(correction).state == "in trouble"


@on_both
def test_a_refused_message_opens_the_case_again_and_a_retry_that_works_ends_it(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, message = fixes(hospital)
    hospital.sends(message.id, S.REFUSED, "AE: no such patient")
    assert hospital.correction(correction).state == "in trouble"
    assert hospital.case().state is CaseState.OPEN
    outbox.retry(hospital.store, message.id, who="ann", now=hospital.now)
    assert hospital.correction(correction).state == "under way"
    assert hospital.case().state is CaseState.CORRECTING
    hospital.carries_out(correction)
    assert hospital.correction(correction).state == "done"
    assert hospital.cases() == []
    assert edit.id != message.id


def test_a_correction_of_which_something_may_have_arrived_is_trouble_not_stale(hospital: Hospital) -> None:
    tells(hospital, proof="main")
    correction, edit, message = fixes(hospital)
    hospital.sends(message.id, S.ACKNOWLEDGED)
    hospital.sends(edit.id, S.STALE, "images came")
    assert hospital.correction(correction).state == "in trouble"
    assert hospital.delivery(message.id).state is S.ACKNOWLEDGED


def test_a_stale_correction_sends_nothing_more(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, message = fixes(hospital)
    hospital.sends(edit.id, S.STALE, "images came")
    assert hospital.correction(correction).state == "stale"
    assert hospital.delivery(message.id).state is S.STALE
    assert hospital.ready() == []
    assert hospital.case().state is CaseState.OPEN


def test_a_clock_that_was_wrong_puts_nothing_off_for_long(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    then = hospital.now
    hospital.later(365 * 86400)
    outbox.hold(hospital.store, edit, "main cannot be reached", hospital.now)
    hospital.now = then
    assert edit.id in hospital.ready()


def kept(hospital: Hospital, delivery: Delivery) -> None:
    """An attempt came so far that something may have been changed."""
    outbox.keep(hospital.store, delivery, [OriginalHeader("1.2.3", "1.2.3.1", "1.2.3.1.1", {"00100010": None})])


def test_a_person_who_tries_again_completes_what_an_earlier_try_has_half_done(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, message = fixes(hospital)
    for _ in range(outbox.GIVE_UP_AFTER):
        outbox.again(hospital.store, begin(hospital, edit), "A700", hospital.now)
    assert hospital.delivery(edit.id).state is S.FAILED
    outbox.retry(hospital.store, edit.id, who="ann", now=hospital.now)
    assert hospital.delivery(edit.id).attempts == 1, "as if it had never been tried"
    hospital.sends(message.id, S.REFUSED)
    outbox.retry(hospital.store, message.id, who="ann", now=hospital.now)


def test_an_old_edit_is_not_sent_after_a_newer_one_of_the_same_study(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    hospital.sends(edit.id, S.REFUSED, "A700")
    outbox.park(hospital.store, edit.id, who="ann", now=hospital.now)
    hospital.reconcile()
    newer = hospital.approves(hospital.plans("fix"))
    with pytest.raises(Refused, match=f"correction {newer} of this study came after it"):
        outbox.retry(hospital.store, edit.id, who="ann", now=hospital.now)


def test_a_plan_that_went_stale_after_images_were_changed_is_trouble_and_can_be_undone(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    kept(hospital, edit)
    hospital.sends(edit.id, S.STALE, "received images of this study while it was edited")
    assert hospital.correction(correction).state == "in trouble"
    (restore,) = [one for one in hospital.plans_undo(correction).deliveries if one.edit]
    assert restore.edit is not None
    assert restore.edit.restore_of == edit.id


def test_what_went_stale_before_anything_was_changed_has_no_undo(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    hospital.sends(edit.id, S.STALE, "images came")
    with pytest.raises(Refused, match="nothing of it was carried out"):
        hospital.plans_undo(correction)


@on_both
def test_an_undone_correction_sends_nothing_more(hospital: Hospital) -> None:
    tells(hospital, "viewer", "ehr")
    correction, edit, viewer = fixes(hospital)
    ehr = hospital.deliveries(correction)[2]
    hospital.sends(viewer.id, S.REFUSED, "AE: no such patient")
    undo = hospital.approves(hospital.plans_undo(correction))
    states = {one.id: one.state for one in hospital.deliveries(correction)}
    assert states == {edit.id: S.STALE, viewer.id: S.REFUSED, ehr.id: S.STALE}
    assert hospital.ready() == [one.id for one in hospital.deliveries(undo)]
    for one in (edit, viewer, ehr):
        with pytest.raises(Refused):
            outbox.retry(hospital.store, one.id, who="ann", now=hospital.now)
    told = hospital.deliveries(undo)[0]
    hospital.sends(told.id, S.REFUSED, "AE: no such patient")
    with pytest.raises(Refused, match="was taken back"):
        outbox.retry(hospital.store, viewer.id, who="ann", now=hospital.now)
    outbox.retry(hospital.store, told.id, who="ann", now=hospital.now)
    hospital.carries_out(undo)
    assert hospital.correction(correction).state == "undone"


def test_an_undo_waits_for_what_is_being_sent_right_now(hospital: Hospital) -> None:
    tells(hospital, "viewer", "ehr")
    correction, _, message = fixes(hospital)
    hospital.sends(message.id, S.REFUSED)
    undo = hospital.plans_undo(correction)
    begin(hospital, hospital.deliveries(correction)[2])
    with pytest.raises(Refused, match="being sent right now"):
        hospital.approves(undo)


def test_a_held_delivery_says_why_and_waits(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    outbox.hold(hospital.store, edit, "sending is switched off", hospital.now, 30)
    assert hospital.delivery(edit.id).words == "sending is switched off"
    assert edit.id not in hospital.ready()
    hospital.later(31)
    assert edit.id in hospital.ready()


def test_a_plan_fits_what_it_was_made_from_and_nothing_else(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    planned = outbox.inventory_of(hospital.store, edit)
    assert planned is not None
    facts = hospital.study().facts
    assert outbox.no_longer_fits(planned, facts, {}) == ""
    assert "images" in outbox.no_longer_fits(planned, replace(facts, instances=9), {})
    other = replace(facts, accession_number="A999")
    assert "accession" in outbox.no_longer_fits(planned, other, {})
    tried = {"AccessionNumber": "A999", "PatientID": facts.patient.patient_id.value}
    assert outbox.no_longer_fits(planned, other, tried) == ""
    assert "accession" in outbox.no_longer_fits(planned, replace(facts, accession_number="B1"), tried)


def test_originals_are_kept_once_and_come_back_for_the_undo(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    first = [OriginalHeader("1.2.3", "1.2.3.1", f"1.2.3.1.{at}", {"00100010": at}) for at in range(250)]
    outbox.keep(hospital.store, edit, first)
    outbox.keep(hospital.store, edit, [replace(first[0], header={"00100010": "edited"})])
    assert outbox.originals_for(hospital.store, edit) == first
    hospital.carries_out(correction)
    undo = hospital.approves(hospital.plans_undo(correction))
    assert outbox.originals_for(hospital.store, hospital.deliveries(undo)[0]) == first


def test_a_study_of_thousands_is_kept_without_reading_what_is_kept_already(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait to write meanwhile."""
    tells(hospital)
    _, edit, _ = fixes(hospital)
    many = [OriginalHeader("1.2.3", "1.2.3.1", f"1.2.3.1.{at}", {"00100010": at}) for at in range(250)]
    with monkeypatch.context() as patched:
        patched.delattr(corrections, "load_originals")
        for _ in range(2):
            outbox.keep(hospital.store, edit, many)
    assert outbox.originals_for(hospital.store, edit) == many
