"""An unknown patient is identified, and the next one comes in under the same alias and number."""

from __future__ import annotations

from radrecon.model.correction import Plan
from radrecon.store.cases import StoredCase
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import message, msh, order, pid

UNKNOWN_PID = "PID|1||T77^^^HOSP||TRAUMA^ALPHA|||U"
UNKNOWN = demographics("T77", "TRAUMA^ALPHA", birth_date="", sex="")
HOUR = 3600


def order_of_the_unknown(accession: str, visit: str) -> bytes:
    return order(accession, UNKNOWN_PID, visit=f"PV1|1|E|ED{'|' * 16}{visit}")


def identified(hospital: Hospital) -> None:
    """The first one is imaged, and turns out to be Anna Fischer (an A40 that the PACS never got)."""
    hospital.hears_an_early_order()
    hospital.hears(order_of_the_unknown("A100", "V1"))
    hospital.sees(study(patient=UNKNOWN))
    hospital.later(HOUR)
    sent = f"{hospital.now:%Y%m%d%H%M%S}"
    named = message(msh("ADT^A40", sender="HIS", written=sent), f"EVN|A40|{sent}", pid(), "MRG|T77^^^HOSP")
    hospital.hears(named)
    hospital.later(HOUR)
    hospital.reconcile()


def comes_next(hospital: Hospital) -> None:
    """Another one, hours later."""
    hospital.hears(order_of_the_unknown("A200", "V2"))
    performed = hospital.now.strftime("%Y-%m-%dT%H:%M:%S")
    hospital.sees(study("1.2.4", "A200", UNKNOWN, performed=performed))


def case_of(hospital: Hospital, uid: str) -> StoredCase:
    wanted = hospital.study(uid).id
    return next(one for one in hospital.cases() if one.finding.study_id == wanted)


def edited(plan: Plan) -> set[str]:
    return {one.edit.study_instance_uid for one in plan.deliveries if one.edit}


@on_both
def test_who_is_corrected_does_not_take_the_next_patient_along(hospital: Hospital) -> None:
    identified(hospital)
    comes_next(hospital)
    for verb in ("fix", "merge"):
        plan = hospital.plans(verb, case_of(hospital, "1.2.3"))
        assert edited(plan) == {"1.2.3"}
        assert "perhaps of the next patient: 1 study stays as it is" in plan.warnings[0]


def test_the_images_of_the_next_are_corrected_only_by_who_is_told_so(hospital: Hospital) -> None:
    identified(hospital)
    comes_next(hospital)
    for verb in ("fix", "merge", "link"):
        warning = hospital.plans(verb, case_of(hospital, "1.2.4")).warnings[0]
        assert "made as TRAUMA^ALPHA after T77 was merged away" in warning
        assert "make sure that these images are of FISCHER^ANNA" in warning


def test_images_from_before_the_merge_go_along_however_late_they_come(hospital: Hospital) -> None:
    identified(hospital)
    hospital.sees(study("1.2.4", "", UNKNOWN))
    plan = hospital.plans("fix", case_of(hospital, "1.2.3"))
    assert edited(plan) == {"1.2.3", "1.2.4"}
    assert not any("next patient" in one for one in plan.warnings)
