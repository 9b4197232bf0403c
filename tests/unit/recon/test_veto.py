from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.order import StepStatus
from radrecon.model.person import Person
from radrecon.model.study import Study
from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.veto import Surroundings, Veto, VetoKind, vetoes

from .people import WATCH, order, person, study, who


def kinds(images: Study, *people: Person, ordered: object = None, taken: dict[int, int] | None = None) -> list[str]:
    return [veto.kind for veto in found(images, *people, taken=taken or {})]


def found(images: Study, *people: Person, taken: dict[int, int]) -> tuple[Veto, ...]:
    persons = {each.id: each for each in (person(), *people)}
    around = Surroundings(images, (order(),), persons, False, taken, WATCH)
    return vetoes(weigh_order(images.facts, order(), persons[1], Scale(100)), around)


def test_agreement_has_no_veto() -> None:
    assert kinds(study()) == []


@pytest.mark.parametrize(
    ("images", "kind"),
    [
        (study(patient=who("")), VetoKind.ID),
        (study(patient=who(birth="")), VetoKind.BIRTH_DATE),
        (study(patient=who(sex="M")), VetoKind.SEX),
        (study(patient=who(name="MEYER^ELSA")), VetoKind.NAME),
        (study("A77", person_id=1), VetoKind.ACCESSION),
        (study(modalities=("MR",), series=()), VetoKind.MODALITY),
        (study(performed="2026-12-22"), VetoKind.TIME),
        (replace(study(), wrong_worklist_entry=True), VetoKind.WRONG_ENTRY),
    ],
)
def test_each_contradiction_has_its_veto(images: Study, kind: VetoKind) -> None:
    assert kinds(images) == [kind]


def test_the_id_of_another_known_person_comes_first() -> None:
    other = person(2, who("5822002", "SCHULZ^BERTA", "1971-01-02"))
    first = found(study(patient=who("5822002", "X^Y", "", "M")), other, taken={})[0]
    assert first.text == "the images' patient id is another known person's"


def test_an_order_with_other_images_is_taken() -> None:
    assert kinds(study(), taken={10: 99}) == [VetoKind.TAKEN]


def test_every_veto_is_in_words() -> None:
    texts = [
        veto.text for veto in found(study("B", who("9", "A^B", "", "M")), person(quarantined=True), taken={10: 99})
    ]
    assert all(texts)
    assert len(texts) == len(set(texts))


def test_a_dead_order_is_named_as_it_is() -> None:
    images, dead = study(), order(status=StepStatus.DISCONTINUED)
    around = Surroundings(images, (dead,), {1: person()}, False, {}, WATCH)
    texts = [veto.text for veto in vetoes(weigh_order(images.facts, dead, person(), Scale(100)), around)]
    assert texts == ["the order is discontinued"]
    broken_off = replace(dead, sources={"status": "mpps"})
    assert vetoes(weigh_order(images.facts, broken_off, person(), Scale(100)), around) == ()


def test_an_order_heard_with_two_identities_is_never_linked_by_itself() -> None:
    images, chimera = study(), replace(order(), flags=("identity_conflict",))
    around = Surroundings(images, (chimera,), {1: person()}, False, {}, WATCH)
    assert [veto.kind for veto in vetoes(weigh_order(images.facts, chimera, person(), Scale(100)), around)] == [
        VetoKind.CHIMERA
    ]


def test_a_study_uid_of_another_patients_order_forbids_every_other() -> None:
    images, mine = study(), order()
    theirs = order(11, "A2000", who("5822002", "MEYER^BERTA"), person_id=2, study_instance_uid="1.2.3")
    again = replace(theirs, person_id=1)
    people = {1: person(), 2: person(2, theirs.patient)}
    for other, found in ((theirs, [VetoKind.SHARED]), (again, [])):
        around = Surroundings(images, (mine, other), people, False, {}, WATCH)
        kinds = [veto.kind for veto in vetoes(weigh_order(images.facts, mine, person(), Scale(100)), around)]
        assert [kind for kind in kinds if kind is VetoKind.SHARED] == found
