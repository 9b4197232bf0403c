"""Asking another system for its worklist as a modality would: C-FIND as SCU under the modality's AE title (PS3.4 K)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import build_context
from pynetdicom.sop_class import ModalityWorklistInformationFind  # type: ignore[attr-defined,unused-ignore]

from radrecon.config import WorklistSourceConfig
from radrecon.dicom.worklist_entry import entries
from radrecon.model.errors import PeerTrouble
from radrecon.model.ris_worklist import WorklistEntry
from radrecon.services.pacs_association import PENDING, SUCCESS, association, words

MESSAGE_ID = 1


class CutOff(PeerTrouble):
    """Only a part of a list came, and why."""


def ask(source: WorklistSourceConfig, calling: str, queries: Sequence[Dataset]) -> tuple[WorklistEntry, ...]:
    """The whole list of a modality, all its queries on one association. Blocks, at most about `answer_seconds`.

    Raises PeerDown, PeerTrouble, or CutOff where it is not whole: more than `max_answers`, a failure or warning as the
    final status (A700), an answer that cannot be read, too slow, or a broken association.
    """
    until = time.monotonic() + source.answer_seconds
    found: list[WorklistEntry] = []
    context = [build_context(ModalityWorklistInformationFind)]
    with association(source, calling, context, answer_seconds=source.answer_seconds) as assoc:
        for query in queries:
            for answer in _answers(source, assoc, query, until):
                found += entries(answer)
                if len(found) > source.max_answers:
                    assoc.send_c_cancel(MESSAGE_ID, query_model=ModalityWorklistInformationFind)
                    assoc.abort()
                    raise CutOff(f"{source.name} has more than {source.max_answers} entries for {calling}: cut off")
    return tuple(found)


def _answers(source: WorklistSourceConfig, assoc: Any, query: Dataset, until: float) -> Iterator[Dataset]:
    for status, answer in assoc.send_c_find(query, ModalityWorklistInformationFind, msg_id=MESSAGE_ID):
        if "Status" not in status:
            late = time.monotonic() >= until
            what = f"no answer within {source.answer_seconds:g} s" if late else "the connection broke during the query"
            raise CutOff(f"{source.name}: {what}")
        if time.monotonic() > until:
            assoc.abort()
            raise CutOff(f"{source.name} was still answering after {source.answer_seconds:g} s")
        if status.Status in PENDING:
            if answer is None:
                assoc.abort()
                raise CutOff(f"{source.name} sent an answer that cannot be read")
            yield answer
        elif status.Status != SUCCESS:
            raise CutOff(f"{source.name} answered {words(status)} to the query")
