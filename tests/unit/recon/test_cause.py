from __future__ import annotations

from dataclasses import replace

from radrecon.model.case import CaseOwner
from radrecon.model.order import Order
from radrecon.model.study import Study
from radrecon.recon.cause import evidence_of, owner_of, unassigned_cause
from radrecon.recon.match import Ranking, candidates

from .people import WATCH, order, person, study, who


def rank(images: Study, *orders: Order) -> Ranking:
    around = {"orders_total": 50, "truncated": False, "taken": {}, "watch": WATCH}
    return candidates(images, orders, {1: person()}, **around)


def test_several_orders_that_fit_are_said_so() -> None:
    images = study("")
    assert unassigned_cause(images, rank(images, order(), order(11, "A1043"))) == (
        "the images carry no accession number; several orders fit"
    )


def test_an_order_that_the_images_name_but_that_is_not_theirs() -> None:
    images = study(modalities=("MR",), series=())
    found = rank(images, order())
    assert unassigned_cause(images, found) == (
        "the images name order A1042, but another modality was ordered; a person has to decide"
    )
    assert owner_of(images, found) is CaseOwner.TECHNOLOGIST


def test_images_of_a_wrong_pick_are_said_so_and_the_technologist_knows() -> None:
    images = replace(study("A9"), wrong_worklist_entry=True)
    assert unassigned_cause(images, rank(images)).startswith("the images were made under a wrong worklist entry;")
    assert owner_of(images, rank(images)) is CaseOwner.TECHNOLOGIST
    assert evidence_of(images, rank(images), ())["wrong_worklist_entry"] is True
    assert "wrong_worklist_entry" not in evidence_of(study("A9"), rank(images), ())


def test_without_an_id_or_an_order_the_technologist_knows() -> None:
    images = study("", who("", "X^Y", "", ""), performed="")
    assert owner_of(images, rank(images)) is CaseOwner.TECHNOLOGIST


def test_evidence_is_plain_json() -> None:
    images = study("A1024")
    assert evidence_of(images, rank(images, order()), ())["candidates"] == [10]


def test_an_order_without_accession_number_is_named_by_the_number_that_it_has() -> None:
    placed = order(accession="", placer_order_number="PL77")
    images = study("PL77")
    assert unassigned_cause(images, rank(images, placed)) == (
        "accession PL77 is not known; order with placer number PL77 of the same patient fits"
    )
