"""The whole: an engine with its worker, another system's worklist (dcmtk's, and a second engine), the command line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.hospital import Engine, Sender, engine, until
from tests.wire.ris_peers import WorklistFiles, entry, misbehaving, silent, wlm, wlmscpfs
from tests.workflow import messages

SITE = """
[site]
time_zone = "UTC"
watch_from = 2020-01-01
patient_id_issuer = "HOSP"

[[modality]]
ae_title = "CT1"
modalities = ["CT"]

[[modality]]
ae_title = "CT2"
modalities = ["CT"]
"""
SOURCE = """
[[worklist_source]]
name = "RIS"
ae_title = "{ae_title}"
port = {port}
poll_seconds = {poll}
grace_minutes = 0
"""


def at(hours: float) -> datetime:
    return datetime.utcnow() + timedelta(hours=hours)


def ordered(accession: str = "A100", patient: str = "") -> str:
    """An order with a known station, an hour from now."""
    start = at(1).strftime("%Y%m%d%H%M%S")
    request = messages.imaging_order(accession, "1.2.3", patient).decode()
    return request.replace("20261122143000", start)


@pytest.fixture
def ris(tmp_path: Path) -> Iterator[tuple[int, WorklistFiles]]:
    with wlmscpfs(tmp_path / "ris") as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, ris: tuple[int, WorklistFiles]) -> Iterator[Engine]:
    with engine(tmp_path / "engine", SITE + SOURCE.format(ae_title="RISWL", port=ris[0], poll=0.5)) as one:
        yield one


def kinds(desk: Engine) -> list[str]:
    return sorted(case["kind"] for case in desk.looks("cases"))


def explained(desk: Engine, station: str, accession: str = "A100") -> dict[str, Any]:
    (found,) = desk.looks("worklist", "--for", station, "--explain", accession)["ris_lists"]
    return dict(found)


@wlm
def test_moved_deleted_and_put_back_at_the_source(desk: Engine, ris: tuple[int, WorklistFiles]) -> None:
    files, day = ris[1], at(1).strftime("%Y%m%d")
    files.put(entry(day=day))
    desk.radrecon("worklist", "--ask")
    with Sender(desk.mllp) as sender:
        assert "|AA|" in sender.send(ordered())
    until(lambda: explained(desk, "CT1")["on_list"])
    until(lambda: kinds(desk) == [])  # the list was known before the order: never ordered until then
    files.put(entry(day=day, station="CT2"))
    until(lambda: explained(desk, "CT2")["on_list"])
    until(lambda: "gives to CT2, not CT1 (asked " in explained(desk, "CT1")["sentence"])  # asked station by station
    assert explained(desk, "CT1")["listed_for"] == ["CT2"]
    files.remove("A100")
    until(lambda: kinds(desk) == ["not_on_ris_worklist"])
    assert "Not on the list of RIS since " in explained(desk, "CT1")["sentence"]
    (case,) = desk.json("cases", "--kind", "not_on_ris_worklist")
    shown = desk.json("show", "case", str(case["id"]))
    assert (shown["accession_number"], shown["owner"], shown["patient_id"]) == ("A100", "ris", "1000001")
    assert "not on the worklist of RIS since" in shown["cause"]
    files.put(entry(day=day))
    until(lambda: kinds(desk) == [])


@wlm
def test_an_entry_that_nobody_ordered(desk: Engine, ris: tuple[int, WorklistFiles]) -> None:
    files, day = ris[1], at(1).strftime("%Y%m%d")
    files.put(entry(day=day))
    with Sender(desk.mllp) as sender:
        sender.send(ordered())
    desk.radrecon("worklist", "--ask", "RIS")
    files.put(entry("B7", day=day, PatientID="7777777", PatientName='ALIEN^ANN<img src="x">', StudyInstanceUID="1.2.9"))
    until(lambda: kinds(desk) == ["never_ordered"])
    (case,) = desk.json("cases")
    assert (case["accession_number"], case["patient_id"]) == ("B7", "7777777")
    assert case["patient_name"] == 'ALIEN^ANN<img src="x">'
    assert (case["modality"], case["station_name"]) == ("CT", "CT1")
    with Sender(desk.mllp) as sender:
        sender.send(ordered("B7", messages.pid("7777777", 'ALIEN^ANN<img src="x">')))
    until(lambda: kinds(desk) == [])


def test_another_engine_is_the_ris(tmp_path: Path) -> None:
    """What the RIS has and has not told is found by asking the RIS's own worklist, served by a radrecon of its own."""
    with engine(tmp_path / "ris", SITE) as ris:
        toml = SITE + SOURCE.format(ae_title="RADRECON", port=ris.dicom[1], poll=0.5)
        with engine(tmp_path / "desk", toml) as desk:
            with Sender(desk.mllp) as to_desk, Sender(ris.mllp) as to_ris:
                for sender in (to_desk, to_ris):
                    assert "|AA|" in sender.send(ordered())
                until(lambda: explained(desk, "CT1")["on_list"])
                assert "|AA|" in to_desk.send(ordered("A200"))
                until(lambda: kinds(desk) == ["not_on_ris_worklist"])
                assert "|AA|" in to_ris.send(ordered("A200"))
                until(lambda: kinds(desk) == [])
                assert "|AA|" in to_ris.send(ordered("A300"))
                until(lambda: kinds(desk) == ["never_ordered"])
                renamed = messages.adt("A08", name="WAGNER^ANNA").decode()
                assert "|AA|" in to_ris.send(renamed)
                until(lambda: kinds(desk) == ["never_ordered", "worklist_mismatch", "worklist_mismatch"])
                assert "|AA|" in to_desk.send(renamed)
                until(lambda: kinds(desk) == ["never_ordered"])
            ris.kill()
            until(lambda: desk.looks("worklist", "--sources")[0]["state"] == "not answered")
            asked = desk.radrecon("worklist", "--ask", check=False)
            assert asked.returncode == 1
            assert "cannot be reached" in asked.stderr
            assert kinds(desk) == ["never_ordered"]
            assert "no whole answer: RIS" in explained(desk, "CT1", "A200")["sentence"]
            with Sender(desk.mllp) as to_desk:
                assert "|AA|" in to_desk.send(ordered("A300"))
            until(lambda: kinds(desk) == [])


@wlm
def test_a_source_that_hangs_holds_up_nothing(tmp_path: Path, ris: tuple[int, WorklistFiles]) -> None:
    with misbehaving(silent) as port:
        hangs = SOURCE.format(ae_title="HANGS", port=port, poll=0.5).replace('"RIS"', '"HANGS"')
        with engine(tmp_path / "engine", SITE + hangs + SOURCE.format(ae_title="RISWL", port=ris[0], poll=0.5)) as desk:
            with Sender(desk.mllp) as sender:
                assert "|AA|" in sender.send(ordered())
            until(lambda: kinds(desk) == ["not_on_ris_worklist"])

            def states(source: str) -> set[str]:
                return {one["state"] for one in desk.looks("worklist", "--sources") if one["source"] == source}

            until(lambda: states("RIS") == {"up"})
            assert states("HANGS") <= {"never asked", "not answered"}
            desk.stop()
