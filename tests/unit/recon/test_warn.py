from __future__ import annotations

from radrecon.recon.warn import link_warnings, merge_warnings, study_warnings

from .people import ANNA, PACS, facts, order, person, who


def test_an_unknown_report_is_always_named() -> None:
    assert len(study_warnings(True, facts(), PACS)) == 1


def test_agreement_needs_no_warning() -> None:
    assert link_warnings(facts(), order(), person()) == ()
    assert merge_warnings(ANNA, who("5", "Meyer^Anna")) == ()
