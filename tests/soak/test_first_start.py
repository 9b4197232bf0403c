"""A hundred thousand studies at the PACS and not one order heard yet: the first screen is calm and true."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind, Verification

from radrecon.sim.pacs import free_port
from tests.e2e.hospital import code, engine, orm, send, until

pytestmark = pytest.mark.timeout(3600)
STUDIES = int(os.environ.get("RADRECON_SOAK_STUDIES", "100000"))


def study(number: int) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.StudyInstanceUID = f"1.2.826.0.1.3680043.9.{number + 1}"
    dataset.StudyDate = (date.today() - timedelta(days=number % 2000)).strftime("%Y%m%d")
    dataset.StudyTime = "080000"
    dataset.PatientID, dataset.PatientName = f"{number // 4:07}", f"FAMILY{number // 4}^GIVEN"
    dataset.PatientBirthDate, dataset.PatientSex = f"19{number % 80 + 10:02}0{number % 9 + 1}15", "MF"[number % 2]
    dataset.AccessionNumber, dataset.StudyDescription = f"H{number:07}", "CT Head"
    dataset.ModalitiesInStudy, dataset.NumberOfStudyRelatedInstances = "CT", 40
    dataset.NumberOfStudyRelatedSeries = 2
    return dataset


def in_range(dataset: Dataset, wanted: str) -> bool:
    start, _, end = wanted.partition("-")
    return not wanted or (start <= dataset.StudyDate and (not end or dataset.StudyDate <= end))


@pytest.fixture
def archive() -> Iterator[int]:
    """A PACS that answers C-FIND for all of them."""
    held = [study(number) for number in range(STUDIES)]

    def find(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        query = event.identifier
        uid, days = str(query.get("StudyInstanceUID", "")), str(query.get("StudyDate", ""))
        if query.QueryRetrieveLevel == "STUDY":
            for one in held:
                if uid in ("", one.StudyInstanceUID) and in_range(one, days):
                    yield 0xFF00, one

    entity = AE("BIG")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(Verification)
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_FIND, find)])
    yield port
    server.shutdown()


def test_the_first_screen_is_calm_and_true(tmp_path: Path, archive: int) -> None:
    toml = f'[[pacs]]\nname = "BIG"\nae_title = "BIG"\nport = {archive}\npoll_seconds = 1\n'
    with engine(tmp_path, toml) as desk:
        until(lambda: f"{STUDIES:,}" in report(desk) or str(STUDIES) in report(desk), 3000, 10)
        assert desk.json("cases") == []
        text = report(desk)
        assert "not judged" in text
        assert code(send(desk.mllp, orm("NEW1", mrn="8888888", name="NOBODY^KNOWN"))) == "AA"
        threading.Event().wait(10)
        assert desk.json("cases") == []
        assert "Traceback" not in desk.log()


def report(desk: object) -> str:
    done = desk.radrecon("report", "daily", "--format", "json")  # type: ignore[attr-defined]
    return str(done.stdout)
