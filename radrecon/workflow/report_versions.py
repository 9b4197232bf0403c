"""Reports as the desk and the command line show them: each version with what it is and the text that stands."""

from __future__ import annotations

from radrecon.model.rows import ReportRow
from radrecon.recon.reports import Chained, chain
from radrecon.store import list_reports
from radrecon.store.codec import iso
from radrecon.store.database import Connection
from radrecon.store.list_reports import ReportWithChain


def report_rows(conn: Connection, *, query: str = "", limit: int = 500) -> list[ReportRow]:
    """The newest first."""
    return [_row(found) for found in list_reports.reports(conn, query=query, limit=limit)]


def _row(found: ReportWithChain) -> ReportRow:
    report, version = found.report, found.report.version
    patient, place = version.patient, _place(found)
    return ReportRow(
        id=report.id,
        order_id=report.order_id,
        accession_number=found.accession_number,
        placer_order_number=version.placer_order_number,
        filler_order_number=version.filler_order_number,
        patient_id=patient.patient_id.value,
        issuer_of_patient_id=patient.patient_id.issuer,
        patient_name=str(patient.name),
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex,
        study_instance_uid=version.study_instance_uid,
        status=version.status,
        kind=str(place.kind),
        number=place.number,
        versions=len(found.versions),
        observed_at=version.observed,
        received_at=iso(report.received_at),
        text=place.text,
        text_sent=bool(version.text),
        sender=found.sender,
        message_id=report.message_id,
        flags=version.flags,
        sources=version.sources,
    )


def _place(found: ReportWithChain) -> Chained:
    whole = chain([one.version for one in found.versions])
    return next(one for one, stored in zip(whole, found.versions, strict=True) if stored.id == found.report.id)
