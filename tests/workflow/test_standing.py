"""What is looked at in groups is as it would be looked at alone, and what broke holds up no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from radrecon.model.case import CaseKind
from radrecon.store import recheck, settings, studies
from radrecon.store import tables as t
from radrecon.workflow import deciding, neighbourhood, rechecking, reconcile, standing
from radrecon.workflow.standing import Looks
from tests.builders import demographics, study
from tests.workflow.histories import fresh, interleaved
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid
from tests.workflow.random_histories import chains
from tests.workflow.test_rechecking import bites, ward

KARL = pid("2000002", "BAUER^KARL", "19851224", "M")


def looks(hospital: Hospital) -> Looks:
    with hospital.store.reading() as conn:
        config = settings.load_config(conn)
        known = studies.load_many(conn, range(1, 20))
        memory = deciding.load_memory(conn, hospital.now)
        return standing.look_at(conn, known, reconcile.load_watch(conn, config), memory, config, hospital.now)


@on_both
def test_where_nothing_changed_nothing_is_named(hospital: Hospital) -> None:
    ward(hospital)
    assert looks(hospital) == Looks((), ())
    with hospital.store.reading() as conn:
        assert standing.accessions_to_examine(conn, ["A100", "A200", ""]) == []
        assert standing.persons_to_examine(conn, [1, 2]) == []


@on_both
def test_a_verdict_that_is_another_is_saved_with_others(hospital: Hospital) -> None:
    ward(hospital)
    before = hospital.state()
    with hospital.store.transaction() as conn:
        conn.execute(t.link.delete())
        conn.execute(t.study.update().values(match_class="orphan", judged=False, person_id=0))
    found = looks(hospital)
    assert ([one.study.id for one in found.changed], found.alone) == ([1, 2], ())
    rechecking.start(hospital.store, "rules", hospital.now)
    bites(hospital)
    hospital.reconcile()
    assert hospital.state() == before
    assert looks(hospital) == Looks((), ())


def test_a_mismatch_is_looked_at_alone_for_it_may_be_a_missed_update(hospital: Hospital) -> None:
    hospital.hears(order("A100"))
    hospital.sees(study(patient=replace(demographics(), birth_date="1971-01-01")))
    assert hospital.case().kind is CaseKind.DEMOGRAPHIC_MISMATCH
    assert looks(hospital).alone == (1,)


@on_both
def test_a_number_on_two_patients_or_of_nobody_or_with_a_case_is_looked_at(hospital: Hospital) -> None:
    hospital.hears(order("A100"), order("A100", KARL), order("A/3"))
    hospital.sees(study("1.2.9", "A900", demographics("77", "NOBODY^KNOWN", birth_date="1950-01-01")))
    with hospital.store.reading() as conn:
        assert standing.accessions_to_examine(conn, ["A100", "A/3", "A900"]) == ["A100", "A900"]
    with hospital.store.transaction() as conn:
        conn.execute(t.case.update().values(subject="accession:RIS/N/A/3"))
    with hospital.store.reading() as conn:
        assert "A/3" in standing.accessions_to_examine(conn, ["A/3"])


def test_a_person_under_suspicion_is_looked_at(hospital: Hospital) -> None:
    ward(hospital)
    with hospital.store.transaction() as conn:
        conn.execute(t.person.update().where(t.person.c.id == 1).values(quarantined=True))
        conn.execute(t.notice.insert().values(kind="retired_identifier", person_id=2, at=hospital.now, detail={}))
    with hospital.store.reading() as conn:
        assert standing.persons_to_examine(conn, [1, 2]) == [1, 2]


@pytest.mark.parametrize("broken", ["look", "save"])
def test_one_that_breaks_holds_up_no_other(hospital: Hospital, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ward(hospital)
    before = hospital.state()
    with hospital.store.transaction() as conn:
        conn.execute(t.link.delete())

    def breaks(*_: Any) -> Any:
        raise ValueError("broken")

    if broken == "look":
        monkeypatch.setattr(standing, "look_at", breaks)
    else:
        whole = reconcile.save_look
        seen = list[int]()

        def once(conn: Any, look: reconcile.Look, now: datetime) -> None:
            seen.append(look.study.id)
            if seen.count(look.study.id) == 1 and look.study.id == 2:
                raise ValueError("broken")
            whole(conn, look, now)

        monkeypatch.setattr(reconcile, "save_look", once)
    rechecking.start(hospital.store, "rules", hospital.now)
    bites(hospital)
    hospital.reconcile()
    assert hospital.state() == before
    with hospital.store.reading() as conn:
        found = recheck.latest(conn)
    assert found is not None
    assert found.ended_at


@pytest.mark.parametrize("seed", range(300, 306))
def test_a_look_at_everything_in_groups_changes_nothing(seed: int, tmp_path: Path, template: Path) -> None:
    (events,) = interleaved(chains(seed), 3, seed)[2:]
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        hospital.hears_an_early_order()
        for event in events:
            event(hospital)
        hospital.recheck()
        before = hospital.state()
        assert looks(hospital).changed == ()
        rechecking.start(hospital.store, "rules", hospital.now)
        bites(hospital)
        hospital.reconcile()
        assert hospital.state() == before


@pytest.mark.parametrize("seed", range(400, 412))
def test_what_is_read_together_comes_to_the_same_verdicts(seed: int, tmp_path: Path, template: Path) -> None:
    (events,) = interleaved(chains(seed), 3, seed)[2:]
    with fresh(tmp_path / "one.sqlite3", template) as hospital:
        hospital.hears_an_early_order()
        for event in events:
            event(hospital)
        decided_alike(hospital)


@on_both
def test_nor_does_it_differ_on_either_database(hospital: Hospital) -> None:
    (events,) = interleaved(chains(77), 3, 77)[2:]
    hospital.hears_an_early_order()
    for event in events:
        event(hospital)
    decided_alike(hospital)


def decided_alike(hospital: Hospital) -> None:
    with hospital.store.reading() as conn:
        watch = reconcile.load_watch(conn, settings.load_config(conn))
        memory = deciding.load_memory(conn, hospital.now)
        known = studies.load_many(conn, range(1, 60))
        alone = [neighbourhood.decide(conn, one, watch, memory) for one in known]
    with hospital.store.reading(keep=True) as conn:
        assert neighbourhood.decide_many(conn, studies.load_many(conn, range(1, 60)), watch, memory) == alone
    assert known
