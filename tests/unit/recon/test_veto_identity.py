"""Whose images are these? Each rule by itself; who else: test_veto_namesake; what they do together: test_match."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.patient import Demographics, PatientId
from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.surroundings import Surroundings
from radrecon.recon.veto import VetoKind, vetoes

from .people import WATCH, order, person, study, who
from .test_veto import found, kinds


def test_the_id_of_another_known_person_comes_first() -> None:
    other = person(2, who("5822002", "SCHULZ^BERTA", "1971-01-02"))
    first = found(study(patient=who("5822002", "X^Y", "", "M")), other, taken={})[0]
    assert first.text == "the images' patient id is another known person's"


def test_an_order_heard_with_two_identities_is_never_linked_by_itself() -> None:
    images, chimera = study(), replace(order(), flags=("identity_conflict",))
    around = Surroundings(images, (chimera,), {1: person()}, False, {}, WATCH)
    assert [veto.kind for veto in vetoes(weigh_order(images.facts, chimera, person(), Scale(100)), around)] == [
        VetoKind.CHIMERA
    ]


def test_a_patient_under_suspicion_is_nobodys() -> None:
    images = study()
    around = Surroundings(images, (order(),), {1: person(quarantined=True)}, False, {}, WATCH)
    said = vetoes(weigh_order(images.facts, order(), person(), Scale(100)), around)
    assert [veto.kind for veto in said] == [VetoKind.QUARANTINED]


def test_letters_of_another_script_are_seen() -> None:
    assert VetoKind.LOOKALIKE in kinds(study(patient=who(name="MEYER^\u0410NNA")))


def test_a_slip_in_the_id_that_makes_it_another_persons_is_no_slip() -> None:
    slipped = study(patient=who("4711002"))
    stranger = person(2, who("4711-002", "SCHULZ^BERTA", "1971-01-02"))
    assert VetoKind.ID not in kinds(slipped)
    assert VetoKind.ID in kinds(slipped, stranger)


@pytest.mark.parametrize(
    ("placed", "others", "clear"),
    [
        ("1960-05-17", "1960-05-17", True),
        ("1990-05-17", "", True),
        ("1990-05-17", "1990-05-17", True),
        ("1990-05-17", "1960-05-17", False),
        ("", "1960-05-17", True),
        ("1960", "1960-05-17", True),
        ("1900-01-01", "1960-05-17", True),
        ("1971-11-30", "", False),
    ],
)
def test_an_order_placed_for_another_birth_date_than_the_record_has(placed: str, others: str, clear: bool) -> None:
    """A slip that was mended since; a namesake's order under this number, where one of that day is the patient's."""
    ordered, other = order(patient=who(birth=placed)), order(11, "A1050", who(birth=others))
    around = Surroundings(study(person_id=1), (ordered, other), {1: person()}, False, {}, WATCH)
    said = [veto.kind for veto in vetoes(weigh_order(study().facts, ordered, person(), Scale(100)), around)]
    assert (VetoKind.CHIMERA not in said) is clear


@pytest.mark.parametrize(
    ("placed", "others", "clear"),
    [
        (who(), who(), True),
        (who(name="MEYER^ANNE"), who(name="MEYER^ANNE"), True),  # a slip, mended since
        (who(name="MEYER^ANNE"), who(), False),  # a twin's order of that day, and the images have the other's name
        (who("4711009", "MEYER^ANNE"), who(name="MEYER^BERTA"), False),  # another number: a merge made it hers
        (who("4711009", birth="1960-05-11"), who(name="MEYER^BERTA"), False),
        (who("4711009"), who(name="MEYER^BERTA"), True),  # merged, and the same name
        (who("", "MEYER^ANNE"), who(name="MEYER^BERTA"), True),
        (who(name="MEYER^HANNA", sex="M"), who(name="MEYER^BERTA"), False),
        (who(name="MEYER^BABY GIRL"), who(name="MEYER^BERTA"), True),  # named since
        (who(name="MEYER^BABY", birth="1935-12-29"), who(name="MEYER^BERTA"), False),  # no newborn: a given name
    ],
)
def test_an_order_placed_for_one_who_was_merged_into_this_record(
    placed: Demographics, others: Demographics, clear: bool
) -> None:
    """Twins' records, merged by mistake: number, birth date and record agree, only the order's own words do not."""
    ordered, other = order(patient=placed), order(11, "A1050", others)
    known = person(identifiers=(who().patient_id, PatientId("4711009", "HOSP")))
    around = Surroundings(study(person_id=1), (ordered, other), {1: known}, False, {}, WATCH)
    said = [veto.kind for veto in vetoes(weigh_order(study().facts, ordered, known, Scale(100)), around)]
    assert (VetoKind.CHIMERA not in said) is clear


@pytest.mark.parametrize(
    ("placed", "clear"),
    [
        (who(), True),
        (who(name="MEYER^ANNA^M"), True),
        (who(name=""), True),
        (who(birth=""), True),
        (who(name="MEYER^ANNE"), False),
        (who(name="SCHULZ^ANNA"), False),
        (who(birth="1960-05-11"), False),
        (who(sex="M"), False),
        (who(birth="1960"), True),
    ],
)
def test_a_number_alone_leads_to_nobody_where_its_record_was_written_over(placed: Demographics, clear: bool) -> None:
    """Images without accession number that name whom the order was placed for, and not whom the record has by now."""
    ordered, images = order(patient=placed), study(accession="", patient=placed, person_id=1)
    around = Surroundings(images, (ordered,), {1: person()}, False, {}, WATCH)
    said = [veto.kind for veto in vetoes(weigh_order(images.facts, ordered, person(), Scale(100)), around)]
    assert (VetoKind.IDENTIFIER not in said) is clear
    numbered = study(patient=placed, person_id=1)
    around = replace(around, study=numbered)
    said = [veto.kind for veto in vetoes(weigh_order(numbered.facts, ordered, person(), Scale(100)), around)]
    assert VetoKind.IDENTIFIER not in said


@pytest.mark.parametrize(
    ("placed", "clear"),
    [
        (who(), True),
        (who(name="MEYER^ANNIE"), False),  # a short form, or the sister whose record was merged into this one
        (who(name="MEYER^ANNA^LOUISE"), True),
        (who("4711009"), False),
        (who(""), True),
    ],
)
def test_a_number_alone_is_not_enough_in_a_merged_record_if_the_order_has_other_words(
    placed: Demographics, clear: bool
) -> None:
    ordered, images = order(patient=placed), study(accession="", person_id=1)
    known = person(identifiers=(who().patient_id, PatientId("4711009")))
    around = Surroundings(images, (ordered,), {1: known}, False, {}, WATCH)
    said = [veto.kind for veto in vetoes(weigh_order(images.facts, ordered, known, Scale(100)), around)]
    assert (VetoKind.IDENTIFIER not in said) is clear


def test_a_short_form_is_not_enough_where_a_merge_brought_two_numbers_together() -> None:
    images = study(patient=who(name="MEYER^ANNE"), person_id=1)
    for numbers, clear in (
        (("4711001", "HOSP", "99", "OTHER"), True),
        (("4711001", "HOSP", "4711009", "HOSP"), False),
    ):
        known = person(identifiers=(PatientId(*numbers[:2]), PatientId(*numbers[2:])))
        around = Surroundings(images, (order(),), {1: known}, False, {}, WATCH)
        said = [veto.kind for veto in vetoes(weigh_order(images.facts, order(), known, Scale(100)), around)]
        assert (VetoKind.NAME not in said) is clear
