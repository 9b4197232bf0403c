from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseState
from radrecon.model.errors import NotFound, Refused
from radrecon.workflow.investigation import investigate
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order

KIND = CaseKind.UNDER_INVESTIGATION


def flag(hospital: Hospital, study_id: int, reason: str = "wrong worklist pick") -> int:
    return investigate(hospital.store, study_id, reason=reason, who="ann", now=hospital.now)


@pytest.fixture
def picked_wrong(hospital: Hospital) -> Hospital:
    """A study that agrees with the wrong order of the right patient in everything: no rule finds it."""
    hospital.hears(order("A100"), order("A200", uid="1.2.4"))
    hospital.sees(study())
    assert hospital.linked() == "A100"
    assert hospital.cases() == []
    return hospital


@on_both
def test_a_flagged_study_is_linked_to_the_other_order_and_its_case_closes(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200", uid="1.2.4"))
    hospital.sees(study())
    case_id = flag(hospital, hospital.study().id)
    case = hospital.case(KIND)
    assert (case.id, case.state) == (case_id, CaseState.OPEN)
    right = hospital.order("A200").id
    assert right in [candidate.order_id for candidate in case.finding.candidates]
    correction = hospital.corrects("link", case, order_id=right)
    assert hospital.linked() == "A200"
    assert hospital.order("A200").study_instance_uid == hospital.study().facts.study_instance_uid
    assert hospital.order("A100").study_instance_uid != hospital.study().facts.study_instance_uid
    assert hospital.cases() == []
    hospital.undoes(correction)
    assert hospital.linked() == "A100"


def test_no_rule_closes_what_a_person_opened(picked_wrong: Hospital) -> None:
    flag(picked_wrong, picked_wrong.study().id)
    picked_wrong.recheck()
    assert picked_wrong.case(KIND).state is CaseState.OPEN


def test_a_study_has_one_case_only(picked_wrong: Hospital) -> None:
    first = flag(picked_wrong, picked_wrong.study().id)
    assert flag(picked_wrong, picked_wrong.study().id, "again") == first


def test_an_open_case_of_a_rule_is_used(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study(accession="A1"))
    assert flag(hospital, hospital.study().id) == hospital.case(CaseKind.UNASSIGNED_STUDY).id


def test_a_flag_needs_a_study_and_a_reason(picked_wrong: Hospital) -> None:
    with pytest.raises(NotFound):
        flag(picked_wrong, 999)
    with pytest.raises(Refused):
        flag(picked_wrong, picked_wrong.study().id, " ")
