"""The rows of a small hospital on one morning, for the desk to show: orders, studies, cases, messages, deliveries."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from radrecon.model.rows import (
    CaseRow,
    DecisionRow,
    DeliveryRow,
    MessageRow,
    OrderRow,
    PatientRow,
    RuleRow,
    StudyRow,
    WorklistRow,
)

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
EVIL = "<img src=/etc/passwd><b>EVIL^JANE</b>"
UID = "1.2.826.0.1.3680043.8.498.1000000"


def at(minutes: float) -> str:
    """So many minutes before now."""
    return (NOW - timedelta(minutes=minutes)).isoformat()


PEOPLE = [
    ("4471023", "FISCHER^ANNA MARIE", "1960-05-17", "F"),
    ("4471188", "OKONKWO^CHIDI^A", "1984-11-02", "M"),
    ("4470912", "NGUYEN^THI LAN", "1991-01-30", "F"),
    ("4471307", "MÜLLER^JÜRGEN", "1952-08-09", "M"),
    ("4471311", "O'BRIEN^SEAN PATRICK", "1978-03-14", "M"),
    ("4470007", "ROSSI^GIULIA", "2001-12-24", "F"),
    ("4471415", "HERNÁNDEZ DE LA CRUZ^MARÍA FERNANDA", "1969-07-07", "F"),
    ("4471502", "JOHANSSON^ERIK", "1947-02-18", "M"),
    ("4471533", "YAMADA^TARO=山田^太郎=やまだ^たろう", "1980-10-10", "M"),
    ("4471619", "SMITH^JOHN^Q", "1955-06-30", "M"),
]
EXAMS = [
    ("CT", "CT2", "CT HEAD W/O CONTRAST"),
    ("CT", "CT1", "CT ABDOMEN PELVIS W CONTRAST"),
    ("CR", "DX-ED", "XR CHEST PORTABLE"),
    ("MR", "MR1", "MR LUMBAR SPINE W/O"),
    ("US", "US3", "US ABDOMEN COMPLETE"),
    ("DX", "DX2", "XR ANKLE LEFT 3 VIEWS"),
    ("MG", "MG1", "MG SCREENING BILATERAL"),
]


def order(number: int, **more: Any) -> OrderRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    modality, station, words = EXAMS[number % len(EXAMS)]
    row = OrderRow(
        id=number, accession_number=f"A10{2000 + number}", patient_id=mrn, issuer_of_patient_id="HOSP",
        patient_name=name, patient_birth_date=born, patient_sex=sex, modality=modality,
        scheduled_station_ae_title=station, scheduled_start=at(11 * number + 29), requested_procedure_description=words,
        placer_order_number=f"P{number}", filler_order_number=f"F{number}", study_instance_uid="",
        priority="STAT" if number % 9 == 1 else "ROUTINE", patient_class="EIO"[number % 3],
        status="COMPLETED" if number % 5 == 4 else "SCHEDULED", received_at=at(11 * number + 90),
        person_id=(number - 1) % len(PEOPLE) + 1, linked_study_id=100 + number if number % 5 == 4 else 0,
    )  # fmt: skip
    return replace(row, **more)


def study(number: int, **more: Any) -> StudyRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    modality, station, words = EXAMS[number % len(EXAMS)]
    row = StudyRow(
        id=100 + number, pacs="ORTHANC", study_instance_uid=f"{UID}.{number}", accession_number=f"A10{2000 + number}",
        patient_id=mrn, issuer_of_patient_id="HOSP", patient_name=name, patient_birth_date=born, patient_sex=sex,
        modality=modality, station_name=station, performed_at=at(11 * number + 25), study_description=words,
        series=1 + number % 4, instances=3 + 37 * (number % 7), status="arriving" if number == 3 else "complete",
        judged=number < 30, first_seen=at(11 * number + 9), order_id=number if number % 5 == 4 else 0,
        link_state="auto" if number % 5 == 4 else "",
    )  # fmt: skip
    return replace(row, **more)


def case(number: int, kind: str, cause: str, of: StudyRow, **more: Any) -> CaseRow:
    row = CaseRow(
        id=number, kind=kind, state="open", severity=2, cause=cause, owner="us", opened_at=of.first_seen,
        updated_at=of.first_seen, patient_id=of.patient_id, issuer_of_patient_id=of.issuer_of_patient_id,
        patient_name=of.patient_name, accession_number=of.accession_number, modality=of.modality,
        station_name=of.station_name, performed_at=of.performed_at, study_id=of.id, order_id=0, person_id=0,
        study_instance_uid=of.study_instance_uid, study_status=of.status, priority="",
    )  # fmt: skip
    return replace(row, **more)


def candidate(order_id: int, probability: float, *texts: str) -> dict[str, Any]:
    return {
        "order_id": order_id, "accession_number": f"A10{2000 + order_id}", "probability": probability,
        "reasons": list(texts), "vetoes": [],
    }  # fmt: skip


A08 = (
    "MSH|^~\\&|RADRECON|DESK|PACS|HOSP|20261122094000||ADT^A08^ADT_A01|RR000017|P|2.5.1|||AL|NE||UNICODE UTF-8\r"
    "EVN|A08|20261122094000||||20261122094000\r"
    "PID|1||4471023^^^HOSP^MR||FISCHER^ANNA MARIE||19600517|F|||12 HARBOUR ST^^KIEL^^24103\r"
    "PV1|1|E|ED^04^2||||0102^WEBER^INES\r"
)
ORM = (
    "MSH|^~\\&|RIS|HOSP|RADRECON|DESK|20261122081000||ORM^O01^ORM_O01|RIS0091|P|2.3.1\r"
    "PID|1||4471023^^^HOSP^MR||FISCHER^ANNA MARIE||19600517|F\rPV1|1|E|ED^04^2\r"
    "ORC|NW|P1|F1||SC||1^^^202611220830^^S\r"
    "OBR|1|P1|F1|CTHEAD^CT HEAD W/O CONTRAST^LOCAL||||||||||||0102^WEBER^INES||A102001|RP1|SPS1||||CT|||"
    "1^^^202611220830\r"
    "ZDS|1.2.826.0.1.3680043.8.498.77^^Application^DICOM\r"
)


def some_cases() -> list[CaseRow]:
    first = study(1, accession_number="A102010", patient_name="FISHER^ANNA", patient_birth_date="1960-05-71")
    second = study(2, accession_number="", patient_id="", patient_name="UNKNOWN^MALE 7", patient_birth_date="")
    unassigned = [
        case(
            1, "unassigned_study", "accession A102010 is not known; order A102001 of the same patient fits", first,
            priority="STAT", severity=3, candidates=(candidate(1, 0.973, "accession transposed"), candidate(8, 0.021)),
        ),
        case(
            2, "unassigned_study", "the images carry no patient id; order A102002 fits", second,
            candidates=(candidate(2, 0.71, "4 min after the slot"),),
        ),
        case(
            3, "unassigned_study",
            "the images carry no accession number; no order is near", study(3, accession_number=""),
        ),
        case(
            4, "unassigned_study", "accession X77 is not known; no order is near", study(5, accession_number="X77"),
            owner="ris",
        ),
    ]  # fmt: skip
    mismatches = [
        case(
            5, "demographic_mismatch", "name differs between index and images",
            study(15, patient_name="O BRIEN^SHAWN"), order_id=15, person_id=5,
        ),
        case(
            6, "demographic_mismatch", "name and birth date differ between index and images",
            study(10, patient_name=EVIL), order_id=10, person_id=10, severity=3, owner="registration",
        ),
    ]  # fmt: skip
    others = [
        case(7, "accession_collision", "accession A102019 is on two patients", study(19), severity=3, owner="ris"),
        case(8, "suspected_overlay", "A08 changed family name and birth date at once", study(21), owner="registration"),
    ]
    return unassigned + mismatches + others


def decision(number: int, **more: Any) -> DecisionRow:
    row = DecisionRow(
        number, "link", "accession", "standing", "ann", at(90), at(-20000), "typed wrong", "1000001", "FISCHER^ANNA",
        "X777", "ct1", "2026-11-22", "1000001", "A102001", 1, "1.2.3", 1, 1, 41, used=2, used_by=(3, 4),
    )  # fmt: skip
    return replace(row, **more)


def rule(number: int, rule: str, state: str, **more: Any) -> RuleRow:
    return RuleRow(number, rule, state, "what it does", "", "", "", 40, 31, 2, 7, **more)


def some_deliveries() -> list[DeliveryRow]:
    def row(number: int, correction: int, state: str, words: str, **more: Any) -> DeliveryRow:
        made = DeliveryRow(
            id=number, correction_id=correction, case_id=1, verb="link", destination="ORTHANC",
            title="3 images edited in place", state=state, words=words, attempts=1, created_at=at(7 * number),
            updated_at=at(7 * number), provable=True, patient_id="4471023", study_instance_uid=f"{UID}.1",
            correction_state="under way",
        )  # fmt: skip
        return replace(made, **more)

    return [
        row(1, 41, "sending", ""),
        row(2, 40, "uncertain", "connection closed after the message was written", destination="PACS-HL7",
            title="ADT^A08", verb="fix", message_id=3, correction_state="in trouble"),
        row(3, 40, "filed", "ORTHANC shows FISCHER^ANNA MARIE", verb="fix", correction_state="in trouble"),
        row(4, 39, "acknowledged", "AA", destination="VNA", title="ADT^A40", verb="merge", provable=False,
            correction_state="acknowledged"),
        row(5, 39, "filed", "", verb="merge", correction_state="acknowledged"),
    ]  # fmt: skip


def some_messages() -> list[MessageRow]:
    def row(number: int, kind: str, raw: str, **more: Any) -> MessageRow:
        made = MessageRow(
            number, "in", at(3 * number), kind, f"RIS{number:04d}", "RIS", "HOSP", "10.20.1.5:40112", "applied", "",
            "4471023", "A102001", len(raw), raw,
        )  # fmt: skip
        return replace(made, **more)

    return [
        row(1, "ORM^O01", ORM),
        row(2, "ADT^A08", A08.replace("RADRECON|DESK", "HIS|HOSP"), sending_application="HIS", accession_number=""),
        row(3, "ADT^A08", A08, direction="out", state="acknowledged", sending_application="RADRECON"),
        row(4, "ORU^R01", ORM.replace("ORM^O01^ORM_O01", "ORU^R01"), state="refused", reason="PID-3 is empty"),
        *(row(n, ("ORM^O01", "ADT^A01", "ADT^A08", "ORU^R01")[n % 4], ORM) for n in range(5, 60)),
    ]


def person(number: int) -> PatientRow:
    mrn, name, born, sex = PEOPLE[(number - 1) % len(PEOPLE)]
    return PatientRow(number, mrn, "HOSP", name, born, sex, (), 0, False, 3, 2)


def step(row: OrderRow) -> WorklistRow:
    return WorklistRow(
        row.id, row.id, row.accession_number, row.patient_id, row.issuer_of_patient_id, row.patient_name,
        row.patient_birth_date, row.patient_sex, row.modality, row.scheduled_station_ae_title, "", row.scheduled_start,
        f"SPS{row.id}", row.requested_procedure_description, row.requested_procedure_description, f"RP{row.id}", "",
        row.priority, row.status,
    )  # fmt: skip
