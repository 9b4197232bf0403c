"""Instance Availability Notification to the real engine, by pynetdicom's SCU (PS3.4 annex R)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE

from radrecon.services.availability_scp import INSTANCE_AVAILABILITY
from radrecon.store import tables as t
from radrecon.store.database import open_store
from tests.e2e.hospital import Engine, engine, until

TOML = '[[pacs]]\nname = "main"\nae_title = "MAIN"\nport = 1\npoll_seconds = 600\n'


@pytest.fixture(scope="module", name="serving")
def serving_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("availability"), TOML) as one:
        yield one


def notice(study: str) -> Dataset:
    instance, series, whole = Dataset(), Dataset(), Dataset()
    instance.ReferencedSOPClassUID, instance.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", generate_uid()
    instance.InstanceAvailability, instance.RetrieveAETitle = "ONLINE", "MAIN"
    series.SeriesInstanceUID, series.ReferencedSOPSequence = generate_uid(), [instance]
    whole.StudyInstanceUID, whole.ReferencedSeriesSequence = study, [series]
    whole.ReferencedPerformedProcedureStepSequence = []
    return whole


def send(serving: Engine, data_set: Dataset, uid: str | None = None) -> Any:
    ae = AE(ae_title="MANAGER")
    ae.add_requested_context(INSTANCE_AVAILABILITY)
    association = ae.associate(*serving.dicom)
    assert association.is_established
    status, _ = association.send_n_create(data_set, INSTANCE_AVAILABILITY, uid)
    association.release()
    return status


def test_a_notice_has_the_study_looked_at(serving: Engine) -> None:
    study = generate_uid()
    assert send(serving, notice(study), generate_uid()).Status == 0
    assert send(serving, notice(study)).Status == 0
    store = open_store(serving.database)
    with store.reading() as conn:
        rows = conn.execute(t.request.select().where(t.request.c.kind == "look")).all()
    store.close()
    assert {"pacs": "main", "study_instance_uid": study} in [row.arguments for row in rows]


@pytest.mark.parametrize(("study", "status"), [("", 0x0120), ("1..2", 0x0106)])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_a_notice_of_no_study_is_refused_and_said(serving: Engine, study: str, status: int) -> None:
    assert send(serving, notice(study)).Status == status
    until(lambda: [row for row in serving.looks("refusals") if f"refused, {status:04X}" in row["reason"]])
