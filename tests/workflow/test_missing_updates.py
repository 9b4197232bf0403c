"""Updates that a PACS never got: one case per person and message, and no mismatch besides."""

from __future__ import annotations

from typing import Any

import pytest

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner
from radrecon.workflow import dismissal
from radrecon.workflow.casework import case_detail
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, merge, message, msh, order, pid

GRACE = 15 * 60
WEBER = "WEBER^ANNA"


def waits(hospital: Hospital, seconds: float = GRACE + 1) -> None:
    hospital.later(seconds)
    hospital.reconcile()


def images(uid: str, accession: str, **more: Any) -> Any:
    return study(uid, accession, **more)


def three_studies(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(adt("A04"))
    for number in range(3):
        hospital.hears(order(f"A10{number}"))
    hospital.sees(*(study(f"1.2.{number}", f"A10{number}") for number in range(3)))
    assert hospital.cases() == []


@on_both
def test_an_update_that_the_pacs_never_got_is_one_case_with_all_its_studies(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER, control="UPD1"))
    assert hospital.kinds() == ["demographic_mismatch"] * 3
    heard = f"{hospital.now:%Y-%m-%d %H:%M}"
    waits(hospital)
    case = hospital.case(CaseKind.MISSING_UPDATE)
    assert hospital.kinds() == ["missing_update"]
    assert case.finding.cause == f"A08 of {heard} from HIS never reached main: 3 studies carry the old name"
    assert (case.finding.owner, case.finding.severity) == (CaseOwner.US, 2)
    assert (case.finding.evidence["control_id"], case.finding.evidence["sender"]) == ("UPD1", "HIS")
    assert len(case.finding.study_ids) == case.finding.total == 3
    assert case_detail(hospital.store, case.id).verbs["fix"] == ""


@on_both
def test_a_fix_of_the_case_mends_all_studies_and_closes_it(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    waits(hospital)
    plan = hospital.plans("fix")
    assert len(plan.inventory) == 3
    correction = hospital.approves(plan)
    assert str(hospital.case().state) == "correcting"
    hospital.carries_out(correction)
    assert hospital.cases() == []
    (closed,) = [one for one in hospital.cases("closed") if one.kind is CaseKind.MISSING_UPDATE]
    assert closed.correction_id == correction


def test_it_shrinks_as_the_pacs_catches_up(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    waits(hospital)
    first = hospital.case()
    hospital.sees(study("1.2.0", "A100", demographics(name=WEBER)))
    after = hospital.case()
    assert (after.id, after.finding.total) == (first.id, 2)
    hospital.sees(study("1.2.1", "A101", demographics(name=WEBER)))
    hospital.loses("1.2.2")
    assert hospital.cases() == []


def test_a_pacs_that_takes_the_update_within_the_grace_has_no_case(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    hospital.sees(*(study(f"1.2.{number}", f"A10{number}", demographics(name=WEBER)) for number in range(3)))
    waits(hospital)
    assert hospital.cases() == []
    assert not [one for one in hospital.cases("closed") if one.kind is CaseKind.MISSING_UPDATE]


@on_both
def test_of_two_updates_the_first_that_is_missing_is_named(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER, control="UPD1"))
    hospital.sees(study("1.2.0", "A100", demographics(name=WEBER)))
    hospital.later(60)
    hospital.hears(adt("A31", name="WEBER^ANNE", control="UPD2"))
    waits(hospital)
    found = {one.finding.evidence["control_id"]: one.finding.total for one in hospital.cases()}
    assert found == {"UPD1": 2, "UPD2": 1}


@on_both
@pytest.mark.parametrize("message_of", [lambda: merge("1000002", "1000001"), lambda: adt_a47()], ids=["A40", "A47"])
def test_a_merge_or_a_change_of_number_that_the_pacs_never_got(hospital: Hospital, message_of: Any) -> None:
    three_studies(hospital)
    hospital.hears(message_of())
    waits(hospital)
    case = hospital.case(CaseKind.MISSING_UPDATE)
    assert case.finding.cause.endswith("never reached main: 3 studies carry the old number")
    assert case.finding.severity == 3
    verb = "merge" if case.finding.evidence["event"] == "A40" else "fix"
    assert len(hospital.plans(verb).inventory) == 3


def adt_a47() -> bytes:
    from tests.workflow.messages import message, msh

    return message(msh("ADT^A47", sender="HIS"), "EVN|A47", pid("1000002"), "MRG|1000001^^^HOSP")


@on_both
@pytest.mark.parametrize("turns", [(0, 1, 2, 3), (0, 1, 3, 2), (1, 0, 2, 3), (2, 0, 1, 3), (1, 2, 0, 3)])
def test_the_order_of_arrival_within_the_grace_does_not_matter(hospital: Hospital, turns: tuple[int, ...]) -> None:
    told = (
        lambda: hospital.hears(adt("A04")),
        lambda: hospital.hears(order("A100")),
        lambda: hospital.sees(study("1.2.0", "A100")),
        lambda: hospital.hears(adt("A08", name=WEBER, control="UPD1")),
    )
    hospital.hears_an_early_order()
    for turn in turns:
        told[turn]()
    waits(hospital)
    hospital.recheck()
    found = hospital.case(CaseKind.MISSING_UPDATE).finding
    assert hospital.kinds() == ["missing_update"]
    assert (found.evidence["control_id"], found.total) == ("UPD1", 1)
    assert found.cause.endswith("never reached main: 1 study carries the old name")


def test_a_slip_at_the_modality_is_no_missing_update(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER), order("A109", pid(name=WEBER)))
    hospital.sees(study("1.2.9", "A109", demographics(name="WEBBER^ANNA")))
    waits(hospital)
    assert hospital.kinds() == ["demographic_mismatch", "missing_update"]


def test_images_that_came_long_after_the_update_say_nothing_of_it(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(order("A109"), adt("A08", name=WEBER))
    waits(hospital)
    hospital.sees(study("1.2.9", "A109"))
    waits(hospital)
    assert hospital.kinds() == ["demographic_mismatch", "missing_update"]
    assert hospital.case(CaseKind.MISSING_UPDATE).finding.total == 3


def test_mismatches_put_aside_before_are_not_told_again(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    for case in hospital.cases():
        dismissal.dismiss(hospital.store, case.id, reason="known", who="ann", now=hospital.now)
    waits(hospital)
    hospital.recheck()
    assert hospital.cases() == []


def test_switched_off_they_stay_mismatches(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"cases": CasesConfig(missing_update_minutes=0)}))
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    waits(hospital)
    assert hospital.kinds() == ["demographic_mismatch"] * 3


def test_an_interface_that_is_down_is_one_case(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"cases": CasesConfig(group_from=2)}))
    hospital.hears_an_early_order()
    for number in range(3):
        mrn = f"200000{number}"
        hospital.hears(adt("A04", mrn, f"MILLER{number}^EVA"), order(f"B{number}", pid(mrn, f"MILLER{number}^EVA")))
        hospital.sees(study(f"1.9.{number}", f"B{number}", demographics(mrn, f"MILLER{number}^EVA")))
    for number in range(3):
        hospital.hears(adt("A08", f"200000{number}", f"SMITH{number}^EVA"))
    waits(hospital)
    case = hospital.case()
    assert case.finding.cause == "updates from HIS do not reach main: 3 of them are missing"
    assert len(case.finding.study_ids) == 3


def test_looking_again_changes_nothing(hospital: Hospital) -> None:
    three_studies(hospital)
    hospital.hears(adt("A08", name=WEBER))
    waits(hospital)
    before = hospital.dump()
    hospital.recheck()
    waits(hospital, 3600)
    assert hospital.dump() == before


# -- a department's temporary number (IHE PIR, cases 4 and 5) ---------------------------------------------------------

TEMPORARY_PID = pid("T9020", issuer="OF1")


def ended(event: str) -> bytes:
    """Anna Fischer, who was imaged under T9020 of the department's own authority."""
    sent = "20261122140500"
    return message(msh(f"ADT^{event}", sender="HIS", written=sent), f"EVN|{event}|{sent}", pid(), "MRG|T9020^^^OF1")


@on_both
@pytest.mark.parametrize("event", ["A40", "A47"])
@pytest.mark.parametrize("issuer", ["OF1", ""], ids=["images name the authority", "images name none"])
def test_a_pacs_that_still_files_under_a_temporary_number_has_missed_the_message(
    hospital: Hospital, event: str, issuer: str
) -> None:
    hospital.hears_an_early_order()
    hospital.hears(order("A100", TEMPORARY_PID))
    hospital.sees(study(patient=demographics("T9020", issuer=issuer)))
    hospital.later(300)
    hospital.hears(*([adt("A04")] if event == "A40" else []), ended(event))
    waits(hospital)
    case = hospital.case()
    assert (case.kind, case.finding.severity) == (CaseKind.MISSING_UPDATE, 3)
    assert case.finding.cause.startswith(f"{event} of ")
    assert case.finding.cause.endswith("from HIS never reached main: 1 study carries the old number")
    before = hospital.dump()
    hospital.recheck()
    waits(hospital, 3600)
    assert hospital.dump() == before
    hospital.corrects("fix")
    assert hospital.study().facts.patient.patient_id.value == "1000001"
    assert (hospital.linked(), hospital.cases()) == ("A100", [])


def test_a_further_number_in_use_is_no_old_one(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    both = pid().replace("1000001^^^HOSP", "1000001^^^HOSP~E4^^^ENT")
    hospital.hears(order("A100", both))
    hospital.sees(study(patient=demographics("E4", issuer="")))
    waits(hospital)
    assert (hospital.linked(), hospital.cases()) == ("A100", [])
