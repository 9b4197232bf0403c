"""The limits of DICOM peers in the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from radrecon.config import load
from radrecon.model.errors import Trouble


def test_networks_are_checked_when_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "radrecon.toml"
    path.write_text('[engine]\nallow_addresses = ["10.1.2.0/24", "::1"]\nstorage = "any"\n', "utf-8")
    assert load(path).engine.allow_addresses == ["10.1.2.0/24", "::1"]
    path.write_text('[engine]\nallow_addresses = ["ten"]\n', "utf-8")
    with pytest.raises(Trouble, match=r"engine\.allow_addresses: 'ten' is no address"):
        load(path)
