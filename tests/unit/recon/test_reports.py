"""The chain of a report's versions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radrecon.model.order import ReportVersion
from radrecon.recon.reports import ReportKind, chain, finished_before


def version(status: str, text: str = "", *flags: str) -> ReportVersion:
    return ReportVersion(status=status, text=text, flags=flags)


def kinds(*versions: ReportVersion) -> list[str]:
    return [str(one.kind) for one in chain(versions)]


def shown(*versions: ReportVersion) -> str:
    return chain(versions)[-1].text


FINAL = version("F", "No fracture.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [("O", "pending"), ("S", "pending"), ("I", "pending"), ("P", "preliminary"), ("R", "preliminary"), ("A", "partial"),
     ("F", "final"), ("C", "corrected"), ("X", "cancelled"), ("D", "withdrawn"), ("W", "wrong_patient"),
     ("", "unstated"), ("f", "final"), ("HM", "unstated")],
)  # fmt: skip
def test_the_first_version_is_what_it_says(status: str, kind: str) -> None:
    assert kinds(version(status, "text")) == [kind]


def test_preliminary_final_addendum_and_correction_follow_each_other() -> None:
    said = [version("P", "a"), version("F", "b"), version("F", "b c"), version("C", "d")]
    assert kinds(*said) == ["preliminary", "final", "addendum", "corrected"]
    assert [one.text for one in chain(said)] == ["a", "b", "b c", "d"]
    assert [one.number for one in chain(said)] == [1, 2, 3, 4]


def test_an_addendum_that_sends_only_itself_hides_nothing() -> None:
    assert shown(FINAL, version("F", "A nodule.")) == "No fracture.\n\nA nodule."
    assert shown(FINAL, version("A", "A nodule.", "addendum")) == "No fracture.\n\nA nodule."
    assert kinds(FINAL, version("A", "A nodule.", "addendum")) == ["final", "addendum"]


def test_a_preliminary_version_after_a_final_one_is_an_anomaly_and_is_not_shown_instead() -> None:
    late = version("P", "Fracture?")
    assert kinds(FINAL, late) == ["final", "anomaly"]
    assert shown(FINAL, late) == "No fracture."
    assert finished_before(["P", "F", "P"])
    assert not finished_before(["P", "F", "W"])
    assert not finished_before([])


@pytest.mark.parametrize("status", ["F", "U", "C", "P"])
def test_a_version_without_text_blanks_nothing(status: str) -> None:
    assert shown(version("P", "No fracture."), version(status, "", "text_not_sent")) == "No fracture."


def test_the_same_final_text_again_is_only_confirmed() -> None:
    assert kinds(FINAL, FINAL) == ["final", "confirmed"]
    assert kinds(version("P", "x"), version("F")) == ["preliminary", "confirmed"]
    assert kinds(version("F")) == ["final"]


def test_what_was_deleted_or_written_for_somebody_else_is_not_shown() -> None:
    for status, kind in (("D", "withdrawn"), ("W", "wrong_patient")):
        assert kinds(FINAL, version(status, "")) == ["final", kind]
        assert shown(FINAL, version(status, "")) == ""
        assert kinds(FINAL, version(status, ""), version("P", "new")) == ["final", kind, "preliminary"]


def test_a_cancelled_result_leaves_the_text() -> None:
    assert kinds(FINAL, version("X")) == ["final", "cancelled"]
    assert shown(FINAL, version("X")) == "No fracture."


versions = st.builds(
    version,
    st.sampled_from([*"OSIPRAFCXDWUNZ", "", "?"]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "addendum"]),
)


@given(st.lists(versions))
def test_any_chain_has_a_kind_for_each_and_loses_text_only_by_what_takes_it_back(said: Sequence[ReportVersion]) -> None:
    found = chain(said)
    assert [one.version for one in found] == list(said)
    for before, after in pairwise(found):
        if before.text and not after.text:
            assert after.kind in (ReportKind.WITHDRAWN, ReportKind.WRONG_PATIENT)
