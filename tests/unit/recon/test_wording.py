from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.names import PersonName
from radrecon.recon.compare import Level, compare_names
from radrecon.recon.wording import gap_text, level_text, name_text


def said(one: str, other: str) -> str:
    truth, found = PersonName.parse(one), PersonName.parse(other)
    return name_text(compare_names(truth, found), truth, found)


def test_what_nobody_sees_is_said() -> None:
    assert (
        said("SMITH^JOHN", "SMI\u200bTH^JOHN") == "name equal after normalisation, but for characters that nobody sees"
    )
    assert said("MEYER^ANNA", "MEY\u0415R^ANNA") == "name equal only to the eye: letters of another script"
    assert "several scripts" in said("MEYER^ANNA", "MEY\u0415R^UDO")
    assert said("MEYER^ANNA", "MEYER^ANNA") == "name equal"


@pytest.mark.parametrize(("minutes", "text"), [(0, "at the scheduled time"), (-61, "61 min before the slot")])
def test_gaps_in_words(minutes: int, text: str) -> None:
    assert gap_text(timedelta(minutes=minutes)) == text


def test_levels_in_words() -> None:
    assert level_text("accession_number", Level.NEAR, "A1") == "accession number one slip from A1"
    assert level_text("modality", Level.DIFFERENT, "MR", "CT") == "modality MR, ordered CT"
