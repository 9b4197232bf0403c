from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from radrecon.config import PacsConfig
from radrecon.model.errors import PeerTrouble
from radrecon.services.pacs_changes import ChangeReader
from radrecon.sim import pacs
from radrecon.sim.pacs import RunningPacs, free_port
from tests.wire.pacs_peers import CT, MR, OWN_AE, make_study, put


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPacs]:
    """One that announces nothing of its own accord: a study that becomes stable is a change as well."""
    if pacs.orthanc_program() is None:
        pytest.skip("Orthanc is not installed")
    with pacs.orthanc(tmp_path_factory.mktemp("changes"), own_ae=OWN_AE, stable_after=3600) as running:
        yield running


@pytest.fixture
def changes(orthanc: RunningPacs) -> Iterator[ChangeReader]:
    one = ChangeReader(orthanc.config)
    yield one
    one.close()


def test_what_came_since_a_position_leads_to_its_studies(
    orthanc: RunningPacs, changes: ChangeReader, tmp_path: Path
) -> None:
    before = changes.last()
    assert changes.since(before).resources == ()
    uids = [put(orthanc.config, make_study(tmp_path / str(at), series=((CT, CT), (MR,)))) for at in range(2)]
    page = changes.since(before)
    assert page.done
    assert page.last > before
    assert sorted(changes.study_uids(page.resources)) == sorted(uids)
    assert changes.since(page.last).resources == ()


def test_pages_go_on_where_the_last_ended(orthanc: RunningPacs, changes: ChangeReader, tmp_path: Path) -> None:
    at = changes.last()
    put(orthanc.config, make_study(tmp_path, series=((CT, CT), (MR,))))
    pages, done = 0, False
    while not done:
        page = changes.since(at, limit=2)
        at, done, pages = page.last, page.done, pages + 1
    assert pages > 2
    assert at == changes.last()


def test_a_study_that_went_meanwhile_is_left_out(orthanc: RunningPacs, changes: ChangeReader, tmp_path: Path) -> None:
    before = changes.last()
    kept, lost = (put(orthanc.config, make_study(tmp_path / name)) for name in ("kept", "lost"))
    page = changes.since(before)
    with httpx.Client(base_url=orthanc.config.rest_url, trust_env=False) as rest:
        for one in rest.post("/tools/lookup", content=lost).json():
            rest.delete(one["Path"]).raise_for_status()
    assert changes.study_uids(page.resources) == [kept]


def test_a_position_beyond_the_last_shows_that_orthanc_counts_anew(changes: ChangeReader) -> None:
    assert changes.since(1 << 40).last < 1 << 40


def test_studies_without_a_date_are_found(orthanc: RunningPacs, changes: ChangeReader, tmp_path: Path) -> None:
    dated = put(orthanc.config, make_study(tmp_path / "dated"))
    undated = put(orthanc.config, make_study(tmp_path / "undated", values={"StudyDate": "", "StudyTime": ""}))
    found = list(changes.undated())
    assert undated in found
    assert dated not in found


def test_an_orthanc_that_is_down_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    one = ChangeReader(PacsConfig(name="main", ae_title="O", port=1, profile="orthanc", rest_url=url))
    with pytest.raises(PeerTrouble, match="main at"):
        one.last()
    one.close()
