from __future__ import annotations

import pytest

from radrecon.config import HL7SenderConfig, SenderMatch
from radrecon.model.case import CaseKind, CaseState
from radrecon.store import merges
from radrecon.store import tables as t
from radrecon.workflow.dismissal import dismiss
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, merge, order, pid


@on_both
def test_a_registration_makes_a_person_and_an_update_changes_them(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="FISCHER^ANNE^M", sex="O"))
    person = hospital.person()
    assert hospital.people() == 1
    assert str(person.demographics.name) == "FISCHER^ANNE^M"
    assert person.demographics.sex == "O"
    assert person.updated_at == hospital.now


def test_an_update_of_nobody_known_registers_them(hospital: Hospital) -> None:
    hospital.hears(adt("A08"))
    assert hospital.person().updated_at is None


def test_the_same_identity_again_is_no_update(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08"))
    assert hospital.person().updated_at is None


def test_an_empty_field_leaves_alone_and_two_quotes_delete(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", born="", sex=""))
    assert (hospital.person().demographics.birth_date, hospital.person().demographics.sex) == ("1960-05-17", "F")
    hospital.hears(adt("A08", born='""', sex='""'))
    assert (hospital.person().demographics.birth_date, hospital.person().demographics.sex) == ("", "")


def test_the_prior_identity_is_kept(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="FISCHER^ANNE"))
    with hospital.store.reading() as conn:
        (row,) = conn.execute(t.person_history.select()).all()
    assert row.event == "A08"
    assert row.prior["name"]["alphabetic"]["given"] == "ANNA"


@on_both
def test_two_of_name_birth_date_and_sex_at_once_are_a_suspected_overlay(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="BAUER^KARL", born="19851224", sex="M"))
    person = hospital.person()
    assert person.quarantined
    assert person.before_overlay is not None
    assert str(person.before_overlay.name) == "FISCHER^ANNA"
    case = hospital.case(CaseKind.SUSPECTED_OVERLAY)
    assert case.finding.person_id == person.id


@on_both
def test_an_estimated_birth_date_is_of_its_year(hospital: Hospital) -> None:
    hospital.hears(adt("A04", born="19750000"), adt("A08", name="BAUER^ANNA", born="19800305"))
    assert hospital.person().quarantined, "family name and birth date at once"
    hospital.hears(adt("A04", "2", born="19750000"), adt("A08", "2", name="BAUER^ANNA", born="19750305"))
    assert not hospital.person("2").quarantined


def test_an_update_that_restores_the_identity_lifts_the_overlay(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="BAUER^KARL", born="19851224"))
    hospital.hears(adt("A08"))
    assert not hospital.person().quarantined
    assert hospital.person().before_overlay is None
    assert hospital.cases() == []
    assert [case.kind for case in hospital.cases("closed")] == [CaseKind.SUSPECTED_OVERLAY]


def test_a_second_update_under_suspicion_is_compared_with_the_identity_before_it(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="BAUER^KARL", born="19851224"))
    hospital.hears(adt("A08", name="BAUER^CARL", born="19851224"))
    assert hospital.person().quarantined
    assert len(hospital.cases()) == 1


def test_marriage_is_no_overlay(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="ZIMMERMANN^ANNA"))
    assert not hospital.person().quarantined
    assert hospital.cases() == []


def test_an_overlay_leaves_earlier_studies_and_their_cases_alone(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study())
    hospital.hears(adt("A08", name="BAUER^KARL", born="19851224", sex="M"))
    assert hospital.kinds() == ["suspected_overlay"]


def test_an_overlay_that_a_person_accepts_frees_all_studies_of_the_patients_orders(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="BAUER^KARL", born="19851224", sex="M"))
    hospital.hears(order("A100", pid(name="BAUER^KARL", born="19851224", sex="M")))
    karl = demographics("", "BAUER^KARL", birth_date="1985-12-24", sex="M")
    hospital.sees(study(), study("1.2.4", "A999", karl))
    case = hospital.case(CaseKind.SUSPECTED_OVERLAY)
    dismiss(hospital.store, case.id, reason="a number used again", who="ann", now=hospital.now)
    hospital.reconcile()
    assert not hospital.person().quarantined
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before


@on_both
def test_a_merge_brings_orders_and_studies_to_the_survivor(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A200", pid("2000002", "FISCHER^A")))
    hospital.sees(study("1.2.200", "A200", demographics("2000002", "FISCHER^A")))
    hospital.hears(merge("1000001", "2000002"))
    survivor = hospital.person("1000001").id
    assert hospital.person("2000002").id == survivor
    assert hospital.order("A200").person_id == survivor
    assert hospital.study("1.2.200").person_id == survivor
    assert hospital.linked("1.2.200") == "A200"
    assert hospital.kinds() == ["demographic_mismatch"]


def test_a_chain_of_merges_leads_to_the_last_survivor(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "2"), adt("A04", "3"), merge("2", "1"), merge("3", "2"))
    assert hospital.person("1").id == hospital.person("3").id


@on_both
def test_of_two_merges_that_contradict_each_other_the_later_stands(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "2"), order("A100", pid("2")), merge("2", "1"), merge("1", "2"))
    assert hospital.person("2").id == hospital.person("1").id == hospital.order().person_id
    assert hospital.person("1").demographics.patient_id.value == "1"
    assert hospital.person("1").merged_into == 0
    assert "other way round" in hospital.journal()[-1].reason


def test_a_merge_into_itself_is_refused(hospital: Hospital) -> None:
    (taken,) = hospital.takes(merge("1", "1"))
    assert taken.ack_code == "AE"


def test_the_number_of_nobody_known_can_be_merged_away(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), merge("1", "77"))
    assert hospital.person("77").id == hospital.person("1").id


def test_traffic_on_a_retired_number_changes_nothing_and_says_so(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "2"), merge("1", "2"), adt("A08", "2", "NEW^NAME"))
    assert str(hospital.person("1").demographics.name) == "FISCHER^ANNA"
    assert "merged" in hospital.journal()[-1].reason
    assert hospital.people() == 2


def test_an_order_on_a_retired_number_is_the_survivors(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "2"), merge("1", "2"), order("A100", pid("2")))
    assert hospital.order("A100").person_id == hospital.person("1").id


@on_both
def test_an_unmerge_brings_orders_and_studies_back(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A200", pid("2000002", "FISCHER^A")))
    hospital.sees(study("1.2.200", "A200", demographics("2000002", "FISCHER^A")))
    restored = hospital.person("2000002").id
    hospital.hears(merge("1000001", "2000002"))
    with hospital.store.transaction() as conn:
        merges.unmerge(conn, hospital.person("1000001").id, restored, at=hospital.now)
    hospital.recheck()
    assert hospital.person("2000002").id == restored
    assert hospital.order("A200").person_id == restored
    assert hospital.study("1.2.200").person_id == restored
    assert hospital.cases() == []


def owner(application: str) -> HL7SenderConfig:
    return HL7SenderConfig(match=SenderMatch(sending_application=application), owner_of=["identity"])


def test_only_the_owner_of_identity_changes_a_known_person(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"hl7_sender": [owner("HIS")]}))
    hospital.hears(adt("A04", sender="RIS"), adt("A08", name="FISCHER^ANNE", sender="RIS"))
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"
    assert "does not own" in hospital.journal()[-1].reason
    hospital.hears(adt("A08", name="FISCHER^ANNE", sender="HIS"))
    assert str(hospital.person().demographics.name) == "FISCHER^ANNE"


def test_the_same_number_of_another_authority_is_another_person(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "1"), adt("A04", "1", "BAUER^KARL", issuer="CLINIC"))
    assert hospital.people() == 2
    assert hospital.person("1", "CLINIC").id != hospital.person("1", "HOSP").id


@pytest.mark.parametrize("event", ["A02", "A03", "A11", "A13"])
def test_an_event_of_the_visit_changes_no_identity(hospital: Hospital, event: str) -> None:
    hospital.hears(adt("A04"), adt(event, name="WRONG^NAME"))
    assert str(hospital.person().demographics.name) == "FISCHER^ANNA"


def test_an_overlay_case_stays_one_while_it_is_looked_at_again(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), adt("A08", name="BAUER^KARL", born="19851224"))
    hospital.recheck()
    hospital.recheck()
    assert [case.state for case in hospital.cases()] == [CaseState.OPEN]
