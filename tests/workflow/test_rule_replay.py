"""A rule is tried on what people have decided before it is switched on: nothing is written."""

from __future__ import annotations

from datetime import date

import pytest

from radrecon.model.errors import Refused
from radrecon.model.rows import ReplayedRule
from radrecon.workflow import dismissal
from radrecon.workflow.rule_replay import replay
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order
from tests.workflow.test_deciding import WRONG, decided, second, switch


def replays(hospital: Hospital, rule: str, since: date | None = None) -> ReplayedRule:
    seen: list[tuple[int, int]] = []
    found = replay(hospital.store, rule, since=since, now=hospital.now, progress=lambda *at: seen.append(at))
    assert [one for one, _ in seen] == list(range(1, found.decided + 1))
    return found


@on_both
def test_images_are_taken_as_they_were_before_the_correction(hospital: Hospital) -> None:
    decided(hospital)
    before = hospital.dump()
    found = replays(hospital, "link_by_accession")
    assert (found.decided, found.would_have_acted, found.silent) == (1, 0, 1)
    assert hospital.dump() == before


@on_both
def test_agreements_and_disagreements_with_what_people_decided(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"), order("A200"), order("A300"))
    hospital.sees(study())
    hospital.corrects("link")
    hospital.sees(study("1.2.4", accession="A200"))
    hospital.corrects("link", order_id=hospital.order("A300").id)
    found = replays(hospital, "link_by_accession")
    assert (found.decided, found.agreed, found.disagreed) == (2, 1, 1)
    (one,) = found.disagreements
    assert (one.by_rule, one.decided) == (hospital.order("A200").id, hospital.order("A300").id)


def test_a_study_put_aside_that_the_rule_would_link_is_a_disagreement(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    dismissal.dismiss(hospital.store, hospital.case().id, reason="test", who="ann", now=hospital.now)
    found = replays(hospital, "link_by_accession")
    assert (found.decided, found.agreed, found.disagreed) == (1, 0, 1)


def test_what_it_would_solve_of_what_is_open_now(hospital: Hospital) -> None:
    switch(hospital, "link_by_accession", "shadow")
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study())
    hospital.sees(study("1.2.9", accession="?", patient=demographics("5", "OTHER^ONE", birth_date="1999-09-09")))
    found = replays(hospital, "link_by_accession")
    assert (found.open_cases, found.would_solve, found.solved_studies) == (2, 1, (hospital.study().id,))


@on_both
def test_following_decisions_is_replayed_from_those_that_stood_then(hospital: Hospital) -> None:
    decided(hospital)
    hospital.sees(second())
    hospital.corrects("link")
    found = replays(hospital, "follow_decision")
    assert (found.decided, found.agreed, found.disagreed, found.silent) == (2, 1, 0, 1)


def test_only_what_was_decided_since_a_day(hospital: Hospital) -> None:
    decided(hospital)
    assert replays(hospital, "follow_decision", date(2026, 11, 23)).decided == 0
    assert replays(hospital, "follow_decision", date(2026, 11, 22)).decided == 1


def test_what_cannot_be_replayed_says_so(hospital: Hospital) -> None:
    with pytest.raises(Refused, match="in shadow instead"):
        replays(hospital, "correct_late_images")


def test_an_order_that_only_the_person_knew_of_is_no_agreement(hospital: Hospital) -> None:
    """It shares no key with the images: the rule would never have seen it."""
    hospital.hears(adt("A04"), order("A100"))
    far = study("1.2.8", accession=WRONG, patient=demographics("77", "GANZ^ANDERS", birth_date="1999-09-09"))
    hospital.sees(far)
    hospital.corrects("link", order_id=hospital.order().id)
    assert replays(hospital, "link_by_accession").would_have_acted == 0
