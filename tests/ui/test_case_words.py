"""What the case page says and shows of a case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.rows import CaseDetail, CorrectionRow
from radrecon.ui.case_words import proposed, state_words, together
from tests.ui.fake_backend import FakeBackend, order


def detail(state: str = "open", **more: object) -> CaseDetail:
    known = FakeBackend().case_detail(1)
    return replace(known, case=replace(known.case, state=state), **more)  # type: ignore[arg-type]


def correction(verb: str, state: str) -> CorrectionRow:
    return CorrectionRow(4, 1, verb, state, "", "", "", "", "")


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("open", ""),
        ("correcting", "correction under way"),
        ("closed", "closed: link filed"),
        ("dismissed", "dismissed"),
    ],
)
def test_a_case_says_what_became_of_it(state: str, says: str) -> None:
    assert state_words(detail(state, corrections=(correction("link", "filed"), correction("fix", "undone")))) == says


def test_a_case_that_closed_by_itself_names_no_correction() -> None:
    assert state_words(detail("closed", corrections=())) == "closed"


def test_the_order_that_a_case_speaks_of_is_its_own_else_the_likeliest() -> None:
    assert proposed(detail()) == detail().candidates[0].order_id
    assert proposed(detail(candidates=())) == 0


def test_a_collision_of_accession_numbers_shows_the_orders_that_carry_it() -> None:
    known = detail(orders={1: order(1), 2: order(2)}, evidence={"orders": [1, 2, 3]})
    assert together(known) == []
    collision = replace(known, case=replace(known.case, kind="accession_collision"))
    assert [(row.id, row.kind, row.patient_name) for row in together(collision)] == [
        (1, "order", order(1).patient_name),
        (2, "order", order(2).patient_name),
    ]
