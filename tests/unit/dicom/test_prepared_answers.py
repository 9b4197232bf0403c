from __future__ import annotations

from dataclasses import replace

from radrecon.dicom.elements import Element
from radrecon.dicom.prepared_answers import LONGEST, PreparedAnswers, shape
from tests.builders import order, step


def test_the_same_question_for_the_same_step_is_made_once() -> None:
    prepared, one, its_step = PreparedAnswers(), order(), step()
    assert prepared.of("q", one, its_step, lambda: b"first") == b"first"
    assert prepared.of("q", one, its_step, lambda: b"second") == b"first"
    assert prepared.of("another", one, its_step, lambda: b"second") == b"second"


def test_a_changed_order_or_step_is_made_anew_even_where_it_equals_the_old_one() -> None:
    prepared, one, its_step = PreparedAnswers(), order(), step()
    prepared.of("q", one, its_step, lambda: b"first")
    assert prepared.of("q", replace(one), its_step, lambda: b"second") == b"second"
    assert prepared.of("q", one, replace(its_step), lambda: b"third") == b"third"


def test_no_more_is_kept_than_was_asked_for() -> None:
    prepared, one = PreparedAnswers(most=2), order()
    steps = [replace(step(), id=number) for number in range(3)]
    for number, its_step in enumerate(steps):
        prepared.of("q", one, its_step, lambda number=number: b"%d" % number)  # type: ignore[misc]
    assert prepared.of("q", one, steps[2], lambda: b"new") == b"2"
    assert prepared.of("q", one, steps[0], lambda: b"new") == b"new"


def test_an_answer_too_long_to_keep_is_made_each_time() -> None:
    prepared, one, its_step = PreparedAnswers(), order(), step()
    prepared.of("q", one, its_step, lambda: bytes(LONGEST + 1))
    assert prepared.of("q", one, its_step, lambda: b"new") == b"new"


def test_questions_for_other_attributes_have_another_shape() -> None:
    inner = Element("SQ", items=({0x00080060: Element("CS", b"CT")},))
    same = Element("SQ", items=({0x00080060: Element("CS", b"MR")},))
    assert shape({0x00400100: inner}) == shape({0x00400100: same})
    others = [{}, {0x00400100: Element("SQ")}, {0x00400100: inner}, {0x00400100: inner, 0x00100010: Element("PN")}]
    assert len({shape(one) for one in others}) == len(others)
