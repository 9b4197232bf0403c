"""Patients who are registered, ordered, imaged and reported, and hours in which nothing more is heard."""

from __future__ import annotations

from typing import Any

from radrecon.config import CasesConfig
from radrecon.model.case import CaseKind
from tests.builders import demographics, study
from tests.workflow.hospital import CONFIG, Hospital
from tests.workflow.messages import adt, message, msh, orc, pid, report

HOUR = 3600.0
FEW = 6


def waits(hospital: Hospital, hours: float) -> None:
    hospital.later(hours * HOUR)
    hospital.reconcile()


def patient(number: int) -> tuple[str, str]:
    """MRN and name of one of many."""
    return f"{2000000 + number}", f"MILLER{chr(65 + number % 26)}{chr(65 + number // 26)}^EVA"


def registers(hospital: Hospital, number: int) -> None:
    mrn, name = patient(number)
    hospital.hears(adt("A04", mrn, name, "19700101"))


def orders(hospital: Hospital, number: int, start: str = "20261122143000", **more: str) -> None:
    """Registered, and ordered."""
    registers(hospital, number)
    stranger(hospital, number, start, **more)


def stranger(hospital: Hospital, number: int, start: str = "20261124100000", **more: str) -> None:
    """Ordered, and registered by nobody."""
    hospital.hears(ordered(number, start, **more))


def ordered(
    number: int, start: str = "20261122143000", *, station: str = "CT1", modality: str = "CT", priority: str = "R"
) -> bytes:
    """OMI^O23 of one of many patients, on a station."""
    mrn, name = patient(number)
    accession = f"B{number}"
    return message(
        msh("OMI^O23^OMI_O23"),
        pid(mrn, name, "19700101"),
        "PV1|1|O|CT",
        orc(accession),
        f"TQ1|1||||||{start}||{priority}",
        f"OBR|1|P-{accession}|F-{accession}|CTCHEST^CT chest^L",
        f"IPC|{accession}^RIS|RP-{accession}|1.9.{number}|S-{accession}|{modality}|CT^CT chest^L|CT one||{station}",
    )


def images(number: int) -> Any:
    mrn, name = patient(number)
    return study(f"1.9.{number}", f"B{number}", demographics(mrn, name, birth_date="1970-01-01"))


def a_day(hospital: Hospital, *, reported: bool = True) -> None:
    """Some patients of CT1, registered, ordered, imaged and reported: what is usual here."""
    for number in range(1, FEW):
        orders(hospital, number)
    hospital.sees(*(images(number) for number in range(1, FEW)))
    if reported:
        for number in range(1, FEW):
            mrn, name = patient(number)
            hospital.hears(report(f"B{number}", patient=pid(mrn, name, "19700101")))
    assert hospital.cases() == []


def configure(hospital: Hospital, **values: Any) -> None:
    hospital.configure(CONFIG.model_copy(update={"cases": CasesConfig(**values)}))


def ended(hospital: Hospital, kind: CaseKind) -> list[str]:
    with hospital.store.reading() as conn:
        rows = conn.exec_driver_sql(f"SELECT close_reason FROM recon_case WHERE state = 'closed' AND kind = '{kind}'")
        return [row[0] for row in rows]
