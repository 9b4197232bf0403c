from __future__ import annotations

from pathlib import Path

import pytest

from radrecon.config import Config, PacsConfig, load
from radrecon.sim.setting import configuration, quick, toml

PACS = PacsConfig(name="orthanc", ae_title="ORTHANC", port=4242, profile="orthanc", rest_url="http://127.0.0.1:8042")


@pytest.fixture
def written(tmp_path: Path) -> Config:
    path = tmp_path / "radrecon.toml"
    path.write_text(
        toml(configuration(quick(PACS), ("127.0.0.1", 5001), ("127.0.0.1", 5002), "Europe/Berlin")), "utf-8"
    )
    return load(path)


def test_the_file_says_what_the_configuration_says(written: Config) -> None:
    assert written == configuration(quick(PACS), ("127.0.0.1", 5001), ("127.0.0.1", 5002), "Europe/Berlin")


def test_sending_is_on_and_the_feed_is_quick(written: Config) -> None:
    assert written.pacs[0].send
    assert written.pacs[0].poll_seconds <= 2
    assert written.pacs[0].stable_seconds < 10
    assert [destination.messages for destination in written.hl7_destination] == [["ADT"], ["ADT"]]
    assert [destination.proof for destination in written.hl7_destination] == ["orthanc", ""]


def test_the_engine_may_take_any_free_port(written: Config) -> None:
    assert (written.engine.mllp_port, written.engine.dicom_port) == (0, 0)
