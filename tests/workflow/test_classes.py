"""The classes of studies out of the database: several orders, wrong order, wrong pick, outside, companions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.config import ModalityConfig, OutsideConfig
from radrecon.model.case import CaseKind
from radrecon.model.correction import IndexChange
from radrecon.model.person import LinkState
from radrecon.model.study import RequestAttributes, SeriesFacts, StudyFacts
from radrecon.store import listings, study_links
from radrecon.workflow import index_changes
from tests.builders import demographics, study
from tests.unit.dicom import performed as sets
from tests.unit.dicom.performed import completion, creation, item
from tests.workflow.hospital import CONFIG, Hospital, on_both
from tests.workflow.messages import adt, imaging_order, orc, order, pid
from tests.workflow.modality import Modality

BERTA = pid("2000002", "MAYER^BERTA", "19710102", "F")


def series(part: str = "", *, requests: tuple[str, ...] = (), modality: str = "CT", number: int = 1) -> SeriesFacts:
    named = tuple(RequestAttributes(accession) for accession in requests)
    return SeriesFacts(f"1.2.3.{number}", modality, "CT1", part, instances=2, requests=named)


def two_orders(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(order("A100", text="CT CHEST"), order("A200", text="CT ABDOMEN"))


def grouped(accession: str = "") -> StudyFacts:
    return study(accession=accession, series=(series(requests=("A100", "A200")),))


def orders_of(hospital: Hospital, uid: str = "1.2.3") -> list[str]:
    with hospital.store.reading() as conn:
        row = listings.study(conn, hospital.study(uid).id)
        return [listings.order(conn, order_id).accession_number for order_id in row.order_ids]


def stands(hospital: Hospital, uid: str = "1.2.3") -> str:
    return hospital.study(uid).match_class


# -- one study, several orders ----------------------------------------------------------------------------------------


@on_both
@pytest.mark.parametrize("accession", ["", "A100"], ids=["accession blank", "the first order's"])
def test_one_study_for_two_orders_that_its_images_name_is_both_orders(hospital: Hospital, accession: str) -> None:
    two_orders(hospital)
    hospital.sees(grouped(accession))
    assert orders_of(hospital) == ["A100", "A200"]
    assert stands(hospital) == "linked"
    assert hospital.kinds() == []
    assert [str(hospital.order(one).status) for one in ("A100", "A200")] == ["COMPLETED", "COMPLETED"]


@on_both
def test_the_second_order_may_be_heard_after_the_images(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(order("A100", text="CT CHEST"))
    hospital.sees(grouped("A100"))
    assert orders_of(hospital) == ["A100"]
    hospital.hears(order("A200", text="CT ABDOMEN"))
    assert orders_of(hospital) == ["A100", "A200"]


@on_both
def test_an_order_of_a_grouped_study_has_its_images(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.sees(grouped())
    hospital.sees(study("1.2.9", "A200", series=(series(number=9),)))
    assert stands(hospital, "1.2.9") == "suggested"
    (case,) = [one for one in hospital.cases() if one.finding.study_id == hospital.study("1.2.9").id]
    assert "already has images" in case.finding.cause


@on_both
def test_looking_again_changes_nothing(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.sees(grouped())
    before = hospital.dump()
    hospital.recheck()
    assert hospital.dump() == before


@on_both
def test_a_set_with_a_contradiction_is_for_a_person(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.sees(replace(grouped(), patient=demographics(birth_date="1960-05-18")))
    (case,) = hospital.cases()
    assert case.kind is CaseKind.UNASSIGNED_STUDY
    assert case.finding.cause == "one study for several orders: A100 and A200"
    assert case.finding.evidence["orders"] == [hospital.order("A100").id, hospital.order("A200").id]


@on_both
def test_linking_it_to_one_order_frees_the_other_and_undoing_brings_both_back(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.hears(order("A300", text="CT ABDOMEN"))
    hospital.sees(grouped("A100"))
    with hospital.store.transaction() as conn:
        ids = {"study_id": hospital.study().id, "order_id": hospital.order("A300").id}
        index_changes.apply(conn, [IndexChange("link", "", ids)], 7, hospital.now)
    hospital.reconcile()
    assert orders_of(hospital) == ["A300"]
    assert [str(hospital.order(one).status) for one in ("A100", "A200")] == ["SCHEDULED", "SCHEDULED"]
    with hospital.store.transaction() as conn:
        back = {"study_id": hospital.study().id, "order_id": hospital.order("A100").id}
        index_changes.apply(conn, [IndexChange("link", "", back)], 8, hospital.now, undo=True)
    hospital.reconcile()
    assert orders_of(hospital) == ["A100", "A200"]
    with hospital.store.reading() as conn:
        links = study_links.links_of_study(conn, hospital.study().id)
    assert {link.state for link in links} == {LinkState.AUTO}


@on_both
def test_the_modality_names_the_orders_where_the_archive_does_not(hospital: Hospital) -> None:
    two_orders(hospital)
    both = creation(ScheduledStepAttributesSequence=[item(AccessionNumber="A100"), item(AccessionNumber="A200")])
    Modality(hospital).begins("9.1", both)
    Modality(hospital).goes_on("9.1", completion(sets.series("1.2.3.1")))
    hospital.sees(study(accession="", series=(series(),)))
    assert orders_of(hospital) == ["A100", "A200"]


@on_both
def test_an_order_that_nothing_names_is_proposed_once_it_has_waited(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.sees(study(series=(series("CHEST"), series("ABDOMEN", number=2))))
    assert hospital.kinds() == []
    hospital.later(6 * 3600)
    hospital.reconcile()
    (case,) = hospital.cases()
    assert case.kind is CaseKind.SPLIT_ACCESSION
    assert case.finding.cause == "perhaps one study for several orders: A100 and A200"
    hospital.sees(study("1.2.9", "A200", series=(series("ABDOMEN", number=9),)))
    assert hospital.kinds() == []


# -- wrong order, wrong pick ------------------------------------------------------------------------------------------


@on_both
def test_the_wrong_order_of_the_right_patient_names_both_and_links_neither(hospital: Hospital) -> None:
    two_orders(hospital)
    hospital.sees(study(series=(series("ABDOMEN"),)))
    assert hospital.linked() == ""
    (case,) = hospital.cases()
    assert case.kind is CaseKind.WRONG_ORDER
    assert case.finding.evidence["named"] == hospital.order("A100").id
    assert case.finding.candidates[0].order_id == hospital.order("A200").id


@on_both
def test_a_neighbour_without_images_who_was_examined_then_by_the_riss_word(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.hears(imaging_order(start="20261122180000"), imaging_order("B100", "1.2.9", BERTA))
    hospital.sees(study(series=(series("CHEST"),)))
    hospital.hears(closed_by_ris())
    assert hospital.kinds() == []
    hospital.later(6 * 3600)
    hospital.reconcile()
    (case,) = hospital.cases()
    assert case.kind is CaseKind.POSSIBLE_WRONG_PICK
    assert "order B100 of another patient was closed in the RIS as done and has no images" in case.finding.cause
    assert hospital.linked() == "A100"
    hospital.sees(study("1.2.9", "B100", demographics("2000002", "MAYER^BERTA", birth_date="1971-01-02")))
    assert hospital.kinds() == []


def closed_by_ris() -> bytes:
    plain = imaging_order("B100", "1.2.9", BERTA)
    return plain.replace(orc("B100").encode(), orc("B100", "SC", "CM").encode())


def examined_twice(hospital: Hospital) -> None:
    """Two examinations under one order's line and Study UID, while another patient was due and has no images."""
    hospital.hears_an_early_order()
    hospital.hears(imaging_order(start="20261122145000"), imaging_order("B100", "1.2.9", BERTA))
    begun = ("2026-11-22T14:32:00", "2026-11-22T14:55:00")
    made = tuple(replace(series("CHEST", number=at), performed=one) for at, one in enumerate(begun))
    hospital.sees(study(performed=begun[0], series=made))
    assert hospital.kinds() == []  # it is too early to say that the other does not come
    hospital.later(6 * 3600)
    hospital.reconcile()


@on_both
def test_a_second_examination_filed_with_the_first_while_another_patient_has_no_images(hospital: Hospital) -> None:
    examined_twice(hospital)
    (case,) = hospital.cases()
    assert case.kind is CaseKind.POSSIBLE_WRONG_PICK
    assert "but images were made under it twice; order B100 of another patient was due then" in case.finding.cause
    assert sum(case.finding.evidence["bits"]) >= 8.5


@on_both
def test_a_typed_study_of_the_other_patient_explains_why_their_order_has_none(hospital: Hospital) -> None:
    examined_twice(hospital)
    berta = demographics("2000002", "MAYER^BERTA", birth_date="1971-01-02")
    hospital.sees(study("1.2.77", "", berta, performed="2026-11-22T14:40:00"))
    assert CaseKind.POSSIBLE_WRONG_PICK not in hospital.kinds()


@on_both
def test_an_order_closed_in_the_ris_without_images_speaks_as_well(hospital: Hospital) -> None:
    examined_twice(hospital)
    hospital.hears(closed_by_ris())
    (case,) = hospital.cases()
    assert "order B100 of another patient was closed in the RIS as done and has no images" in case.finding.cause


# -- outside and companions -------------------------------------------------------------------------------------------


@on_both
def test_outside_studies_are_no_orphans_and_say_why(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"outside": OutsideConfig(institutions_own=["General"])}))
    hospital.hears(order("A100"))
    mine = demographics("X77", issuer="")
    hospital.sees(study("1.2.9", "E1", mine, institution_name="St. Elsewhere"))
    found = hospital.study("1.2.9")
    assert (found.match_class, found.judged, found.not_judged) == ("outside", False, "outside: made at St. Elsewhere")
    assert found.prior_of == hospital.person().id
    assert hospital.kinds() == []
    with hospital.store.reading() as conn:
        assert [row.id for row in listings.studies(conn, query="class:outside")] == [found.id]
        assert listings.summary(conn).studies_outside == 1


@on_both
@pytest.mark.parametrize("first", ["images", "copy"])
def test_a_copy_that_research_sends_back_does_not_take_the_order(hospital: Hospital, first: str) -> None:
    hospital.configure(CONFIG.model_copy(update={"outside": OutsideConfig(ae_titles=["RESEARCH"])}))
    hospital.hears_an_early_order()
    hospital.hears(order("A100"))
    copy = study("1.2.9", source_ae_title="RESEARCH", series=(series(number=9),))
    for facts in (study(), copy) if first == "images" else (copy, study()):
        hospital.sees(facts)
    assert (hospital.linked(), stands(hospital, "1.2.9"), hospital.kinds()) == ("A100", "outside", [])
    assert str(hospital.order().status) == "COMPLETED"


def test_a_dose_report_goes_with_the_images_and_not_with_the_copy_that_came_first(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"outside": OutsideConfig(ae_titles=["RESEARCH"])}))
    hospital.hears_an_early_order()
    hospital.hears(order("A100"))
    hospital.sees(study("1.2.8", source_ae_title="RESEARCH", series=(series(number=8),)), study())
    hospital.sees(study("1.2.9", modalities=("SR",), series=(series(modality="SR", number=9),)))
    assert (hospital.linked("1.2.9"), hospital.study("1.2.9").follows) == ("A100", hospital.study().id)


@on_both
def test_an_old_date_means_an_import_but_not_of_the_sites_own_scanner(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    old = study("1.2.9", "E1", demographics("X77", "MOSER^ILSE"), performed="2011-01-01T10:00:00")
    hospital.sees(old)
    assert stands(hospital, "1.2.9") == "outside"
    own = ModalityConfig(ae_title="CT1", modalities=["CT"])
    hospital.configure(CONFIG.model_copy(update={"modality": [own]}))
    hospital.recheck()
    assert stands(hospital, "1.2.9") == "orphan"
    assert hospital.kinds() == ["unassigned_study"]


@on_both
def test_a_phantom_is_outside_and_a_patient_called_test_is_not(hospital: Hospital) -> None:
    hospital.hears(order("A100", pid("1000001", "TEST^ANNA")))
    hospital.sees(study("1.2.8", "", demographics("QA1", "PHANTOM^QA", birth_date="", sex="", issuer="")))
    hospital.sees(study(patient=demographics(name="TEST^ANNA")))
    assert stands(hospital, "1.2.8") == "outside"
    assert stands(hospital) == "linked"


@on_both
@pytest.mark.parametrize("first", ["images", "report"])
def test_a_dose_report_goes_with_its_images_and_takes_no_order(hospital: Hospital, first: str) -> None:
    hospital.hears_an_early_order()
    hospital.hears(order("A100"))
    dose = study("1.2.9", modalities=("SR",), series=(series(modality="SR", number=9),))
    for facts in (study(), dose) if first == "images" else (dose, study()):
        hospital.sees(facts)
    assert (hospital.linked(), hospital.linked("1.2.9")) == ("A100", "A100")
    assert hospital.study("1.2.9").follows == hospital.study().id
    assert hospital.kinds() == []


@on_both
def test_a_companion_of_an_orphan_is_no_second_orphan(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    hospital.sees(study(accession="B77"))
    hospital.sees(study("1.2.9", "B77", modalities=("KO",), series=(series(modality="KO", number=9),)))
    assert hospital.kinds() == ["unassigned_study"]
    assert stands(hospital, "1.2.9") == "follows"


# -- what is not linked -----------------------------------------------------------------------------------------------


@on_both
def test_a_second_patients_order_with_the_number_is_a_collision_before_any_images(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A100", BERTA, placer="P9", filler="F9"))
    assert hospital.kinds() == ["accession_collision"]
    hospital.sees(study())
    assert hospital.linked() == ""


@on_both
def test_the_studies_of_a_suspected_overlay_are_not_linked(hospital: Hospital) -> None:
    hospital.hears(order("A100"), adt("A08", name="SCHULZ^BERTA", born="19710102"))
    assert hospital.kinds() == ["suspected_overlay"]
    hospital.sees(study())
    assert hospital.linked() == ""
