"""Who else could the images show? Each rule by itself; what they do together is in test_match."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.surroundings import Surroundings
from radrecon.recon.veto import VetoKind, vetoes

from .people import WATCH, order, person, study, who
from .test_veto import found, kinds


def test_a_namesake_is_in_the_way_unless_everything_agrees() -> None:
    twin = person(2, who("5822002", "MEYER^ANNE"))
    assert kinds(study(), twin) == []
    assert VetoKind.NAMESAKE in kinds(study("", person_id=1), twin)


def test_a_number_written_otherwise_is_clear_where_nobody_elses_can_be_read_from_it() -> None:
    twin = person(2, who("5822002", "MEYER^ANNE"))
    written = study(patient=who("004711-001"))
    assert kinds(written, twin) == []
    reading = person(2, who("04711001", "MEYER^ANNE", issuer="SOUTH"))
    assert VetoKind.NAMESAKE in kinds(written, reading)


def test_a_number_that_a_namesake_was_given_too_tells_the_two_not_apart() -> None:
    near = who("5822002", "MEYER^ANNA", "1960-05-18")
    theirs = replace(order(11, patient=near), person_id=2, issuer_of_accession="RIS2")
    mine = replace(order(), issuer_of_accession="RIS1")
    around = Surroundings(study(), (mine, theirs), {1: person(), 2: person(2, near)}, False, {}, WATCH)
    said = vetoes(weigh_order(study().facts, mine, person(), Scale(100)), around)
    assert VetoKind.NAMESAKE in [veto.kind for veto in said]


@pytest.mark.parametrize("theirs", [("MEYER^ANNA", "1994-11-16"), ("SCHULZ^BERTA", "1960-05-17")])
def test_an_alike_patient_with_the_same_number_of_another_site_is_in_the_way(theirs: tuple[str, str]) -> None:
    """Whose number it is was known by the station alone, and images stray."""
    elsewhere = person(2, who("4711001", *theirs, issuer="SOUTH"))
    here = study("", who(issuer="NORTH"), person_id=1)
    said = [veto.text for veto in found(here, elsewhere, taken={})]
    assert "another site's patient with the same number has this name or birth date" in said


def test_another_patient_with_the_same_number_of_another_site_is_not() -> None:
    elsewhere = person(2, who("4711001", "SCHULZ^BERTA", "1971-01-02", issuer="SOUTH"))
    assert VetoKind.NAMESAKE not in kinds(study("", who(issuer="NORTH"), person_id=1), elsewhere)


def test_images_written_as_another_person_of_the_day_are_for_a_person() -> None:
    mueller, muller = who(name="Müller^Anna"), who("5822002", "Muller^Anna")
    images = study(patient=replace(mueller, name=muller.name))
    mine = order(patient=mueller)
    around = Surroundings(images, (mine,), {1: person(1, mueller), 2: person(2, muller)}, False, {}, WATCH)
    said = vetoes(weigh_order(images.facts, mine, around.persons[1], Scale(100)), around)
    assert [veto.text for veto in said] == ["another person of this birth date has the name as the images write it"]
    alone = replace(around, persons={1: person(1, mueller)})
    assert not vetoes(weigh_order(images.facts, mine, alone.persons[1], Scale(100)), alone)
