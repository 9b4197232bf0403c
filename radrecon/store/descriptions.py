"""When a sender has described a patient, as the journal knows it: what comes late is told apart from what is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa

from radrecon.model.patient import PatientId
from radrecon.store import message_keys
from radrecon.store import tables as t
from radrecon.store.database import Connection
from radrecon.store.persons import normal

LIMIT = 200  # of the latest messages about one number


def heard(
    conn: Connection,
    person_id: int,
    numbers: Iterable[PatientId],
    sending_application: str,
    message_types: Collection[str],
) -> list[tuple[str, datetime]]:
    """MSH-7 as written and the arrival of the applied messages of these types that were about this person first.

    They are looked for by these numbers of theirs, wherever in PID-3 those stood.
    """
    m = t.message.c
    # the journal holds numbers as they came: before they were padded
    spelled = {text for one in numbers for text in (one.value.casefold(), normal(one.value))}
    named = message_keys.named("patient_id", spelled)
    query = (
        sa.select(m.sent_at, m.at, m.effect)
        .join_from(named, t.message, named.c.message_id == m.id)
        .where(m.direction == "in", m.state == "applied")
        .where(m.sending_application == sending_application, m.message_type.in_(message_types))
        .order_by(m.id.desc())
        .limit(LIMIT)
    )
    rows = conn.execute(query).all()
    return [(row.sent_at, row.at) for row in rows if row.effect.get("persons", ())[:1] == [person_id]]
