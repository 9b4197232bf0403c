"""Whose patient number images carry: what the configured stations stand for, where the index knows it as theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from radrecon.config import Config
from radrecon.model.altering import altered
from radrecon.model.study import Study
from radrecon.recon.issuers import by_station, issuer_of
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


def issued(conn: Connection, study: Study, issuers: Mapping[str, str]) -> Study:
    """With the issuer that its stations stand for, where the index knows the number as that issuer's."""
    found = issuer_of(study.facts, issuers) if issuers else None
    number = study.facts.patient.patient_id
    if found is None or not persons.is_of(conn, replace(number, issuer=found.issuer)):
        return altered(study, issuer_by_station="", station_of_issuer="")
    return altered(study, issuer_by_station=found.issuer, station_of_issuer=found.station)
