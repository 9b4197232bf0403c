"""One study in two archives (the PACS and a VNA): what is corrected in the one is to be corrected in the other."""

from __future__ import annotations

from dataclasses import replace

from radrecon.model.case import CaseKind
from radrecon.model.study import StudyFacts
from radrecon.store import studies
from radrecon.workflow import feed
from tests.builders import study
from tests.workflow.hospital import ARCHIVE, CONFIG, STABLE, Hospital, on_both
from tests.workflow.messages import order

SECOND = ARCHIVE.model_copy(update={"name": "vna", "ae_title": "VNA", "port": 2})


def copied(hospital: Hospital, facts: StudyFacts) -> None:
    """The second archive has it as well, complete."""
    for _ in range(2):
        hospital.later(1)
        there = replace(facts, pacs="vna")
        feed.record(hospital.store, "vna", (there,), at=hospital.now, baseline=False, stable=STABLE)
    hospital.later(STABLE + 2)
    hospital.reconcile()


def class_of_copy(hospital: Hospital) -> str:
    with hospital.store.reading() as conn:
        found = studies.by_uid(conn, "vna", "1.2.3")
    assert found is not None
    return found.match_class


@on_both
def test_the_copy_of_a_linked_study_is_linked_after_it(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"pacs": [ARCHIVE, SECOND]}))
    hospital.hears_an_early_order()
    hospital.hears(order("A100"))
    hospital.sees(study(accession="X77"))
    copied(hospital, study(accession="X77"))
    assert hospital.kinds() == ["unassigned_study"] * 2
    hospital.corrects("link", hospital.cases()[0], order_id=hospital.order().id)
    case = hospital.case(CaseKind.LATE_IMAGES)
    assert "the order already has images" not in case.finding.candidates[0].vetoes
    plan = hospital.plans("link", case)
    (delivery,) = plan.deliveries
    assert (delivery.destination, delivery.edit and delivery.edit.values["AccessionNumber"]) == ("vna", "A100")
    copied(hospital, study())
    assert (class_of_copy(hospital), str(hospital.order().status)) == ("linked", "COMPLETED")


def test_what_leaves_one_archive_is_still_in_the_other(hospital: Hospital) -> None:
    hospital.configure(CONFIG.model_copy(update={"pacs": [ARCHIVE, SECOND]}))
    hospital.hears(order("A100"))
    hospital.sees(study())
    copied(hospital, study())
    hospital.loses("1.2.3")
    assert (class_of_copy(hospital), str(hospital.order().status)) == ("linked", "COMPLETED")
