"""The tables, by subject. Column names follow DICOM keywords in snake case where one exists."""

from __future__ import annotations

from radrecon.store.tables.base import EPOCH, Instant, Key, metadata
from radrecon.store.tables.cases import case, correction, delivery, delivery_key, original, touched
from radrecon.store.tables.duplicates import (
    duplicate_due,
    duplicate_key,
    duplicate_look,
    duplicate_pair,
    person_particulars,
)
from radrecon.store.tables.expectations import expectation, practice
from radrecon.store.tables.journal import message, message_fresh, message_key, message_pair, message_text, sender
from radrecon.store.tables.life import audit, counter, engine_life, request, setting
from radrecon.store.tables.memory import decision, decision_use, rule_act, rule_change
from radrecon.store.tables.modalities import (
    performed_message,
    performed_reference,
    performed_series,
    performed_step,
    refusal,
    ris_entry,
    ris_list,
    stored_header,
    stored_instance,
    stored_study,
    thumbnail,
    worklist_change,
    worklist_query,
)
from radrecon.store.tables.orders import appointment, imaging_order, order_key, report, step
from radrecon.store.tables.persons import (
    crosswalk,
    identifier,
    merge,
    notice,
    person,
    person_history,
    person_link,
    visit,
)
from radrecon.store.tables.studies import link, pacs_feed, pacs_state, study, study_history, study_key, study_request

__all__ = [
    "EPOCH",
    "TOPICS",
    "Instant",
    "Key",
    "appointment",
    "audit",
    "case",
    "correction",
    "counter",
    "crosswalk",
    "decision",
    "decision_use",
    "delivery",
    "delivery_key",
    "duplicate_due",
    "duplicate_key",
    "duplicate_look",
    "duplicate_pair",
    "engine_life",
    "expectation",
    "identifier",
    "imaging_order",
    "link",
    "merge",
    "message",
    "message_fresh",
    "message_key",
    "message_pair",
    "message_text",
    "metadata",
    "notice",
    "order_key",
    "original",
    "pacs_feed",
    "pacs_state",
    "performed_message",
    "performed_reference",
    "performed_series",
    "performed_step",
    "person",
    "person_history",
    "person_link",
    "person_particulars",
    "practice",
    "refusal",
    "report",
    "request",
    "ris_entry",
    "ris_list",
    "rule_act",
    "rule_change",
    "sender",
    "setting",
    "step",
    "stored_header",
    "stored_instance",
    "stored_study",
    "study",
    "study_history",
    "study_key",
    "study_request",
    "thumbnail",
    "touched",
    "visit",
    "worklist_change",
    "worklist_query",
]

TOPICS = (
    "orders", "patients", "studies", "cases", "messages", "deliveries", "worklist", "life", "pacs", "settings",
    "requests", "touched", "reports", "performed", "instances", "refusals",
    "decisions", "rules",
)  # fmt: skip
