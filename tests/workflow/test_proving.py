from __future__ import annotations

import pytest

from radrecon.model.correction import DeliveryState, OriginalHeader, Plan, PlannedDelivery, Verb
from radrecon.store import corrections
from radrecon.store import tables as t
from radrecon.workflow import outbox, proving
from tests.workflow.deliveries import NEW_NAME, S, begin, fixes, prove, tells
from tests.workflow.hospital import Hospital, on_both, shows_now


def test_an_uncertain_edit_that_the_study_shows_may_be_half_done_and_is_looked_at_image_by_image(
    hospital: Hospital,
) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    begin(hospital, edit)
    outbox.recover(hospital.store, hospital.now)
    prove(hospital, edit, shown=True)
    assert hospital.delivery(edit.id).state is S.QUEUED
    hospital.later(600)
    hospital.sends(edit.id, S.WRITTEN)
    prove(hospital, edit, shown=True)
    assert hospital.delivery(edit.id).state is S.FILED


def test_an_uncertain_edit_that_the_archive_does_not_show_is_sent_again(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    begin(hospital, edit)
    outbox.recover(hospital.store, hospital.now)
    prove(hospital, edit, shown=False)
    assert hospital.delivery(edit.id).state is S.QUEUED
    assert hospital.correction(correction).state == "under way"
    hospital.later(600)
    assert edit.id in hospital.ready()


@pytest.mark.parametrize(("resend", "state"), [("safe", S.QUEUED), ("ask", S.UNCERTAIN)])
def test_an_uncertain_message_that_nothing_proves_is_sent_again_only_where_that_is_safe(
    hospital: Hospital, resend: str, state: DeliveryState
) -> None:
    tells(hospital, resend=resend)
    _, _, message = fixes(hospital)
    begin(hospital, message)
    outbox.recover(hospital.store, hospital.now)
    assert message.id in [one.id for one in proving.waiting_for_proof(hospital.store, hospital.now)]
    proving.resolve_blind(hospital.store, hospital.delivery(message.id), hospital.now, hospital.config)
    assert hospital.delivery(message.id).state is state


def test_a_message_whose_effect_an_archive_proves_is_filed_by_its_answer(hospital: Hospital) -> None:
    tells(hospital, proof="main")
    correction, edit, message = fixes(hospital)
    hospital.sends(message.id, S.ACKNOWLEDGED)
    assert hospital.correction(correction).state == "under way"
    prove(hospital, message, shown=True)
    hospital.sends(edit.id, S.WRITTEN)
    prove(hospital, edit, shown=True)
    assert {one.state for one in hospital.deliveries(correction)} == {S.FILED}
    assert hospital.correction(correction).state == "done"


def test_what_the_archive_does_not_show_in_time_was_not_applied(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    hospital.sends(edit.id, S.WRITTEN)
    prove(hospital, edit, shown=False)
    assert hospital.delivery(edit.id).state is S.WRITTEN
    hospital.later(60)
    prove(hospital, edit, shown=False)
    assert hospital.delivery(edit.id).state is S.NOT_APPLIED
    assert "name" in hospital.delivery(edit.id).words
    assert hospital.correction(correction).state == "in trouble"


@on_both
def test_what_has_arrived_as_far_as_can_be_known_takes_no_place_among_what_waits_for_proof(hospital: Hospital) -> None:
    with hospital.store.transaction() as conn:
        plan = Plan(Verb.FIX, 0, "test")
        number = corrections.insert_correction(conn, plan, reason="t", ticket="", who="t", at=hospital.now)
        for proof in [""] * 150 + ["down"] * 150 + ["main"]:
            planned = PlannedDelivery("ehr", (), message="MSH|", proof=proof, expect=NEW_NAME)
            corrections.insert_delivery(conn, number, 0, planned, hospital.now)
        conn.execute(t.delivery.update().values(state=str(S.ACKNOWLEDGED)))
    found = proving.waiting_for_proof(hospital.store, hospital.now)
    assert {one.proof for one in found} == {"down"}
    (last,) = proving.waiting_for_proof(hospital.store, hospital.now, {"down"})
    assert last.proof == "main"


def test_a_study_that_stays_under_two_patients_is_not_under_way_for_ever(hospital: Hospital) -> None:
    tells(hospital)
    correction, edit, _ = fixes(hospital)
    hospital.sends(edit.id, S.WRITTEN)
    hospital.later(10)
    proving.half_done(hospital.store, hospital.delivery(edit.id), "listed under 2 patients", hospital.now, 60)
    assert hospital.delivery(edit.id).state is S.WRITTEN
    hospital.later(60)
    proving.half_done(hospital.store, hospital.delivery(edit.id), "listed under 2 patients", hospital.now, 60)
    assert hospital.delivery(edit.id).state is S.NOT_APPLIED
    assert hospital.correction(correction).state == "in trouble"


def test_one_image_that_stayed_as_it_was_is_enough_not_to_be_filed(hospital: Hospital) -> None:
    tells(hospital)
    _, edit, _ = fixes(hospital)
    old = hospital.study().facts
    new = shows_now(old, NEW_NAME["1.2.3"])
    headers = [OriginalHeader("1.2.3", "1.2.3.1", f"1.2.3.1.{at}", {"00100010": None}) for at in range(2)]
    outbox.keep(hospital.store, edit, headers)
    hospital.sends(edit.id, S.WRITTEN)
    written = hospital.delivery(edit.id)
    assert proving.images_to_look_at(written, {"1.2.3": new})
    for said in ({"1.2.3.1.0": new}, {"1.2.3.1.0": new, "1.2.3.1.1": old}):
        proving.judge_images(hospital.store, hospital.delivery(edit.id), said, hospital.now, 60)
        assert hospital.delivery(edit.id).words == "1 of 2 images do not show the correction"
    late = {"1.2.3.1.0": new, "1.2.3.1.1": new, "1.2.3.1.2": old}
    proving.judge_images(hospital.store, hospital.delivery(edit.id), late, hospital.now, 60)
    assert hospital.delivery(edit.id).state is S.FILED


@pytest.mark.parametrize(("resend", "state"), [("safe", S.QUEUED), ("ask", S.UNCERTAIN)])
def test_our_own_edit_does_not_prove_a_message_that_nobody_answered(
    hospital: Hospital, resend: str, state: DeliveryState
) -> None:
    tells(hospital, proof="main", resend=resend)
    _, edit, message = fixes(hospital)
    hospital.sends(edit.id, S.WRITTEN)
    hospital.sends(message.id, S.UNCERTAIN, "no answer")
    prove(hospital, edit, shown=True)
    assert hospital.delivery(edit.id).state is S.FILED
    prove(hospital, message, shown=True)
    assert hospital.delivery(message.id).state is state
