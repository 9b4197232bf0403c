from __future__ import annotations

from dataclasses import replace

from radrecon.model.case import CaseKind, MatchClass
from radrecon.model.order import Step, StepStatus
from radrecon.model.person import Link, LinkState
from radrecon.model.study import RequestAttributes, SeriesFacts
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from radrecon.recon.slots import Slot

from .people import ANNA, PERFORMED, WATCH, order, person, study, who


def judge(images: object, *orders: object, **more: object) -> Verdict:
    values = {"persons": {1: person()}, "study_person_id": 1, "orders_total": len(orders)} | more
    return classify(Neighbourhood(images, tuple(orders), **values), WATCH)  # type: ignore[arg-type]


SECOND = replace(order(11, "A2000"), requested_procedure_id="RP2")


def grouped(*accessions: str, own: str = "") -> SeriesFacts:
    return SeriesFacts("1.1", "CT", "CT2", requests=tuple(RequestAttributes(one) for one in accessions))


def test_a_study_that_its_images_give_two_orders_is_linked_to_both() -> None:
    found = judge(study("", series=(grouped("A1042", "A2000"),)), order(), SECOND)
    assert (found.order_id, found.order_ids, found.link_state) == (10, (10, 11), LinkState.AUTO)
    assert (found.match_class, found.findings) == (MatchClass.LINKED, ())


def test_one_contradiction_and_the_whole_set_is_for_a_person() -> None:
    found = judge(study("", series=(grouped("A1042", "A2000"),)), order(), SECOND, taken={11: 99})
    assert (found.order_ids, found.proposed_ids) == ((), (10, 11))
    assert found.match_class is MatchClass.SUGGESTED
    assert found.findings[0].cause == "one study for several orders: A1042 and A2000"


def test_two_patients_orders_are_never_one_set() -> None:
    other = replace(SECOND, person_id=2, patient=who("5822002", "SCHULZ^BERTA", "1971-01-02"))
    persons = {1: person(), 2: person(2, other.patient)}
    found = judge(study("A1042", series=(grouped("A1042", "A2000"),)), order(), other, persons=persons)
    assert 11 not in found.order_ids
    assert 11 not in found.proposed_ids


def test_a_persons_decision_stands_above_every_class() -> None:
    series = (grouped("A1042", "A2000"),)
    link = Link(17, 11, LinkState.CONFIRMED, 5)
    found = judge(study("", series=series, identity_removed=True), order(), SECOND, links=(link,))
    assert (found.order_ids, found.match_class, found.proposed_ids) == ((11,), MatchClass.LINKED, ())


def test_images_without_accession_that_name_one_order_are_its_and_miss_the_number() -> None:
    found = judge(study("", series=(grouped("A1042"),)), order())
    assert found.order_ids == (10,)
    (finding,) = found.findings
    assert finding.kind is CaseKind.ACCESSION_MISSING
    assert finding.cause == "the images carry no accession number; they are order A1042's"


def test_the_wrong_order_is_named_with_the_one_that_fits_first() -> None:
    knee = replace(
        SECOND,
        requested_procedure_description="CT KNEE",
        steps=(Step("S2", "CT", "CT2", start=PERFORMED, description="CT KNEE"),),
    )
    found = judge(study(series=(SeriesFacts("1.1", "CT", "CT2", "KNEE"),)), order(), knee)
    assert found.order_ids == ()
    (finding,) = found.findings
    assert finding.kind is CaseKind.WRONG_ORDER
    assert finding.evidence["named"] == 10
    assert found.ranking.candidates[0].order_id == finding.evidence["fits"] == 11


def test_a_possible_wrong_pick_keeps_its_link_and_is_for_the_technologist() -> None:
    knee = replace(
        order(12, "A3000"),
        person_id=2,
        status=StepStatus.COMPLETED,
        requested_procedure_description="CT KNEE",
        steps=(Step("S3", "CT", "CT2", start=PERFORMED, description="CT KNEE"),),
    )
    plain = replace(order(), requested_procedure_description="CT", steps=(replace(order().steps[0], description="CT"),))
    ten_past = replace(plain, steps=(replace(plain.steps[0], start="2026-11-22T18:30:00"),))
    found = judge(study(series=(SeriesFacts("1.1", "CT", "CT2", "KNEE"),)), ten_past, slots=(Slot(knee),))
    assert found.order_ids == (10,)
    (finding,) = found.findings
    assert (finding.kind, finding.evidence["fits"]) == (CaseKind.POSSIBLE_WRONG_PICK, 12)


def test_a_further_order_of_the_patient_explains_another_region_better_than_a_wrong_pick() -> None:
    both = tuple(SeriesFacts(f"1.{part}", "CT", "CT2", part, performed=PERFORMED) for part in ("CHEST", "KNEE"))
    words = {"requested_procedure_description": "CT KNEE"}
    step = Step("S3", "CT", "CT2", start=PERFORMED, description="CT KNEE")
    chest = replace(order(), requested_procedure_description="CT CHEST", steps=(replace(step, description="CT CHEST"),))
    theirs = replace(order(12, "A3000"), person_id=2, steps=(step,), **words)  # type: ignore[arg-type]
    own = replace(order(11, "A2000"), steps=(step,), **words)  # type: ignore[arg-type]
    images = study(series=both, performed=PERFORMED)
    assert [one.kind for one in judge(images, chest, slots=(Slot(theirs),)).findings] == [CaseKind.POSSIBLE_WRONG_PICK]
    assert [one.kind for one in judge(images, chest, own, slots=(Slot(theirs),)).findings] == [CaseKind.SPLIT_ACCESSION]


def test_a_companion_follows_its_source() -> None:
    report = study(modalities=("SR",), series=(), number=18, study_instance_uid="1.2.18")
    found = judge(report, order(), sources=(study(),), taken={10: 17})
    assert (found.order_ids, found.follows, found.findings) == ((10,), 17, ())
    alone = judge(replace(report, facts=replace(report.facts, accession_number="B1")), sources=(study("B1"),))
    assert (alone.match_class, alone.findings) == (MatchClass.FOLLOWS, ())


def test_an_orphan_is_said_to_be_one() -> None:
    stranger = who("9", "MOSER^ILSE", "1950-02-03")
    assert judge(study("B77", stranger), study_person_id=0, persons={}).match_class is MatchClass.ORPHAN
    assert judge(study("A1024", ANNA), order()).match_class is MatchClass.SUGGESTED
