"""PNG of images, with what is installed."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from radrecon.dicom.thumbnail import LONGEST_SIDE, png, refusal
from radrecon.model.errors import ContentError


def content(name: str) -> bytes:
    return Path(str(get_testdata_file(name, download=False))).read_bytes()


def shape(found: bytes) -> tuple[int, int, int]:
    """Width, height and the length of the pixels, filter bytes included."""
    width, height = struct.unpack_from(">II", found, 16)
    data = found[found.index(b"IDAT") + 4 : found.index(b"IEND") - 8]
    return width, height, len(zlib.decompress(data))


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_rle.dcm"],
)
def test_an_image_is_a_small_png(name: str) -> None:
    found = png(content(name))
    assert found.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, size = shape(found)
    assert 0 < max(width, height) <= LONGEST_SIDE
    samples = 3 if "rgb" in name else 1
    assert size == height * (1 + width * samples)


@pytest.mark.parametrize("name", ["rtplan.dcm", "reportsi.dcm", "MR_truncated.dcm"])
def test_what_is_no_image_or_none_whole_says_why(name: str) -> None:
    with pytest.raises(ContentError):
        png(content(name))


def test_what_nothing_installed_decodes_is_said() -> None:
    assert refusal("1.2.840.10008.1.2.4.90").startswith("no decoder for JPEG 2000")
    assert refusal("1.2.840.10008.1.2.5") == ""
