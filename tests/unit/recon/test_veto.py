from __future__ import annotations

from dataclasses import replace

import pytest

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


def test_every_veto_is_in_words() -> None:
    texts = [
        veto.text for veto in found(study("B", who("9", "A^B", "", "M")), person(quarantined=True), taken={10: 99})
    ]
    assert all(texts)
    assert len(texts) == len(set(texts))
