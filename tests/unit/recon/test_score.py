"""Properties of the score that hold for any study, orders and weights."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from radrecon.model.names import PersonName
from radrecon.model.order import Order, StepStatus
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person
from radrecon.model.study import Study
from radrecon.recon import match
from radrecon.recon.bound import bound_of, shares_of
from radrecon.recon.evidence import Scale, weigh_order
from radrecon.recon.match import Ranking, candidates
from radrecon.recon.weigh import DEFAULT, Weights

from .people import ANNA, WATCH, order, person, study, who

FAMILIES = ["MEYER", "MEIER", "SMITH", "GARCIA LOPEZ", "NGUYEN", "O'BRIEN", "UNGEWITTER", ""]
GIVEN = ["ANNA", "ANNE", "WILLIAM", "BILL", "JOHN", "XAVER", "A", ""]


def somebody(chance: random.Random) -> Demographics:
    birth = chance.choice(
        ["1960-05-17", "1960-05-11", "1960-05", "", "x", f"19{chance.randint(30, 99)}-03-1{chance.randint(0, 9)}"]
    )
    number = chance.choice(["4711001", "4711002", "04711001", "", str(chance.randint(10**6, 10**7))])
    return who(number, f"{chance.choice(FAMILIES)}^{chance.choice(GIVEN)}", birth, chance.choice(["M", "F", ""]))


def somewhere(chance: random.Random) -> tuple[Study, list[Order], dict[int, Person]]:
    people = {1: person()} | {number: person(number, somebody(chance)) for number in range(2, 12)}
    orders = [
        order(
            10 * number + at,
            f"A{chance.choice([1042, 1043, 1024, chance.randint(2000, 9999)])}",
            chance.choice([each.demographics, somebody(chance)]),
            person_id=number,
            modality=chance.choice(["CT", "MR", "DX"]),
            start=f"2026-11-2{chance.randint(0, 9)}T1{chance.randint(0, 9)}:30:00",
            status=chance.choice([StepStatus.SCHEDULED] * 5 + [StepStatus.CANCELLED]),
        )
        for number, each in people.items()
        for at in range(chance.randint(0, 3))
    ]
    header = chance.choice([ANNA, *(each.demographics for each in people.values()), somebody(chance)])
    return study(chance.choice(["A1042", "A1024", "", "Z9", "A2000"]), header), orders, people


def ranked(images: Study, orders: list[Order], people: dict[int, Person], weights: Weights = DEFAULT) -> Ranking:
    around = {"orders_total": 5000, "truncated": False, "taken": {10: 99}, "watch": WATCH}
    return candidates(images, orders, people, weights=weights, **around)


def disturbed(seed: int) -> Weights:
    chance = random.Random(seed)
    return DEFAULT.disturbed(lambda field, level: chance.uniform(0.7, 1.3))


@pytest.mark.parametrize("seed", range(60))
def test_the_bits_shown_add_up_to_the_score(seed: int) -> None:
    for weights in (DEFAULT, disturbed(seed)):
        for each in ranked(*somewhere(random.Random(seed)), weights).candidates:
            assert each.bits == pytest.approx(sum(reason.bits for reason in each.reasons), abs=0.005)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_left_out_by_the_bound_would_not_have_counted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every order compared throughout gives the same ranking, to the last bit."""
    images, orders, people = somewhere(random.Random(seed))
    for weights in (DEFAULT, disturbed(seed)):
        found = ranked(images, orders, people, weights)
        with monkeypatch.context() as patch:
            patch.setattr(match, "_parted", lambda around: (list(around.orders), []))
            assert ranked(images, orders, people, weights) == found


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_is_never_less_than_the_score(seed: int) -> None:
    images, orders, people = somewhere(random.Random(seed))
    scale = Scale(5000, "", disturbed(seed))
    bound, sharing = bound_of(images.facts, scale), shares_of(images.facts)
    for each in orders:
        owner = people[each.person_id]
        if sharing.order(each) or sharing.person(owner):
            continue
        score = weigh_order(images.facts, each, owner, scale).bits
        assert score <= bound.tight(each, owner) + 1e-9
        assert bound.tight(each, owner) <= bound.loose + 1e-9


@pytest.mark.parametrize("seed", range(40))
def test_probabilities_are_a_distribution_and_every_refusal_is_named(seed: int) -> None:
    found = ranked(*somewhere(random.Random(seed)), disturbed(seed))
    assert 0 <= found.null_probability <= 1
    assert found.null_probability + sum(each.probability for each in found.candidates) <= 1.0001
    for each in found.weighed:
        assert each.automatic or all(veto.text for veto in each.vetoes)
        assert each.candidate.conflict in ("", *each.candidate.vetoes)


def test_a_conflict_is_shown_as_one() -> None:
    found = ranked(study("A1042", who(sex="M")), [order()], {1: person()})
    assert found.candidates[0].conflict == "the sex differs"
    assert ranked(study(), [order(11)], {1: person()}).candidates[0].conflict == ""


def test_a_rare_name_is_worth_more_than_a_common_one() -> None:
    def bits(name: str) -> float:
        named = who(name=name)
        mine = person(1, named)
        found = ranked(study("A1042", named), [order(11, patient=named)], {1: mine})
        return next(reason.bits for reason in found.candidates[0].reasons if reason.field == "patient_name")

    assert bits("SMITH^JOHN") < bits("UNGEWITTER^XAVER")


ODD_NAMES = [
    "", "^", "^^^^", "MEYER ANNA", "MEYER, ANNA", "=マイヤー^アンナ", "==やまだ^たろう", "\u202eANNA^MEYER",
    "MEY\u200bER^ANNA", "MEY\u0415R^ANNA", "محمد^علي", "כהן^דוד", "A" * 5000 + "^" + "B" * 5000, "\x00^\x1b",
    "^".join("MEYER" * 50),
]  # fmt: skip


@pytest.mark.parametrize("name", ODD_NAMES)
@pytest.mark.parametrize("birth", ["1960-05-17", "1960-13-45", "0000-00-00", "yesterday", "19600517"])
def test_whatever_a_header_holds_it_is_ranked_and_never_linked_on_a_guess(name: str, birth: str) -> None:
    patient = replace(who(birth=birth), name=PersonName.parse(name))
    found = ranked(study("A1042", patient), [order(11)], {1: person()})
    assert found.candidates
    if found.automatic:
        assert birth in ("1960-05-17", "19600517")
        assert "MEY" in name
        assert "\u0415" not in name


@pytest.mark.parametrize(
    "number", ["47 11001", " 4711001 ", "004711001", "4711001-7", "4711001\u200b", "47110\u041e1", ""]
)
def test_numbers_as_people_type_them(number: str) -> None:
    images = study("", replace(ANNA, patient_id=PatientId(number)), person_id=1)
    found = ranked(images, [order(11)], {1: person()})
    same = number.replace(" ", "").lstrip("0") == "4711001"
    assert bool(found.automatic) is same


def test_a_busy_patient_and_a_busy_day_are_cut_off_and_say_so() -> None:
    orders = [order(number, f"A{number}") for number in range(100, 600)]
    around = {"orders_total": 10_000, "truncated": True, "taken": {}, "watch": WATCH}
    found = candidates(study("A100"), orders, {1: person()}, **around)
    assert found.automatic is None
    assert len(found.candidates) == 9
    assert all("cut off" in " ".join(each.vetoes) for each in found.candidates)
