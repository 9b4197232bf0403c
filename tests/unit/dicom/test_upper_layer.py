"""The accepting side as scripts of bytes in and events out (PS3.8 9.2)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC

from radrecon.dicom import pdu, upper_layer
from radrecon.dicom.dimse import encode_command, parse_command, response
from radrecon.dicom.upper_layer import (
    QUERY_SYNTAXES,
    Aborted,
    Acceptor,
    AssociationRequested,
    Failed,
    MessageReceived,
    Offer,
    ReleaseRequested,
    State,
)
from tests.unit.dicom import requests
from tests.unit.dicom.requests import ABORT, FIND, RELEASE, associate_request, echo, p_data, value

SUPPORTED = {upper_layer.VERIFICATION: QUERY_SYNTAXES, upper_layer.MODALITY_WORKLIST_FIND: QUERY_SYNTAXES}


def acceptor() -> Acceptor:
    return Acceptor(SUPPORTED)


def opened(**request: object) -> Acceptor:
    one = acceptor()
    one.receive(associate_request(**request))  # type: ignore[arg-type]
    one.accept()
    return one


def failure(one: Acceptor, data: bytes) -> tuple[int, ...]:
    """Source and reason of the A-ABORT that the bytes are answered with."""
    *_, event = one.receive(data)
    assert isinstance(event, Failed)
    assert event.reply[:6] == struct.pack(">BxI", 7, 4)
    assert one.ended
    return tuple(event.reply[8:10])


def test_a_whole_association() -> None:
    one = acceptor()
    (asked,) = one.receive(associate_request())
    assert isinstance(asked, AssociationRequested)
    assert one.accept()[0] == pdu.ASSOCIATE_AC
    (message,) = one.receive(echo(5))
    assert isinstance(message, MessageReceived)
    assert (message.command.message_id, message.context.abstract_syntax) == (5, requests.VERIFICATION)
    assert one.receive(RELEASE) == [ReleaseRequested()]
    assert one.release()[0] == pdu.RELEASE_RP
    assert one.ended


def test_contexts_are_answered_one_by_one() -> None:
    proposed = (
        (requests.VERIFICATION, (requests.IMPLICIT,)),
        (requests.WORKLIST, (requests.IMPLICIT, requests.EXPLICIT)),
        (requests.WORKLIST, (requests.BIG,)),
        (requests.WORKLIST, (requests.JPEG,)),
        (requests.CT_STORAGE, (requests.IMPLICIT,)),
    )
    one = acceptor()
    one.receive(associate_request(proposed))
    answer = A_ASSOCIATE_AC()
    answer.decode(one.accept())
    results = answer.to_primitive().presentation_context_definition_results_list
    assert [context.result for context in results] == [0, 0, 0, 4, 3]
    assert [context.transfer_syntax for context in one.contexts.values()] == [
        requests.IMPLICIT,
        requests.EXPLICIT,
        requests.BIG,
    ]


def test_what_takes_any_transfer_syntax_takes_a_private_one_only_where_no_other_is_named() -> None:
    """GE's private one is implicit VR with big endian pixels: nobody else reads it."""
    offer, private = Offer(()), "1.2.840.113619.5.2"
    assert offer.negotiate([private, requests.JPEG, requests.IMPLICIT]) == requests.JPEG
    assert offer.negotiate(["../x", private]) == private
    assert offer.negotiate(["../x"]) == offer.negotiate([]) == ""


def test_one_byte_at_a_time_makes_the_same_events() -> None:
    script = [associate_request(), echo(1) + echo(2), RELEASE]
    whole, single = acceptor(), acceptor()
    for data in script:
        together = whole.receive(data)
        apart = [event for byte in data for event in single.receive(bytes((byte,)))]
        assert apart == together
        assert whole.accept() == single.accept()


def test_a_message_in_many_fragments_is_one_message() -> None:
    command, identifier = encode_command(FIND), bytes(range(100))
    values = [value(3, command[:20], command=True, last=False), value(3, command[20:], command=True)]
    values += [value(3, identifier[:50], command=False, last=False), value(3, identifier[50:], command=False)]
    one = opened()
    assert one.receive(p_data(values[0]) + p_data(values[1], values[2])) == []
    (message,) = one.receive(p_data(values[3]))
    assert isinstance(message, MessageReceived)
    assert (message.command, message.data_set) == (FIND, identifier)


def test_what_is_sent_keeps_the_peers_maximum_length() -> None:
    one = opened(max_length=256)
    sent = one.send_message(3, response(FIND, 0xFF00), bytes(1000))
    parts: dict[bool, bytes] = {True: b"", False: b""}
    while sent:
        length = int.from_bytes(sent[2:6])
        assert length <= 256
        for fragment in pdu.fragments(sent[6 : 6 + length]):
            parts[fragment.is_command] += fragment.data
        sent = sent[6 + length :]
    assert parse_command(parts[True]).has_data_set
    assert parts[False] == bytes(1000)


def test_a_peer_without_a_limit_is_sent_whole_messages() -> None:
    assert opened(max_length=0).send_message(3, FIND, bytes(5000)).count(bytes(5000)) == 1


def test_a_rejection_ends_it() -> None:
    one = acceptor()
    one.receive(associate_request())
    assert one.reject(pdu.BUSY)[0] == pdu.ASSOCIATE_RJ
    assert one.receive(echo()) == []


def test_another_application_is_rejected() -> None:
    (event,) = acceptor().receive(associate_request(application="1.2.3"))
    assert event == Failed("application context name not supported", pdu.associate_reject(pdu.CONTEXT_UNKNOWN))


def test_another_protocol_version_is_rejected() -> None:
    raw = bytearray(associate_request())
    raw[6:8] = b"\0\2"
    (event,) = acceptor().receive(bytes(raw))
    assert event == Failed("protocol version not supported", pdu.associate_reject(pdu.VERSION_UNKNOWN))


def test_the_peers_abort_ends_it() -> None:
    one = opened()
    assert one.receive(ABORT) == [Aborted(0, 0)]
    assert one.send_message(1, FIND) == b""
    assert one.abort() == b""


def test_our_abort_is_the_users() -> None:
    one = opened()
    assert one.abort() == pdu.abort(source=0)
    assert one.ended


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n", pdu.UNRECOGNIZED_PDU, id="another protocol"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01", pdu.UNRECOGNIZED_PDU, id="TLS"),
        pytest.param(echo(), pdu.UNEXPECTED_PDU, id="data first"),
        pytest.param(RELEASE, pdu.UNEXPECTED_PDU, id="release first"),
        pytest.param(struct.pack(">BxI", 1, 0xFFFFFFFF), pdu.INVALID_PARAMETER, id="4 GiB request"),
        pytest.param(struct.pack(">BxI", 1, (128 << 10) + 1), pdu.INVALID_PARAMETER, id="request over the limit"),
        pytest.param(struct.pack(">BxI", 1, 4) + bytes(4), pdu.INVALID_PARAMETER, id="short request"),
    ],
)
def test_before_an_association_what_breaks_the_protocol_is_aborted(data: bytes, reason: int) -> None:
    assert failure(acceptor(), data) == (2, reason)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(associate_request(), pdu.UNEXPECTED_PDU, id="second A-ASSOCIATE"),
        pytest.param(b"\x08\0\0\0\0\0", pdu.UNRECOGNIZED_PDU, id="unknown type"),
        pytest.param(b"\x00\0\0\0\0\0", pdu.UNRECOGNIZED_PDU, id="type 0"),
        pytest.param(struct.pack(">BxI", 2, 4), pdu.UNEXPECTED_PDU, id="acceptance to an acceptor"),
        pytest.param(struct.pack(">BxI", 4, 0xFFFFFFFF), pdu.INVALID_PARAMETER, id="4 GiB of data"),
        pytest.param(struct.pack(">BxI", 5, 400), pdu.INVALID_PARAMETER, id="long release"),
        pytest.param(p_data(), pdu.INVALID_PARAMETER, id="no value"),
        pytest.param(p_data(b"\0\0\0"), pdu.INVALID_PARAMETER, id="cut off"),
        pytest.param(p_data(struct.pack(">IBB", 1, 1, 3)), pdu.INVALID_PARAMETER, id="underflow"),
        pytest.param(p_data(struct.pack(">IBB", 99, 1, 3)), pdu.INVALID_PARAMETER, id="overflow"),
        pytest.param(echo(context_id=9), pdu.INVALID_PARAMETER, id="context not accepted"),
        pytest.param(p_data(value(1, b"junk", command=True)), pdu.INVALID_PARAMETER, id="no command"),
        pytest.param(p_data(value(3, b"data", command=False)), pdu.UNEXPECTED_PARAMETER, id="data set first"),
        pytest.param(
            p_data(value(3, encode_command(FIND), command=True), value(1, b"x", command=False)),
            pdu.UNEXPECTED_PARAMETER,
            id="two contexts mixed",
        ),
        pytest.param(
            p_data(value(3, encode_command(FIND), command=True)) + echo(),
            pdu.UNEXPECTED_PARAMETER,
            id="command instead of data set",
        ),
    ],
)
def test_in_an_association_what_breaks_the_protocol_is_aborted(data: bytes, reason: int) -> None:
    assert failure(opened(), data) == (2, reason)


def test_data_before_the_answer_to_the_request_is_aborted() -> None:
    assert failure(acceptor(), associate_request() + echo()) == (2, pdu.UNEXPECTED_PDU)


def test_a_message_that_never_ends_is_aborted_at_the_limit() -> None:
    one = opened()
    one.receive(p_data(value(3, encode_command(FIND), command=True)))
    more = p_data(value(3, bytes(16 << 10), command=False, last=False))
    for _ in range(upper_layer.LARGEST_MESSAGE // (16 << 10)):
        assert one.receive(more) == []
    assert failure(one, more) == (2, pdu.INVALID_PARAMETER)
    assert one.holds == 0


def test_nothing_of_a_refused_length_is_kept() -> None:
    one = opened()
    failure(one, struct.pack(">BxI", 4, 0xFFFFFFFF))
    for _ in range(100):
        assert one.receive(bytes(1 << 16)) == []
    assert one.holds == 0


UNFINISHED = p_data(value(3, encode_command(FIND), command=True))
pieces = st.one_of(
    st.binary(max_size=60),
    st.sampled_from((associate_request(), echo(), RELEASE, ABORT, UNFINISHED)),
    st.builds(lambda kind, length: struct.pack(">BxI", kind, length), st.integers(0, 9), st.integers(0, 0xFFFFFFFF)),
    st.builds(lambda data, command, last: p_data(value(3, data, command=command, last=last)),
              st.binary(max_size=40), st.booleans(), st.booleans()),
)  # fmt: skip


@given(st.lists(pieces, max_size=8), st.booleans())
def test_no_bytes_make_it_raise_or_grow(script: list[bytes], associate: bool) -> None:
    one = opened() if associate else acceptor()
    for data in script:
        for event in one.receive(data):
            if isinstance(event, AssociationRequested):
                one.accept()
            if isinstance(event, ReleaseRequested):
                one.release()
        assert one.holds <= upper_layer.LARGEST_PDU + upper_layer.LARGEST_MESSAGE
        assert one.state is not State.ENDED or one.holds == 0
