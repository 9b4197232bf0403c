"""Who on one list is called alike."""

from __future__ import annotations

import pytest

from radrecon.model.names import PersonName
from radrecon.recon.similar_names import Line, similar


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("SMITH^JOHN", "SMITH^JOHN", True),
        ("SMITH^JOHN", "SMITH^JON", True),
        ("SMITH^JOHN", "JOHN^SMITH", True),
        ("FISCHER^ANNA", "FISHER^ANNE", True),
        ("MÜLLER^JÜRGEN", "MUELLER^JUERGEN", True),
        ("MEYER^EVA", "MAIER^EVA", True),
        ("SMITH^JOHN", "SMITH^MARY", False),
        ("SMITH^JOHN", "BROWN^JOHN", False),
        ("SMITH^JOHN", "", False),
    ],
)
def test_names_that_are_taken_for_one_another(one: str, other: str, alike: bool) -> None:
    lines = [Line(1, "a", PersonName.parse(one)), Line(2, "b", PersonName.parse(other))]
    assert similar(lines) == ({1: (2,), 2: (1,)} if alike else {})


def test_two_lines_of_one_person_are_not_similar_but_the_same() -> None:
    name = PersonName.parse("SMITH^JOHN")
    lines = [Line(1, "a", name), Line(2, "a", name), Line(3, "b", name)]
    assert similar(lines) == {1: (3,), 2: (3,), 3: (1, 2)}
