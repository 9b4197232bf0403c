"""Is it this order? Each rule by itself; what they do together is in test_match."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from radrecon.model.order import Order, StepStatus
from radrecon.model.study import RequestAttributes, SeriesFacts
from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.surroundings import Surroundings
from radrecon.recon.veto import VetoKind, vetoes

from .people import WATCH, order, person, study, who
from .test_veto import kinds


def test_an_order_with_other_images_is_taken() -> None:
    assert kinds(study(), taken={10: 99}) == [VetoKind.TAKEN]


def test_a_dead_order_is_named_as_it_is() -> None:
    images, dead = study(), order(status=StepStatus.DISCONTINUED)
    around = Surroundings(images, (dead,), {1: person()}, False, {}, WATCH)
    texts = [veto.text for veto in vetoes(weigh_order(images.facts, dead, person(), Scale(100)), around)]
    assert texts == ["the order is discontinued"]
    broken_off = replace(dead, sources={"status": "mpps"})
    assert vetoes(weigh_order(images.facts, broken_off, person(), Scale(100)), around) == ()


def test_a_number_of_several_patients_orders_is_nobodys() -> None:
    images, other = study(), replace(order(11, patient=who("5822002", "SCHULZ^BERTA", "1971-01-02")), person_id=2)
    people = {1: person(), 2: person(2, other.patient)}
    around = Surroundings(images, (order(), other), people, False, {}, WATCH)
    said = vetoes(weigh_order(images.facts, order(), person(), Scale(100)), around)
    assert VetoKind.SHARED in [veto.kind for veto in said]


def test_a_list_that_was_cut_off_is_said() -> None:
    images = study()
    around = Surroundings(images, (order(),), {1: person()}, True, {}, WATCH)
    said = vetoes(weigh_order(images.facts, order(), person(), Scale(100)), around)
    assert [veto.kind for veto in said] == [VetoKind.TRUNCATED]


def test_two_studies_without_a_number_are_rivals_for_one_order() -> None:
    images, other = study("", person_id=1), study("", number=18, study_instance_uid="1.2.9", person_id=1)
    alone = Surroundings(images, (order(),), {1: person()}, False, {}, WATCH)
    weighed = weigh_order(images.facts, order(), person(), Scale(100))
    assert VetoKind.RIVAL not in [veto.kind for veto in vetoes(weighed, alone)]
    said = vetoes(weighed, replace(alone, rivals=(other,)))
    assert VetoKind.RIVAL in [veto.kind for veto in said]


def test_a_study_uid_of_another_patients_order_forbids_every_other() -> None:
    images, mine = study(), order()
    theirs = order(11, "A2000", who("5822002", "MEYER^BERTA"), person_id=2, study_instance_uid="1.2.3")
    again = replace(theirs, person_id=1)
    people = {1: person(), 2: person(2, theirs.patient)}
    for other, found in ((theirs, [VetoKind.SHARED]), (again, [])):
        around = Surroundings(images, (mine, other), people, False, {}, WATCH)
        found_kinds = [veto.kind for veto in vetoes(weigh_order(images.facts, mine, person(), Scale(100)), around)]
        assert [kind for kind in found_kinds if kind is VetoKind.SHARED] == found


def test_a_number_of_two_patients_is_not_the_ones_whose_study_uid_it_contradicts() -> None:
    theirs = replace(order(11, patient=who("5822002", "SCHULZ^BERTA", "1971-01-02")), person_id=2)
    for mine, said in ((order(), False), (order(study_instance_uid="1.2.99"), True)):
        two = (replace(mine, issuer_of_accession="RIS1"), replace(theirs, issuer_of_accession="RIS2"))
        around = Surroundings(study(), two, {1: person(), 2: person(2, theirs.patient)}, False, {}, WATCH)
        texts = [veto.text for veto in vetoes(weigh_order(study().facts, two[0], person(), Scale(100)), around)]
        assert ("the accession number is that of another patient's order" in texts) is said


def test_a_slip_is_forgiven_only_in_a_number_that_can_be_nobody_elses() -> None:
    def forgiven(
        found: str, *others: Order, mine: str = "30010353", uid: str = "", placed: str = "", recorded: Any = None
    ) -> bool:
        images = replace(study(found, study_instance_uid="1.2.3"), person_id=1)
        images = replace(images, facts=replace(images.facts, description="CT Head"))
        own = order(accession=mine, study_instance_uid=uid, patient=who(placed) if placed else who())
        known = person(patient=recorded or who(), identifiers=(who().patient_id, own.patient.patient_id))
        around = Surroundings(images, (own, *others), {1: known}, False, {}, WATCH)
        said = vetoes(weigh_order(images.facts, own, known, Scale(100)), around)
        return VetoKind.ACCESSION not in [veto.kind for veto in said]

    theirs = replace(order(11, "30010853", who("5822002", "SCHULZ^BERTA", "1971-01-02")), person_id=2)
    assert forgiven("30010553")
    assert not forgiven("40010353")  # another system's, perhaps
    assert not forgiven("30010553", theirs)  # as near to this one, which was due there as well
    elsewhere = replace(theirs, steps=(replace(theirs.steps[0], start="2025-01-07T10:00"),))
    assert forgiven("30010553", elsewhere)  # somebody else's altogether, months before
    assert not forgiven("30010553", replace(elsewhere, patient=who("5822002", "MEYER^ANNE")))  # who could be meant
    assert not forgiven("30010553", placed="4711999")  # another number, which a merge made the patient's
    assert not forgiven("30010553", recorded=who(birth="1990-12-23"))  # who was placed for is not whom the record knows
    assert not forgiven("30010553", recorded=who(birth="1960-05-11"))
    assert not forgiven("30010553", recorded=who(name="SCHULZ^ANNA"))
    assert forgiven("30010553", recorded=who(birth=""))
    assert not forgiven("30010553", uid="1.2.3")  # who has the entry's UID has its number, and has typed none


def test_a_study_uid_of_the_patients_other_order_forbids_this_one() -> None:
    """Both have one number, or one record that was overwritten: the entry that was picked tells which it is."""
    this, other = order(study_instance_uid="1.2.7"), order(11, study_instance_uid="1.2.8")
    images = study(study_instance_uid="1.2.8", person_id=1)
    around = Surroundings(images, (this, other), {1: person()}, False, {}, WATCH)
    said = [veto.text for veto in vetoes(weigh_order(images.facts, this, person(), Scale(100)), around)]
    assert "the Study Instance UID is that of another order" in said
    assert not [
        veto
        for veto in vetoes(weigh_order(images.facts, other, person(), Scale(100)), around)
        if "Study Instance UID" in veto.text
    ]


def test_a_study_uid_of_the_patients_other_order_forbids_one_of_which_none_was_told() -> None:
    """Images without a number; with this order's number alone they are its (one study may have two orders)."""
    for accession, theirs, forbidden in (("", "A1050", True), ("A1042", "A1050", False), ("A1042", "A1042", True)):
        this, other = order(), order(11, theirs, study_instance_uid="1.2.8")
        images = study(accession, study_instance_uid="1.2.8", person_id=1)
        around = Surroundings(images, (this, other), {1: person()}, False, {}, WATCH)
        said = [veto.text for veto in vetoes(weigh_order(images.facts, this, person(), Scale(100)), around)]
        assert ("the Study Instance UID is that of another order" in said) is forbidden


def test_a_request_of_another_patients_order_forbids_what_the_header_says() -> None:
    """Made on Berta's worklist entry, and the header typed over; or the other way round."""
    berta = replace(order(11, patient=who("5822002", "SCHULZ^BERTA", "1971-01-02")), person_id=2)
    named = replace(berta, accession_number="B200", study_instance_uid="")
    people = {1: person(), 2: person(2, berta.patient)}

    def said(request: str, *others: Order) -> list[str]:
        made = SeriesFacts("1.2.1", "CT", "CT1", requests=(RequestAttributes(request),))
        images = study(series=(made,))
        around = Surroundings(images, (order(), *others), people, False, {}, WATCH)
        found = vetoes(weigh_order(images.facts, order(), person(), Scale(100)), around)
        return [veto.text for veto in found if "request" in veto.text]

    assert said("B200", named) == ["the request attributes name another patient's order"]
    assert said("B200") == []  # an order that nobody has heard of
    assert said("B200", named, replace(order(12), accession_number="B200", study_instance_uid="")) == []  # two RIS
    assert said(order().accession_number, named) == []
