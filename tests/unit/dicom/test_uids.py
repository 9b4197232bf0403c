"""What is a UID, and what names a storage class."""

from __future__ import annotations

import pytest

from radrecon.dicom.uids import is_storage, is_uid, name_of


@pytest.mark.parametrize("text", ["1.2.840.10008.1.1", "2.25.1", "1", "1." + "2" * 62])
def test_a_uid(text: str) -> None:
    assert is_uid(text)


@pytest.mark.parametrize(
    "text", ["", "../../x", "1.2\0.3", "1..2", ".1", "1.", "1." + "2" * 63, "1.2\n", "١.2", "1 .2"]
)
def test_no_uid(text: str) -> None:
    assert not is_uid(text)


def test_storage_classes_are_those_of_the_standard_and_private_ones() -> None:
    assert is_storage("1.2.840.10008.5.1.4.1.1.2")
    assert is_storage("1.2.840.10008.5.1.4.34.7")
    assert is_storage("1.2.3.4")
    assert not is_storage("1.2.3.4", private=False)
    for other in ("1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.3.1.2.3.3", "../x"):
        assert not is_storage(other)


def test_a_name_is_said_where_there_is_one() -> None:
    assert name_of("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage"
    assert name_of("1.2.3") == "1.2.3"
