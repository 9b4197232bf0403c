"""A small hospital's worklist for the conformance tests: each order is known by its accession number."""

from __future__ import annotations

from radrecon.model.names import PersonName
from radrecon.model.order import Code, Order, Step, StepStatus
from radrecon.model.patient import Demographics, PatientId, Visit

Entry = tuple[Order, Step]


def entry(
    accession: str,
    patient_id: str,
    name: str,
    modality: str,
    station: str,
    start: str,
    *,
    physician: str = "",
    location: str = "",
    station_name: str = "",
    status: StepStatus = StepStatus.SCHEDULED,
    study_uid: str | None = None,
) -> Entry:
    step = Step(
        scheduled_procedure_step_id=f"S{accession}",
        modality=modality,
        station_ae_title=station,
        station_name=station_name,
        location=location,
        start=start,
        description=f"{modality} exam",
        protocol_code=Code("P1", "99LOCAL", "Protocol one"),
        performing_physician=PersonName.parse(physician),
        status=status,
        id=int(accession[1:]),
    )
    patient = Demographics(PatientId(patient_id, "HOSP"), PersonName.parse(name), "1960-05-17", "F")
    order = Order(
        accession_number=accession,
        placer_order_number=f"P{accession}",
        filler_order_number=f"F{accession}",
        requested_procedure_id=f"RP{accession}",
        requested_procedure_description="Head without contrast",
        requested_procedure_code=Code("RPC", "99LOCAL", "Head"),
        study_instance_uid=f"1.2.3.{accession[1:]}" if study_uid is None else study_uid,
        reason="pain",
        priority="STAT",
        patient=patient,
        visit=Visit("V1", "HOSP"),
        steps=(step,),
        id=int(accession[1:]),
    )
    return order, step


WORKLIST = (
    entry("A1", "100", "SMITH^JOHN^Q", "CT", "CT1", "2026-11-22T09:00:00", physician="HOUSE^GREGORY", location="ER"),
    entry("A2", "101", "SMITHERS^WAYLON", "CT", "CT2", "2026-11-22T10:30:00", station_name="Somatom"),
    entry("A3", "102", "MÜLLER^JÜRGEN", "MR", "MR1", "2026-11-22T23:30:00"),
    entry("A4", "103", "O'BRIEN^MARY ANN", "MR", "MR1", "2026-11-23T05:45"),
    entry("A5", "104", "YAMADA^TARO=山田^太郎=やまだ^たろう", "US", "US1", "2026-11-23T14:00:00"),
    entry("A6", "105", "VAN DER BERG^ANNA", "CT", "CT1", "2026-11-24"),
    entry("A7", "106", "ДОЕ^ИВАН", "CR", "", "", study_uid=""),
    entry("A8", "107", "DONE^ALREADY", "CT", "CT1", "2026-11-22T08:00:00", status=StepStatus.COMPLETED),
    entry("A9", "0100", "JONES-SMITH^JOHN", "", "XR1", "2026-11-22T12:00:00"),
    entry("A10", "108", "CANCELLED^CARL", "CT", "CT1", "2026-11-22T09:00:00", status=StepStatus.CANCELLED),
)
WAITING = "A1 A2 A3 A4 A5 A6 A7 A9"
