"""What is decided over the nearest is what would be decided over everything, and every key has its bound."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from radrecon.recon.classify import Verdict, classify
from radrecon.store import order_keys, orders, settings, studies
from radrecon.workflow import reconcile
from radrecon.workflow.keys import order_keys_of
from radrecon.workflow.neighbourhood import COMMON_KEY, WEAK_LIMIT, decide, load_neighbourhood
from tests.builders import demographics, step, study
from tests.builders import order as built
from tests.workflow.histories import fresh, interleaved
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order
from tests.workflow.random_histories import chains

SEEDS = range(200, 208)


def decided_alike(hospital: Hospital) -> int:
    """How many studies there are."""
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        known = studies.load_many(conn, range(1, 20))
        for one in known:
            quick, whole = decide(conn, one, watch)[1], classify(load_neighbourhood(conn, one, watch=watch), watch)
            assert said(quick) == said(whole)
    return len(known)


def said(verdict: Verdict) -> dict[str, object]:
    """All of it but how candidates were ranked; what a person is asked to take is shown only where there is a case."""
    left = {"ranking", "proposed_ids"} if verdict.findings else {"ranking"}
    return {name: value for name, value in vars(verdict).items() if name not in left}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_quick_way_comes_to_the_same(seed: int, tmp_path: Path, template: Path) -> None:
    (events,) = interleaved(chains(seed), 3, seed)[2:]
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        hospital.hears_an_early_order()
        for event in events:
            event(hospital)
        assert decided_alike(hospital)


def many(hospital: Hospital, count: int, **same: str) -> None:
    """Orders of different people at one station on one day, or (`mrn`) of one patient over years."""
    chance = random.Random(1)
    for number in range(count):
        day = "2026-11-22" if not same else f"20{10 + number % 16}-01-{1 + number % 28:02}"
        who = demographics(same.get("mrn", f"7{number:06}"), f"P{chance.randrange(10**6)}^Q", birth_date="")
        started = step(start=f"{day}T10:00:00", sps=f"S{number}")
        with hospital.store.transaction() as conn:
            one = built(f"Z{number:07}", who, steps=(started,))
            id_ = orders.save(conn, one, at=hospital.now)
            order_keys.replace(conn, {id_: order_keys_of(conn, replace(one, id=id_))})


@on_both
def test_a_busy_station_costs_no_more_than_another_and_its_study_finds_its_order(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    many(hospital, COMMON_KEY + 20)
    hospital.sees(study("1.2.5", "", demographics("", "UNHEARD^OF", birth_date="")))
    hospital.sees(study(accession="A1O0", patient=demographics("")))
    with hospital.store.reading() as conn:
        stranger = load_neighbourhood(conn, hospital.study("1.2.5"))
        known = load_neighbourhood(conn, hospital.study())
    assert len(stranger.orders) <= WEAK_LIMIT
    assert "A100" in {one.accession_number for one in known.orders}


def test_a_patient_with_more_orders_than_can_be_compared_is_for_a_person_with_the_right_one_first(
    hospital: Hospital,
) -> None:
    many(hospital, order_keys.BLOCK_LIMIT + 20, mrn="1000001")
    hospital.hears(order("A100"))
    hospital.sees(study())
    case = hospital.case()
    assert "the list was cut off" in " ".join(case.finding.candidates[0].vetoes)
    assert case.finding.candidates[0].accession_number == "A100"


@on_both
def test_a_study_that_names_its_order_is_decided_without_the_patients_other_ones(hospital: Hospital) -> None:
    many(hospital, 40, mrn="1000001")
    hospital.hears(order("A100"))
    hospital.sees(study())
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        near, verdict = decide(conn, hospital.study(), watch)
        whole = load_neighbourhood(conn, hospital.study())
    assert (len(near.orders), len(whole.orders)) == (1, 41)
    assert said(verdict) == said(classify(whole, watch))
    assert hospital.linked() == "A100"


@on_both
def test_images_that_leave_a_doubt_are_held_against_all_of_them(hospital: Hospital) -> None:
    many(hospital, 40, mrn="1000001")
    hospital.hears(order("A100"))
    hospital.sees(study(performed="2026-11-23T09:34:00"))
    assert decided_alike(hospital)
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        assert len(decide(conn, hospital.study(), watch)[0].orders) == 41
