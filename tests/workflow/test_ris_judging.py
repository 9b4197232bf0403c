"""Another system's worklist beside the orders: cases that open, change and close by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from radrecon.config import Config, ModalityConfig, WorklistSourceConfig
from radrecon.model.case import CaseKind, CaseOwner, CaseState
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.workflow import ris_lists
from radrecon.workflow.dismissal import dismiss
from radrecon.workflow.ris_lists import Asked
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, cancel, imaging_order, message, msh, orc, order, pid

GRACE = 5 * 60
CT1, CT2 = (ModalityConfig(ae_title=name, modalities=["CT"]) for name in ("CT1", "CT2"))


def entry(accession: str = "A100", **more: Any) -> WorklistEntry:
    named = {
        "requested_procedure_id": f"RP-{accession}",
        "scheduled_procedure_step_id": f"S-{accession}",
        "station_ae_title": "CT1",
        "modality": "CT",
        "start": "2026-11-22T14:30",
        "patient": demographics(),
        "requested_procedure_description": "CT chest",
    }
    return WorklistEntry(accession, **(named | more))


class Ris:
    """The other system: a list per modality, asked when a test says so."""

    def __init__(self, hospital: Hospital, **source: Any) -> None:
        self.hospital = hospital
        self.lists: dict[str, list[WorklistEntry]] = {"CT1": [], "CT2": []}
        self.error: dict[str, str] = {}
        one = WorklistSourceConfig(name="RIS", ae_title="RISWL", port=1, **source)
        self.configure(CONFIG.model_copy(update={"modality": [CT1, CT2], "worklist_source": [one]}))

    def configure(self, config: Config) -> None:
        self.hospital.configure(config)

    def is_asked(self, seconds: float = 120) -> None:
        """A round of questions, `seconds` after the last thing."""
        self.hospital.later(seconds)
        now = self.hospital.now
        for station, listed in self.lists.items():
            days = ris_lists.days_asked(self.hospital.config, station, now)
            error = self.error.get(station, "")
            given = () if error else tuple(listed)
            ris_lists.record(self.hospital.store, Asked("RIS", station, now, *days, given, error))
        ris_lists.wake(self.hospital.store, "RIS", now)
        self.hospital.reconcile()

    def says(self, station: str = "CT2", accession: str = "A100") -> str:
        with self.hospital.store.reading() as conn:
            (one,) = ris_lists.about(conn, station, accession, self.hospital.now)
        return one.sentence


@pytest.fixture
def ris(hospital: Hospital) -> Ris:
    return Ris(hospital)


@on_both
def test_an_order_that_is_on_no_list_is_a_case_after_the_grace_and_closes_when_it_is_there(hospital: Hospital) -> None:
    ris = Ris(hospital)
    ris.is_asked()
    hospital.hears(order())
    ris.is_asked()
    assert hospital.cases() == []
    ris.is_asked(GRACE)
    case = hospital.case(CaseKind.NOT_ON_RIS_WORKLIST)
    assert case.finding.cause == (
        "CT chest with contrast A100 is ordered for CT1 and CT2 (2026-11-22 14:30), but not on the worklist of RIS. "
        "Ask the RIS to schedule or release it."
    )
    assert (case.finding.owner, case.finding.order_id) == (CaseOwner.RIS, hospital.order().id)
    ris.lists["CT2"] = [entry()]
    ris.is_asked()
    assert hospital.cases() == []
    assert hospital.cases(str(CaseState.CLOSED))[0].id == case.id


@on_both
def test_an_entry_that_nobody_ordered_is_a_case_and_closes_when_its_order_comes(hospital: Hospital) -> None:
    ris = Ris(hospital)
    hospital.hears_an_early_order()
    ris.is_asked()
    ris.lists["CT1"] = [entry("B7", patient=demographics("7777777", "ALIEN^ANN"))]
    ris.is_asked()
    assert "never_ordered" not in hospital.kinds()
    ris.is_asked(GRACE)
    case = hospital.case(CaseKind.NEVER_ORDERED)
    assert "CT chest B7 is on the worklist of RIS for CT1 (2026-11-22 14:30), but was never ordered here" in (
        case.finding.cause
    )
    hospital.hears(order("B7", pid("7777777", "ALIEN^ANN", "19600517", "F")))
    hospital.later(3)
    hospital.reconcile()
    assert CaseKind.NEVER_ORDERED not in [one.kind for one in hospital.cases()]


def test_what_stood_there_before_we_listened_is_not_judged_until_orders_are_heard_for_long(
    hospital: Hospital, ris: Ris
) -> None:
    ris.lists["CT1"] = [entry("B7", patient=demographics("7777777", "ALIEN^ANN"))]
    hospital.hears(order())
    ris.lists["CT2"] = [entry()]
    ris.is_asked()
    ris.is_asked(GRACE)
    assert hospital.cases() == []


def test_before_any_order_was_heard_nothing_is_called_never_ordered(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    ris.lists["CT1"] = [entry("B7")]
    ris.is_asked()
    ris.is_asked(GRACE)
    assert hospital.cases() == []


def test_an_entry_that_the_window_brings_in_may_have_been_ordered_before(hospital: Hospital, ris: Ris) -> None:
    """It is not on the first list because its day was not asked for."""
    hospital.hears(order())
    ris.lists["CT2"] = [entry()]
    ris.is_asked()
    ris.lists["CT1"] = [entry("B7", start="2026-11-25T10:00", patient=demographics("7777777", "ALIEN^ANN"))]
    ris.is_asked(24 * 3600)
    ris.lists["CT2"] = []
    ris.is_asked(GRACE)
    assert CaseKind.NEVER_ORDERED not in [one.kind for one in hospital.cases()]


@pytest.mark.parametrize("why", ["RIS cannot be reached", "RIS answered A700 to the query"])
def test_while_the_source_is_down_or_cut_off_cases_stay_as_they_are(hospital: Hospital, ris: Ris, why: str) -> None:
    ris.is_asked()
    hospital.hears(order())
    ris.error = {"CT1": why}
    ris.is_asked(GRACE)
    assert hospital.cases() == []
    ris.error = {}
    ris.is_asked(GRACE)
    case = hospital.case()
    ris.error = {"CT1": why, "CT2": why}
    ris.is_asked()
    assert hospital.case().id == case.id
    hospital.hears(cancel())
    ris.is_asked()
    assert hospital.cases() == []


def test_never_asked_is_never_judged(hospital: Hospital, ris: Ris) -> None:
    ris.error = {"CT1": "down", "CT2": "down"}
    hospital.hears(order())
    ris.is_asked(GRACE * 2)
    assert hospital.cases() == []
    assert ris.says() == "Not known whether it is on the list of RIS: asked 14:10, no whole answer: down."


def test_an_order_taken_off_the_list_is_a_case_with_the_time(hospital: Hospital) -> None:
    ris = Ris(hospital, grace_minutes=0)
    hospital.hears(order())
    ris.lists["CT1"] = [entry()]
    ris.is_asked()
    assert hospital.cases() == []
    ris.lists["CT1"] = []
    ris.is_asked()
    assert "not on the worklist of RIS since 2026-11-22 14:04" in hospital.case().finding.cause
    assert ris.says("CT1") == "Not on the list of RIS since 14:04 (asked 14:04, got 0)."
    ris.lists["CT1"] = [entry()]
    ris.is_asked()
    assert hospital.cases() == []
    assert ris.says("CT1") == "On the list that RIS gives to CT1, since 14:02 (asked 14:06, got 1)."


def test_an_entry_moved_to_another_modality_is_explained(hospital: Hospital, ris: Ris) -> None:
    hospital.hears(order())
    assert ris.says() == "Not known whether it is on the list of RIS: never asked."
    ris.lists["CT1"] = [entry()]
    ris.is_asked()
    assert ris.says("CT2") == "On the list that RIS gives to CT1, not CT2 (asked 14:02, got 0)."
    ris.lists = {"CT1": [], "CT2": [entry(station_ae_title="CT2")]}
    ris.is_asked()
    assert ris.says("CT2") == "On the list that RIS gives to CT2, since 14:02 (asked 14:04, got 1)."
    assert ris.says("CT1") == "On the list that RIS gives to CT2, not CT1 (asked 14:04, got 0)."
    assert ris.says("") == ris.says("CT2")
    assert ris.says("", "X") == "Not on the list that RIS gives to CT1 (asked 14:04, got 0)."
    assert ris.says("MR9", "X") == "Not known whether it is on the list of RIS: never asked as MR9."


def test_images_say_that_it_was_done(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(order())
    hospital.looks(study())
    ris.is_asked(GRACE)
    assert hospital.cases() == []


def test_a_step_of_another_station_is_looked_for_on_that_ones_list_only(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(imaging_order())
    ris.error = {"CT2": "down"}
    ris.is_asked(GRACE)
    assert "ordered for CT1 (2026" in hospital.case().finding.cause


def test_another_name_on_the_list_is_a_mismatch_until_the_ris_takes_it_over(hospital: Hospital, ris: Ris) -> None:
    hospital.hears(order())
    ris.lists["CT1"] = [entry(patient=demographics(name="FISHER^ANNA", birth_date="1960-05-18"))]
    ris.is_asked()
    ris.is_asked(GRACE)
    case = hospital.case(CaseKind.WORKLIST_MISMATCH)
    assert "has another name and birth date for order A100" in case.finding.cause
    assert [each.field for each in case.finding.differences if each.weight == "differs"] == [
        "patient_name", "patient_birth_date",
    ]  # fmt: skip
    ris.lists["CT1"] = [entry()]
    ris.is_asked()
    assert hospital.cases() == []


def test_a_name_that_changed_a_moment_ago_may_still_be_on_its_way(hospital: Hospital, ris: Ris) -> None:
    hospital.hears(order())
    ris.lists["CT1"] = [entry()]
    ris.is_asked()
    ris.is_asked(GRACE)
    hospital.hears(adt("A08", name="WAGNER^ANNA"))
    ris.is_asked()
    assert hospital.cases() == []
    ris.is_asked(GRACE)
    case = hospital.case(CaseKind.WORKLIST_MISMATCH)
    assert case.finding.person_id == hospital.person().id
    hospital.hears(adt("A08"))
    hospital.later(3)
    hospital.reconcile()
    assert hospital.cases() == []


def test_another_patient_under_the_accession_number_is_grave(hospital: Hospital, ris: Ris) -> None:
    hospital.hears(order())
    ris.lists["CT1"] = [entry(patient=demographics("7777777", "ALIEN^ANN", birth_date="1991-01-01"))]
    ris.is_asked()
    ris.is_asked(GRACE)
    case = hospital.case(CaseKind.WORKLIST_MISMATCH)
    assert (case.finding.severity, "names another patient" in case.finding.cause) == (3, True)


def test_letter_case_and_padding_are_no_mismatch(hospital: Hospital, ris: Ris) -> None:
    hospital.hears(order())
    other = demographics("0001000001", "Fischer^Anna", issuer="")
    ris.lists["CT1"] = [entry(patient=other)]
    ris.is_asked()
    ris.is_asked(GRACE)
    assert hospital.cases() == []


def test_an_order_without_its_number_is_found_by_patient_and_exam(hospital: Hospital, ris: Ris) -> None:
    plain = "OBR|1|P1^EHR||CTCHEST^CT chest^L|" + "|" * 18 + "|CT|||^^^20261122143000^^R"
    hospital.hears(message(msh("ORM^O01"), pid(), orc("", placer="P1", filler=" "), plain))
    ris.lists["CT1"] = [entry("A100")]
    ris.is_asked()
    ris.is_asked(GRACE)
    assert "never_ordered" not in hospital.kinds()
    assert "not_on_ris_worklist" not in hospital.kinds()


def test_a_source_that_is_asked_no_more_has_no_cases(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(order())
    ris.is_asked(GRACE)
    assert hospital.kinds() == ["not_on_ris_worklist"]
    ris.configure(CONFIG)
    ris_lists.forget_unasked(hospital.store, hospital.config, hospital.now)
    hospital.reconcile()
    assert hospital.cases() == []


def test_the_same_facts_give_the_same_cases(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(order())
    ris.is_asked(GRACE)
    before = hospital.dump()
    ris_lists.wake(hospital.store, "RIS", hospital.now)
    hospital.reconcile()
    ris.is_asked()
    assert hospital.dump() == before


def test_a_dismissed_case_stays_away(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(order())
    ris.is_asked(GRACE)
    dismiss(hospital.store, hospital.case().id, reason="by phone", who="ann", now=hospital.now)
    ris.is_asked()
    assert hospital.cases() == []


def test_an_order_beyond_the_window_is_not_looked_for(hospital: Hospital, ris: Ris) -> None:
    ris.is_asked()
    hospital.hears(order(start="20261126100000"))
    ris.is_asked(GRACE)
    assert hospital.cases() == []
    ris.is_asked(3 * 24 * 3600)
    assert hospital.kinds() == ["not_on_ris_worklist"]
