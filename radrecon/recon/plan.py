"""Corrections as values: what will be sent and changed, made from facts, before anything leaves.

The door to the plans, one module per verb. Each returns the plan with its dataset edits and index changes, and the
HL7 messages that it needs.
"""

from __future__ import annotations

from radrecon.recon.edit import StudyContext, patient_key, study_key, study_keys
from radrecon.recon.fix import plan_fix
from radrecon.recon.link import plan_link
from radrecon.recon.merge import plan_merge
from radrecon.recon.need import HL7Need, Planned
from radrecon.recon.undo import plan_undo

__all__ = (
    "HL7Need",
    "Planned",
    "StudyContext",
    "patient_key",
    "plan_fix",
    "plan_link",
    "plan_merge",
    "plan_undo",
    "study_key",
    "study_keys",
)
