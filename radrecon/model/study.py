"""What a PACS says of a study (study and series level facts; PS3.4 C.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from radrecon.model.patient import Demographics


@dataclass(frozen=True)
class RequestAttributes:
    """An order as images name it: one item of Request Attributes Sequence (0040,0275), or of MPPS's (0040,0270)."""

    accession_number: str = ""
    requested_procedure_id: str = ""
    scheduled_procedure_step_id: str = ""
    study_instance_uid: str = ""
    description: str = ""


@dataclass(frozen=True)
class SeriesFacts:
    """One series as the PACS lists it; `performed` is ISO wall clock or ""."""

    series_instance_uid: str
    modality: str = ""
    station_name: str = ""
    body_part: str = ""
    laterality: str = ""
    description: str = ""
    performed: str = ""
    instances: int = 0
    requests: tuple[RequestAttributes, ...] = ()


@dataclass(frozen=True)
class StudyFacts:
    """One study as one PACS lists it. `performed` is study date and time, ISO wall clock with the precision given.

    The last three are told only where one study is asked for: where it was made, whether its identity was removed
    (0012,0062), and who sent it.
    """

    pacs: str
    study_instance_uid: str
    accession_number: str = ""
    issuer_of_accession: str = ""
    study_id: str = ""
    patient: Demographics = Demographics()
    performed: str = ""
    description: str = ""
    referring_physician: str = ""
    modalities: tuple[str, ...] = ()
    series: tuple[SeriesFacts, ...] = ()
    instances: int = 0
    institution_name: str = ""
    identity_removed: bool = False
    source_ae_title: str = ""

    @property
    def requests(self) -> tuple[RequestAttributes, ...]:
        """The orders that the images name, each once."""
        return tuple(dict.fromkeys(item for series in self.series for item in series.requests))


@dataclass(frozen=True)
class Study:
    """A study with what radrecon has learned of it over time. All instants are UTC.

    `baseline`: it was already there when its PACS was first looked through. `steady` counts the looks in a row that
    found the same content; `gone`: it has vanished from the PACS. `not_judged` says why it is not `judged`, if so.
    `wrong_worklist_entry`: by its modality's word images of it were made under an entry of the worklist that was not
    theirs.
    `as_of`: when the look began that its facts come from; what began earlier knows nothing newer.
    `match_class`: how it stands to the orders (MatchClass), "" before it was looked at; `follows`: the study that it is
    a companion of; `prior_of`: the person whom an outside study may be a prior of.
    `inferred_issuer`: whose patient number it is where the images do not say, by the modality that made them
    (`inferred_by_station`), or because it is nobody else's ("" there); found at each look, and never kept.
    """

    facts: StudyFacts
    id: int = 0
    person_id: int = 0
    first_seen: datetime | None = None
    last_changed: datetime | None = None
    steady: int = 0
    baseline: bool = False
    gone: bool = False
    judged: bool = False
    not_judged: str = ""
    version: int = 0
    wrong_worklist_entry: bool = False
    as_of: datetime | None = None
    match_class: str = ""
    follows: int = 0
    prior_of: int = 0
    inferred_issuer: str = ""
    inferred_by_station: str = ""


@dataclass(frozen=True)
class Inventory:
    """What a plan was made from: a study's count of series and instances and its identity as found at the PACS."""

    pacs: str
    study_instance_uid: str
    series: int
    instances: int
    patient_id: str = ""
    accession_number: str = ""

    @classmethod
    def of(cls, facts: StudyFacts) -> Inventory:
        return cls(
            facts.pacs,
            facts.study_instance_uid,
            len(facts.series),
            facts.instances,
            facts.patient.patient_id.value,
            facts.accession_number,
        )


@dataclass(frozen=True)
class FeedState:
    """How far the feed of one PACS is.

    `mode`: small (looked through at each poll) or large (windows and a sweep). `change_position` is Orthanc's Seq.
    `sweep_stage`: dated, undated, "" if no sweep is under way; `sweep_upto`: studies of later days are done (ISO date,
    "" = none is); `sweep_days`: how many days are asked next.
    """

    name: str
    kind: str = ""
    mode: str = ""
    query_seconds: float = 0.0
    change_position: int = 0
    change_at: datetime | None = None
    change_error: str = ""
    sweep_stage: str = ""
    sweep_upto: str = ""
    sweep_days: int = 0
    sweep_seen: int = 0
    sweep_details: int = 0
    sweep_vanished: int = 0
    sweep_error: str = ""
    sweep_started: datetime | None = None
    sweep_finished: datetime | None = None
