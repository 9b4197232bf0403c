"""Candidate orders of a case and the evidence for each, as rows for tables."""

from __future__ import annotations

from dataclasses import dataclass

from radrecon.model.case import Candidate
from radrecon.model.rows import CaseDetail, OrderRow
from radrecon.ui.models.columns import birth_and_sex, name
from radrecon.ui.models.rows_model import Column
from radrecon.ui.times import wall

NUMBERED = 9


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
        "; ".join([*candidate.vetoes, *(reason.text for reason in ranked if reason.bits < 0)]),
        chosen,
    )  # fmt: skip


def reason_rows(candidate: Candidate) -> list[ReasonRow]:
    """Vetoes first, then the strongest evidence."""
    vetoes = [ReasonRow(place, "veto", text, 0.0, True) for place, text in enumerate(candidate.vetoes, start=1)]
    ranked = sorted(candidate.reasons, key=lambda reason: -abs(reason.bits))
    start = len(vetoes) + 1
    return vetoes + [ReasonRow(place, r.field, r.text, r.bits) for place, r in enumerate(ranked, start=start)]


def percent(probability: float) -> str:
    """Whole percents, but never a certainty that is none."""
    if 0.995 <= probability < 1:
        return f"{100 * min(probability, 0.999):.1f} %"
    return f"{100 * probability:.0f} %"


def _patient(row: CandidateRow) -> str:
    if row.order is None:
        return ""
    return "  ".join(filter(None, (name(row.order.patient_name), row.order.patient_id, birth_and_sex(row.order))))


def reason_mark(row: ReasonRow) -> str:
    return "▲" if row.veto or row.bits < 0 else "✓" if row.bits > 0 else "○"


def _reason_tone(row: ReasonRow) -> str:
    return {"▲": "bad", "✓": "good"}.get(reason_mark(row), "muted")


CANDIDATES: tuple[Column[CandidateRow], ...] = (
    Column(
        "No", lambda r, now: f"{'►' if r.chosen else ' '} {r.number if r.number <= NUMBERED else ''}", "",
        lambda r, now: "", sort=lambda r: r.number, tone=lambda r, n: "accent" if r.chosen else "muted", width=5,
    ),
    Column(
        "Probability", lambda r, now: percent(r.probability), "", lambda r, now: "proposed" if r.chosen else "",
        sort=lambda r: r.probability, width=11,
    ),
    Column("Accession", lambda r, now: r.accession_number, "", lambda r, now: r.order.status.lower() if r.order else "",
           width=13),
    Column("Patient", lambda r, now: _patient(r), "why", lambda r, now: f"✓ {r.why}" if r.why else "", width=0),
    Column(
        "Exam", lambda r, now: f"{r.order.modality} {r.order.scheduled_station_ae_title}" if r.order else "", "slot",
        lambda r, now: wall(r.order.scheduled_start, now) if r.order else "", width=15,
    ),
    Column(
        "Procedure", lambda r, now: r.order.requested_procedure_description if r.order else "", "why not",
        lambda r, now: f"▲ {r.why_not}" if r.why_not else "", width=27,
    ),
)  # fmt: skip

REASONS: tuple[Column[ReasonRow], ...] = (
    Column("", lambda r, now: reason_mark(r), tone=lambda r, n: _reason_tone(r), width=3),
    Column("Field", lambda r, now: r.field.replace("_", " "), tone=lambda r, n: "muted", width=18),
    Column("Evidence", lambda r, now: r.text, width=0),
    Column(
        "Bits", lambda r, now: "veto" if r.veto else f"{r.bits:+.1f}".replace("-", "−"), sort=lambda r: r.bits,
        width=7, right=True,
    ),
)  # fmt: skip
