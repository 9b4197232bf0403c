"""The natural world: the same seed makes the same world, errors come as often as they should, its truth holds."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

import benchmarks
from benchmarks import _world_orders as orders
from benchmarks._world import Group, World, empty_world
from benchmarks._world_natural import RATES, made, natural
from benchmarks._world_register import NORTH, SOUTH
from radrecon.model.order import StepStatus
from radrecon.recon.compare import compare_accessions

STUDIES = 12_000
GENERATORS = (
    "", "_names", "_register", "_exams", "_told", "_slips", "_natural", "_errors", "_identities", "_orders", "_kin",
    "_adverse",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return natural(7, 0, STUDIES)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_generator_knows_nothing_of_the_rules(name: str) -> None:
    tree = ast.parse((Path(benchmarks.__file__).parent / f"_world{name}.py").read_text("utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [one for one in imported if one.startswith("radrecon") and not one.startswith("radrecon.model")]


def test_the_same_seed_makes_the_same_world() -> None:
    one, other = natural(3, 5, 300), natural(3, 5, 300)
    assert one.studies == other.studies
    assert one.truths == other.truths
    assert one.radiology.orders == other.radiology.orders
    assert one.register.persons == other.register.persons


def test_another_seed_or_block_makes_another_world() -> None:
    assert natural(3, 5, 50).studies != natural(3, 6, 50).studies
    assert natural(3, 5, 50).studies != natural(4, 5, 50).studies


def test_errors_come_as_often_as_they_should(world: World) -> None:
    counts = Counter(truth.kind for truth in world.truths)
    for kind, rate in (("manual", 2800), ("split", 1970), ("outside", 1500), ("formatting", 800), ("name_typo", 300)):
        expected = rate * len(world.studies) / 100_000
        assert abs(counts[kind] - expected) < 5 * expected**0.5, kind
    assert 0.89 < counts["clean"] / len(world.studies) < 0.93


def test_the_rates_are_those_that_the_goals_speak_of() -> None:
    rates = {kind: rate for kind, rate, _ in RATES}
    assert rates["manual"] == 2800
    assert rates["wrong_order"] == 100
    assert sum(rates.values()) == pytest.approx(9_450, abs=150)


def test_each_study_is_of_whom_its_orders_are(world: World) -> None:
    for truth in world.truths:
        assert all(world.human_of(one) == truth.human for one in truth.orders)
        assert bool(truth.orders) == (truth.group not in (Group.ORPHAN, Group.OUTSIDE))
        assert (len(truth.orders) > 1) == (truth.group in (Group.SPLIT, Group.FILED))


def test_the_images_of_clean_studies_say_what_their_orders_say(world: World) -> None:
    for study, truth in zip(world.studies, world.truths, strict=True):
        if truth.kind == "clean":
            (order,) = map(world.order_of, truth.orders)
            person = world.register.persons[order.person_id].demographics
            assert study.facts.accession_number == order.accession_number
            assert study.facts.study_instance_uid == order.study_instance_uid
            assert study.facts.patient.patient_id.value == person.patient_id.value


def test_a_study_instance_uid_is_one_study(world: World) -> None:
    uids = Counter(study.facts.study_instance_uid for study in world.studies)
    assert max(uids.values()) == 1


def test_a_second_examination_under_an_entry_is_filed_with_the_first_or_has_a_uid_of_its_own() -> None:
    world = made(empty_world("picks", 1), 400, (("wrong_pick", 100_000.0, orders.wrong_pick),))
    twice = [study for study, truth in zip(world.studies, world.truths, strict=True) if truth.kind.endswith("_twice")]
    filed = [study for study in twice if len({one.performed for one in study.facts.series}) > 1]
    apart = sum(truth.group is Group.TWICE for truth in world.truths)
    assert len(filed) > 4 * apart > 0
    for study in filed:
        assert study.facts.performed == min(one.performed for one in study.facts.series)
        assert study.facts.instances == 2 * len(study.facts.series)


def test_what_came_of_a_wrong_pick_is_as_frequent_as_said() -> None:
    world = made(empty_world("picks", 2), 2000, (("wrong_pick", 100_000.0, orders.wrong_pick),))
    kinds = Counter(truth.kind for truth in world.truths if truth.group is Group.PICK)
    twice, swapped, alone = (sum(kinds[f"wrong_pick_{what}_{came}"] for what in ("same", "other"))
                             for came in ("twice", "swap", "alone"))  # fmt: skip
    events = twice + swapped / 2 + alone
    assert 0.48 < twice / events < 0.62
    assert 0.15 < swapped / 2 / events < 0.25
    assert 0.30 < sum(count for kind, count in kinds.items() if "_same_" in kind) / sum(kinds.values()) < 0.48


def test_closing_an_order_by_hand_is_not_always_of_the_line_that_was_picked() -> None:
    world = made(empty_world("picks", 3), 1000, (("wrong_pick", 100_000.0, orders.wrong_pick),))
    alone = [truth for truth in world.truths if truth.kind.endswith("_alone")]
    closed = [any(world.order_of(one).status is StepStatus.COMPLETED for one in truth.orders) for truth in alone]
    assert 0.2 < sum(closed) / len(closed) < 0.5


def test_identifiers_lead_to_one_person_each(world: World) -> None:
    numbers = [one for person in world.register.persons.values() for one in person.identifiers]
    assert len(numbers) == len(set(numbers))


def test_both_sites_deal_the_same_numbers(world: World) -> None:
    numbers = [one for person in world.register.persons.values() for one in person.identifiers]
    north, south = ({one.value for one in numbers if one.issuer == site} for site in (NORTH, SOUTH))
    assert len(north & south) > len(south) / 4


def test_one_record_in_twelve_is_a_further_one_of_somebody(world: World) -> None:
    regulars = world.register.humans[: world.register.regulars]
    records = sum(len(one.records) for one in regulars)
    assert 0.06 < (records - len(regulars)) / records < 0.11


def test_neighbouring_accession_numbers_are_of_anybody(world: World) -> None:
    numbers = {order.accession_number: order for order in world.radiology.orders}
    near = [(order, numbers.get(str(int(text) + 1))) for text, order in list(numbers.items())[:500]]
    pairs = [(one, other) for one, other in near if other]
    assert len(pairs) > 200
    assert sum(one.sender != other.sender for one, other in pairs) > len(pairs) / 4
    assert all(compare_accessions(one.accession_number, other.accession_number) != "equal" for one, other in pairs)


def test_names_are_as_frequent_as_in_a_census(world: World) -> None:
    families = Counter(human.name.family for human in world.register.humans)
    first, count = families.most_common(1)[0]
    assert 0.003 < count / len(world.register.humans) < 0.03, first
    assert len(families) > len(world.register.humans) / 8
    assert any(not human.name.family.isascii() for human in world.register.humans)
    assert any(human.name.ideographic for human in world.register.humans)
    assert any("-" in human.name.family or " " in human.name.family for human in world.register.humans)
