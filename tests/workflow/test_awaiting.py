"""Who orders and images are for: temporary identities, as they age and are resolved. What breaks holds up nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind, CaseOwner
from radrecon.model.errors import Refused
from radrecon.store import expectations, queue
from radrecon.workflow import awaiting
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, merge, message, msh, order, pid

HOUR = 3600.0
ALPHA = "TRAUMA^ALPHA"


def waits(hospital: Hospital, hours: float) -> None:
    hospital.later(hours * HOUR)
    hospital.reconcile()


def configure(hospital: Hospital, **values: Any) -> None:
    hospital.configure(CONFIG.model_copy(update={"cases": CasesConfig(**values)}))


def ordered(hospital: Hospital, mrn: str = "T9020", name: str = ALPHA, born: str = "19600101") -> None:
    hospital.hears(adt("A04", mrn, name, born), order("A100", pid(mrn, name, born)))


def temporary(hospital: Hospital) -> Any:
    found = [one for one in hospital.cases() if one.kind is CaseKind.TEMPORARY_IDENTITY]
    return found[0] if found else None


def ended(hospital: Hospital) -> list[str]:
    with hospital.store.reading() as conn:
        query = "SELECT close_reason FROM recon_case WHERE state = 'closed' AND kind = 'temporary_identity'"
        return [row[0] for row in conn.exec_driver_sql(query)]


@on_both
def test_a_trauma_alias_is_a_case_that_weighs_more_as_time_goes_by(hospital: Hospital) -> None:
    ordered(hospital)
    waits(hospital, 3.9)
    assert temporary(hospital) is None
    waits(hospital, 0.2)
    case = temporary(hospital)
    assert case.finding.cause == "a name that stands for nobody with 1 order, and nobody has said who it is"
    assert (case.finding.owner, case.finding.severity) == (CaseOwner.REGISTRATION, 1)
    waits(hospital, 20)
    assert (temporary(hospital).id, temporary(hospital).finding.severity) == (case.id, 2)
    waits(hospital, 48)
    assert (temporary(hospital).id, temporary(hospital).finding.severity) == (case.id, 3)
    hospital.hears(adt("A04"), merge("1000001", "T9020"))
    assert temporary(hospital) is None
    assert ended(hospital) == ["merged into the patient that it is"]


def test_an_update_with_the_real_name_resolves_it(hospital: Hospital) -> None:
    ordered(hospital)
    waits(hospital, 5)
    hospital.hears(adt("A08", "T9020"))
    assert temporary(hospital) is None
    assert ended(hospital) == ["registration has said who it is"]


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"temporary_ids": [r"T\d{4}"]}, "T9020^^^HOSP"),
        ({"temporary_issuers": ["of1"]}, "9020^^^OF1"),
        ({}, "9020^^^HOSP^MRT"),
        ({"temporary_id_types": ["ER"]}, "9020^^^HOSP^ER"),
    ],
)
def test_a_number_is_temporary_by_its_pattern_authority_or_type(
    hospital: Hospital, values: dict[str, Any], number: str
) -> None:
    configure(hospital, **values)
    patient = f"PID|1||{number}||FISCHER^ANNA||19600517|F"
    hospital.hears(order("A100", patient), order("A101"))
    waits(hospital, 5)
    assert temporary(hospital).finding.cause.startswith("a temporary patient number with 1 order")
    assert len(hospital.cases()) == 1


def test_a_departmental_number_with_images_before_anybody_registered_them(hospital: Hospital) -> None:
    """IHE PIR, done before registered: the A40 ends it."""
    configure(hospital, temporary_ids=[r"T\d+"])
    hospital.hears_an_early_order()
    hospital.hears(adt("A04", "T9020", "UNREGISTERED^PATIENT"))
    hospital.sees(study("1.2.3", "", demographics("T9020", "UNREGISTERED^PATIENT")))
    waits(hospital, 5)
    assert temporary(hospital).finding.cause.startswith("a temporary patient number with 1 study,")
    hospital.hears(adt("A04"), merge("1000001", "T9020"))
    assert temporary(hospital) is None


def test_a_newborn_has_three_days(hospital: Hospital) -> None:
    ordered(hospital, "1000007", "FISCHER^BABY BOY", "20261121")
    waits(hospital, 71)
    assert temporary(hospital) is None
    waits(hospital, 2)
    assert (temporary(hospital).finding.severity, temporary(hospital).finding.evidence["what"]) == (1, "newborn")


def test_a_grown_up_called_boy_is_nobody_new(hospital: Hospital) -> None:
    ordered(hospital, "1000007", "BOY^GEORGE", "19610614")
    waits(hospital, 100)
    assert temporary(hospital) is None


def test_an_alias_without_orders_or_images_concerns_nobody(hospital: Hospital) -> None:
    hospital.hears(adt("A04", "T9020", ALPHA, "19600101"))
    waits(hospital, 100)
    assert hospital.cases() == []


def test_merging_takes_the_temporary_number_as_the_one_that_goes(hospital: Hospital) -> None:
    hospital.hears(adt("A04"))
    ordered(hospital)
    waits(hospital, 5)
    assert "name both patients" in hospital.refused(Refused, "merge", temporary(hospital))
    plan = hospital.plans("merge", temporary(hospital), values={"survivor": "1000001"})
    assert plan.summary == "Merge T9020^^^HOSP into 1000001^^^HOSP"


@on_both
@pytest.mark.parametrize("turns", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_the_order_of_arrival_does_not_matter(hospital: Hospital, turns: tuple[int, ...]) -> None:
    images = study("1.2.3", "A100", demographics("T9020", ALPHA, birth_date="1960-01-01"))
    told = (
        lambda: hospital.hears(adt("A04", "T9020", ALPHA, "19600101")),
        lambda: hospital.hears(order("A100", pid("T9020", ALPHA, "19600101"))),
        lambda: hospital.sees(images),
    )
    hospital.hears_an_early_order()
    for turn in turns:
        told[turn]()
    hospital.recheck()
    waits(hospital, 5)
    cause = "a name that stands for nobody with 1 order and 1 study, and nobody has said who it is"
    assert [one.finding.cause for one in hospital.cases()] == [cause]


# -- what is awaited --------------------------------------------------------------------------------------------------


def waiting_for(hospital: Hospital) -> list[tuple[str, str]]:
    with hospital.store.reading() as conn:
        return sorted(tuple(row) for row in conn.exec_driver_sql("SELECT kind, subject FROM expectation"))


def test_what_is_awaited_follows_the_order_through_its_life(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100"))
    assert waiting_for(hospital) == [("overdue_order", "order:1")]
    hospital.sees(study("1.2.3", "A100"))
    assert waiting_for(hospital) == [("images_without_report", "order:1")]
    hospital.hears(message(msh("ORU^R01"), pid(), "OBR|1|P-A100|F-A100" + "|" * 22 + "P", "OBX|1|TX|R||x||||||P"))
    assert waiting_for(hospital) == []


def test_one_that_breaks_is_put_off_and_holds_up_no_other(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    real = awaiting.facts_of

    def breaks(conn: Any, ids: list[int], *more: Any) -> Any:
        if 1 in ids:
            raise ValueError("bad")
        return real(conn, ids, *more)

    monkeypatch.setattr(awaiting, "facts_of", breaks)
    hospital.takes(order("A100"), order("A101"))
    hospital.reconcile()
    assert [subject for kind, subject in waiting_for(hospital) if kind == "overdue_order"] == ["order:2"]
    monkeypatch.setattr(awaiting, "facts_of", real)
    hospital.later(61)
    hospital.reconcile()
    assert ("overdue_order", "order:1") in waiting_for(hospital)


def test_nobody_is_woken_twice_for_the_same_minute(hospital: Hospital) -> None:
    hospital.takes(*(order(f"A{number}") for number in range(20)))
    hospital.reconcile()
    with hospital.store.reading() as conn:
        due = queue.due(conn, hospital.now + timedelta(days=2))
        assert len([one for one in due if one.kind == "missed"]) <= 3
        assert expectations.any_waits(conn)
