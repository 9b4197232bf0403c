"""Everything is looked at again in bites, resumable, with its progress as a row."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from radrecon.config import ModalityConfig
from radrecon.store import order_keys, person_keys, recheck, studies, study_links
from radrecon.store import tables as t
from radrecon.store.recheck import Recheck
from radrecon.workflow import rechecking
from tests.builders import demographics, study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid

KARL = demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M")


def latest(hospital: Hospital) -> Recheck:
    with hospital.store.reading() as conn:
        found = recheck.latest(conn)
    assert found is not None
    return found


def ward(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A200", pid("2000002", "BAUER^KARL", "19851224", "M")))
    hospital.sees(
        study(), study("1.2.4", "A200", demographics("2000002", "BAUER^KARL", birth_date="1985-12-24", sex="M"))
    )


def bites(hospital: Hospital) -> int:
    """Bites of a page until it is over."""
    count = 1
    while rechecking.some(hospital.store, hospital.now, 0):
        hospital.later(1)
        count += 1
    return count


@on_both
def test_keys_and_decisions_that_are_gone_come_back(hospital: Hospital) -> None:
    ward(hospital)
    order_id, person_id, study_id = hospital.order().id, hospital.person().id, hospital.study().id
    before = hospital.state()
    with hospital.store.transaction() as conn:
        kept = order_keys.keys(conn, order_id), person_keys.keys(conn, person_id), studies.keys(conn, study_id)
        for table in (t.order_key, t.person_key, t.study_key, t.link):
            conn.execute(table.delete())
    assert hospital.state() != before
    rechecking.start(hospital.store, "rules", hospital.now)
    bites(hospital)
    hospital.reconcile()
    with hospital.store.reading() as conn:
        assert (
            order_keys.keys(conn, order_id),
            person_keys.keys(conn, person_id),
            studies.keys(conn, study_id),
        ) == kept
    assert hospital.state() == before
    one = latest(hospital)
    assert (one.done, one.total, one.ended_at is None, one.left) == (6, 6, False, None)


def test_whoever_was_killed_goes_on_where_they_were(hospital: Hospital) -> None:
    ward(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    hospital.later(2)
    assert rechecking.some(hospital.store, hospital.now, 0)
    half = latest(hospital)
    assert (half.stage, half.done, half.per_second, half.left) == ("orders", 2, 1.0, timedelta(seconds=4))
    assert bites(hospital) == 5  # the end of the orders, persons and their end, studies and theirs
    assert latest(hospital).done == 6
    assert not rechecking.some(hospital.store, hospital.now)


def test_rules_that_change_meanwhile_begin_it_anew(hospital: Hospital) -> None:
    ward(hospital)
    rechecking.start(hospital.store, "rules", hospital.now)
    rechecking.some(hospital.store, hospital.now, 0)
    rechecking.start(hospital.store, "other rules", hospital.now)
    with hospital.store.reading() as conn:
        ended = conn.execute(t.recheck.select().where(t.recheck.c.begun_anew)).one()
    assert ended.ended_at == hospital.now
    assert (latest(hospital).reason, latest(hospital).done) == ("other rules", 0)
    bites(hospital)
    assert latest(hospital).done == 6


def test_without_one_there_is_nothing_to_do(hospital: Hospital) -> None:
    assert not rechecking.some(hospital.store, hospital.now)


@on_both
def test_other_settings_or_another_program_begin_it_by_themselves(
    hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rechecking.start_where_changed(hospital.store, hospital.now) == ""  # there is nothing yet
    ward(hospital)
    assert rechecking.start_where_changed(hospital.store, hospital.now) == ""
    modality = ModalityConfig(ae_title="CT2", patient_id_issuer="HOSP")
    hospital.configure(hospital.config.model_copy(update={"modality": [modality]}))
    assert rechecking.start_where_changed(hospital.store, hospital.now) == rechecking.NEW_SETTINGS
    assert (latest(hospital).reason, latest(hospital).done) == (rechecking.NEW_SETTINGS, 0)
    bites(hospital)
    assert rechecking.start_where_changed(hospital.store, hospital.now) == ""
    hospital.configure(hospital.config.model_copy(update={"sending": False}))  # decides nothing
    assert rechecking.start_where_changed(hospital.store, hospital.now) == ""
    monkeypatch.setattr(rechecking, "RULES", rechecking.RULES + 1)
    assert rechecking.start_where_changed(hospital.store, hospital.now) == rechecking.NEW_PROGRAM
    assert rechecking.is_under_way(hospital.store)


def test_a_database_from_before_is_looked_at_once(hospital: Hospital) -> None:
    ward(hospital)
    assert rechecking.start_where_changed(hospital.store, hospital.now) == rechecking.NEW_PROGRAM
    bites(hospital)
    assert rechecking.start_where_changed(hospital.store, hospital.now) == ""


KILLED = """
import sys
from datetime import UTC, datetime
from radrecon.store.database import open_store
from radrecon.workflow import rechecking, reconcile
rechecking.PAGE, rechecking.SAVED_AT_ONCE = 3, 2
store = open_store(sys.argv[1])
now = datetime.fromisoformat(sys.argv[2])
save = reconcile.save_look
def said(conn, look, at):
    save(conn, look, at)
    print("saving", look.study.id, flush=True)
    if look.study.id == 5:
        sys.stdin.read()  # in the middle of a transaction, until killed
reconcile.save_look = said
while rechecking.some(store, now, 0):
    pass
"""


@on_both
def test_a_process_that_is_killed_in_the_middle_goes_on_and_comes_to_the_same(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    for number in range(1, 10):
        hospital.hears(order(f"A{number}00", pid(f"300000{number}", f"FAMILY{number}^ANNA", f"196{number}0101", "F")))
        who = demographics(f"300000{number}", f"FAMILY{number}^ANNA", birth_date=f"196{number}-01-01", sex="F")
        hospital.sees(study(f"1.2.{number}", f"A{number}00", who))
    before = hospital.state()
    with hospital.store.transaction() as conn:
        conn.execute(t.link.delete())
    rechecking.start(hospital.store, "rules", hospital.now)
    url = hospital.store.url.render_as_string(hide_password=False)
    line = [sys.executable, "-c", KILLED, url, hospital.now.isoformat()]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert any(said == "saving 5\n" for said in process.stdout)
        process.kill()
    half = latest(hospital)
    assert (half.stage, half.ended_at, half.position) == ("studies", None, 3)
    with hospital.store.reading() as conn:
        saved = [link.study_id for link in study_links.links_of_studies(conn, range(1, 20))]
    assert sorted(saved) == [1, 2, 3]  # a transaction that was not ended left nothing
    bites(hospital)
    hospital.reconcile()
    assert hospital.state() == before
    assert (latest(hospital).done, latest(hospital).total) == (latest(hospital).total, half.total)
