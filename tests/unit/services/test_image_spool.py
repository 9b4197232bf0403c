"""Which images are spooled, and what the worker finds of them."""

from __future__ import annotations

from pathlib import Path

from radrecon.dicom.stored import Instance
from radrecon.services.image_spool import Spool, quiet_series

EXPLICIT = "1.2.840.10008.1.2.1"


def send(spool: Spool, number: int, size: int = 100, syntax: str = EXPLICIT) -> bool:
    file = spool.begin(Instance("1.2.8", f"1.2.9.{number}", "1.2", "1.2.3", syntax))
    if file is None:
        return False
    file.write(bytes(size))
    file.complete()
    return True


def test_the_middle_one_of_a_series_is_among_the_two_that_are_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "images", 1 << 20)
    assert [number for number in range(1, 11) if send(spool, number)] == [1, 2, 4, 8]
    (waiting,) = quiet_series(tmp_path / "images", 0)
    assert sorted(waiting.files) == [4, 8]
    assert waiting.middle(10).name == "1.2.3_4.dcm"
    waiting.remove()
    assert not list((tmp_path / "images").iterdir())


def test_over_the_quota_nothing_is_spooled(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "images", 5000)
    assert send(spool, 1, 6000)
    assert not list((tmp_path / "images").iterdir())
    assert send(spool, 2, 1000)
    assert [path.suffix for path in (tmp_path / "images").iterdir()] == [".dcm"]


def test_what_cannot_be_decoded_is_not_spooled(tmp_path: Path) -> None:
    assert not send(Spool(tmp_path / "images", 1 << 20), 1, syntax="1.2.840.10008.1.2.4.90")


def test_what_a_killed_engine_left_half_is_removed(tmp_path: Path) -> None:
    (tmp_path / "1.2_1.part").write_bytes(b"x")
    Spool(tmp_path, 1 << 20)
    assert not list(tmp_path.iterdir())


def test_a_series_that_still_arrives_is_left_alone(tmp_path: Path) -> None:
    send(Spool(tmp_path, 1 << 20), 1)
    assert not list(quiet_series(tmp_path, 60))
