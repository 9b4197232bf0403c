"""Frames from streams as real senders make them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radrecon.hl7v2.framing import KEPT_OF_TOO_LONG, Deframer, Frame, frame, split_batch

A = b"MSH|^~\\&|A\rPID|1\r"
B = b"MSH|^~\\&|B\rPID|2\r"
OPEN = b"MSH|^~\\&|A\rPID|1"  # last segment not ended
LIMIT = 1 << 20


def frames(stream: bytes, limit: int = LIMIT) -> list[Frame]:
    deframer = Deframer(limit)
    return deframer.feed(stream) + deframer.settle() + deframer.close()


def test_a_framed_message_comes_back() -> None:
    assert frames(frame(A)) == [Frame(A)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(frame(A) + frame(B), [Frame(A), Frame(B)], id="two in one segment"),
        pytest.param(b"\x0b" + A + b"\x1c" + frame(B), [Frame(A), Frame(B)], id="FS without CR"),
        pytest.param(b"\x0b" + OPEN + b"\x1c" + frame(B), [Frame(OPEN), Frame(B)], id="FS without CR, segment open"),
        pytest.param(b"\x0b" + OPEN + b"\x1c\n" + frame(B), [Frame(OPEN), Frame(B)], id="FS with LF"),
        pytest.param(b"\x0b" + OPEN + b"\x1c", [Frame(OPEN)], id="FS is the last byte"),
        pytest.param(b"\x0b" + A + b"\x1c\x1c\r" + frame(B), [Frame(A), Frame(B)], id="FS twice"),
        pytest.param(b"\r\n\0" + frame(A) + b"\n\0\r", [Frame(A)], id="blanks around"),
        pytest.param(b"connected\r\n" + frame(A), [Frame(A, ("noise",))], id="log text before VT"),
        pytest.param(frame(A) + b"sent 1\n" + frame(B), [Frame(A), Frame(B, ("noise",))], id="log text after"),
        pytest.param(
            b"\x0b" + OPEN + b"\x1csent 1\n" + frame(B),
            [Frame(OPEN), Frame(B, ("noise",))],
            id="log text after FS without CR",
        ),
        pytest.param(A + b"\x1c\r", [Frame(A, ("no_start",))], id="no VT"),
        pytest.param(b"hello\r" + A + b"\x1c\r", [Frame(A, ("no_start", "noise"))], id="no VT after noise"),
        pytest.param(A + frame(B), [Frame(A, ("no_start", "no_end")), Frame(B)], id="neither VT nor FS, then a frame"),
        pytest.param(b"\x0b" + A + frame(B), [Frame(A, ("no_end",)), Frame(B)], id="no FS, then a new VT"),
        pytest.param(b"\x0b" + A + b"\x0b\r\nMSH|B\x1c\r", [Frame(A, ("no_end",)), Frame(b"\r\nMSH|B")], id="blank VT"),
        pytest.param(b"\x0b\x1c\r", [Frame(b"", ("empty",))], id="empty frame"),
        pytest.param(b"\x0b\x0b" + A + b"\x1c\r", [Frame(A)], id="VT twice"),
        pytest.param(frame(OPEN + b"\x1cmore\r"), [Frame(OPEN + b"\x1cmore\r", ("fs_inside",))], id="FS inside data"),
        pytest.param(frame(b"MSH|1\rOBX|a\x0bb\r"), [Frame(b"MSH|1\rOBX|a\x0bb\r")], id="vertical tab inside text"),
        pytest.param(b"hello\x1c\r", [Frame(b"hello", ("no_start",))], id="no message but an end"),
        pytest.param(b"\x0b" + A, [Frame(A, ("unfinished",))], id="closed in the middle"),
        pytest.param(A, [Frame(A, ("no_start", "unfinished"))], id="closed in the middle, no VT"),
        pytest.param(b"hello", [], id="noise only"),
        pytest.param(frame(A + B), [Frame(A + B)], id="two MSH in one frame"),
    ],
)
def test_framing_as_it_is_met(stream: bytes, expected: list[Frame]) -> None:
    assert frames(stream) == expected


def test_a_frame_without_cr_is_only_undecided_while_its_segment_is_open() -> None:
    deframer = Deframer(LIMIT)
    assert deframer.feed(b"\x0b" + A + b"\x1c") == [Frame(A)]
    assert deframer.feed(b"\r\x0b" + OPEN + b"\x1c") == []
    assert deframer.undecided
    assert deframer.settle() == [Frame(OPEN)]
    assert not deframer.undecided
    assert deframer.settle() == []


def test_too_long_a_frame_is_one_flagged_frame_and_the_stream_goes_on() -> None:
    body = b"MSH|" + b"x" * (3 * LIMIT)
    found = frames(frame(body) + frame(B))
    assert found == [Frame(body[:KEPT_OF_TOO_LONG], ("too_long",)), Frame(B)]


def test_too_long_a_frame_without_end_is_unfinished() -> None:
    assert frames(b"\x0b" + b"x" * 20, limit=10) == [Frame(b"x" * 10, ("too_long", "unfinished"))]


def test_memory_stays_bounded_whatever_is_sent() -> None:
    for start in (b"\x0bMSH|", b"MSH|", b"noise"):
        deframer = Deframer(10_000)
        deframer.feed(start)
        for _ in range(500):
            deframer.feed(b"x\x1cy\x0bz" * 200)
            assert deframer.pending <= 10_000 + 64 + KEPT_OF_TOO_LONG


PIECES = st.one_of(
    st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\n", b"\x1c\r", b"MSH|^~\\&|A\r", b"MSH", b"\0", b"log ", b"PID|1"]),
    st.binary(max_size=6),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map(b"".join), st.lists(st.integers(1, 7), max_size=60), st.integers(8, 40))
def test_frames_do_not_depend_on_how_the_stream_is_split(stream: bytes, cuts: list[int], limit: int) -> None:
    deframer, split, at = Deframer(limit), [], 0
    for cut in cuts:
        split += deframer.feed(stream[at : at + cut])
        at += cut
    split += deframer.feed(stream[at:]) + deframer.close()
    whole = Deframer(limit)
    assert split == whole.feed(stream) + whole.close()
    assert deframer.pending == whole.pending == 0


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40).map(lambda text: text.encode("latin-1"))
MESSAGES = st.lists(TEXT, max_size=4).map(lambda lines: b"MSH|^~\\&|A\r" + b"\r".join(lines))
NOISE = st.sampled_from([b"", b"\r", b"\n", b"\0\0", b"ok\r\n", b"\r\n2026-11-22 12:00 sent "])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NOISE, MESSAGES, st.sampled_from([b"\x1c\r", b"\x1c", b"\x1c\n"])), max_size=6))
def test_every_message_comes_out_whole_whatever_stands_between(parts: list[tuple[bytes, bytes, bytes]]) -> None:
    stream = b"".join(noise + b"\x0b" + message + end for noise, message, end in parts)
    found = frames(stream)
    assert [one.raw for one in found] == [message for _, message, _ in parts]


ANYTHING = st.one_of(st.binary(max_size=20), st.lists(PIECES, max_size=6).map(b"".join))
QUIET = ANYTHING.map(lambda noise: noise.translate(None, b"\x0b\x1c")).filter(
    lambda noise: b"HS" not in noise and b"SH" not in noise
)
WHOLE = MESSAGES.map(lambda message: message + b"\r")


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(ANYTHING, MESSAGES), max_size=6), ANYTHING)
def test_no_noise_whatever_it_holds_loses_a_framed_message(parts: list[tuple[bytes, bytes]], after: bytes) -> None:
    """Noise with VT, FS or a header in it may look like frames of its own; those between it come out whole."""
    stream = b"".join(noise + frame(message) for noise, message in parts) + after
    found = iter([one.raw for one in frames(stream)])
    assert all(message in found for _, message in parts)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(QUIET, WHOLE, st.sampled_from([b"\x1c\r", b"\x1c"])), max_size=6), st.integers(1, 9))
def test_talk_between_frames_adds_none(parts: list[tuple[bytes, bytes, bytes]], size: int) -> None:
    stream = b"".join(noise + b"\x0b" + message + end for noise, message, end in parts)
    deframer = Deframer(LIMIT)
    split = [one for at in range(0, len(stream), size) for one in deframer.feed(stream[at : at + size])]
    found = split + deframer.settle() + deframer.close()
    assert [one.raw for one in found] == [message for _, message, _ in parts]
    blank = b"\r\n\t \x00"
    assert [("noise" in one.flags) for one in found] == [bool(noise.strip(blank)) for noise, _, _ in parts]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (A, [A]),
        (A + B, [A, B]),
        (b"FHS|^~\\&\rBHS|^~\\&\r" + A + B + b"BTS|2\rFTS|1\r", [A, B]),
        (b"BHS|^~\\&\n" + A + b"BTS|1\n", [A]),
        (b"\xef\xbb\xbf" + A + B, [b"\xef\xbb\xbf" + A, B]),
        (b"MSH|^~\\&|A\nPID|1\nMSH|^~\\&|B\n", [b"MSH|^~\\&|A\nPID|1\n", b"MSH|^~\\&|B\n"]),
        (b"no message", [b"no message"]),
        (b"BHS|^~\\&\rBTS|0\r", [b"BHS|^~\\&\rBTS|0\r"]),
        (b"", [b""]),
        (A + b"OBX|1|TX|||see MSH|x\r", [A + b"OBX|1|TX|||see MSH|x\r"]),
    ],
)
def test_a_batch_is_parted_into_its_messages(raw: bytes, expected: list[bytes]) -> None:
    assert split_batch(raw) == expected
