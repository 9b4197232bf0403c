"""Explain to a technologist why an order is or is not on a station's worklist, or was no answer to a recorded query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from radrecon.dicom.worklist import WorklistQuery
from radrecon.dicom.worklist_explain import Explanation, Question
from radrecon.dicom.worklist_explain import explain as decide
from radrecon.dicom.worklist_query import from_criteria
from radrecon.model.order import Order
from radrecon.store import list_worklist, orders, worklist
from radrecon.store.database import Connection, Store
from radrecon.workflow import ris_lists
from radrecon.workflow.worklists import answers, profile_of


def explain(store: Store, station_ae: str, accession: str, now: datetime, query_id: int = 0) -> Explanation:
    """`accession` as somebody typed it; all orders that carry it are looked at.

    With `query_id` the recorded query is asked again, at its time and as who asked it (or as `station_ae`, if that is
    given), of the orders as they are now. Raises NotFound where there is no such query.
    """
    number = accession.strip()
    with store.reading() as conn:
        question = _question(conn, station_ae.strip(), now, query_id)
        found = orders.by_accession(conn, number)
        pairs = [pair for order in found for pair in worklist.all_of_order(conn, order.id)]
        if query_id:
            question = replace(question, later=_later(conn, found, query_id))
        elsewhere = ris_lists.about(conn, question.station, number, now)
    return replace(decide(question, number, pairs, heard=bool(found)), ris_lists=elsewhere)


def _question(conn: Connection, station: str, now: datetime, query_id: int) -> Question:
    query, address = WorklistQuery(), ""
    if query_id:
        recorded = list_worklist.recorded_query(conn, query_id)
        query, now = from_criteria(recorded.criteria), recorded.at
        address = "" if station else recorded.row.address
        station = station or recorded.row.peer_ae_title
    profile = profile_of(conn, station, address)
    asked = profile.asked(query, now)
    within = {step.id for _, step in answers(conn, asked, profile)}
    return Question(asked, profile, station, query_id, within)


def _later(conn: Connection, found: Sequence[Order], query_id: int) -> set[int]:
    """Orders that had not been heard when the query was asked."""
    at = list_worklist.recorded_query(conn, query_id).at
    return {order.id for order in found if list_worklist.received_at(conn, order.id) > at}
