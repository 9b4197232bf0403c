"""A small PNG of one image, with what is installed: uncompressed pixels, and RLE by pydicom (PS3.5 8, annex G).

Only the pixels that the thumbnail shows are looked at. What cannot be decoded raises ContentError that says why.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.decoders import RLELosslessDecoder

from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from radrecon.dicom.stored import Instance
from radrecon.dicom.uids import name_of
from radrecon.model.errors import ContentError

RLE = "1.2.840.10008.1.2.5"
DECODED = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, RLE)
LONGEST_SIDE = 128
LARGEST_FILE = 64 << 20
LARGEST_FRAME, LARGEST_RLE_FRAME = 64 << 20, 8 << 20
GREY, COLOUR = ("MONOCHROME1", "MONOCHROME2"), ("RGB", "YBR_FULL")


@dataclass(frozen=True)
class _Shape:
    rows: int
    columns: int
    samples: int
    bytes_each: int
    signed: bool
    planar: bool
    frames: int

    @property
    def frame_size(self) -> int:
        return self.rows * self.columns * self.samples * self.bytes_each


def file_head(found: Instance) -> bytes:
    """Preamble and meta information in front of a data set, so that it is a file (PS3.10 7.1)."""
    values = (
        (0x0002, found.sop_class_uid),
        (0x0003, found.sop_instance_uid),
        (0x0010, found.transfer_syntax_uid),
        (0x0012, "2.25.290391203958810470349836722571632158433"),
    )
    body = struct.pack("<HH2sHIH", 2, 1, b"OB", 0, 2, 0x0100)
    for number, uid in values:
        raw = uid.encode() + b"\0" * (len(uid) % 2)
        body += struct.pack("<HH2sH", 2, number, b"UI", len(raw)) + raw
    return bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(body)) + body


def refusal(transfer_syntax: str) -> str:
    """Why there is no thumbnail of images in this transfer syntax; "" where there may be one."""
    return "" if transfer_syntax in DECODED else f"no decoder for {name_of(transfer_syntax)}"


def png(content: bytes) -> bytes:
    """A DICOM file → PNG of its middle frame, the longest side no longer than 128 pixels."""
    try:
        dataset = dcmread(BytesIO(content), force=True)
        return _png(dataset)
    except ContentError:
        raise
    except Exception as error:  # pydicom raises whatever a broken file leads to
        raise ContentError(f"the image cannot be decoded ({type(error).__name__})") from error


def _png(dataset: Dataset) -> bytes:
    shape, photometric = _shape(dataset), str(dataset.PhotometricInterpretation)
    if photometric not in GREY + COLOUR:
        raise ContentError(f"no thumbnail of {photometric} images")
    frame = _frame(dataset, shape)
    step = max(1, -(-max(shape.rows, shape.columns) // LONGEST_SIDE))
    rows, columns = range(0, shape.rows, step), range(0, shape.columns, step)
    if shape.samples == 1:
        lines = _grey(frame, shape, rows, columns, dataset.file_meta.TransferSyntaxUID == EXPLICIT_BE)
        if photometric == "MONOCHROME1":
            lines = [bytes(255 - one for one in line) for line in lines]
        return _file(len(columns), 0, lines)
    return _file(len(columns), 2, _colours(frame, shape, rows, columns, photometric))


def _shape(dataset: Dataset) -> _Shape:
    allocated = int(dataset.BitsAllocated)
    if allocated not in (8, 16):
        raise ContentError(f"no thumbnail of images with {allocated} bits")
    shape = _Shape(
        int(dataset.Rows),
        int(dataset.Columns),
        int(dataset.get("SamplesPerPixel", 1)),
        allocated // 8,
        bool(dataset.get("PixelRepresentation", 0)),
        bool(dataset.get("PlanarConfiguration", 0)),
        int(dataset.get("NumberOfFrames", 1) or 1),
    )
    if shape.samples not in (1, 3) or not 0 < shape.frame_size <= LARGEST_FRAME:
        raise ContentError("no thumbnail of images of this shape")
    if shape.samples == 3 and shape.bytes_each != 1:
        raise ContentError("no thumbnail of colour images with 16 bits")
    return shape


def _frame(dataset: Dataset, shape: _Shape) -> bytes:
    """The middle frame."""
    number = max(0, (shape.frames - 1) // 2)
    if dataset.file_meta.TransferSyntaxUID == RLE:
        if shape.frame_size > LARGEST_RLE_FRAME:
            raise ContentError("no thumbnail of RLE images of this size")
        found, _ = RLELosslessDecoder.as_buffer(dataset, index=number)
        frame = bytes(found)
    else:
        frame = bytes(dataset.PixelData[number * shape.frame_size : (number + 1) * shape.frame_size])
    if len(frame) < shape.frame_size:
        raise ContentError("the pixel data are cut off")
    return frame


def _grey(frame: bytes, shape: _Shape, rows: range, columns: range, big: bool) -> list[bytes]:
    """Grey values from the darkest to the brightest of what is shown."""
    kind = {1: "b" if shape.signed else "B", 2: "h" if shape.signed else "H"}[shape.bytes_each]
    line = struct.Struct(f"{'>' if big else '<'}{shape.columns}{kind}")
    found = [line.unpack_from(frame, row * line.size)[:: columns.step] for row in rows]
    least, most = min(map(min, found)), max(map(max, found))
    span = max(most - least, 1)
    return [bytes((value - least) * 255 // span for value in one) for one in found]


def _colours(frame: bytes, shape: _Shape, rows: range, columns: range, photometric: str) -> list[bytes]:
    plane = shape.rows * shape.columns

    def pixel(row: int, column: int) -> bytes:
        at = row * shape.columns + column
        found = frame[at::plane][:3] if shape.planar else frame[at * 3 : at * 3 + 3]
        return found if photometric == "RGB" else _rgb(*found)

    return [b"".join(pixel(row, column) for column in columns) for row in rows]


def _rgb(y: int, cb: int, cr: int) -> bytes:
    """PS3.3 C.7.6.3.1.2."""
    values = (
        y + 1.402 * (cr - 128),
        y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128),
        y + 1.772 * (cb - 128),
    )
    return bytes(min(255, max(0, round(value))) for value in values)


def _file(width: int, colour_type: int, lines: list[bytes]) -> bytes:
    """PNG (RFC 2083): one byte per sample, no filter."""
    head = struct.pack(">IIBBBBB", width, len(lines), 8, colour_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + line for line in lines))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
