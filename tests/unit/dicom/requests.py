"""What a peer sends, written by another implementation's classes (pynetdicom) so that ours is not its own judge."""

from __future__ import annotations

import struct

from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    UserIdentityNegotiation,
)

from radrecon.dicom.dimse import C_ECHO_RQ, C_FIND_RQ, Command, encode_command

VERIFICATION = "1.2.840.10008.1.1"
WORKLIST = "1.2.840.10008.5.1.4.31"
CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
IMPLICIT, EXPLICIT, BIG, JPEG = (
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.4.70",
)
FIND = Command(C_FIND_RQ, 2, affected_sop_class=WORKLIST, has_data_set=True)
DEFAULT = ((VERIFICATION, (IMPLICIT,)), (WORKLIST, (IMPLICIT, EXPLICIT)))


def associate_request(
    contexts: tuple[tuple[str, tuple[str, ...]], ...] = DEFAULT,
    *,
    called: str = "RADRECON",
    calling: str = "CT1",
    max_length: int = 16384,
    application: str = "1.2.840.10008.3.1.1.1",
) -> bytes:
    primitive = A_ASSOCIATE()
    primitive.application_context_name = application
    primitive.calling_ae_title, primitive.called_ae_title = calling, called
    proposed = [build_context(abstract, list(transfer)) for abstract, transfer in contexts]
    for number, context in enumerate(proposed):
        context.context_id = 2 * number + 1
    primitive.presentation_context_definition_list = proposed
    primitive.user_information = _user_information(max_length)
    request = A_ASSOCIATE_RQ()
    request.from_primitive(primitive)
    return bytes(request.encode())


def _user_information(max_length: int) -> list[object]:
    limit, uid, version = (
        MaximumLengthNotification(),
        ImplementationClassUIDNotification(),
        ImplementationVersionNameNotification(),
    )
    limit.maximum_length_received = max_length
    uid.implementation_class_uid = "1.2.3.4"
    version.implementation_version_name = "SCANNER_1"
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = WORKLIST, True, False
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.primary_field = 1, b"someone"
    return [limit, uid, version, role, identity]


def value(context_id: int, data: bytes, *, command: bool, last: bool = True) -> bytes:
    return struct.pack(">IBB", len(data) + 2, context_id, command | last << 1) + data


def p_data(*values: bytes) -> bytes:
    body = b"".join(values)
    return struct.pack(">BxI", 4, len(body)) + body


def echo(message_id: int = 1, context_id: int = 1) -> bytes:
    command = Command(C_ECHO_RQ, message_id, affected_sop_class=VERIFICATION)
    return p_data(value(context_id, encode_command(command), command=True))


RELEASE = struct.pack(">BxIxxxx", 5, 4)
ABORT = struct.pack(">BxIBBBB", 7, 4, 0, 0, 0, 0)
