from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from radrecon.model.patient import PatientId
from radrecon.store import orders, persons
from radrecon.store import tables as t
from radrecon.store.database import Store
from tests.builders import ISSUER, NOW, demographics, order


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


def whole_index(store: Store) -> list[object]:
    """Everything that a merge moves."""
    i, o, p = t.identifier.c, t.imaging_order.c, t.person.c
    with store.reading() as conn:
        return [
            conn.execute(sa.select(i.id, i.person_id, i.retired).order_by(i.id)).all(),
            conn.execute(sa.select(o.id, o.person_id).order_by(o.id)).all(),
            conn.execute(sa.select(p.id, p.merged_into, p.patient_id, p.patient_name).order_by(p.id)).all(),
        ]


def two_people(store: Store) -> tuple[int, int]:
    with store.transaction() as conn:
        one = persons.insert(conn, demographics("1"))
        two = persons.insert(conn, demographics("2", other_ids=(PatientId("2b", "RIS"),)))
        orders.save(conn, replace(order("A1"), person_id=one), at=NOW)
        orders.save(conn, replace(order("A2"), person_id=two), at=NOW)
    return one, two


def test_a_merge_moves_identifiers_and_orders_to_the_survivor(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        persons.merge(conn, one, two, at=NOW)
    with store.reading() as conn:
        assert persons.find(conn, PatientId("2", ISSUER)) == persons.Known(one, True)
        assert persons.find(conn, PatientId("2b", "RIS")) == persons.Known(one, True)
        assert len(orders.of_person(conn, one)) == 2
        loser = persons.load_one(conn, two)
    assert loser is not None
    assert loser.merged_into == one


def test_an_unmerge_brings_back_exactly_what_was_there(store: Store) -> None:
    one, two = two_people(store)
    before = whole_index(store)
    with store.transaction() as conn:
        persons.merge(conn, one, two, at=NOW)
    with store.transaction() as conn:
        back = persons.unmerge(conn, one, two, at=NOW)
        assert len(back) == 1
    assert whole_index(store) == before
    with store.transaction() as conn:
        assert persons.unmerge(conn, one, two, at=NOW) == ()


def test_a_chain_of_merges_is_undone_from_its_end(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        three = persons.insert(conn, demographics("3"))
    start = whole_index(store)
    with store.transaction() as conn:
        persons.merge(conn, two, one, at=NOW)
    middle = whole_index(store)
    with store.transaction() as conn:
        persons.merge(conn, three, two, at=NOW)
        assert persons.find(conn, PatientId("1", ISSUER)) == persons.Known(three, True)
    with store.transaction() as conn:
        persons.unmerge(conn, three, two, at=NOW)
    assert whole_index(store) == middle
    with store.transaction() as conn:
        persons.unmerge(conn, two, one, at=NOW)
    assert whole_index(store) == start


def test_orders_that_came_after_a_merge_stay_with_the_survivor(store: Store) -> None:
    one, two = two_people(store)
    with store.transaction() as conn:
        persons.merge(conn, one, two, at=NOW)
        late = orders.save(conn, replace(order("A3"), person_id=one), at=NOW)
        persons.unmerge(conn, one, two, at=NOW)
        assert late in orders.of_person(conn, one)
