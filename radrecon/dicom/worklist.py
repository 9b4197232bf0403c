"""The Modality Worklist's query and answer, all in one place (PS3.4 annex K): read, narrow, match, explain, answer."""

from __future__ import annotations

from radrecon.dicom.worklist_answer import answer
from radrecon.dicom.worklist_attributes import study_uid
from radrecon.dicom.worklist_drops import would_drop
from radrecon.dicom.worklist_match import matches, why_not
from radrecon.dicom.worklist_profile import Profile, Profiles
from radrecon.dicom.worklist_query import Narrow, WorklistQuery, narrow, read_query
from radrecon.dicom.worklist_scope import Asked, hint, in_zone

__all__ = [
    "Asked",
    "Narrow",
    "Profile",
    "Profiles",
    "WorklistQuery",
    "answer",
    "hint",
    "in_zone",
    "matches",
    "narrow",
    "read_query",
    "study_uid",
    "why_not",
    "would_drop",
]
