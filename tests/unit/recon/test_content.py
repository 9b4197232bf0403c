from __future__ import annotations

from datetime import timedelta

from radrecon.model.study import SeriesFacts, StudyFacts
from radrecon.recon.compare import Level
from radrecon.recon.content import compare_sides_there, content, time_bits, without_copied_words

from .people import facts, order


def showing(part: str, **changes: str) -> StudyFacts:
    return facts(series=(SeriesFacts("1.1", "CT", "CT2", part, **changes),))


def test_what_fits_says_nothing_against() -> None:
    found = content(showing("HEAD"), order())
    assert (found.contradicted, found.against, found.examined) == (False, (), 0)


def test_another_region_contradicts_and_says_so() -> None:
    found = content(showing("KNEE"), order())
    assert found.contradicted
    assert found.against == ("the images show knee, ordered was head",)


def test_another_modality_contradicts() -> None:
    assert content(facts(), order(modality="MR")).against == ("another modality was ordered",)


def test_a_region_beside_it_is_no_contradiction() -> None:
    found = content(showing("NECK"), order(requested_procedure_description="CT FACE", steps=order().steps[:0]))
    assert (found.contradicted, found.against) == (False, ())
    assert found.examined < 0


def test_hours_from_the_slot_are_said_in_words_and_weigh() -> None:
    found = content(facts(performed="2026-11-22T20:30:00"), order())
    assert found.against == ("6 h after its slot",)
    assert found.bits < content(facts(), order()).bits


def test_the_further_the_less_likely() -> None:
    some = [time_bits(timedelta(minutes=minutes)) for minutes in (0, 10, 30, 120, 600)]
    assert some == sorted(some, reverse=True)
    assert time_bits(None) < 0


def test_a_description_that_is_the_orders_own_is_no_evidence_of_what_was_done() -> None:
    assert without_copied_words(facts(description="CT head"), order()).description == ""
    assert without_copied_words(facts(description="CT KNEE"), order()).description == "CT KNEE"


def test_the_side_of_another_region_is_none_of_the_orders() -> None:
    series = (SeriesFacts("1.1", "CT", body_part="KNEE", laterality="L"), SeriesFacts("1.2", "CT", body_part="ANKLE"))
    right = order(requested_procedure_description="CT ANKLE RIGHT", steps=())
    assert compare_sides_there(facts(series=series), right) is Level.MISSING
    knee = order(requested_procedure_description="CT KNEE RIGHT", steps=())
    assert compare_sides_there(facts(series=series), knee) is Level.DIFFERENT
