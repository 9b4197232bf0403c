"""Candidate orders of a case and the evidence for each, as rows for tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from radrecon.model.case import Candidate, Pair
from radrecon.model.rows import CaseDetail, OrderRow
from radrecon.ui.models.columns import birth_and_sex, device, name
from radrecon.ui.models.rows_model import Column
from radrecon.ui.sentences import held_by_rule, percent, rule_words
from radrecon.ui.times import wall

NUMBERED = 9
FIELD_WORDS = {
    "patient_id": "MRN", "patient_name": "name", "patient_birth_date": "birth date", "patient_sex": "sex",
    "accession_number": "accession", "study_instance_uid": "Study UID", "mothers_name": "mother's name",
}  # fmt: skip


@dataclass(frozen=True)
class CandidateRow:
    """One candidate. `id` is the order's; `number` the key that chooses it; `chosen` the one whose link is proposed."""

    id: int
    number: int
    probability: float
    accession_number: str
    order: OrderRow | None
    why: str
    why_not: str
    chosen: bool
    conflict: str = ""


@dataclass(frozen=True)
class ReasonRow:
    """One piece of evidence; positive bits speak for the link, a veto forbids it to happen by itself."""

    id: int
    field: str
    text: str
    bits: float
    veto: bool = False


def candidate_rows(detail: CaseDetail, chosen: int) -> list[CandidateRow]:
    return [
        _candidate(detail, candidate, place, candidate.order_id == chosen)
        for place, candidate in enumerate(detail.candidates, start=1)
    ]


def _candidate(detail: CaseDetail, candidate: Candidate, number: int, chosen: bool) -> CandidateRow:
    ranked = sorted(candidate.reasons, key=lambda reason: -abs(reason.bits))
    return CandidateRow(
        candidate.order_id, number, candidate.probability, candidate.accession_number,
        detail.orders.get(candidate.order_id),
        "; ".join(reason.text for reason in ranked if reason.bits > 0),
        "; ".join([
            *(veto for veto in candidate.vetoes if not held_by_rule(veto)),
            *(reason.text for reason in ranked if reason.bits < 0),
        ]),
        chosen,
        candidate.conflict,
    )  # fmt: skip


def pair_reason_rows(pair: Pair) -> list[ReasonRow]:
    """Conflicts first, then the evidence, then what it comes to and what else is to be known."""
    found = reason_rows(Candidate(0, "", pair.probability, pair.bits, pair.reasons, pair.conflicts))
    found = [replace(row, field="conflict") if row.veto else row for row in found]
    total = f"one person with a probability of {percent(pair.probability)}"
    rows = [*found, ReasonRow(len(found) + 1, "in all", total, pair.bits)]
    remarks = (*pair.remarks, f"proposed to stay: {pair.proposal}" if pair.proposal else "")
    return rows + [ReasonRow(place, "", text, 0.0) for place, text in enumerate(filter(None, remarks), len(rows) + 1)]


def reason_rows(candidate: Candidate) -> list[ReasonRow]:
    """Vetoes first, then the strongest evidence."""
    vetoes = [_veto(place, text) for place, text in enumerate(candidate.vetoes, start=1)]
    ranked = sorted(candidate.reasons, key=lambda reason: -abs(reason.bits))
    start = len(vetoes) + 1
    return vetoes + [ReasonRow(place, r.field, r.text, r.bits) for place, r in enumerate(ranked, start=start)]


def _veto(place: int, text: str) -> ReasonRow:
    """A rule that is not on is a remark: it says who decides, and nothing about the order."""
    if held_by_rule(text):
        return ReasonRow(place, "rule", rule_words(text), 0.0)
    return ReasonRow(place, "veto", text, 0.0, True)


def _bits(row: ReasonRow) -> str:
    if row.veto:
        return "veto"
    return f"{row.bits:+.1f}".replace("-", "−") if row.bits else ""


def _who(row: CandidateRow) -> str:
    return "  ".join(filter(None, (row.order.patient_id, birth_and_sex(row.order)))) if row.order else ""


def _slot(row: CandidateRow, now: datetime) -> str:
    if row.order is None:
        return ""
    where = device(row.order.modality, row.order.scheduled_station_ae_title)
    return " ".join(filter(None, (where, wall(row.order.scheduled_start, now))))


def for_and_against(row: CandidateRow, now: datetime) -> str:
    """The line under a candidate: what speaks against it first, since that is what a person must weigh."""
    return "   ".join(filter(None, (f"▲ {row.why_not}" if row.why_not else "", f"✓ {row.why}" if row.why else "")))


def reason_mark(row: ReasonRow) -> str:
    return "▲" if row.veto or row.bits < 0 else "✓" if row.bits > 0 else "○"


def _field(row: ReasonRow, now: datetime) -> str:
    return FIELD_WORDS.get(row.field, row.field.replace("_", " "))


def _reason_tone(row: ReasonRow) -> str:
    return {"▲": "bad", "✓": "good"}.get(reason_mark(row), "muted")


CANDIDATES: tuple[Column[CandidateRow], ...] = (
    Column(
        "No", lambda r, now: f"{'►' if r.chosen else ' '} {r.number if r.number <= NUMBERED else ''}", "",
        lambda r, now: "", sort=lambda r: r.number, tone=lambda r, n: "accent" if r.chosen else "muted", width=5,
    ),
    Column(
        "Probability", lambda r, now: "conflict" if r.conflict else percent(r.probability), "",
        lambda r, now: "proposed" if r.chosen else "", sort=lambda r: r.probability, width=10, rigid=True,
    ),
    Column("Accession", lambda r, now: r.accession_number, "", lambda r, now: r.order.status.lower() if r.order else "",
           width=12, rigid=True),
    Column(
        "Patient", lambda r, now: name(r.order.patient_name) if r.order else "", "MRN, born",
        lambda r, now: _who(r), width=0,
    ),
    Column(
        "Exam, slot", lambda r, now: r.order.requested_procedure_description if r.order else "", "slot", _slot,
        width=22,
    ),
)  # fmt: skip

REASONS: tuple[Column[ReasonRow], ...] = (
    Column("", lambda r, now: reason_mark(r), tone=lambda r, n: _reason_tone(r), width=3),
    Column("Field", _field, tone=lambda r, n: "muted", width=12, rigid=True),
    Column("Evidence", lambda r, now: r.text, width=0),
    Column(
        "Bits", lambda r, now: _bits(r), sort=lambda r: r.bits, width=7, right=True,
    ),
)  # fmt: skip
