"""Whose patient number images carry: what the configured stations stand for, and what the index knows it as."""

from __future__ import annotations

from collections.abc import Mapping

from radrecon.config import Config
from radrecon.model.study import Study
from radrecon.recon.issuers import by_station, infer, inferred, is_stated
from radrecon.store import persons
from radrecon.store.database import Connection


def stations(config: Config) -> dict[str, str]:
    """Issuers of patient ids by station, as it may be named by images."""
    return by_station(
        (name, one.patient_id_issuer)
        for one in config.modality
        for name in (one.ae_title, *one.station_names, *one.image_stations)
        if name != "*"
    )


def issued(conn: Connection, study: Study, issuers: Mapping[str, str], own: str) -> Study:
    """With the issuer as that of which its number is read. `issuers`: by station; `own`: the site's."""
    if is_stated(study.facts) or not (issuers or own):
        return inferred(study, None)
    holders = persons.holders(conn, study.facts.patient.patient_id.value)
    return inferred(study, infer(study.facts, issuers, own, holders))
