from __future__ import annotations

from dataclasses import replace

from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.patient import PatientId
from radrecon.recon.notices import Announced, Used, classify_deletions, classify_retired

from .people import person

DELETED = Announced("A29", "HIS", "C1")
IN_USE = Used(PatientId("77", "HOSP"), "RIS", "ORM^O01")


def test_a_deletion_is_registrations_case_and_says_what_hangs_on_the_patient() -> None:
    (finding,) = classify_deletions(person(5), [DELETED], orders=2, studies=1)
    assert (finding.kind, finding.subject) == (CaseKind.DELETION_ANNOUNCED, "person:5")
    assert finding.owner is CaseOwner.REGISTRATION
    assert finding.cause == (
        "ADT^A29 from HIS (control id C1) says that this patient is deleted; 2 orders and 1 study here."
        " Nothing was deleted here"
    )


def test_the_deletion_of_a_visit_names_it() -> None:
    (finding,) = classify_deletions(person(), [replace(DELETED, event="A23", visit="V1")], orders=0, studies=0)
    assert "says that visit V1 is deleted; no order and no study" in finding.cause


def test_more_on_the_patient_is_graver() -> None:
    found = [classify_deletions(person(), [DELETED], orders=o, studies=s)[0] for o, s in ((0, 0), (1, 0), (0, 1))]
    assert [one.severity for one in found] == [1, 2, 3]


def test_how_many_orders_there_are_is_no_new_evidence() -> None:
    one, two = (classify_deletions(person(), [DELETED], orders=count, studies=0)[0] for count in (1, 2))
    assert one.evidence == two.evidence


def test_a_retired_number_in_use_names_who_uses_it_and_where_it_leads() -> None:
    (finding,) = classify_retired(person(5), [IN_USE])
    assert (finding.kind, finding.subject, finding.owner) == (
        CaseKind.RETIRED_IDENTIFIER, "person:5", CaseOwner.REGISTRATION,
    )  # fmt: skip
    assert finding.cause.startswith("ORM^O01 from RIS uses the retired number 77^^^HOSP: it leads to ")


def test_several_uses_are_one_case_in_any_order() -> None:
    other = replace(IN_USE, sender="PAS")
    (one,), (two,) = classify_retired(person(), [IN_USE, other]), classify_retired(person(), [other, IN_USE])
    assert one.evidence == two.evidence
    assert "(and 1 more)" in one.cause


def test_nothing_is_a_case_of_somebody_who_was_merged_away_or_of_nothing() -> None:
    gone = replace(person(), merged_into=9)
    assert classify_deletions(gone, [DELETED], orders=0, studies=0) == classify_retired(gone, [IN_USE]) == ()
    assert classify_deletions(person(), [], orders=0, studies=0) == classify_retired(person(), []) == ()
