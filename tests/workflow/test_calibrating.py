"""Scores are held against what people decided, daily, from studies as they were before."""

from __future__ import annotations

from datetime import timedelta

from radrecon.model.rule import Fitted
from radrecon.store import calibrations
from radrecon.workflow import calibrating
from radrecon.workflow.deciding import load_memory
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.test_deciding import WRONG, decided


@on_both
def test_what_people_decided_becomes_a_fit_with_its_counts(hospital: Hospital) -> None:
    decided(hospital)
    assert calibrating.is_due(hospital.store, hospital.now)
    fitted = calibrating.refit(hospital.store, hospital.now)
    assert (fitted.decided, fitted.right) == (1, 1)
    assert fitted.candidates >= 1
    assert fitted.scores == ()  # one decision teaches nothing
    with hospital.store.reading() as conn:
        assert calibrations.latest(conn) == fitted


def test_it_is_due_once_a_day_and_only_where_somebody_decided(hospital: Hospital) -> None:
    assert not calibrating.is_due(hospital.store, hospital.now)
    decided(hospital)
    calibrating.refit(hospital.store, hospital.now)
    later = hospital.now + timedelta(days=2)
    assert not calibrating.is_due(hospital.store, hospital.now + timedelta(hours=5))
    assert not calibrating.is_due(hospital.store, later)  # nothing was decided since


@on_both
def test_a_fit_changes_what_is_shown_and_nothing_that_is_decided(hospital: Hospital) -> None:
    decided(hospital)
    with hospital.store.transaction() as conn:
        calibrations.save(conn, Fitted(hospital.now, 300, 900, 250, (-5.0, 5.0), (-1.0, 1.0)))
        assert load_memory(conn, hospital.now).learned.calibration.scores == (-5.0, 5.0)
    hospital.sees(study("1.2.9", accession=WRONG, series=()))
    before = hospital.state()
    with hospital.store.transaction() as conn:
        calibrations.save(conn, Fitted(hospital.now, 300, 900, 250))
    hospital.recheck()
    assert hospital.state() == before
