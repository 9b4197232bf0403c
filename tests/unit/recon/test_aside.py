"""Orders left out change no verdict, whatever they are and however the weights stand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from radrecon.model.order import Order, Outline, StepStatus
from radrecon.model.patient import Demographics
from radrecon.model.person import Person, Watch
from radrecon.model.study import Study, StudyFacts
from radrecon.recon.aside import changes_nothing, left_out, named_by
from radrecon.recon.classify import Neighbourhood, Verdict, classify
from radrecon.recon.match import scale_of
from radrecon.recon.weigh import DEFAULT
from tests.builders import demographics, order, step, study

WATCH = Watch(date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), patient_id_issuer="HOSP")
ANNA = demographics()
OTHER = demographics("2000002", "FISCHER^ANNA")
PEOPLE = {1: Person(1, ANNA, (ANNA.patient_id,)), 2: Person(2, OTHER, (OTHER.patient_id,))}
TOTAL = 1_000_000


def outline(one: Order) -> Outline:
    starts = tuple(step.start for step in one.steps)
    return Outline(one.id, one.person_id, one.accession_number, one.study_instance_uid, starts)


def far(id_: int, accession: str = "B77", **more: object) -> Order:
    given = {"steps": (step(start="2026-03-01T10:00:00"),), "person_id": 1} | more
    return replace(order(accession), id=id_, **given)  # type: ignore[arg-type]


NAMED = replace(order("A100"), id=10, person_id=1)


def test_orders_of_another_number_and_another_week_are_left_out() -> None:
    facts = study()
    others = [
        far(11),
        far(12, ""),
        far(13, person_id=2),
        far(14, "A1O0"),  # as good as the number itself to the eye
        far(15, "A101"),  # one slip away
        far(16, study_instance_uid=facts.study_instance_uid),
        far(17, steps=(step(start="2026-11-15T10:00:00"),)),
        far(18, steps=(step(start="2026-03-01T10:00:00"), step(start="2026-11-22T10:00:00"))),
        far(19, steps=()),
        far(20, steps=(step(start=""),)),
        far(21, steps=(step(start="no day"),)),
        far(22, "a-100"),
    ]
    outlines = [outline(one) for one in (NAMED, *others)]
    assert [one.id for one in left_out(facts, outlines)] == [11, 12, 13]
    assert [one.id for one in named_by(facts, outlines)] == [10, 16, 22]


def test_images_without_a_day_leave_nothing_out() -> None:
    assert left_out(study(performed=""), [outline(far(11))]) == []


def decided(
    facts: StudyFacts, orders: Sequence[Order], people: dict[int, Person] | None = None, **more: object
) -> Verdict:
    near = Neighbourhood(Study(facts, id=1), tuple(orders), people or PEOPLE, study_person_id=1, orders_total=TOTAL)
    return classify(near, WATCH, **more)  # type: ignore[arg-type]


def holds(facts: StudyFacts, left: Sequence[Order], people: dict[int, Person] | None = None) -> bool:
    best = decided(facts, [NAMED], people).ranking.automatic
    known = people or PEOPLE
    of = Study(facts, id=1, person_id=1)
    return best is not None and changes_nothing(best, of, known, [outline(one) for one in left], scale_of(TOTAL, WATCH))


def test_images_that_agree_throughout_need_no_other_order() -> None:
    assert holds(study(), [far(11)])
    assert holds(study(), [far(number) for number in range(11, 210)])


@pytest.mark.parametrize(
    "facts",
    [
        study(performed="2026-11-24T14:34:00"),  # late: another order could be meant
        study(modalities=("MR",), series=(replace(study().series[0], modality="MR"),)),
        study(series=(replace(study().series[0], body_part="KNEE"),), description=""),
    ],
)
def test_images_that_leave_a_doubt_are_held_against_all(facts: StudyFacts) -> None:
    assert not holds(facts, [far(11)])


def test_a_merged_or_unknown_person_is_held_against_all() -> None:
    assert not holds(study(), [far(11)], {**PEOPLE, 1: replace(PEOPLE[1], merged_into=2)})
    assert not holds(study(), [far(11)], {2: PEOPLE[2]})


def any_order(chance: random.Random, id_: int) -> Order:
    """Of the same patient or somebody else, by number or by name or both; examined and placed anyhow, weeks away."""
    patients: Sequence[Demographics] = (ANNA, OTHER, demographics("1000001", "MEIER^ANNA"), demographics(""))
    start = f"2026-{chance.randrange(1, 11):02}-{chance.randrange(1, 29):02}T14:30:00"
    return replace(
        order(chance.choice(("", f"Z{id_}77")), chance.choice(patients)),
        id=id_,
        person_id=chance.choice((0, 1, 1, 2)),
        steps=(step(start=start, modality=chance.choice(("CT", "CT", "MR")), sps=f"S{id_}"),),
        status=chance.choice((StepStatus.SCHEDULED, StepStatus.SCHEDULED, StepStatus.COMPLETED, StepStatus.CANCELLED)),
        study_instance_uid=chance.choice(("", f"1.9.{id_}")),
    )


def said(verdict: Verdict) -> tuple[object, ...]:
    return tuple(value for name, value in vars(verdict).items() if name != "ranking")


def test_the_verdict_is_the_one_over_all_of_them() -> None:
    assert sum(map(decided_alike, range(120))) > 50


def decided_alike(seed: int) -> bool:
    """Whether orders could be left out; the weights are disturbed in every other one."""
    chance = random.Random(seed)
    factors: dict[tuple[str, str], float] = {}
    weights = DEFAULT
    if seed % 2:
        weights = DEFAULT.disturbed(lambda *key: factors.setdefault(key, chance.uniform(0.7, 1.3)))
    uid = chance.choice(("", "1.2.3"))
    named = replace(NAMED, study_instance_uid=uid, patient=chance.choice((ANNA, ANNA, replace(ANNA, sex=""))))
    performed = f"2026-11-22T{chance.choice((14, 15, 23))}:34:00"
    facts = study(performed=performed, patient=replace(ANNA, sex=chance.choice("FFO")))
    others = [any_order(chance, id_) for id_ in range(100, 100 + chance.choice((1, 5, 190)))]
    left = left_out(facts, [outline(one) for one in (named, *others)])
    assert [one.id for one in left] == [one.id for one in others]
    alone = decided(facts, [named], weights=weights)
    best, scale = alone.ranking.automatic, scale_of(TOTAL, WATCH, weights)
    held = bool(alone.order_ids) and best is not None
    if not held or not changes_nothing(best, Study(facts, id=1, person_id=1), PEOPLE, left, scale):
        return False
    assert said(alone) == said(decided(facts, [named, *others], weights=weights))
    return True


def test_a_name_that_is_written_otherwise_is_decided_over_everybody() -> None:
    """Somebody else of the day may be written so: a veto that only the whole register shows."""
    assert holds(study(), [])
    capitals = study(patient=demographics(name="Fischer^Anna"))
    assert decided(capitals, [NAMED]).ranking.automatic
    assert not holds(capitals, [])
