"""Orders, studies and persons for tests: only what a test says differs from a plain CT of one woman."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.study import SeriesFacts, StudyFacts

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
ISSUER = "HOSP"


def demographics(mrn: str = "1000001", name: str = "FISCHER^ANNA", **more: Any) -> Demographics:
    more = {"birth_date": "1960-05-17", "sex": "F"} | more
    return Demographics(patient_id=PatientId(mrn, more.pop("issuer", ISSUER)), name=PersonName.parse(name), **more)


def step(**more: Any) -> Step:
    more = {"modality": "CT", "station_ae_title": "CT1", "start": "2026-11-22T14:30:00"} | more
    return Step(scheduled_procedure_step_id=more.pop("sps", "S1"), description="CT chest", **more)


def order(accession: str = "A100", patient: Demographics | None = None, **more: Any) -> Order:
    """An order with one step; `steps` replaces it."""
    more = {"steps": (step(),), "sender": "RIS", "priority": "R"} | more
    return Order(
        accession_number=accession,
        placer_order_number=more.pop("placer", f"P-{accession}"),
        filler_order_number=more.pop("filler", f"F-{accession}"),
        requested_procedure_id=f"RP-{accession}",
        requested_procedure_description="CT chest with contrast",
        patient=patient or demographics(),
        **more,
    )


def series(uid: str, number: int = 1, **more: Any) -> SeriesFacts:
    more = {"modality": "CT", "station_name": "CT1", "instances": 2} | more
    return SeriesFacts(f"{uid}.{number}", **more)


def study(uid: str = "1.2.3", accession: str = "A100", patient: Demographics | None = None, **more: Any) -> StudyFacts:
    """A study of one series at the PACS called `main`."""
    facts = StudyFacts(
        pacs=more.pop("pacs", "main"),
        study_instance_uid=uid,
        accession_number=accession,
        patient=patient or demographics(),
        performed="2026-11-22T14:34:00",
        description="Thorax",
        modalities=("CT",),
        series=(series(uid),),
        instances=2,
    )
    return replace(facts, **more)
