"""Whose number it is that images carry without saying so: that of the site whose modality made them.

Few modalities send Issuer of Patient ID (0010,0021), and sites deal out the same numbers. What the images state is
never doubted; a station that two sites share, or that nobody has said anything of, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from radrecon.model.altering import altered
from radrecon.model.study import SeriesFacts, Study, StudyFacts
from radrecon.recon.normalise import fold
from radrecon.recon.procedure import COMPANIONS


@dataclass(frozen=True)
class Issued:
    """An issuer of patient ids and the station by which it is known, as the images name it."""

    issuer: str
    station: str


def by_station(said: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Stations (AE title or name) with their issuer → by folded name, but for those of which two things are said.

    An entry without issuer is a statement as well: that station's numbers are not known to be of one issuer.
    """
    found: dict[str, set[str]] = {}
    for station, issuer in said:
        found.setdefault(fold(station), set()).add(issuer.strip())
    return {
        station: issuer
        for station, issuers in found.items()
        if station and len(issuers) == 1 and (issuer := next(iter(issuers)))
    }


def issuer_of(facts: StudyFacts, stations: Mapping[str, str]) -> Issued | None:
    """By the stations of all its images, which have to agree; None where the images state one, or one is not known.

    A series that names no station is of whoever sent the study. Reports and key objects made of the images say nothing.
    """
    if not stations or not facts.patient.patient_id.value.strip() or facts.patient.patient_id.issuer.strip():
        return None
    names = [series.station_name.strip() or facts.source_ae_title.strip() for series in _images(facts)]
    found = {stations.get(fold(name), "") for name in names}
    issuer = found.pop() if len(found) == 1 else ""
    return Issued(issuer, names[0]) if issuer else None


def _images(facts: StudyFacts) -> list[SeriesFacts]:
    return [series for series in facts.series if series.modality.strip().upper() not in COMPANIONS]


def as_issued(study: Study) -> Study:
    """As it is compared with orders: its number read as that of the issuer which its station stands for."""
    if not study.issuer_by_station:
        return study
    patient = study.facts.patient
    number = altered(patient.patient_id, issuer=study.issuer_by_station)
    return altered(study, facts=altered(study.facts, patient=altered(patient, patient_id=number)))


def in_words(study: Study) -> str:
    """ "" where the images state it, or nothing does."""
    return f"issuer {study.issuer_by_station} by station {study.station_of_issuer}" if study.issuer_by_station else ""
