"""Asking a PACS for its studies by C-FIND, Study Root (PS3.4 C.4.1, C.6.2).

The counts decide whether a study is stable and whether a plan still fits, so a PACS that gives none is asked for its
instances one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import structlog
from pydicom.dataset import Dataset
from pynetdicom import build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined,unused-ignore]
    StudyRootQueryRetrieveInformationModelFind,
    Verification,
)

from radrecon.config import PacsConfig
from radrecon.dicom.identity import text
from radrecon.dicom.study import count, instance_query, series_query, study_facts, study_query
from radrecon.model.errors import PeerTrouble
from radrecon.model.study import StudyFacts
from radrecon.services.pacs_association import PENDING, association, check, words

log = structlog.get_logger()

Pause = Callable[[], None]  # returns when the next query may go
FIND = StudyRootQueryRetrieveInformationModelFind


def no_pause() -> None:
    """Queries of a person or a proof go at once."""


class ListedTwice(PeerTrouble):
    """A PACS lists one Study UID under several patients: an edit of the patient's id broke off, or a collision.

    `told`: what it says of each, where a query has found them.
    """

    def __init__(self, words: str, told: Sequence[StudyFacts] = ()) -> None:
        super().__init__(words)
        self.told = tuple(told)


def under_several(pacs: PacsConfig, answers: Sequence[Dataset]) -> ListedTwice:
    """`answers`: of one study, in any order."""
    told = sorted((study_facts(pacs.name, one) for one in answers), key=lambda one: one.patient.patient_id.value)
    return ListedTwice(f"{pacs.name} lists this study under {len(answers)} patients", told)


class CutShort(PeerTrouble):
    """A PACS gives a part of a list, or none of it, because it is longer than what it gives."""


TOO_LONG = (0xA700, 0xB001, 0xFE00)
"""Final statuses of such a list: out of resources (PS3.4 C.4.1.1.4), a response limit, and what Orthanc says."""


def echo(pacs: PacsConfig, own_ae: str) -> None:
    """C-ECHO. Raises PeerTrouble where it fails."""
    with association(pacs, own_ae, [build_context(Verification)]) as assoc:
        check(pacs, assoc.send_c_echo(), "testing the connection")


def find_studies(
    pacs: PacsConfig, own_ae: str, date_from: str | None = None, date_to: str | None = None
) -> list[StudyFacts]:
    """All studies of a range of study dates (ISO or DICOM), without their series."""
    return list(list_studies(pacs, own_ae, date_from, date_to))


def list_studies(
    pacs: PacsConfig, own_ae: str, date_from: str | None = None, date_to: str | None = None, pace: Pause = no_pause
) -> Iterator[StudyFacts]:
    """The same as they come, without those that cannot be read; closing it before its end breaks the association off.

    Raises CutShort after what came of a list that is too long for the PACS.
    """
    with association(pacs, own_ae, [build_context(FIND)]) as assoc:
        finished = False
        try:
            for answer in _answers(pacs, assoc, study_query(date_from, date_to), pace, every=False):
                if text(answer, "StudyInstanceUID"):
                    yield study_facts(pacs.name, answer)
            finished = True
        finally:
            if not finished:
                assoc.abort()


def with_series(pacs: PacsConfig, own_ae: str, facts: StudyFacts) -> StudyFacts:
    """The same study with its series and counts."""
    with association(pacs, own_ae, [build_context(FIND)]) as assoc:
        listed = study_facts(pacs.name, Dataset(), _series(pacs, assoc, facts.study_instance_uid))
    return replace(
        facts,
        series=listed.series,
        modalities=tuple(sorted({*facts.modalities, *listed.modalities})),
        instances=listed.instances,
    )


def find_study(pacs: PacsConfig, own_ae: str, uid: str, pace: Pause = no_pause) -> StudyFacts | None:
    """A fresh answer for one study, with its series; None if the PACS has it not. Raises ListedTwice."""
    with association(pacs, own_ae, [build_context(FIND)]) as assoc:
        found = _find(pacs, assoc, study_query(uid=uid), pace)
        answers = [one for one in found if text(one, "StudyInstanceUID") == uid]
        if len({text(answer, "PatientID") for answer in answers}) > 1:
            raise under_several(pacs, answers)
        return study_facts(pacs.name, answers[0], _series(pacs, assoc, uid, pace)) if answers else None


def find_instances(pacs: PacsConfig, own_ae: str, uid: str) -> list[Dataset]:
    """SOP instance and class UIDs with their series, one dataset each.

    Raises PeerTrouble where a series counts more instances than it names: an edit must not miss one.
    """
    with association(pacs, own_ae, [build_context(FIND)]) as assoc:
        found = []
        for series in _find(pacs, assoc, series_query(uid)):
            found += _all_instances(pacs, assoc, uid, series)
        return found


def _all_instances(pacs: PacsConfig, assoc: Any, uid: str, series: Dataset) -> list[Dataset]:
    counted = count(series, "NumberOfSeriesRelatedInstances")
    found = _instances(pacs, assoc, uid, text(series, "SeriesInstanceUID"))
    if len(found) < counted:
        raise PeerTrouble(f"{pacs.name} counts {counted} images in a series and names {len(found)}")
    return found


def _series(pacs: PacsConfig, assoc: Any, uid: str, pace: Pause = no_pause) -> list[Dataset]:
    answers = _find(pacs, assoc, series_query(uid), pace)
    for answer in answers:
        if not count(answer, "NumberOfSeriesRelatedInstances"):
            instances = _instances(pacs, assoc, uid, text(answer, "SeriesInstanceUID"), pace)
            answer.NumberOfSeriesRelatedInstances = len(instances)
    return answers


def _instances(pacs: PacsConfig, assoc: Any, study: str, series: str, pace: Pause = no_pause) -> list[Dataset]:
    """Each instance once, its series' UID filled in."""
    found = {text(one, "SOPInstanceUID"): one for one in _find(pacs, assoc, instance_query(study, series), pace)}
    for one in found.values():
        one.SeriesInstanceUID = series
    return list(found.values())


def _find(pacs: PacsConfig, assoc: Any, query: Dataset, pace: Pause = no_pause) -> list[Dataset]:
    return list(_answers(pacs, assoc, query, pace))


def _answers(
    pacs: PacsConfig, assoc: Any, query: Dataset, pace: Pause = no_pause, *, every: bool = True
) -> Iterator[Dataset]:
    """`every`: one that cannot be read ends it, for an edit must not miss an image; else it is left out."""
    pace()
    for status, identifier in assoc.send_c_find(query, FIND):
        if "Status" not in status:
            raise PeerTrouble(f"{pacs.name}: the connection broke during the query")
        if status.Status in PENDING:
            if identifier is not None:
                yield identifier
            elif every:
                raise PeerTrouble(f"{pacs.name} sent an answer that cannot be read")
            else:
                log.warning("an answer cannot be read", pacs=pacs.name)
        elif status.Status != 0:
            trouble = CutShort if status.Status in TOO_LONG else PeerTrouble
            raise trouble(f"{pacs.name} answered {words(status)} to the query")
