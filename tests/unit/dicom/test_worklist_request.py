from __future__ import annotations

from radrecon.dicom.worklist_request import modality_queries


def test_a_modality_asks_once_for_each_of_its_modalities() -> None:
    found = modality_queries("CT1", ["CT", "PT"], "2026-11-22", "2026-11-24")
    steps = [one.ScheduledProcedureStepSequence[0] for one in found]
    assert [step.Modality for step in steps] == ["CT", "PT"]
    assert {step.ScheduledStationAETitle for step in steps} == {"CT1"}
    assert {step.ScheduledProcedureStepStartDate for step in steps} == {"20261122-20261124"}


def test_without_modalities_and_station_anything_of_the_days_is_asked_for() -> None:
    (query,) = modality_queries("", [], "2026-11-22", "2026-11-22")
    (step,) = query.ScheduledProcedureStepSequence
    assert (step.Modality, step.ScheduledStationAETitle) == ("", "")
    assert (query.PatientID, query.AccessionNumber) == ("", "")
