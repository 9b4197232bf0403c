from __future__ import annotations

from dataclasses import replace

from radrecon.recon.class_findings import accession_missing, name, possible_wrong_pick, split_cause
from radrecon.recon.classes import Split
from radrecon.recon.match import Ranking, candidates
from radrecon.recon.wrong_pick import Sign, WrongPick

from .people import WATCH, order, person, study


def ranked(images: object) -> Ranking:
    return candidates(
        images,
        [order()],
        {1: person()},
        orders_total=1,
        truncated=False,
        taken={},
        watch=WATCH,  # type: ignore[arg-type]
    )


def test_an_order_without_accession_is_named_by_its_other_numbers() -> None:
    assert name(order()) == "A1042"
    assert name(replace(order(), accession_number="", placer_order_number="P7")) == "P7"
    assert name(replace(order(), accession_number="")) == "10"


def test_a_set_says_what_is_missing_and_whether_it_is_a_guess() -> None:
    both = (order(), order(11, "A2000"))
    assert split_cause(Split(both)) == "one study for several orders: A1042 and A2000"
    assert split_cause(Split(both, missing=("A9",))).endswith("; no order was heard with A9")
    assert split_cause(Split(both, unnamed=True)).startswith("perhaps one study")


def test_a_number_is_missing_only_where_the_order_has_one_and_the_images_none() -> None:
    found = accession_missing(study(""), 10, ranked(study("")))
    assert found is not None
    assert accession_missing(study(), 10, ranked(study())) is None
    assert accession_missing(study(""), 99, ranked(study(""))) is None


def test_a_swap_is_said_as_one() -> None:
    pick = WrongPick(order(), order(11, "B1"), (Sign(9.0, "the other side was ordered"),), swapped=True)
    assert possible_wrong_pick(study(), pick, ranked(study())).cause == (
        "perhaps the wrong worklist line: the images name order A1042, but the other side was ordered; "
        "order B1 of another patient has images that fit the first: swapped?"
    )


def test_a_wrong_pick_says_what_became_of_the_other_order_and_what_each_sign_weighs() -> None:
    signs = (Sign(5.5, "images were made under it twice"), Sign(5.0))
    found = possible_wrong_pick(study(), WrongPick(order(), order(11, "B1"), signs, closed=True), ranked(study()))
    assert found.cause.endswith("order B1 of another patient was closed in the RIS as done and has no images")
    assert found.evidence["against"] == ["images were made under it twice"]
    assert found.evidence["bits"] == [5.5, 5.0]
