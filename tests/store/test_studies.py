from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from radrecon.store import list_studies, orders, rivals, studies
from radrecon.store.database import Connection, Store
from tests.builders import NOW, demographics, order, study

LATER = NOW + timedelta(minutes=5)


def test_a_study_comes_back_as_the_pacs_listed_it(store: Store) -> None:
    facts = study("1.2.3", patient=demographics(name="Müller^Änne=山田^花子"))
    with store.transaction() as conn:
        number = studies.insert(conn, facts, at=NOW, baseline=True)
        found = studies.load_one(conn, number)
    assert found is not None
    assert (found.facts, found.baseline, found.steady) == (facts, True, 0)
    assert found.first_seen == found.last_changed == NOW


def test_seen_again_makes_it_steady_and_a_change_begins_anew(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        studies.seen_again(conn, [number], LATER)
        steady = studies.load_one(conn, number)
        assert steady is not None
        assert (steady.steady, steady.last_changed) == (1, NOW)
        studies.mark_gone(conn, number, LATER)
        studies.update(conn, steady, study(instances=9), at=LATER, person_id=4, arrived=True)
        changed = studies.load_one(conn, number)
    assert changed is not None
    assert (changed.steady, changed.last_changed, changed.gone, changed.person_id) == (0, LATER, False, 4)


def test_a_corrected_header_is_no_arrival(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        studies.seen_again(conn, [number], LATER)
        steady = studies.load_one(conn, number)
        assert steady is not None
        studies.update(conn, steady, study(accession="A2"), at=LATER, person_id=0, arrived=False)
        corrected = studies.load_one(conn, number)
    assert corrected is not None
    assert (corrected.facts.accession_number, corrected.steady, corrected.last_changed) == ("A2", 1, NOW)


def test_one_pacs_lists_a_uid_once_two_may_both_have_it(store: Store) -> None:
    with store.transaction() as conn:
        studies.insert(conn, study(), at=NOW, baseline=False)
        studies.insert(conn, study(pacs="vna"), at=NOW, baseline=False)
        assert len(studies.with_uids(conn, ["1.2.3"])["1.2.3"]) == 2
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as conn:
        studies.insert(conn, study(), at=NOW, baseline=False)


def test_a_study_is_found_by_what_it_carries_until_it_is_gone(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(patient=demographics("000042")), at=NOW, baseline=False, person_id=7)
        assert studies.of_identifiers(conn, ["42"]) == [number]
        assert [one.id for one in studies.by_accession(conn, "A100")] == [number]
        assert [one.id for one in studies.of_person(conn, 7)] == [number]
        studies.mark_gone(conn, number, NOW)
        assert studies.by_accession(conn, "A100") == []
        assert studies.of_person(conn, 7) == []


def test_studies_of_a_day_are_found_under_any_of_several_numbers(store: Store) -> None:
    other = demographics("0002000002")
    with store.transaction() as conn:
        mine = studies.insert(conn, study("1.1", performed="2026-11-22T23:59:59"), at=NOW, baseline=False)
        theirs = studies.insert(conn, study("1.2", patient=other, performed="2026-11-22"), at=NOW, baseline=False)
        studies.insert(conn, study("1.3", performed="2026-11-23T00:00:00"), at=NOW, baseline=False)
        studies.insert(conn, study("1.4", performed=""), at=NOW, baseline=False)
        gone = studies.insert(conn, study("1.5"), at=NOW, baseline=False)
        studies.mark_gone(conn, gone, LATER)
        found = studies.of_day(conn, {"1000001", "2000002"}, "2026-11-22")
        assert [(number, one.id) for number, one in found] == [("1000001", mine), ("2000002", theirs)]
        assert studies.of_day(conn, {"2000002", ""}, "2026-11-21") == []
        assert studies.of_day(conn, (), "2026-11-22") == []


def test_no_accession_finds_no_study(store: Store) -> None:
    with store.transaction() as conn:
        studies.insert(conn, study(accession=""), at=NOW, baseline=False)
        assert studies.by_accession(conn, "") == []
        assert studies.of_person(conn, 0) == []


def test_accession_numbers_that_images_name_beside_their_own_find_the_study(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        first, second = (orders.save(conn, order(one), at=NOW) for one in ("A200", "A300"))
        studies.set_requests(conn, number, ["A200", "", "A300"], new=True)
        assert requesting(conn, first) == requesting(conn, second) == [number]
        studies.set_requests(conn, number, ["A300"])
        assert (requesting(conn, first), requesting(conn, second)) == ([], [number])
        studies.mark_gone(conn, number, NOW)
        assert requesting(conn, second) == []


def requesting(conn: Connection, order_id: int) -> list[int]:
    return [one.study_id for one in rivals.of_orders(conn, [order_id]) if one.way == rivals.REQUEST]


def test_a_study_says_how_it_stands_and_is_found_by_it(store: Store) -> None:
    with store.transaction() as conn:
        number = studies.insert(conn, study(), at=NOW, baseline=False)
        studies.set_class(conn, number, "outside", prior_of=4)
        found = studies.load_one(conn, number)
        assert found is not None
        assert (found.match_class, found.follows, found.prior_of) == ("outside", 0, 4)
        assert [row.prior_of for row in list_studies.studies(conn, query="class:outside")] == [4]
        assert list_studies.studies(conn, query="class:orphan") == []


def test_studies_that_share_a_key_come_in_pages(store: Store) -> None:
    with store.transaction() as conn:
        ids = [studies.insert(conn, study(f"1.{n}"), at=NOW, baseline=False) for n in range(5)]
        for one in ids:
            studies.set_keys(conn, one, [11, 22])
        assert studies.by_keys(conn, [11, 22], limit=3) == ids[:3]
        assert studies.by_keys(conn, [11, 22], after=ids[2]) == ids[3:]


def test_the_fingerprint_changes_with_any_fact() -> None:
    assert studies.fingerprint(study()) == studies.fingerprint(study())
    assert studies.fingerprint(study()) != studies.fingerprint(replace(study(), instances=3))
