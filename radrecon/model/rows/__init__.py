"""Plain rows for lists: what the desk's tables and the command line's JSON show.

Field names are the contract's JSON keys. Instants are ISO 8601 text with offset; wall clocks (scheduled and performed
times) carry the site's offset. Every row has its integer `id`.
"""

from __future__ import annotations

from radrecon.model.rows.cases import AffectedRow, CaseDetail, CaseRow, ListedRow, TimelineRow
from radrecon.model.rows.life import EngineState, Recheck, Summary
from radrecon.model.rows.lists import (
    OrderRow,
    PacsStateRow,
    PatientRow,
    PerformedRow,
    ReportRow,
    StudyChangeRow,
    StudyRow,
    WorklistQueryRow,
    WorklistRow,
)
from radrecon.model.rows.rulings import DecisionRow, Disagreement, ReplayedRule, RuleRow
from radrecon.model.rows.traffic import (
    CorrectionRow,
    CrosswalkRow,
    DeliveryRow,
    InterfaceRow,
    MessageDetail,
    MessageEffect,
    MessageRow,
    MessageSearch,
    PairRow,
    ReplayRow,
    SenderRow,
)

__all__ = [
    "AffectedRow",
    "CaseDetail",
    "CaseRow",
    "CorrectionRow",
    "CrosswalkRow",
    "DecisionRow",
    "DeliveryRow",
    "Disagreement",
    "EngineState",
    "InterfaceRow",
    "ListedRow",
    "MessageDetail",
    "MessageEffect",
    "MessageRow",
    "MessageSearch",
    "OrderRow",
    "PacsStateRow",
    "PairRow",
    "PatientRow",
    "PerformedRow",
    "Recheck",
    "ReplayRow",
    "ReplayedRule",
    "ReportRow",
    "RuleRow",
    "SenderRow",
    "StudyChangeRow",
    "StudyRow",
    "Summary",
    "TimelineRow",
    "WorklistQueryRow",
    "WorklistRow",
]
