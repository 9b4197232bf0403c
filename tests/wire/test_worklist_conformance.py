"""Conformance of the worklist: which query must be answered by which orders, asked by dcmtk's findscu of a real engine.

Orders come by HL7. Each row is one findscu: who calls, its keys, the accession numbers of the answers (one for each
step), and whether the pending answers are marked (FF01) because a key was ignored. `S.` stands for the item of the
Scheduled Procedure Step Sequence; DAY and NEXT are days that no modality's own window reaches, NOW is the present.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.data import get_charset_files
from pydicom.dataset import Dataset

from tests.e2e.hospital import ENVIRONMENT, Engine, Sender, code, dcmtk, engine, until

NOW = datetime.now(UTC)
DAY, NEXT = (f"{NOW + timedelta(days=days):%Y%m%d}" for days in (6, 7))
SPS = "ScheduledProcedureStepSequence"
WORDS = {
    "S.": f"{SPS}[0].",
    "date": "ScheduledProcedureStepStartDate",
    "time": "ScheduledProcedureStepStartTime",
    "station": "ScheduledStationAETitle",
}

TOML = r"""
[site]
time_zone = "UTC"

[[modality]]                 # everybody who is not named below
ae_title = "*"
look_ahead_hours = 480
look_back_hours = 480

[[modality]]
ae_title = "NORTH_CT"
site = "North"
modalities = ["CT"]
station_names = ["Somatom N"]
locations = ["Room N"]
senders = ["RISN"]

[[modality]]
ae_title = "SOUTH_CT"
site = "South"
modalities = ["CT"]
locations = ["Room S"]
senders = ["RISS"]

[[modality]]
ae_title = "POOL_US"
stations = ["US7", "US8"]
sort = "name"

[[modality]]
ae_title = "QUIET"
look_ahead_hours = 480
warn_of_ignored_keys = false
charset_only_when_asked = true

[[modality]]
ae_title = "LATIN"
look_ahead_hours = 480
stations = ["*"]
charset = "ISO_IR 100"

[[modality]]
ae_title = "JAPAN"
look_ahead_hours = 480
stations = ["*"]
charset = '\ISO 2022 IR 87'

[[modality]]
ae_title = "FEW"
look_ahead_hours = 480
stations = ["*"]
max_results = 2
over_limit = "A700"

[[modality]]
ae_title = "WEST"
time_zone = "America/New_York"
look_ahead_hours = 480
stations = ["*"]
"""


def at(hours: float) -> str:
    return f"{NOW + timedelta(hours=hours):%Y%m%d%H%M%S}"


def omi(
    accession: str, mrn: str, name: str, modality: str = "CT", station: str = "", start: str = "", *, named: str = "",
    room: str = "", physician: str = "", sender: str = "RIS", control: str = "NW", codes: str = "CTH^CT Head^L",
    uid: str = "", steps: int = 1,
) -> str:  # fmt: skip
    """An OMI^O23 with one step or several."""
    study = uid or f"1.2.826.0.1.{abs(hash(accession)) % 10**9}"
    ipc = [
        f"IPC|{accession}^{sender}|RP{accession}|{study}|S{accession}{'' if steps == 1 else n}|{modality}|P1^Protocol^L"
        f"|{named}|{room}|{station}"
        for n in range(steps)
    ]
    return "\r".join(
        (
            f"MSH|^~\\&|{sender}|HOSP|RADRECON|HOSP|{at(0)}||OMI^O23|{accession}{control}|P|2.5.1||||||UNICODE UTF-8",
            f"PID|1||{mrn}^^^HOSP||{name}||19600517|M",
            "PV1|1|O",
            f"ORC|{control}|P{accession}|F{accession}||{'SC' if control == 'NW' else 'CA'}",
            f"TQ1|1||||||{start}||R",
            f"OBR|1|P{accession}|F{accession}|{codes}{'|' * 30}{physician}",
            *ipc,
        )
    )


def charset_names() -> Iterator[tuple[str, Dataset]]:
    """The names of pydicom's character set files, each with its file's own encoding."""
    for path in sorted(map(Path, get_charset_files())):
        if path.suffix == ".dcm" and not path.stem.startswith("chrSQ"):
            dataset = dcmread(path)
            dataset.decode()
            yield path.stem, dataset


CHARSETS = dict(charset_names())
ORDERS = [
    omi("A1", "100", "SMITH^JOHN^Q", "CT", "CT1", f"{DAY}090000", physician="4711&HOUSE&GREGORY"),
    omi("A2", "101", "SMITHERS^WAYLON", "CT", "CT2", f"{DAY}103000", named="Somatom"),
    omi("A3", "102", "MÜLLER^JÜRGEN", "MR", "MR1", f"{DAY}233000"),
    omi("A4", "103", "O'BRIEN^MARY ANN", "MR", "MR1", f"{NEXT}054500", room="Room 4"),
    omi("A5", "104", "YAMADA^TARO^^^^^L^A~山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P", "OPT", "OP1", f"{NEXT}140000"),
    omi("A6", "105", "VAN DER BERG^ANNA", "CT", "CT1", f"{NEXT}220000"),
    omi("A7", "106", "ДОЕ^ИВАН", "CR", "", ""),
    omi("A8", "107", "DONE^CARL", "CT", "CT1", f"{DAY}080000"),
    omi("A8", "107", "DONE^CARL", "CT", "CT1", f"{DAY}080000", control="CA"),
    omi("A9", "0700", "JONES-SMITH^JOHN", "DX", "XR1", f"{DAY}120000", codes="XR^Chest"),
    omi("A10", "108", "TWICE^TINA", "NM", "NM1", f"{DAY}150000", steps=2, uid="1.2.3.10"),
    omi("A11", "109", "王^小东", "MG", "MG1", f"{DAY}160000", uid="1.2.3.11"),
]
SITES = [
    omi("N1", "201", "NORD^NORA", "CT", "NORTH_CT", at(1), sender="RISN"),
    omi("N2", "202", "NORD^NILS", "CT", "", at(2), named="Somatom N", sender="RISN"),
    omi("N3", "203", "NORD^NINA", "CT", "", at(3), room="Room N", sender="RISN"),
    omi("N4", "204", "NORD^NASH", "CT", "NORTH_CT", at(60), sender="RISN"),
    omi("N5", "205", "NORD^NEAL", "CT", "NORTH_CT", at(-6), sender="RISN"),
    omi("N6", "206", "NORD^NOAH", "CT", "NORTH_CT", at(-20), sender="RISN"),
    omi("N7", "207", "NORD^NELL", "MR", "NORTH_CT", at(1), sender="RISN"),
    omi("S1", "301", "SUED^SARA", "CT", "SOUTH_CT", at(1), sender="RISS"),
    omi("S2", "302", "SUED^SVEN", "CT", "", at(2), sender="RISS"),
    omi("U1", "401", "ULTRA^ZOE", "US", "US7", at(1)),
    omi("U2", "402", "ULTRA^AMY", "US", "US8", at(2)),
    omi("U3", "403", "ULTRA^IDA", "US", "US9", at(2)),
]


def xpn(dataset: Dataset) -> str:
    """A PN as repetitions of PID-5, each with its representation (XPN-8)."""
    groups = zip(str(dataset.PatientName).split("="), "AIP", strict=False)
    return "~".join(f"{'^'.join((g.split('^') + [''] * 6)[:6])}^L^{kind}" for g, kind in groups if g)


CHARSET_ORDERS = [omi(f"C{n}", f"9{n:02}", xpn(one), "XC", "", f"{DAY}1700") for n, one in enumerate(CHARSETS.values())]
UTF8 = "SpecificCharacterSet=ISO_IR 192"
LONG, ALL_DAYS = "X" * 65, f"S.date={DAY}-{NEXT}"
CT = f"S.date={DAY}-{NEXT}  S.Modality=CT"
CTS = "A1 A2 A6"

# who calls, keys (parted by two spaces), who must be in the answer, marked
TABLE: list[tuple[str, str, str, bool]] = [
    # single values
    ("ANY", "PatientID=100", "A1", False),
    ("ANY", "PatientID=100   ", "A1", False),
    ("ANY", "PatientID=0700", "A9", False),
    ("ANY", "PatientID=700", "", False),
    ("ANY", "PatientID=nobody", "", False),
    ("ANY", "AccessionNumber=A4", "A4", False),
    ("ANY", "AccessionNumber=a4", "", False),
    ("ANY", "RequestedProcedureID=RPA2", "A2", False),
    ("ANY", "S.ScheduledProcedureStepID=SA3", "A3", False),
    ("ANY", "S.ScheduledProcedureStepID=SA101", "A10", False),
    ("ANY", f"S.station=CT1  {ALL_DAYS}", "A1 A6", False),
    ("ANY", f"S.station=ct1  {ALL_DAYS}", "", False),
    ("ANY", f"S.station=CT1   {ALL_DAYS}", "A1 A6", False),
    ("ANY", f"S.ScheduledStationName=somatom  {ALL_DAYS}", "A2", False),
    ("ANY", f"S.ScheduledProcedureStepLocation=room 4  {ALL_DAYS}", "A4", False),
    ("ANY", f"S.ScheduledProcedureStepStatus=SCHEDULED  S.Modality=MR  {ALL_DAYS}", "A3 A4", False),
    ("ANY", f"S.ScheduledProcedureStepStatus=COMPLETED  {ALL_DAYS}", "", False),
    ("ANY", "PatientID=107", "", False),  # cancelled
    # modality: as people write it
    ("ANY", f"S.Modality=MR  {ALL_DAYS}", "A3 A4", False),
    ("ANY", f"S.Modality=mr  {ALL_DAYS}", "A3 A4", False),
    ("ANY", f"S.Modality=MR\\NM  {ALL_DAYS}", "A3 A4 A10 A10", False),
    ("ANY", f"S.Modality=M?  {ALL_DAYS}", "A3 A4 A11", False),
    # wildcards
    ("ANY", f"PatientID=10*  {CT}", CTS, False),
    ("ANY", f"PatientID=10?  {CT}", CTS, False),
    ("ANY", f"PatientID=?00  {CT}", "A1", False),
    ("ANY", f"AccessionNumber=*1  {CT}", "A1", False),
    ("ANY", f"PatientID=*  {CT}", CTS, False),
    ("ANY", f"AccessionNumber=**  {CT}", CTS, False),
    # lists of UIDs
    ("ANY", "StudyInstanceUID=1.2.3.10\\1.2.3.11", "A10 A10 A11", False),
    ("ANY", "StudyInstanceUID=1.2.3.11", "A11", False),
    ("ANY", "StudyInstanceUID=1.2.3.99", "", False),
    # dates and times
    ("ANY", f"S.date={DAY}  S.Modality=MR", "A3", False),
    ("ANY", f"S.date={DAY}-  S.Modality=MR", "A3 A4", False),
    ("ANY", f"S.date=-{DAY}  S.station=MR1", "A3", False),
    ("ANY", f"S.date={DAY}-{DAY}  S.Modality=CT", "A1 A2", False),
    ("ANY", f"S.date={DAY[:4]}.{DAY[4:6]}.{DAY[6:]}  S.Modality=MR", "A3", False),
    ("ANY", f"S.date={DAY}  S.time=0900", "A1", False),
    ("ANY", f"S.date={DAY}  S.time=090000-103000", "A1 A2", False),
    ("ANY", f"S.date={DAY}  S.time=-0900", "A1", False),
    ("ANY", f"S.date={DAY}  S.time=2300-", "A3", False),
    ("ANY", f"S.date={DAY}  S.time=000000-235959  S.Modality=CT", "A1 A2", False),
    ("ANY", f"S.date={DAY}-{NEXT}  S.time=2200-0600", "A3 A4", False),
    ("ANY", f"S.date={DAY}-{NEXT}  S.time=233100-054500", "A4", False),
    ("ANY", f"S.date={NEXT}-  S.time=2200-", "A6", False),
    ("WEST", f"S.date={DAY}  S.time=183000  S.Modality=MR", "A3", False),  # 23:30 UTC less five hours, or four
    # names
    ("ANY", f"PatientName=SMITH  {CT}", "A1", False),
    ("ANY", f"PatientName=smith  {CT}", "A1", False),
    ("ANY", f"PatientName=SMITH JOHN  {CT}", "A1", False),
    ("ANY", f"PatientName=Smith, John  {CT}", "A1", False),
    ("ANY", f"PatientName=SMITH^JOHN  {CT}", "A1", False),
    ("ANY", f"PatientName=SMITH^JOHN^  {CT}", "A1", False),
    ("ANY", f"PatientName=SMITH*  {CT}", "A1 A2", False),
    ("ANY", f"PatientName=SM?TH^J*  {CT}", "A1", False),
    ("ANY", f"PatientName=^JOHN  {ALL_DAYS}", "A1 A9", False),
    ("ANY", f"PatientName=JOHN SMITH  {CT}", "", False),
    ("ANY", f"PatientName=Mueller  {ALL_DAYS}", "A3", False),
    ("ANY", f"PatientName=MULLER^JURGEN  {ALL_DAYS}", "A3", False),
    ("ANY", f"PatientName=müller^jürgen  {UTF8}  {ALL_DAYS}", "A3", False),
    ("ANY", f"PatientName=OBRIEN  {ALL_DAYS}", "A4", False),
    ("ANY", f"PatientName=O'Brien^Mary Ann  {ALL_DAYS}", "A4", False),
    ("ANY", f"PatientName=van der berg anna  {ALL_DAYS}", "A6", False),
    ("ANY", f"PatientName=JONES SMITH  {ALL_DAYS}", "A9", False),
    ("ANY", f"PatientName=山田^太郎  {UTF8}  S.Modality=OPT", "A5", False),
    ("ANY", f"PatientName==山田^*  {UTF8}  S.Modality=OPT", "A5", False),
    ("ANY", f"PatientName=YAMADA=鈴木  {UTF8}  S.Modality=OPT", "", False),
    ("ANY", f"PatientName=やまだ  {UTF8}  S.Modality=OPT", "A5", False),
    ("ANY", f"PatientName=дое  {UTF8}", "A7", False),
    ("ANY", f"PatientName=王*  {UTF8}  S.Modality=MG", "A11", False),
    # sequences: empty, none, only one key
    ("ANY", f"{SPS}  PatientID=100", "A1", False),
    ("ANY", "PatientID=108", "A10 A10", False),
    # unknown, misplaced, over-long, ill-formed: ignored and marked, never refused
    ("ANY", f"PatientBirthDate=19600517  {CT}", CTS, True),
    ("ANY", f"Modality=MR  {CT}", CTS, True),
    ("ANY", f"PatientID={LONG}  {CT}", CTS, True),
    ("ANY", f"S.station=SEVENTEEN_LETTERS  {CT}", CTS, True),
    ("ANY", "S.date=tomorrow  S.Modality=MR  PatientID=102", "A3", True),
    ("ANY", "S.date=20261340  PatientID=102", "A3", True),
    ("ANY", f"S.date={NEXT}-{DAY}  PatientID=102", "A3", True),
    ("ANY", "S.time=2561  PatientID=102", "A3", True),
    ("ANY", f"StudyInstanceUID=../../x  {CT}", CTS, True),
    ("ANY", f"S.PatientID=100  {CT}", CTS, True),
    ("ANY", f"(0009,0010)=ACME  {CT}", CTS, True),
    ("ANY", f"PatientName={'*?' * 90}  {CT}", "", False),
    ("QUIET", "PatientBirthDate=19600517  PatientID=100", "A1", False),
    # scope: own station or pool, modality, place, site, window
    ("NORTH_CT", "", "N5 N1 N2 N3", False),
    ("NORTH_CT", "S.Modality=MR", "N7", False),
    ("NORTH_CT", "PatientName=NORD", "N5 N1 N2 N3", False),
    ("NORTH_CT", "PatientID=204", "N4", False),
    ("NORTH_CT", "PatientID=206", "N6", False),
    ("NORTH_CT", "PatientID=301", "", False),
    ("NORTH_CT", "AccessionNumber=S2", "", False),
    ("SOUTH_CT", "", "S1 S2", False),
    ("SOUTH_CT", "S.station=NORTH_CT", "", False),
    ("POOL_US", "S.Modality=US", "U2 U1", False),
    ("POOL_US", "S.station=US9", "U3", False),
    ("FEW", CT, "A1 A2", False),
    ("ANY", f"S.ScheduledPerformingPhysicianName=house*  {ALL_DAYS}", "A1", False),
]


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
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=60, check=False)
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


@pytest.mark.parametrize(("ae", "asked", "who", "marked"), TABLE)
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
    find(hospital, tmp_path, "NORTH_CT", *options("PatientName=NORD  PatientBirthDate=19600517"))
    find(hospital, tmp_path / "few", "FEW", *options(CT))
    narrowed = until(lambda: _last(hospital, "FEW")) and _last(hospital, "NORTH_CT")
    assert (narrowed["matches"], narrowed["ignored"]) == (4, ["PatientBirthDate"])
    assert narrowed["narrowed"] == ["station", "modality", "location", "date"]
    cut = _last(hospital, "FEW")
    assert (cut["matches"], cut["status"]) == (2, "A700 after 2")

    def why(accession: str, query: int) -> str:
        found = hospital.json("worklist", "--explain", accession, "--query-id", str(query))
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


def _last(hospital: Engine, ae: str) -> Any:
    """The latest recorded query of a caller."""
    return next((row for row in hospital.json("worklist", "--queries") if row["peer_ae_title"] == ae), None)
