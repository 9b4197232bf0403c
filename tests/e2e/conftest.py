"""An Orthanc for each test that names it: its patients are only the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs
from tests import ports

ports.keep_to_my_share()


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[RunningPacs]:
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with pacs.orthanc(tmp_path / "orthanc") as running:
        yield running


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[RunningPacs]:
    """The simulated archive, profile overwrite."""
    with pacs.qr_pacs(tmp_path / "archive") as running:
        yield running
