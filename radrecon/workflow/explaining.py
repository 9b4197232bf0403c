"""Explain to a technologist why an order is or is not on a station's worklist."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from radrecon.recon.explain import Explanation
from radrecon.recon.explain import explain as decide
from radrecon.store import orders, settings
from radrecon.store.database import Store
from radrecon.workflow import ris_lists


def explain(store: Store, station_ae: str, accession: str, now: datetime) -> Explanation:
    """`accession` as somebody typed it; all orders that carry it are looked at."""
    number = accession.strip()
    with store.reading() as conn:
        zone = settings.load_config(conn).zone()
        found = orders.by_accession(conn, number)
        elsewhere = ris_lists.about(conn, station_ae, number, now)
    explained = decide(station_ae.strip(), number, found, now.astimezone(zone).replace(tzinfo=None))
    return replace(explained, ris_lists=elsewhere)
