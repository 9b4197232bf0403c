"""The hospital and the table of the worklist's conformance test; see `test_worklist_conformance`.

`S.` stands for the item of the Scheduled Procedure Step Sequence; DAY and NEXT are days that no modality's own window
reaches, NOW is the present. Keys are parted by two spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

from pydicom import dcmread
from pydicom.data import get_charset_files
from pydicom.dataset import Dataset

NOW = datetime.now(UTC)
DAY, NEXT = (f"{NOW + timedelta(days=days):%Y%m%d}" for days in (6, 7))
SPS = "ScheduledProcedureStepSequence"
LATE = datetime.strptime(f"{DAY}233000+0000", "%Y%m%d%H%M%S%z")
LATE_IN_THE_WEST = f"{LATE.astimezone(ZoneInfo('America/New_York')):%H%M%S}"
"""23:30 UTC of DAY: 18:30 there, 19:30 in summer."""
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
    study = uid or f"1.2.826.0.1.{crc32(accession.encode())}"
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
    ("WEST", f"S.date={DAY}  S.time={LATE_IN_THE_WEST}  S.Modality=MR", "A3", False),
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
    ("ANY", f"PatientName=^^^^  {CT}", CTS, False),
    ("ANY", f"PatientName=*^*^*  {CT}", CTS, False),
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
