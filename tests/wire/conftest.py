"""Real peers on loopback, started once per run."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs
from tests import ports
from tests.wire.pacs_peers import OWN_AE, dcmqrscp

ports.keep_to_my_share()


@pytest.fixture(scope="session")
def move_port() -> int:
    """Where the archives are told to C-MOVE to."""
    return pacs.free_port()


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory, move_port: int) -> Iterator[RunningPacs]:
    """Orthanc, profile orthanc."""
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with pacs.orthanc(tmp_path_factory.mktemp("orthanc"), own_ae=OWN_AE, own_port=move_port) as running:
        yield running


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, move_port: int) -> Iterator[RunningPacs]:
    """Our own small archive, which truly overwrites."""
    with pacs.qr_pacs(tmp_path_factory.mktemp("archive"), own_ae=OWN_AE, own_port=move_port) as running:
        yield running


@pytest.fixture(scope="module")
def own_archive(tmp_path_factory: pytest.TempPathFactory, move_port: int) -> Iterator[RunningPacs]:
    """The same, for a file that looks at each study there is: what others have put there would take its time."""
    with pacs.qr_pacs(tmp_path_factory.mktemp("own-archive"), own_ae=OWN_AE, own_port=move_port) as running:
        yield running


def dcmtk_running(folder: Path, move_port: int) -> Iterator[RunningPacs]:
    if shutil.which("dcmqrscp") is None:
        pytest.skip("dcmtk is not installed")
    with dcmqrscp(folder / "dcmqrscp", move_port) as running:
        yield running


@pytest.fixture(scope="module")
def own_dcmtk_archive(tmp_path_factory: pytest.TempPathFactory, move_port: int) -> Iterator[RunningPacs]:
    yield from dcmtk_running(tmp_path_factory.mktemp("own-dcmqrscp"), move_port)


@pytest.fixture(scope="session")
def dcmtk_archive(tmp_path_factory: pytest.TempPathFactory, move_port: int) -> Iterator[RunningPacs]:
    """dcmtk's query/retrieve server, which overwrites too."""
    yield from dcmtk_running(tmp_path_factory.mktemp("dcmqrscp"), move_port)


@pytest.fixture(params=["orthanc", "archive", "dcmtk_archive"])
def any_pacs(request: pytest.FixtureRequest) -> RunningPacs:
    """Each archive with its own profile."""
    running: RunningPacs = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [one for one in set(threading.enumerate()) - before if one.is_alive()]
    assert not left, f"threads left behind: {left}"
