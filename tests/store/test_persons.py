from __future__ import annotations

import pytest

from radrecon.model.patient import PatientId
from radrecon.store import persons
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import ISSUER, NOW, demographics


@pytest.mark.parametrize(("value", "normal"), [("000123", "123"), (" 12 3 ", "123"), ("aB7", "ab7"), ("000", "000")])
def test_identifiers_are_looked_up_without_padding(value: str, normal: str) -> None:
    assert persons.normal(value) == normal


def test_a_person_is_found_by_every_identifier(store: Store) -> None:
    with store.transaction() as conn:
        who = persons.insert(conn, demographics("0000123", other_ids=(PatientId("X9", "RIS"),)))
        assert persons.find(conn, PatientId("0000123", ISSUER)) == persons.Known(who, False)
        assert persons.find(conn, PatientId("123", ISSUER)) == persons.Known(who, False)
        assert persons.find(conn, PatientId("X9", "RIS")) == persons.Known(who, False)
        assert persons.find(conn, PatientId("123", "OTHER")) is None


def test_the_numbers_of_several_persons_are_told_apart(store: Store) -> None:
    with store.transaction() as conn:
        one = persons.insert(conn, demographics("0000123", other_ids=(PatientId("X9", "RIS"),)))
        other = persons.insert(conn, demographics("77"))
        assert persons.normals_of(conn, [one, other, 0]) == {one: {"123", "x9"}, other: {"77"}}
        assert persons.normals_of(conn, []) == {}


def test_an_unknown_issuer_finds_only_what_is_unambiguous(store: Store) -> None:
    with store.transaction() as conn:
        first = persons.insert(conn, demographics("77", issuer="A"))
        assert persons.find(conn, PatientId("77")) == persons.Known(first, False)
        persons.insert(conn, demographics("77", issuer="B"))
        assert persons.find(conn, PatientId("77")) is None


def test_an_identifier_that_someone_has_is_not_taken_away(store: Store) -> None:
    with store.transaction() as conn:
        first = persons.insert(conn, demographics("1"))
        persons.insert(conn, demographics("2", other_ids=(PatientId("1", ISSUER),)))
        assert persons.find(conn, PatientId("1", ISSUER)) == persons.Known(first, False)


def test_a_changed_identity_keeps_the_prior_one(store: Store) -> None:
    with store.transaction() as conn:
        who = persons.load_one(conn, persons.insert(conn, demographics(name="FISCHER^ANNA")))
        assert who is not None
        persons.change_identity(conn, who, demographics(name="MEYER^ANNA"), event="A08", at=NOW, updated_at=NOW)
        now = persons.load_one(conn, who.id)
        history = conn.execute(t.person_history.select()).one()
    assert now is not None
    assert (str(now.demographics.name), now.updated_at, now.version) == ("MEYER^ANNA", NOW, who.version + 1)
    assert history.prior["name"]["alphabetic"]["family"] == "FISCHER"


def test_a_quarantine_comes_and_goes(store: Store) -> None:
    with store.transaction() as conn:
        who = persons.insert(conn, demographics())
        persons.update(conn, who, quarantined=True, before_overlay=persons.dump(demographics(name="OLD^ONE")))
        held = persons.load_one(conn, who)
        persons.update(conn, who, quarantined=False, before_overlay=None)
        free = persons.load_one(conn, who)
    assert held is not None
    assert held.quarantined
    assert held.before_overlay == demographics(name="OLD^ONE")
    assert free is not None
    assert (free.quarantined, free.before_overlay) == (False, None)


def test_whom_several_identifiers_lead_to_is_what_each_leads_to(store: Store) -> None:
    asked = [PatientId(*one) for one in (("77", "A"), ("77", ""), ("077", "B"), ("5", ISSUER), ("6", ""), ("", ""))]
    with store.transaction() as conn:
        for number, issuer in (("77", "A"), ("77", "B"), ("5", ISSUER)):
            persons.insert(conn, demographics(number, issuer=issuer))
        alone = [persons.find(conn, one) for one in asked]
    with store.reading(keep=True) as conn:
        persons.read_together(conn, asked)
        assert [persons.find(conn, one) for one in asked] == alone
