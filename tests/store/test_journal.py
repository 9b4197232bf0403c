from __future__ import annotations

import pytest
import sqlalchemy as sa

from radrecon.store import journal, message_keys
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import NOW

RAW = b"MSH|^~\\&|RIS|H|||||ORM^O01|C1|P|2.3\rPID|||1\xff\r"


def entry(raw: bytes = RAW, **more: object) -> journal.Entry:
    values: dict[str, object] = {"control_id": "C1", "sending_application": "RIS", "state": "applied"} | more
    return journal.Entry("in", NOW, raw, **values)  # type: ignore[arg-type]


def test_a_message_is_kept_byte_for_byte(store: Store) -> None:
    with store.transaction() as conn:
        number = journal.add(conn, entry(bytes(range(256))))
    with store.reading() as conn:
        assert journal.raw(conn, number) == bytes(range(256))
        assert journal.raw(conn, 99) is None


def test_what_is_learned_of_it_is_noted_and_the_bytes_stay(store: Store) -> None:
    with store.transaction() as conn:
        number = journal.add(conn, entry(state=""))
        journal.note(conn, number, state="refused", reason="PID-3 is empty", ack_code="AE", keys=(("patient_id", "X"),))
        row = conn.execute(t.message.select()).one()
        keys = conn.execute(sa.select(t.message_key.c.kind, t.message_key.c.value)).all()
    assert (row.state, row.reason, row.raw) == ("refused", "PID-3 is empty", RAW)
    assert [tuple(key) for key in keys] == [("patient_id", "x")]


def test_keys_that_differ_only_in_case_are_one(store: Store) -> None:
    with store.transaction() as conn:
        journal.add(conn, entry(keys=(("patient_name", "DOE"), ("patient_name", "Doe"), ("patient_id", ""))))
        message_keys.sort_in(conn, message_keys.fresh(conn, 9))
        assert conn.execute(sa.select(sa.func.count()).select_from(t.message_key)).scalar() == 1


def test_a_resend_is_known_by_sender_control_id_and_bytes(store: Store) -> None:
    with store.transaction() as conn:
        first = journal.add(conn, entry())
        same = journal.earlier(conn, "RIS", "", "C1", journal.fingerprint(RAW))
        other = journal.earlier(conn, "RIS", "", "C1", journal.fingerprint(RAW + b"NTE\r"))
    assert same == journal.Earlier(first, "applied", True, "")
    assert other is not None
    assert not other.same
    with store.reading() as conn:
        assert journal.earlier(conn, "EHR", "", "C1", journal.fingerprint(RAW)) is None
        assert journal.earlier(conn, "RIS", "", "", journal.fingerprint(RAW)) is None


@pytest.mark.parametrize("order", [("refused", "applied"), ("applied", "refused")])
def test_one_that_was_applied_counts_before_one_that_was_refused(store: Store, order: tuple[str, str]) -> None:
    with store.transaction() as conn:
        for state in order:
            journal.add(conn, entry(state=state))
        found = journal.earlier(conn, "RIS", "", "C1", journal.fingerprint(RAW))
    assert found is not None
    assert found.state == "applied"


def test_our_own_message_is_known_when_it_comes_round(store: Store) -> None:
    own = journal.Entry("out", NOW, RAW, sending_application="RADRECON", control_id="X1", delivery_id=7)
    with store.transaction() as conn:
        journal.add(conn, own)
        assert journal.is_our_own(conn, "RADRECON", "X1") == 7
        assert journal.is_our_own(conn, "RADRECON", "X2") == 0
