"""A suspected overlay: who had the number before and who has it now, for whoever asks registration."""

from __future__ import annotations

from radrecon.model.case import CaseKind, Difference, Weight
from radrecon.model.rows import CaseDetail
from radrecon.ui.compare import IDENTITY, ISSUED, WORDS, Cell, FieldRow, spans
from radrecon.ui.times import date_text

HEADS = ("", "Before", "Now", "", "If dismissed")


def is_overlay(detail: CaseDetail) -> bool:
    return detail.case.kind == CaseKind.SUSPECTED_OVERLAY and bool(detail.differences)


def overlay_rows(detail: CaseDetail) -> tuple[FieldRow, ...]:
    """Both identity blocks; what differs is marked in the new one."""
    found = {one.field: one for one in detail.differences}
    return tuple(_row(field, found) for field in IDENTITY if field in found)


def _row(field: str, found: dict[str, Difference]) -> FieldRow:
    one, issuer = found[field], found.get("issuer_of_patient_id")
    before = _text(field, one.found, issuer.found if issuer else "")
    now = _text(field, one.truth, issuer.truth if issuer else "")
    mark = "" if one.weight is Weight.EQUAL else str(one.weight)
    marks = spans(now, before) if one.weight is Weight.DIFFERS and now else ()
    return FieldRow(
        field, WORDS[field], Cell(before), Cell(now, mark, marks, one.note), Cell(""), Cell(now), "index", True,
        heads=HEADS,
    )  # fmt: skip


def _text(field: str, text: str, issuer: str) -> str:
    if field == "patient_id":
        return ISSUED.join(filter(None, (text, issuer))) if text else ""
    return date_text(text) if field == "patient_birth_date" else text
