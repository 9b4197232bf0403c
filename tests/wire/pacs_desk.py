"""Whoever orders edits of a PACS in the tests, and what is looked at afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from pydicom.dataset import Dataset

from radrecon.config import PacsConfig
from radrecon.model.correction import DatasetEdit, EditReason, OriginalHeader
from radrecon.model.study import StudyFacts
from radrecon.services import pacs_client
from radrecon.sim.pacs import RunningPacs
from tests.wire.pacs_peers import OWN_AE, held

NOW = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
REQUESTS = ({"RequestedProcedureID": "RP7", "ScheduledProcedureStepID": "S7"},)


@dataclass
class Desk:
    """Whoever orders the edits: remembers what it was given to keep, as the outbox does."""

    pacs: RunningPacs
    spool: Path
    kept: list[OriginalHeader] = field(default_factory=list)

    def look(self, uid: str) -> StudyFacts | None:
        return pacs_client.look(self.pacs.config, OWN_AE, uid)

    def facts(self, uid: str) -> StudyFacts:
        facts = self.look(uid)
        assert facts is not None
        return facts

    def edit(self, edit: DatasetEdit, keep: Callable[[Sequence[OriginalHeader]], None] | None = None) -> None:
        originals = list(self.kept)
        pacs_client.edit(self.pacs.config, OWN_AE, edit, keep or self.keep, originals, NOW, self.spool / "edit")

    def undo(self, edit: DatasetEdit) -> None:
        back = replace(edit, restore_of=1)
        pacs_client.edit(self.pacs.config, OWN_AE, back, self.keep, self.kept, NOW, self.spool / "undo")

    def keep(self, originals: Sequence[OriginalHeader]) -> None:
        self.kept = list(originals)

    def held(self, uid: str) -> dict[str, Dataset]:
        folder = self.spool / "held"
        shutil.rmtree(folder, ignore_errors=True)
        return held(self.pacs.config, uid, folder)


def correction(uid: str, **values: str) -> DatasetEdit:
    new = {
        "PatientID": f"P{uid[-8:]}",
        "IssuerOfPatientID": "HIS",
        "PatientName": "Miller^Joan",
        "PatientBirthDate": "19610517",
        "PatientSex": "F",
        "AccessionNumber": "B200",
    }
    return DatasetEdit("pacs", uid, new | values, REQUESTS, EditReason.CORRECT)


def without_notes(dataset: Dataset) -> dict[str, object]:
    """All of an instance as JSON but what an edit leaves behind on purpose."""
    kept = Dataset({one.tag: one for one in dataset if one.tag.element and one.tag.group != 0xFFFC})
    if "OriginalAttributesSequence" in kept:
        del kept.OriginalAttributesSequence
    return dict(kept.to_json_dict(suppress_invalid_tags=True))


def matched(pacs: PacsConfig, **keys: str) -> int:
    """How many studies dcmtk's findscu is told of; asks for nothing that an index may not hold."""
    wanted = [part for key, value in keys.items() for part in ("-k", f"{key}={value}")]
    peer = ["-aec", pacs.ae_title, pacs.host, str(pacs.port)]
    command = ["findscu", "-S", "-k", "QueryRetrieveLevel=STUDY", *wanted, *peer]
    quick = os.environ | {"TCP_NODELAY": "1"}
    asked = subprocess.run(command, check=True, env=quick, timeout=120, capture_output=True, text=True)
    return (asked.stdout + asked.stderr).count("Find Response:")
