"""One study under several patients: somebody was examined under who came before, or two modalities made the same UID.

Whose the whole is nobody can say, so that it is nobody's: it names no patient, is never linked by itself, and waits for
a person. What one part of it says would link the images of all to that one's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radrecon.model.patient import Demographics
from radrecon.model.study import StudyFacts
from radrecon.recon.normalise import accession_key, id_key


def as_one(parts: Sequence[StudyFacts]) -> StudyFacts:
    """A study as its parts say, each for one patient; the first stands for all where they name the same.

    A part that names nobody (a dose report) speaks for the others' patient.
    """
    named = [one for one in parts if id_key(one.patient.patient_id.value)]
    first = (named or list(parts))[0]
    if len({id_key(one.patient.patient_id.value) for one in named}) > 1:
        first = replace(first, patient=Demographics(), accession_number=_accession_number(named))
    return replace(
        first,
        modalities=tuple(sorted({code for one in parts for code in one.modalities})),
        series=tuple({one.series_instance_uid: one for part in reversed(parts) for one in part.series}.values()),
        instances=sum(one.instances for one in parts),
    )


def _accession_number(parts: Sequence[StudyFacts]) -> str:
    """The one that all of them have."""
    same = len({accession_key(one.accession_number) for one in parts}) == 1
    return parts[0].accession_number if same else ""
