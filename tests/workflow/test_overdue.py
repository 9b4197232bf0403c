"""Orders that never get an accession number."""

from __future__ import annotations

import pytest

from radrecon.model.case import CaseKind, CaseState
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, cancel, merge, message, msh, order, pid, report

HALF_AN_HOUR = 30 * 60


def placers_word(patient: str = "", control: str = "NW") -> bytes:
    request = "OBR|1|P1^EHR||CTCHEST^CT chest^L|" + "|" * 18 + "|CT"
    return message(msh("ORM^O01", sender="EHR"), patient or pid(), f"ORC|{control}|P1^EHR", request)


def waits(hospital: Hospital, seconds: float = HALF_AN_HOUR) -> None:
    hospital.later(seconds)
    hospital.reconcile()


@on_both
def test_an_order_without_its_number_is_a_case_after_half_an_hour_and_closes_when_it_comes(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(placers_word())
    waits(hospital, HALF_AN_HOUR - 10)
    assert hospital.cases() == []
    waits(hospital, 11)
    case = hospital.case(CaseKind.NEVER_ACCESSIONED)
    assert case.finding.cause == "order P1 from EHR has no accession number after 30 minutes"
    assert case.subject == f"order:{case.finding.order_id}"
    hospital.hears(order("A100", placer="P1", filler="F1"))
    assert hospital.cases() == []
    assert hospital.order().id == case.finding.order_id


@pytest.mark.parametrize("control", ["CA", "DC", "SC"])
def test_it_closes_when_the_order_ends(hospital: Hospital, control: str) -> None:
    hospital.hears_an_early_order()
    hospital.hears(placers_word())
    waits(hospital)
    assert hospital.kinds() == ["never_accessioned"]
    status = "CM" if control == "SC" else ""
    hospital.hears(message(msh("ORM^O01", sender="EHR"), "PID|1||1000001^^^HOSP", f"ORC|{control}|P1^EHR|||{status}"))
    assert hospital.cases() == []


def test_it_closes_when_the_order_is_reported(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(placers_word())
    waits(hospital)
    hospital.hears(message(msh("ORU^R01"), pid(), "OBR|1|P1|" + "|" * 22 + "F", "OBX|1|TX|R||x||||||F"))
    assert hospital.cases() == []


def test_where_no_accession_number_was_ever_heard_nobody_is_told(hospital: Hospital) -> None:
    hospital.hears(placers_word())
    waits(hospital)
    assert hospital.cases() == []


def test_a_site_may_switch_it_off_or_wait_longer(hospital: Hospital) -> None:
    def minutes(number: int) -> None:
        site = CONFIG.site.model_copy(update={"never_accessioned_minutes": number})
        hospital.configure(CONFIG.model_copy(update={"site": site}))

    hospital.hears_an_early_order()
    hospital.hears(placers_word())
    minutes(60)
    waits(hospital)
    assert hospital.cases() == []
    waits(hospital)
    assert hospital.kinds() == ["never_accessioned"]
    minutes(0)
    hospital.hears(placers_word(control="XO"))
    assert hospital.cases() == []


def test_a_dismissed_case_stays_away(hospital: Hospital) -> None:
    from radrecon.workflow.dismissal import dismiss

    hospital.hears_an_early_order()
    hospital.hears(placers_word())
    waits(hospital)
    dismiss(hospital.store, hospital.case().id, reason="by phone", who="ann", now=hospital.now)
    hospital.hears(placers_word(control="XO"))
    waits(hospital)
    assert hospital.cases() == []
    assert len(hospital.cases(str(CaseState.DISMISSED))) == 1


def test_an_order_with_its_number_wakes_nobody(hospital: Hospital) -> None:
    hospital.hears(order("A100"), cancel("A100"), report("A100"))
    hospital.later(24 * 3600)
    assert "overdue" not in {item.kind for item in hospital.touched()}


def test_an_order_heard_again_under_the_patients_other_number_is_not_missing_its_own(hospital: Hospital) -> None:
    hospital.hears(placers_word(pid("1000009")), order("A100", placer="P1", filler="F1"))
    assert hospital.order().person_id != hospital.person("1000009").id
    hospital.hears(adt("A04", "1000001"), merge("1000001", "1000009"))
    waits(hospital)
    assert "never_accessioned" not in hospital.kinds()
