"""Conformance of the worklist: which query must be answered by which orders, asked by dcmtk's findscu of a real engine.

Orders come by HL7. Each row is one findscu: who calls, its keys, the accession numbers of the answers (one for each
step), and whether the pending answers are marked (FF01) because a key was ignored. The table is in `worklist_table`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests.e2e.hospital import ENVIRONMENT, Engine, Sender, code, dcmtk, engine, until
from tests.wire.worklist_table import CHARSET_ORDERS, CHARSETS, CT, ORDERS, SITES, SPS, TABLE, TOML, UTF8, WORDS


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("conformance"), TOML) as running:
        with Sender(running.mllp) as ris:
            for message in (*ORDERS, *CHARSET_ORDERS, *SITES):
                answer = ris.send(message)
                assert code(answer) == "AA", answer
        yield running


def find(hospital: Engine, folder: Path, ae: str, *keys: str, files: tuple[Path, ...] = ()) -> tuple[list[Any], str]:
    """findscu's answers as data sets in their order, and what it printed."""
    folder.mkdir(exist_ok=True)
    host, port = hospital.dicom
    command = [dcmtk("findscu"), "-v", "-W", "-X", "-od", str(folder), "-aet", ae, "-aec", "RADRECON", *keys]
    command += [host, str(port), *map(str, files)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
    out = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, out
    return [dcmread(path, force=True) for path in sorted(folder.glob("rsp*.dcm"))], out


def options(text: str) -> list[str]:
    """The table's words as findscu's options."""
    found = [] if "AccessionNumber" in text else ["-k", "AccessionNumber"]
    for key in filter(None, text.split("  ")):
        path, equals, value = key.lstrip(" ").partition("=")
        for short, long in WORDS.items():
            path = path.replace(short, long)
        found += ["-k", f"{path}{equals}{value}"]
    return found


IN_ORDER = ("POOL_US", "NORTH_CT", "FEW")


def accessions(answers: list[Any]) -> list[str]:
    return [str(answer.AccessionNumber) for answer in answers]


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 80


@pytest.mark.parametrize(
    ("ae", "asked", "who", "marked"), TABLE, ids=[f"row {place} by {row[0]}" for place, row in enumerate(TABLE)]
)
def test_a_query_is_answered_by_the_right_orders(
    hospital: Engine, tmp_path: Path, ae: str, asked: str, who: str, marked: bool
) -> None:
    answers, out = find(hospital, tmp_path, ae, *options(asked))
    found, wanted = accessions(answers), who.split()
    assert (found == wanted) if ae in IN_ORDER else (sorted(found) == sorted(wanted)), found
    assert ("WarningUnsupportedOptionalKeys" in out) is marked


@pytest.mark.parametrize("name", CHARSETS)
def test_a_name_in_the_character_set_of_each_test_file_finds_its_patient(
    hospital: Engine, tmp_path: Path, name: str
) -> None:
    """The query is encoded as the file is; the entry came as UTF-8 by HL7."""
    source, query, step = CHARSETS[name], Dataset(), Dataset()
    query.SpecificCharacterSet = source.SpecificCharacterSet
    query.AccessionNumber, query.PatientName = "", source.PatientName
    step.Modality = "XC"
    query.ScheduledProcedureStepSequence = [step]
    query.save_as(tmp_path / "query.dcm", implicit_vr=False, little_endian=True)
    answers, _ = find(hospital, tmp_path, "ANY", files=(tmp_path / "query.dcm",))
    assert f"C{list(CHARSETS).index(name)}" in accessions(answers)


@pytest.mark.parametrize(
    ("ae", "keys", "declared", "name"),
    [
        ("ANY", "PatientID=100", "", "SMITH^JOHN^Q"),
        ("ANY", "PatientID=102", "ISO_IR 100", "MÜLLER^JÜRGEN"),
        ("ANY", f"PatientID=102  {UTF8}", "ISO_IR 192", "MÜLLER^JÜRGEN"),
        ("ANY", "PatientID=106", "ISO_IR 192", "ДОЕ^ИВАН"),
        ("ANY", "PatientID=106  SpecificCharacterSet=ISO_IR 144", "ISO_IR 144", "ДОЕ^ИВАН"),
        (
            "ANY",
            "PatientID=104  SpecificCharacterSet=\\ISO 2022 IR 87",
            ["", "ISO 2022 IR 87"],
            "YAMADA^TARO=山田^太郎=やまだ^たろう",
        ),
        ("QUIET", "PatientID=102", None, "MÜLLER^JÜRGEN"),
        ("QUIET", "PatientID=102  SpecificCharacterSet", "ISO_IR 100", "MÜLLER^JÜRGEN"),
        ("LATIN", "PatientID=100", "ISO_IR 100", "SMITH^JOHN^Q"),
        ("LATIN", "PatientID=106", "ISO_IR 100", "DOE^IVAN"),
        ("LATIN", "PatientID=109", "ISO_IR 100", "U+738B^U+5C0FU+4E1C"),
        ("LATIN", "PatientID=104", "ISO_IR 100", "YAMADA^TARO"),
        ("JAPAN", "PatientID=104", ["", "ISO 2022 IR 87"], "YAMADA^TARO=山田^太郎=やまだ^たろう"),
    ],
)
def test_an_answer_comes_in_the_character_set_that_its_reader_can_read(
    hospital: Engine, tmp_path: Path, ae: str, keys: str, declared: Any, name: str
) -> None:
    ((answer,), _) = find(hospital, tmp_path, ae, *options(keys), "-k", "PatientName")
    if declared is None:
        assert "SpecificCharacterSet" not in answer
        answer.SpecificCharacterSet = "ISO_IR 100"
    else:
        assert answer.get("SpecificCharacterSet", "") == declared
    answer.decode()
    assert str(answer.PatientName) == name


def test_what_was_asked_is_answered_and_type_1_is_never_empty_and_half_a_code_is_none(
    hospital: Engine, tmp_path: Path
) -> None:
    wanted = "PatientID=106  PatientName  RequestedProcedureCodeSequence  RequestedProcedureID  StudyInstanceUID"
    step = "  S.station  S.date  S.time  S.Modality  S.ScheduledProcedureStepID  S.ScheduledProcedureStepDescription"
    ((answer,), _) = find(hospital, tmp_path, "ANY", *options(wanted + step))
    (item,) = answer[SPS].value
    assert all(str(element.value) for element in (*item, answer["StudyInstanceUID"], answer["RequestedProcedureID"]))
    assert (item.ScheduledStationAETitle, item.ScheduledProcedureStepStartTime) == ("UNKNOWN", "000000")
    assert "PatientBirthDate" not in answer
    half, _ = find(hospital, tmp_path / "x", "ANY", *options("PatientID=0700  RequestedProcedureCodeSequence"))
    assert len(half[0].RequestedProcedureCodeSequence) == 0
    times, _ = find(hospital, tmp_path / "y", "WEST", *options("PatientID=100  S.time"))
    assert times[0][SPS][0].ScheduledProcedureStepStartTime in ("040000", "050000")


def test_every_query_is_recorded_with_what_became_of_it_and_why_not_agrees_with_the_answer(
    hospital: Engine, tmp_path: Path
) -> None:
    before = max((row["id"] for row in hospital.looks("worklist", "--queries")), default=0)
    find(hospital, tmp_path, "NORTH_CT", *options("PatientName=NORD  PatientBirthDate=19600517"))
    find(hospital, tmp_path / "few", "FEW", *options(CT))
    narrowed, cut = (until(lambda ae=ae: _last(hospital, ae, before)) for ae in ("NORTH_CT", "FEW"))
    assert (narrowed["matches"], narrowed["ignored"]) == (4, ["PatientBirthDate"])
    assert narrowed["narrowed"] == ["station", "modality", "location", "date"]
    assert (cut["matches"], cut["status"]) == (2, "A700 after 2")

    def why(accession: str, query: int) -> str:
        found = hospital.looks("worklist", "--explain", accession, "--query-id", str(query))
        assert found["on_list"] is not bool(found["rule"])
        return str(found["rule"])

    rules = {name: why(name, narrowed["id"]) for name in ("N1", "N4", "N7", "S1", "A1")}
    assert rules == {
        "N1": "", "N4": "date of the list", "N7": "modality of the list", "S1": "Site", "A1": "Patient's Name",
    }  # fmt: skip
    assert (why("A2", cut["id"]), why("A6", cut["id"])) == ("", "Limit")


def test_the_list_of_a_station_is_what_the_station_gets(hospital: Engine, tmp_path: Path) -> None:
    answers, _ = find(hospital, tmp_path, "NORTH_CT", *options(""))
    listed = hospital.json("worklist", "--for", "NORTH_CT")
    assert [row["accession_number"] for row in listed] == accessions(answers)
    assert [row["accession_number"] for row in listed] == ["N5", "N1", "N2", "N3"]
    assert hospital.json("worklist", "--for", "NORTH_CT", "--explain", "S1")["rule"] == "Site"


def _last(hospital: Engine, ae: str, after: int) -> Any:
    """The latest recorded query of a caller, once there is one after another query."""
    rows = (row for row in hospital.looks("worklist", "--queries") if row["id"] > after)
    return next((row for row in rows if row["peer_ae_title"] == ae), None)
