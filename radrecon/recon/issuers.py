"""Whose number it is that images carry without saying so.

Few modalities send Issuer of Patient ID (0010,0021), and sites deal out the same numbers. What the images state is
never doubted. Where they state none, the number is read as that of the site whose modality made them; a station that
two sites share, or that nobody has said anything of, says nothing. All others are taken for the site's own. Either is
only assumed, and gives way where the index knows the number as another issuer's alone: scanners go on sending the
numbers of a system that was replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from radrecon.model.altering import altered
from radrecon.model.person import Watch
from radrecon.model.study import SeriesFacts, Study, StudyFacts
from radrecon.recon.normalise import fold
from radrecon.recon.procedure import COMPANIONS


@dataclass(frozen=True)
class Issued:
    """An issuer of patient ids and the station by which it is known, as the images name it; "": by the index alone."""

    issuer: str
    station: str = ""


Holder = tuple[int, str]
"""A person to whom a number leads, and the issuer whose number it is there."""


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


def is_stated(facts: StudyFacts) -> bool:
    """Whether the images say whose number they carry, or carry none."""
    number = facts.patient.patient_id
    return bool(number.issuer.strip()) or not number.value.strip()


def issuer_of(facts: StudyFacts, stations: Mapping[str, str]) -> Issued | None:
    """By the stations of all its images, which have to agree; None where the images state one, or one is not known.

    A series that names no station is of whoever sent the study. Reports and key objects made of the images say nothing.
    """
    if not stations or is_stated(facts):
        return None
    names = [series.station_name.strip() or facts.source_ae_title.strip() for series in _images(facts)]
    found = {stations.get(fold(name), "") for name in names}
    issuer = found.pop() if len(found) == 1 else ""
    return Issued(issuer, names[0]) if issuer else None


def infer(facts: StudyFacts, stations: Mapping[str, str], own: str, holders: Collection[Holder]) -> Issued | None:
    """The issuer as that of which the number is read; None where it is the images' own affair, or the site's own.

    `holders`: whoever the number leads to, of whatever issuer; `own`: the site's issuer, "" where it has set none.
    """
    by_modality = issuer_of(facts, stations)
    if by_modality and any(issuer == by_modality.issuer for _, issuer in holders):
        return by_modality
    return None if not own or is_stated(facts) else _only(own, holders)


def _only(own: str, holders: Collection[Holder]) -> Issued | None:
    """The other issuer of whom one person has the number, where nobody has it of the site's or of an unknown one."""
    issuers = {fold(issuer): issuer for _, issuer in holders}
    alone = len(issuers) == 1 and len({person_id for person_id, _ in holders}) == 1
    return Issued(next(iter(issuers.values()))) if alone and not issuers.keys() & {"", fold(own)} else None


def _images(facts: StudyFacts) -> list[SeriesFacts]:
    return [series for series in facts.series if series.modality.strip().upper() not in COMPANIONS]


def inferred(study: Study, issued: Issued | None) -> Study:
    """With the issuer as that of which its number is read."""
    found = issued or Issued("")
    return altered(study, inferred_issuer=found.issuer, inferred_by_station=found.station)


def as_issued(study: Study) -> Study:
    """As it is compared with orders: its number read as that of the issuer that was inferred."""
    if not study.inferred_issuer:
        return study
    patient = study.facts.patient
    number = altered(patient.patient_id, issuer=study.inferred_issuer)
    return altered(study, facts=altered(study.facts, patient=altered(patient, patient_id=number)))


def assumed_issuer(study: Study, watch: Watch) -> str:
    """Whose number the study's is, where its images do not say; "" where nobody knows."""
    return study.inferred_issuer or watch.patient_id_issuer


def in_words(study: Study) -> str:
    """ "" where the images state it, or nothing does."""
    if not study.inferred_issuer:
        return ""
    station = study.inferred_by_station
    why = f"by station {station}" if station else "(nobody else has given out this number)"
    return f"issuer {study.inferred_issuer} {why}"
