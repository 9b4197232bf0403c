"""Every list and detail that people and scripts see, as frozen rows over an open connection."""

from __future__ import annotations

from radrecon.store.case_detail import case_detail
from radrecon.store.list_cases import case, cases, cases_about
from radrecon.store.list_deliveries import correction, corrections, deliveries, delivery_plan
from radrecon.store.list_messages import message, messages
from radrecon.store.list_orders import order, orders, orders_by_id, orders_of_person
from radrecon.store.list_patients import patient, patients, patients_by_id
from radrecon.store.list_performed import performed, performed_of_order, performed_of_study
from radrecon.store.list_studies import changes_of, series_of, studies, studies_by_id, studies_of_person, study
from radrecon.store.list_worklist import stations, worklist, worklist_queries
from radrecon.store.overview import engine_state, pacs_states, summary
from radrecon.store.timeline import Subjects, timeline

__all__ = [
    "Subjects",
    "case",
    "case_detail",
    "cases",
    "cases_about",
    "changes_of",
    "correction",
    "corrections",
    "deliveries",
    "delivery_plan",
    "engine_state",
    "message",
    "messages",
    "order",
    "orders",
    "orders_by_id",
    "orders_of_person",
    "pacs_states",
    "patient",
    "patients",
    "patients_by_id",
    "performed",
    "performed_of_order",
    "performed_of_study",
    "series_of",
    "stations",
    "studies",
    "studies_by_id",
    "studies_of_person",
    "study",
    "summary",
    "timeline",
    "worklist",
    "worklist_queries",
]
