"""The Modality Worklist's query and answer, all in one place (PS3.4 annex K): read, narrow, match, explain, answer."""

from __future__ import annotations

from radrecon.dicom.worklist_answer import answer
from radrecon.dicom.worklist_attributes import study_uid
from radrecon.dicom.worklist_match import matches, why_not
from radrecon.dicom.worklist_query import Narrow, WorklistQuery, narrow, read_query

__all__ = ["Narrow", "WorklistQuery", "answer", "matches", "narrow", "read_query", "study_uid", "why_not"]
