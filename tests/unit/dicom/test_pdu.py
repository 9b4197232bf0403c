"""PDUs against pynetdicom's own classes."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_RELEASE_RP, P_DATA_TF

from radrecon.dicom import pdu
from tests.unit.dicom import requests


def test_an_association_request_is_read() -> None:
    request = pdu.parse_associate_request(requests.associate_request()[6:])
    assert (request.calling_ae_title, request.called_ae_title) == ("CT1", "RADRECON")
    assert request.contexts == (
        pdu.ProposedContext(1, requests.VERIFICATION, (requests.IMPLICIT,)),
        pdu.ProposedContext(3, requests.WORKLIST, (requests.IMPLICIT, requests.EXPLICIT)),
    )
    assert (request.max_length, request.implementation_uid) == (16384, "1.2.3.4")
    assert request.implementation_version == "SCANNER_1"


def test_an_acceptance_is_understood_by_a_peer() -> None:
    request = pdu.parse_associate_request(requests.associate_request()[6:])
    answer = A_ASSOCIATE_AC()
    answer.decode(pdu.associate_accept(request, [pdu.AnsweredContext(1, 0, requests.EXPLICIT)], 65536))
    primitive = answer.to_primitive()
    (context,) = primitive.presentation_context_definition_results_list
    assert (context.context_id, context.result, context.transfer_syntax) == (1, 0, [requests.EXPLICIT])
    assert primitive.maximum_length_received == 65536
    assert primitive.implementation_class_uid == pdu.IMPLEMENTATION_UID
    assert primitive.implementation_class_uid.is_valid
    assert (primitive.calling_ae_title, primitive.called_ae_title) == ("CT1", "RADRECON")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b"CT1\0".ljust(16, b"\0"), "CT1"),
        (b"  CT1".ljust(16), "CT1"),
        (b"CT1\0OLDNAME".ljust(16), "CT1"),  # what the buffer of a C program held before
        (b"CT\x07\x1b1".ljust(16), "CT??1"),
    ],
)
def test_an_ae_title_is_read_without_what_is_none_and_repeated_as_it_came(sent: bytes, read: str) -> None:
    raw = bytearray(requests.associate_request()[6:])
    raw[20:36], raw[36:38] = sent, b"\1\2"
    request = pdu.parse_associate_request(bytes(raw))
    assert request.calling_ae_title == read
    assert pdu.associate_accept(request, [], 65536)[10:74] == raw[4:68]


@pytest.mark.parametrize(
    "why", [pdu.BUSY, pdu.CONGESTED, pdu.CALLED_UNKNOWN, pdu.CALLING_UNKNOWN, pdu.CONTEXT_UNKNOWN, pdu.VERSION_UNKNOWN]
)
def test_a_rejection_is_one_of_the_standards(why: pdu.Rejection) -> None:
    answer = A_ASSOCIATE_RJ()
    answer.decode(pdu.associate_reject(why))
    assert (answer.result, answer.source, answer.reason_diagnostic) == (why.result, why.source, why.reason)
    assert answer.reason_str


def test_release_and_abort_are_understood() -> None:
    A_RELEASE_RP().decode(pdu.release_reply())
    abort = A_ABORT_RQ()
    abort.decode(pdu.abort(pdu.UNEXPECTED_PDU))
    assert (abort.source, abort.reason_diagnostic) == (2, 2)


@given(st.binary(max_size=300), st.integers(64, 128), st.booleans())
def test_a_message_part_is_cut_to_the_peers_length_and_comes_together_again(
    payload: bytes, limit: int, command: bool
) -> None:
    sent, found = pdu.data(3, payload, command, limit), []
    while sent:
        length = 6 + int.from_bytes(sent[2:6])
        assert length - 6 <= limit
        one = P_DATA_TF()
        one.decode(sent[:length])
        assert [item.context_id for item in one.presentation_data_value_items] == [3]
        found += list(pdu.fragments(sent[6:length]))
        sent = sent[length:]
    assert b"".join(fragment.data for fragment in found) == payload
    assert [fragment.is_last for fragment in found] == [False] * (len(found) - 1) + [True]
    assert {fragment.is_command for fragment in found} == {command}


@given(st.binary(max_size=200))
def test_any_body_is_read_or_a_protocol_error(body: bytes) -> None:
    for read in (pdu.parse_associate_request, lambda raw: list(pdu.fragments(raw))):
        with contextlib.suppress(pdu.ProtocolError):
            read(body)  # type: ignore[operator]


@pytest.mark.parametrize("wrong", [1, 2])
def test_context_identifiers_are_odd_and_unique(wrong: int) -> None:
    raw = requests.associate_request()
    second = re.compile(rb"(\x20\x00..)\x03", re.DOTALL)
    assert second.search(raw)
    with pytest.raises(pdu.ProtocolError):
        pdu.parse_associate_request(second.sub(rb"\g<1>" + bytes((wrong,)), raw, count=1)[6:])
