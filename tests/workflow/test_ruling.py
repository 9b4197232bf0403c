"""Rules are switched by a person, live at once, and stand beside what people decide."""

from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.errors import NotFound, Refused
from radrecon.model.rows import RuleRow
from radrecon.store import rules
from radrecon.workflow import dismissal, ruling
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order
from tests.workflow.test_deciding import decided, second, switch


def row(hospital: Hospital, rule: str) -> RuleRow:
    return next(one for one in ruling.rows(hospital.store) if one.rule == rule)


@on_both
def test_a_link_by_accession_in_shadow_is_a_suggestion_with_its_reason(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    assert hospital.linked() == ""
    case = hospital.case()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert case.finding.cause == "the images name order A100; rule link_by_accession is in shadow: a person decides"
    assert case.finding.candidates[0].vetoes == ("rule link_by_accession is in shadow",)
    assert (row(hospital, "link_by_accession").acted, row(hospital, "link_by_accession").undecided) == (1, 1)
    hospital.corrects("link")
    assert hospital.linked() == "A100"
    assert (row(hospital, "link_by_accession").agreed, row(hospital, "link_by_accession").disagreed) == (1, 0)


@on_both
def test_switching_looks_again_at_what_it_concerns_at_once(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    assert hospital.linked() == "A100"
    switch(hospital, "link_by_accession", "off")
    assert hospital.linked() == ""
    assert (
        hospital.case().finding.cause == "the images name order A100; rule link_by_accession is off: a person decides"
    )
    switch(hospital, "link_by_accession", "on")
    assert (hospital.linked(), hospital.cases()) == ("A100", [])


def test_a_disagreement_is_listed_with_both_orders(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"), order("A200"))
    hospital.sees(study())
    other = hospital.order("A200").id
    hospital.corrects("link", order_id=other)
    (found,) = row(hospital, "link_by_accession").disagreements
    assert (found.study_id, found.by_rule, found.decided) == (hospital.study().id, hospital.order("A100").id, other)


def test_putting_a_study_aside_that_a_rule_would_link_is_a_disagreement(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    dismissal.dismiss(hospital.store, hospital.case().id, reason="test images", who="ann", now=hospital.now)
    assert row(hospital, "link_by_accession").disagreed == 1


def test_what_a_rule_says_no_longer_is_not_counted(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    hospital.sees(study(accession="Q9"))
    assert row(hospital, "link_by_accession").acted == 0


def test_a_link_by_a_rule_that_is_on_and_a_person_changed_is_a_disagreement(hospital: Hospital) -> None:
    from radrecon.workflow.investigation import investigate

    hospital.hears(adt("A04"), order("A100"), order("A200"))
    hospital.sees(study())
    case_id = investigate(hospital.store, hospital.study().id, reason="wrong pick", who="ann", now=hospital.now)
    case = next(one for one in hospital.cases() if one.id == case_id)
    hospital.corrects("link", case, order_id=hospital.order("A200").id)
    found = row(hospital, "link_by_accession")
    assert (found.acted, found.disagreed) == (1, 1)


@on_both
def test_switching_is_a_persons_act_with_a_history(hospital: Hospital) -> None:
    ruling.set_state(hospital.store, "follow_decision", "on", who="eve", reason="30 agreed", now=hospital.now)
    with pytest.raises(Refused, match="on already"):
        ruling.set_state(hospital.store, "follow_decision", "on", who="eve", reason="again", now=hospital.now)
    with pytest.raises(Refused, match="needs a reason"):
        ruling.set_state(hospital.store, "follow_decision", "off", who="eve", reason=" ", now=hospital.now)
    with pytest.raises(NotFound, match="no rule 'nonsense'; there are: link_by_accession"):
        ruling.set_state(hospital.store, "nonsense", "off", who="eve", reason="x", now=hospital.now)
    with hospital.store.reading() as conn:
        (change,) = rules.history(conn)
    assert (change.rule, change.state, change.who, change.reason) == ("follow_decision", "on", "eve", "30 agreed")
    found = row(hospital, "follow_decision")
    assert (found.state, found.set_by, found.reason) == ("on", "eve", "30 agreed")


def test_a_rule_that_is_off_says_nothing(hospital: Hospital) -> None:
    switch(hospital, "follow_decision", "off")
    decided(hospital)
    hospital.sees(second())
    assert row(hospital, "follow_decision").acted == 0
