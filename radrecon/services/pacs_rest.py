"""Orthanc's REST interface, as far as corrections need it (checked against 1.10.1). All of it blocks."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydicom import dcmread
from pydicom.dataset import Dataset

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble, PeerUncertain

ANSWER_SECONDS = 120
UNFINISHED = {"Pending", "Running", "Paused", "Retry"}
UIDS = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]


@dataclass(frozen=True)
class Copy:
    """One instance as Orthanc holds it. Its ids come from patient id and UIDs: another patient id, another copy."""

    id: str
    study: str
    patient_id: str
    sop_instance_uid: str


@dataclass
class Orthanc:
    """A connection to one Orthanc. `changing` is set once something there may have been changed by us.

    `patience`: seconds that a job of ours may take without getting on.
    """

    pacs: PacsConfig
    client: httpx.Client
    changing: bool = False
    patience: float = 900

    def copies(self, study_instance_uid: str) -> list[Copy]:
        """Every instance of a Study UID, under whichever patient."""
        found = self.ask("POST", "/tools/lookup", content=study_instance_uid).json()
        return [one for entry in found if entry["Type"] == "Study" for one in self._copies_of(entry["ID"])]

    def _copies_of(self, study: str) -> Iterator[Copy]:
        patient = self.ask("GET", f"/studies/{study}").json()["PatientMainDicomTags"].get("PatientID", "")
        for one in self.ask("GET", f"/studies/{study}/instances").json():
            yield Copy(one["ID"], study, patient, one["MainDicomTags"]["SOPInstanceUID"])

    def download(self, copy: Copy, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._words(), self.client.stream("GET", f"/instances/{copy.id}/file") as answer, path.open("wb") as file:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(1 << 20):
                file.write(chunk)

    def header(self, copy: Copy) -> Dataset:
        """All that stands before the pixel data, read no further than that."""
        content = io.BytesIO()
        with self._words():
            offset = self.client.get(f"/instances/{copy.id}/metadata/PixelDataOffset")
        end = int(offset.text) if offset.status_code == 200 and offset.text.isdecimal() else 0
        end = end or 1 << 40
        with self._words(), self.client.stream("GET", f"/instances/{copy.id}/file") as answer:
            answer.raise_for_status()
            for chunk in answer.iter_bytes(1 << 16):
                content.write(chunk)
                if content.tell() >= end:
                    break
        content.truncate(min(end, content.tell()))
        content.seek(0)
        return dcmread(content, stop_before_pixels=True, force=True)

    def modify(self, copies: list[Copy], replace: Mapping[str, object], remove: list[str]) -> None:
        """Modify instances in place or, where the patient id changes, beside the old ones.

        Only at the level of the patient does it take a patient id, although only the named instances are changed. With
        the UIDs kept, KeepSource false would delete what was just written.
        """
        order = {
            "Resources": [one.id for one in copies],
            "Level": "Patient",
            "Replace": {"PatientID": copies[0].patient_id} | dict(replace),
            "Remove": remove,
            "Keep": UIDS,
            "Force": True,
            "KeepSource": True,
            "Asynchronous": True,
        }
        self.changing = True
        job = self.ask("POST", "/tools/bulk-modify", json=order).json()["ID"]
        self._wait_for(job)

    def upload(self, path: Path) -> None:
        self.changing = True
        answer = self.ask("POST", "/instances", content=path.read_bytes()).json()
        if answer["Status"] != "Success":
            raise PeerTrouble(
                f"{self.pacs.name} keeps the old image ({answer['Status']}): set OverwriteInstances there"
            )

    def delete(self, copy: Copy) -> None:
        self.ask("DELETE", f"/instances/{copy.id}")

    def reconstruct(self, study: str) -> None:
        """Let Orthanc read its index of a study from the files again; it is stale after an edit in place."""
        self.ask("POST", f"/studies/{study}/reconstruct", content="")

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        with self._words():
            answer = self.client.request(method, path, **content)
            answer.raise_for_status()
            return answer

    def _wait_for(self, job: str) -> None:
        """As long as the job gets on. Raises PeerUncertain where it has stopped: paused there, or behind another."""
        pause, told, until = 0.02, -1, 0.0
        while (state := self.ask("GET", f"/jobs/{job}").json())["State"] in UNFINISHED:
            if (progress := state.get("Progress", 0)) != told:
                told, until = progress, time.monotonic() + self.patience
            elif time.monotonic() > until:
                raise PeerUncertain(
                    f"{self.pacs.name}: the edit has stopped at {told} % there: {state['State'].lower()}"
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 1)
        if state["State"] != "Success":
            raise PeerTrouble(
                f"{self.pacs.name} could not modify the study: {state.get('ErrorDescription', 'no reason')}"
            )

    @contextmanager
    def _words(self) -> Iterator[None]:
        """Trouble of HTTP in words; once something may have changed, a lost answer is uncertain."""
        try:
            yield
        except httpx.HTTPStatusError as error:
            raise PeerTrouble(f"{self.pacs.name} answered {error.response.status_code}: {_details(error)}") from error
        except httpx.HTTPError as error:
            if self.changing:
                raise PeerUncertain(f"{self.pacs.name}: the connection broke while editing ({error})") from error
            raise PeerTrouble(f"{self.pacs.name} at {self.pacs.rest_url} cannot be reached ({error})") from error


@contextmanager
def connected(pacs: PacsConfig) -> Iterator[Orthanc]:
    secret = os.environ.get(pacs.rest_password_env, "") if pacs.rest_password_env else ""
    auth = (pacs.rest_user, secret) if pacs.rest_user else None
    limits = httpx.Timeout(ANSWER_SECONDS, connect=10)
    with httpx.Client(base_url=pacs.rest_url, auth=auth, timeout=limits, trust_env=False) as client:
        yield Orthanc(pacs, client)


def _details(error: httpx.HTTPStatusError) -> str:
    try:
        said = error.response.json()
        return str(said.get("Details") or said.get("Message") or "no reason given")
    except (httpx.StreamError, ValueError):
        return error.response.reason_phrase
