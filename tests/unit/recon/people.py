"""Builders for the tests of recon: one patient, one order, one study that agree, to be made to disagree."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from radrecon.config import PacsConfig
from radrecon.model.names import PersonName
from radrecon.model.order import Order, Step
from radrecon.model.patient import Demographics, PatientId
from radrecon.model.person import Person, Watch
from radrecon.model.study import SeriesFacts, Study, StudyFacts

WATCH = Watch(date(2026, 11, 1), datetime(2026, 11, 1, tzinfo=UTC), "Europe/Berlin")
SLOT = "2026-11-22T14:30:00"
PERFORMED = "2026-11-22T14:34:00"
SEEN = datetime(2026, 11, 22, 13, 40, tzinfo=UTC)


def who(
    patient_id: str = "4711001", name: str = "MEYER^ANNA", birth: str = "1960-05-17", sex: str = "F", issuer: str = ""
) -> Demographics:
    return Demographics(PatientId(patient_id, issuer), PersonName.parse(name), birth, sex)


ANNA = who()


def person(number: int = 1, patient: Demographics = ANNA, **changes: Any) -> Person:
    known = changes.pop("identifiers", (patient.patient_id,))
    return Person(number, patient, known, **changes)


def order(number: int = 10, accession: str = "A1042", patient: Demographics = ANNA, **changes: Any) -> Order:
    step = Step(
        "SPS1", changes.pop("modality", "CT"), "CT2", start=changes.pop("start", SLOT), description="CT HEAD PLAIN"
    )
    base = Order(
        accession,
        requested_procedure_id="RP1",
        requested_procedure_description="CT HEAD",
        patient=patient,
        steps=(step,),
        id=number,
        person_id=1,
    )
    return replace(base, **changes)


def facts(accession: str = "A1042", patient: Demographics = ANNA, **changes: Any) -> StudyFacts:
    series = (SeriesFacts("1.2.3.1", "CT", "CT2", instances=4),)
    base = StudyFacts(
        "PACS", "1.2.3", accession, patient=patient, performed=PERFORMED, modalities=("CT",), series=series, instances=4
    )
    return replace(base, **changes)


def study(accession: str = "A1042", patient: Demographics = ANNA, number: int = 17, **changes: Any) -> Study:
    own = {name: changes.pop(name) for name in ("person_id", "first_seen", "baseline", "gone") if name in changes}
    return Study(facts(accession, patient, **changes), number, **({"first_seen": SEEN} | own))


PACS = PacsConfig(name="PACS", ae_title="PACS", port=104, send=True)
