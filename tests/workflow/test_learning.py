"""How common names are here: counted daily, read once, and no reason to look at anything again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from radrecon.model.rule import NamesCounted
from radrecon.recon.learned import UNTAUGHT
from radrecon.recon.names import COMMON
from radrecon.store import name_counts
from radrecon.workflow import learning
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import adt, order


def taught(hospital: Hospital, persons: int = 5000) -> None:
    with hospital.store.transaction() as conn:
        name_counts.save(conn, NamesCounted(hospital.now, persons, {"FISCHER": 900}, {"ANNA": 700}))


@on_both
def test_a_small_register_is_counted_and_the_built_in_table_holds(hospital: Hospital) -> None:
    hospital.hears(adt("A04"))
    assert learning.is_due(hospital.store, hospital.now)
    assert learning.count_names(hospital.store, hospital.now).persons == 1
    assert not learning.is_due(hospital.store, hospital.now + timedelta(hours=23))
    assert learning.is_due(hospital.store, hospital.now + timedelta(days=1))
    with hospital.store.reading() as conn:
        assert learning.load(conn) is UNTAUGHT


def test_names_are_read_once_for_each_count(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    taught(hospital)
    with hospital.store.reading() as conn:
        first = learning.load(conn).names
    assert first is not COMMON
    with monkeypatch.context() as patched, hospital.store.reading() as conn:
        patched.setattr(name_counts, "latest", None)
        assert learning.load(conn).names is first
    taught(hospital, 6000)
    with hospital.store.reading() as conn:
        assert learning.load(conn).names.family["fischer"] < first.family["fischer"]


@on_both
def test_a_count_touches_nothing_and_changes_no_decision(hospital: Hospital) -> None:
    hospital.hears(adt("A04"), order("A100"))
    hospital.sees(study(), study("1.2.4", "B7"))
    before, rows = hospital.state(), hospital.dump()
    taught(hospital)
    assert hospital.touched() == []
    assert hospital.reconcile() == 0
    assert hospital.dump() == rows
    hospital.recheck()
    assert hospital.state() == before
