"""What a case allows, proposes and refuses, without a window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from radrecon.model.case import CaseKind
from radrecon.model.rows import CaseDetail
from radrecon.ui.case_verbs import default_verb, no_proposal, refusal

from .fake_backend import FakeBackend


@pytest.fixture
def detail() -> CaseDetail:
    return FakeBackend().case_detail(1)


def test_nothing_applies_before_the_case_is_there() -> None:
    assert refusal(None, 7, "link") == "not loaded yet"
    assert default_verb(None, 7) == ""


def test_a_link_needs_an_order(detail: CaseDetail) -> None:
    free = replace(detail, verbs={"link": "", "fix": "", "merge": ""})
    assert refusal(free, 0, "link") == "no order to link to"
    assert refusal(free, 7, "link") == ""
    assert (default_verb(free, 7), default_verb(free, 0)) == ("link", "fix")


def test_a_mismatch_is_fixed_where_the_link_stands(detail: CaseDetail) -> None:
    mismatch = replace(detail, case=replace(detail.case, kind=CaseKind.DEMOGRAPHIC_MISMATCH))
    assert default_verb(replace(mismatch, verbs={"link": "", "fix": ""}), 7) == "fix"
    assert default_verb(replace(mismatch, verbs={"link": "", "fix": "no order"}), 7) == "link"


def test_a_merge_is_never_proposed_and_named_where_it_is_all_that_applies(detail: CaseDetail) -> None:
    both = replace(detail, verbs={"link": "no order", "fix": "nothing differs", "merge": ""})
    assert default_verb(both, 7) == ""
    assert no_proposal(both, 7, "M") == "Nothing is proposed here by itself: M merges the two patients."
    neither = replace(both, verbs=both.verbs | {"merge": "one patient only"})
    assert no_proposal(neither, 7, "M") == "No correction applies: no order"
