"""The table of return keys against the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pydicom.datadict import dictionary_VM, dictionary_VR

from radrecon.dicom.worklist_attributes import CODE, ISSUER, ORDER, OTHER_ID, STEP, Leaf, Nested


def leaves() -> Iterator[tuple[int, Leaf | Nested]]:
    tables: tuple[Mapping[int, Leaf | Nested], ...] = (ORDER, STEP, CODE, ISSUER, OTHER_ID)
    for table in tables:
        yield from table.items()


@pytest.mark.parametrize(("tag", "source"), [pytest.param(*row, id=f"{row[0]:08X}") for row in leaves()])
def test_each_return_key_has_the_value_representation_of_the_dictionary(tag: int, source: Leaf | Nested) -> None:
    assert dictionary_VR(tag) == (source.vr if isinstance(source, Leaf) else "SQ")
    assert isinstance(source, Nested) or not source.several or dictionary_VM(tag) != "1"
