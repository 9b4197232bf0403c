"""A database that the version before has filled: found all along, written anew on the way, nobody woken for it."""

from __future__ import annotations

import pytest

from radrecon.model.study import StudyFacts
from radrecon.recon.normalise import blocking_keys_of_order, blocking_keys_of_study
from radrecon.store import order_keys, orders, queue, settings, studies
from radrecon.store.codec import former_number, key_number
from radrecon.workflow import former_keys, rechecking, reconcile
from radrecon.workflow.keys import changed_keys
from radrecon.workflow.neighbourhood import decide, load_neighbourhood
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid

STRANGER = demographics("", "UNHEARD^OF", birth_date="")


def filled_before(hospital: Hospital) -> None:
    """Keys as the version before wrote them, and the look at everything that an upgrade begins."""
    with hospital.store.transaction() as conn:
        for one in orders.load_many(conn, range(1, 10)):
            order_keys.set_keys(conn, one.id, [former_number(*key) for key in blocking_keys_of_order(one)])
        for seen in studies.load_many(conn, range(1, 10)):
            studies.set_keys(conn, seen.id, [former_number(*key) for key in blocking_keys_of_study(seen)])
    rechecking.start(hospital.store, rechecking.NEW_PROGRAM, hospital.now)


def looked_again(hospital: Hospital) -> None:
    while rechecking.some(hospital.store, hospital.now, 0):
        pass


def candidates(hospital: Hospital, uid: str = "1.2.3") -> set[str]:
    with hospital.store.reading() as conn:
        return {one.accession_number for one in load_neighbourhood(conn, hospital.study(uid)).orders}


def ward(hospital: Hospital, *seen: StudyFacts) -> None:
    hospital.hears(order("A100"), order("A200", pid("2000002", "BAUER^KARL", "19851224", "M")))
    hospital.sees(*seen)


def test_only_slips_and_days_have_other_numbers_than_before() -> None:
    keys = {("accession_near", "A100"), ("name_day", "X/2026-11-22"), ("uid", "1.2"), ("accession", "A100")}
    assert len(former_keys.numbers(keys)) == 2
    assert all(key_number(*key) == former_number(*key) for key in keys if key[0] in ("uid", "accession"))


@on_both
@pytest.mark.parametrize(
    "seen",
    [
        study(accession="A1O0", patient=STRANGER, performed=""),
        study(accession="", patient=demographics("", "FISCHER^ANNA", birth_date="")),
    ],
    ids=["one slip", "sound and day"],
)
def test_an_order_is_found_by_what_it_was_found_by_before_it_is_written_anew(
    hospital: Hospital, seen: StudyFacts
) -> None:
    ward(hospital, seen)
    assert "A100" in candidates(hospital)
    filled_before(hospital)
    assert "A100" in candidates(hospital)
    looked_again(hospital)
    assert "A100" in candidates(hospital)


@on_both
def test_everything_is_as_a_new_database_would_be_and_nobody_was_woken(hospital: Hospital) -> None:
    ward(hospital, study(), study("1.2.4", "A2O0", demographics("2000002", "BAUER^KARL", birth_date="1985-12-24")))
    state = hospital.state()
    with hospital.store.reading() as conn:
        before = order_keys.keys_by_order(conn, [1, 2]), studies.keys_of_several(conn, [1, 2])
    filled_before(hospital)
    with hospital.store.reading() as conn:
        changes = changed_keys(conn, [1, 2])
    assert all(old <= new for old, new in changes.values())
    assert len(changes) == 2
    looked_again(hospital)
    with hospital.store.reading() as conn:
        assert (order_keys.keys_by_order(conn, [1, 2]), studies.keys_of_several(conn, [1, 2])) == before
        assert "key" not in {one.kind for one in queue.due(conn, hospital.now)}
    assert hospital.state() == state


@on_both
def test_both_numbers_are_asked_for_only_until_everything_has_been_looked_at(hospital: Hospital) -> None:
    ward(hospital)

    def asked() -> int:
        with hospital.store.reading() as conn:
            return len(former_keys.also_asked(conn, lambda: [("name_day", "X/2026-11-22"), ("uid", "1.2")]))

    never = asked()
    filled_before(hospital)
    during = asked()
    looked_again(hospital)
    assert (never, during, asked()) == (0, 1, 0)


@on_both
def test_who_was_due_there_is_known_all_along(hospital: Hospital) -> None:
    ward(hospital, study())
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        known = decide(conn, hospital.study(), watch)[1]
    filled_before(hospital)
    with hospital.store.reading() as conn:
        assert decide(conn, hospital.study(), watch)[1] == known


@on_both
def test_images_seen_while_it_lasts_find_an_order_of_before(hospital: Hospital) -> None:
    ward(hospital)
    filled_before(hospital)
    hospital.sees(study(accession="A1O0"))
    during = hospital.state()
    looked_again(hospital)
    hospital.reconcile()
    assert hospital.state() == during
    assert "A100" in candidates(hospital)
