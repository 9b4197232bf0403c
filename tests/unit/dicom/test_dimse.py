"""Command sets against pynetdicom's own encoding."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.filereader import read_dataset
from pynetdicom.dimse_messages import C_FIND_RQ as PeerFind
from pynetdicom.dimse_messages import N_SET_RSP as PeerSetAnswer
from pynetdicom.dimse_primitives import C_FIND, N_SET

from radrecon.dicom import dimse
from radrecon.dicom.dimse import Command, encode_command, parse_command, response
from radrecon.model.errors import ContentError
from tests.unit.dicom.requests import WORKLIST


def peers_find() -> bytes:
    primitive = C_FIND()
    primitive.MessageID, primitive.AffectedSOPClassUID, primitive.Priority = 7, WORKLIST, 2
    primitive.Identifier = BytesIO(b"\x00")
    message = PeerFind()
    message.primitive_to_message(primitive)
    (fragment,) = [
        data for part in message.encode_msg(1, 16384) for _, data in part.presentation_data_value_list if data[0] & 1
    ]
    return bytes(fragment[1:])


def test_a_peers_command_is_read() -> None:
    found = parse_command(peers_find())
    assert (found.field, found.message_id, found.sop_class, found.priority) == (dimse.C_FIND_RQ, 7, WORKLIST, 2)
    assert found.has_data_set


def test_a_response_is_read_by_a_peer() -> None:
    request = Command(dimse.C_FIND_RQ, 7, affected_sop_class=WORKLIST)
    data = encode_command(response(request, dimse.UNABLE_TO_PROCESS, "x" * 80))
    found = read_dataset(BytesIO(data), True, True)
    assert found.CommandGroupLength == len(data) - 12
    assert (found.CommandField, found.MessageIDBeingRespondedTo, found.Status) == (0x8020, 7, 0xC001)
    assert found.CommandDataSetType == 0x0101
    assert found.AffectedSOPClassUID == WORKLIST
    assert found.ErrorComment == "x" * 64


commands = st.builds(
    Command,
    st.integers(0, 0xFFFF),
    st.none() | st.integers(0, 0xFFFF),
    priority=st.none() | st.integers(0, 2),
    affected_sop_class=st.sampled_from(("", WORKLIST)),
    has_data_set=st.booleans(),
)


@given(commands)
def test_a_command_comes_back_as_it_was(command: Command) -> None:
    assert parse_command(encode_command(command)) == command


@pytest.mark.parametrize("data", [b"", b"\0\0", encode_command(Command(1))[:-8]])
def test_what_is_no_command_is_a_content_error(data: bytes) -> None:
    with pytest.raises(ContentError):
        parse_command(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_command_or_a_content_error(data: bytes) -> None:
    try:
        assert isinstance(parse_command(data), Command)
    except ContentError:
        return


def peers_answer(command: Command) -> N_SET:
    message = PeerSetAnswer()
    message.command_set = read_dataset(BytesIO(encode_command(command)), True, True)
    primitive = message.message_to_primitive()
    assert isinstance(primitive, N_SET)
    return primitive


def test_the_answer_about_an_instance_names_it_and_the_error() -> None:
    request = Command(dimse.N_SET_RQ, 3, requested_sop_class="1.2.840.10008.3.1.2.3.3", requested_sop_instance="1.9")
    answer = dimse.instance_response(request, dimse.PROCESSING_FAILURE, "1.9", "no longer", 0xA710)
    assert parse_command(encode_command(answer)) == answer
    found = peers_answer(answer)
    assert (found.MessageIDBeingRespondedTo, found.Status, found.AffectedSOPInstanceUID) == (3, 0x0110, "1.9")
    assert (found.ErrorComment, found.ErrorID) == ("no longer", 0xA710)
