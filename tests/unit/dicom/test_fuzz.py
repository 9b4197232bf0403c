"""A fuzz run over all that reads what peers send: only ContentError and ProtocolError, in bounded memory and time.

`RADRECON_FUZZ_EXAMPLES` makes it longer (`./dev soak`).
"""

from __future__ import annotations

import contextlib
import os
import struct
import time
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from radrecon.dicom import stored, upper_layer
from radrecon.dicom.dimse import C_STORE_RQ, Command, encode_command, parse_command
from radrecon.dicom.elements import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, parse
from radrecon.dicom.stored import HEADER_LIMIT, HeaderReader
from radrecon.dicom.thumbnail import png
from radrecon.dicom.upper_layer import Acceptor, AssociationRequested, Offer, ReleaseRequested
from radrecon.dicom.worklist import read_query
from radrecon.model.errors import ContentError
from radrecon.services.availability_scp import read_notice
from tests.unit.dicom.requests import CT_STORAGE, associate_request, echo, p_data, value

EXAMPLES = int(os.environ.get("RADRECON_FUZZ_EXAMPLES", "150"))
SECONDS = 60.0  # far above what any takes; it only tells something that grows without bound
fuzz = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))

SYNTAXES = st.sampled_from((EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, stored.DEFLATED[0], "1.2.840.10008.1.2.4.70"))
TAGS = st.sampled_from((*sorted(stored.WANTED), 0x00400100, 0x7FE00010, 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0x00091001))
VRS = st.sampled_from((b"UI", b"PN", b"SQ", b"UN", b"OB", b"US", b"LO", b"IS", b"XX", b"\0\0"))
LENGTHS = st.one_of(
    st.none(), st.sampled_from((0, 1, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 70_000)), st.integers(0, 1 << 32 - 1)
)
VALUES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from((b"../../x", b"1." + b"2" * 70, b"1.2\0.3", b"1.2.3", b"\x1b$B", b"ISO 2022 IR 87", b"\\" * 30)),
)


@st.composite
def elements(draw: st.DrawFn) -> bytes:
    """One element, or what looks like one: its VR and its length may lie."""
    tag, vr, raw, length = draw(TAGS), draw(VRS), draw(VALUES), draw(LENGTHS)
    declared = len(raw) if length is None else min(length, 0xFFFFFFFF)
    order = draw(st.sampled_from("<<<>"))
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if draw(st.booleans()):
        return head + struct.pack(order + "I", declared) + raw
    if vr in (b"SQ", b"UN", b"OB"):
        return head + vr + b"\0\0" + struct.pack(order + "I", declared) + raw
    return head + vr + struct.pack(order + "H", declared & 0xFFFF) + raw


DATA_SETS = st.one_of(st.lists(elements(), max_size=12).map(b"".join), st.binary(max_size=200))


def only_content_errors(what: Callable[[], object]) -> None:
    started = time.monotonic()
    with contextlib.suppress(ContentError):
        what()
    assert time.monotonic() - started < SECONDS


@fuzz
@given(DATA_SETS, SYNTAXES)
def test_identifiers(data: bytes, syntax: str) -> None:
    only_content_errors(lambda: read_query(parse(data, syntax)))
    only_content_errors(lambda: read_notice(data, syntax))
    only_content_errors(lambda: parse_command(data))


@fuzz
@given(DATA_SETS, SYNTAXES, st.integers(1, 64), st.integers(16, 512))
def test_headers_of_what_is_stored(data: bytes, syntax: str, piece: int, limit: int) -> None:
    reader = HeaderReader(syntax, limit)
    for at in range(0, len(data), piece):
        reader.feed(memoryview(data)[at : at + piece])
        assert reader.holds <= limit + max(piece, stored.INFLATED_AT_ONCE if syntax in stored.DEFLATED else 0)
    reader.finish()
    assert len(reader.header) <= limit + piece or syntax in stored.DEFLATED
    only_content_errors(lambda: stored.instance(reader, CT_STORAGE, "1.2.3", syntax, len(data)))
    stored.facts("pacs", [(reader.header, syntax)])


@fuzz
@given(DATA_SETS, SYNTAXES)
def test_pieces_make_the_same_header_as_the_whole(data: bytes, syntax: str) -> None:
    whole, apart = HeaderReader(syntax), HeaderReader(syntax)
    whole.feed(data)
    for at in range(len(data)):
        apart.feed(memoryview(data)[at : at + 1])
    whole.finish()
    apart.finish()
    assert (apart.header, apart.flaw, apart.has_pixels) == (whole.header, whole.flaw, whole.has_pixels)


@fuzz
@given(DATA_SETS)
def test_thumbnails(data: bytes) -> None:
    only_content_errors(lambda: png(bytes(128) + b"DICM" + data))
    only_content_errors(lambda: png(data))


class _Counting:
    """A sink that keeps nothing."""

    holds = 0

    def feed(self, data: memoryview) -> None:
        assert len(data) <= upper_layer.LARGEST_PDU

    def close(self) -> None:
        pass


STORE = Command(C_STORE_RQ, 1, affected_sop_class=CT_STORAGE, affected_sop_instance="1.2", has_data_set=True)
REQUEST = associate_request(((CT_STORAGE, (EXPLICIT_LE,)), ("1.2.840.10008.1.1", (IMPLICIT_LE,))))
PIECES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from((REQUEST, echo(context_id=3), p_data(value(1, encode_command(STORE), command=True)))),
    st.builds(lambda kind, length: struct.pack(">BxI", kind, length), st.integers(0, 9), st.integers(0, 0xFFFFFFFF)),
    st.builds(
        lambda data, command, last, context: p_data(value(context, data, command=command, last=last)),
        DATA_SETS,
        st.booleans(),
        st.booleans(),
        st.sampled_from((1, 1, 1, 3, 5)),
    ),
)


@fuzz
@given(st.lists(PIECES, max_size=12), st.integers(1, 5000))
def test_the_upper_layer(script: list[bytes], piece: int) -> None:
    one = Acceptor({CT_STORAGE: Offer((), 4096, lambda _context, _command: _Counting()), "1.2.840.10008.1.1": Offer()})
    data = REQUEST + b"".join(script)
    for at in range(0, len(data), piece):
        for event in one.receive(data[at : at + piece]):
            if isinstance(event, AssociationRequested):
                one.accept()
            if isinstance(event, ReleaseRequested):
                one.release()
        assert one.holds <= upper_layer.LARGEST_PDU + upper_layer.LARGEST_MESSAGE


def test_a_small_deflated_data_set_does_not_grow_without_bound() -> None:
    """A gigabyte of zeros is a megabyte deflated."""
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(struct.pack("<HH2sHI", 9, 0x1001, b"OB", 0, 200 << 20) + bytes(64 << 20)) + packer.flush()
    reader = HeaderReader(stored.DEFLATED[0])
    reader.feed(bomb)
    reader.finish()
    assert reader.holds <= HEADER_LIMIT + stored.INFLATED_AT_ONCE
    assert reader.flaw
