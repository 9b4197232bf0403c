from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.correction import IndexChange, Plan, Verb
from radrecon.model.errors import Refused
from radrecon.model.study import StudyFacts
from radrecon.recon.edit import StudyContext
from radrecon.recon.fix import plan_fix
from radrecon.recon.link import plan_link
from radrecon.recon.merge import plan_merge
from radrecon.recon.undo import plan_undo
from radrecon.recon.verify import shows

from .people import ANNA, PACS, WATCH, facts, order, person, study, who

WRONG = who(name="MEIER^ANA")
BEFORE = facts("A1024", WRONG)
AFTER = facts("A1042", ANNA)
AT = ("PACS", "1.2.3")


def linked() -> Plan:
    old = order(9, "A1000", study_instance_uid="1.2.3")
    ctx = StudyContext(study("A1024", WRONG), BEFORE, order=old)
    return plan_link(5, ctx, order(study_instance_uid="9.9"), person(), False, PACS, WATCH)[0]


def fixed() -> Plan:
    return plan_fix(5, [StudyContext(study("A1042", WRONG), facts("A1042", WRONG))], person(), {"PACS": PACS}, WATCH)[0]


def test_the_originals_come_back_and_are_proved() -> None:
    undo, needs = plan_undo(3, linked(), {AT: AFTER}, {0: 41})
    (delivery,) = undo.deliveries
    assert delivery.edit is not None
    assert delivery.edit.restore_of == 41
    assert delivery.edit.request_attributes is None
    assert shows(BEFORE, delivery.expect["1.2.3"]).ok
    assert not shows(AFTER, delivery.expect["1.2.3"]).ok
    assert {(each.where, each.old, each.new) for each in delivery.changes} >= {("AccessionNumber", "A1042", "A1024")}
    assert (undo.verb, undo.undo_of, needs) == (Verb.UNDO, 3, ())


def test_the_index_goes_back_the_way_it_came() -> None:
    undo, _ = plan_undo(3, linked(), {AT: AFTER}, {0: 41})
    assert [(change.action, change.values) for change in undo.index_changes] == [
        ("take_uid", {"order_id": 10, "study_instance_uid": "9.9", "prior": "1.2.3"}),
        ("unlink", {"study_id": 17, "order_id": 10}),
        ("take_uid", {"order_id": 9, "study_instance_uid": "1.2.3", "prior": ""}),
        ("link", {"study_id": 17, "order_id": 9}),
    ]


def test_the_way_back_of_a_fix_tells_the_destinations_the_former_identity() -> None:
    _, needs = plan_undo(3, fixed(), {AT: AFTER}, {0: 41})
    assert [(need.event, str(need.patient.name), need.patient.birth_date) for need in needs] == [
        ("A08", "MEIER^ANA", "1960-05-17")
    ]


def test_studies_that_said_different_things_before_leave_the_destinations_untold() -> None:
    second = replace(facts("A1042", who(name="MAIER^ANNA")), study_instance_uid="1.2.4")
    contexts = [StudyContext(study(), facts("A1042", WRONG)), StudyContext(study(number=18), second)]
    plan, _ = plan_fix(5, contexts, person(), {"PACS": PACS}, WATCH)
    after: dict[tuple[str, str], StudyFacts | None] = {
        AT: AFTER,
        ("PACS", "1.2.4"): replace(AFTER, study_instance_uid="1.2.4"),
    }
    undo, needs = plan_undo(3, plan, after, {0: 41, 1: 42})
    assert needs == ()
    assert any("several identities" in warning for warning in undo.warnings)


def test_a_merge_is_undone_by_a28_of_the_restored_patient() -> None:
    loser = person(7, who("T9020", "UNKNOWN^FEMALE", ""))
    ctx = StudyContext(study(), facts(patient=loser.demographics), loser)
    plan, _ = plan_merge(5, person(), loser, [ctx], {"PACS": PACS}, WATCH)
    undo, needs = plan_undo(3, plan, {AT: AFTER}, {0: 41}, prior=loser.demographics)
    assert [(need.event, need.patient) for need in needs] == [("A28", loser.demographics)]
    assert undo.index_changes[0].action == "unmerge"
    assert undo.target == loser.demographics
    assert undo.irrevocable


def test_what_was_never_sent_is_not_restored() -> None:
    undo, _ = plan_undo(3, linked(), {AT: BEFORE}, {})
    assert undo.deliveries == ()
    assert undo.index_changes


def test_a_restore_that_broke_halfway_can_be_planned_again() -> None:
    assert plan_undo(3, linked(), {AT: BEFORE}, {0: 41})[0].deliveries


def test_images_that_came_later_are_warned_of() -> None:
    undo, _ = plan_undo(3, linked(), {AT: replace(AFTER, instances=9)}, {0: 41})
    assert any("came after" in warning for warning in undo.warnings)
    assert undo.inventory[0].instances == 9


def test_each_copy_is_held_against_what_its_own_pacs_says() -> None:
    copy = facts("A1042", WRONG, pacs="VAULT")
    contexts = [StudyContext(study("A1042", WRONG), facts("A1042", WRONG)), StudyContext(study(number=18), copy)]
    plan, _ = plan_fix(5, contexts, person(), {"PACS": PACS, "VAULT": PACS.model_copy(update={"name": "VAULT"})}, WATCH)
    there = ("VAULT", "1.2.3")
    both, _ = plan_undo(3, plan, {AT: AFTER, there: replace(AFTER, pacs="VAULT")}, {0: 41, 1: 42})
    assert [each.edit.pacs for each in both.deliveries if each.edit] == ["PACS", "VAULT"]
    assert both.warnings == ()
    one, _ = plan_undo(3, plan, {AT: AFTER, there: None}, {0: 41, 1: 42})
    assert [each.edit.pacs for each in one.deliveries if each.edit] == ["PACS"]
    assert one.warnings == ("a study of this correction is no longer at VAULT: nothing is put back there",)
    assert [inventory.pacs for inventory in one.inventory] == ["PACS"]
    third = facts("A1042", who(name="THIRD^NAME"), pacs="VAULT")
    with pytest.raises(Refused, match="changed again"):
        plan_undo(3, plan, {AT: AFTER, there: third}, {0: 41, 1: 42})


def test_refused_where_the_way_back_is_blocked() -> None:
    changed = facts("A1042", who(name="THIRD^NAME"))
    with pytest.raises(Refused, match="changed again"):
        plan_undo(3, linked(), {AT: changed}, {0: 41})
    with pytest.raises(Refused, match="gone"):
        plan_undo(3, linked(), {AT: None}, {0: 41})
    with pytest.raises(Refused, match="undo itself"):
        plan_undo(3, replace(linked(), undo_of=2), {AT: AFTER}, {0: 41})
    with pytest.raises(Refused, match="Nothing"):
        plan_undo(3, fixed(), {AT: AFTER}, {})
    with pytest.raises(Refused, match="dismissal"):
        plan_undo(3, Plan(Verb.DISMISS, 1, ""), {}, {})
    with pytest.raises(Refused, match="no way back"):
        plan_undo(3, Plan(Verb.LINK, 1, "", index_changes=(IndexChange("dismiss", ""),)), {}, {})
