"""Every class of study, and what forbids a link, from real input: messages of several senders, images in an Orthanc."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from radrecon.sim.pacs import RunningPacs
from tests.e2e.hospital import Engine, code, engine, make_study, pacs_toml, send, store, until

pytestmark = pytest.mark.slow
TOML = """
[site]
patient_id_issuer = "HOSP"
[outside]
ae_titles = ["RESEARCH"]
[cases]
temporary_identity_hours = [0, 24, 72]
"""
_controls = count(1)


@dataclass(frozen=True)
class Patient:
    mrn: str
    name: str
    born: str
    sex: str = "F"
    pid: str = ""  # as it is sent, where that is not the plain way

    @property
    def segment(self) -> str:
        return (
            self.pid
            or f"PID|1||{self.mrn}^^^HOSP^PI~123-45-6789^^^USSSA^SS||{self.name}^^^DR.^L||{self.born}|{self.sex}"
        )

    def images(self, accession: str = "", **more: object) -> dict[str, object]:
        who = {"PatientID": self.mrn, "PatientName": self.name, "PatientBirthDate": self.born, "PatientSex": self.sex}
        return {"AccessionNumber": accession, **who, **more}


def headed(kind: str, sender: str, *segments: str) -> str:
    head = f"MSH|^~\\&|{sender}|GH|||{datetime.now():%Y%m%d%H%M%S}||{kind}|C{next(_controls)}|P|2.3.1"
    return "\r".join((head, *segments))


def ordered(who: Patient, accession: str, text: str = "CT Head", modality: str = "CT", **more: str) -> str:
    """ORM^O01; `place`: where the accession number stands; `placer`, `filler`: order numbers; `control`."""
    control, place = more.get("control", "NW"), more.get("place", "OBR-18")
    placer, filler = f"{more.get('placer', f'P{accession}')}^EPIC", f"{more.get('filler', f'F{accession}')}^RIS"
    fields = ["OBR", "1", placer, accession if place == "OBR-3" else filler, f"X^{text}^L", *[""] * 23]
    fields[18] = accession if place == "OBR-18" else ""
    fields[24], fields[27] = modality, f"1^once^^{datetime.now():%Y%m%d%H%M}^^R"
    state = "CA" if control == "CA" else "SC"
    orc = f"ORC|{control}|{placer}|{'' if place == 'OBR-3' else filler}||{state}"
    return headed("ORM^O01", "RADNET", who.segment, "PV1|1|O", orc, "|".join(fields))


def adt(event: str, who: Patient) -> str:
    return headed(f"ADT^{event}", "HIS", f"EVN|{event}", who.segment, "PV1|1|O")


def requests(*accessions: str) -> list[Dataset]:
    items = [Dataset() for _ in accessions]
    for item, accession in zip(items, accessions, strict=True):
        item.AccessionNumber = accession
    return items


@dataclass
class Ward:
    """What comes in, and the UIDs of the studies by a name."""

    desk: Engine
    pacs: RunningPacs
    folder: Path
    uids: dict[str, str] = field(default_factory=dict)

    def hears(self, *messages: str) -> None:
        assert [code(send(self.desk.mllp, one)) for one in messages] == ["AA"] * len(messages)

    def sees(self, name: str, *series: dict[str, object]) -> None:
        uid = self.uids.setdefault(name, generate_uid())
        for one in series:
            store(self.pacs, make_study(self.folder, instances=1, **one | {"StudyInstanceUID": uid})[1])

    def studies(self) -> dict[str, dict[str, Any]]:
        rows = {row["study_instance_uid"]: row for row in self.desk.looks("studies")}
        return {name: rows[uid] for name, uid in self.uids.items() if uid in rows}

    def settles(self) -> None:
        until(lambda: [row["status"] for row in self.studies().values()] == ["complete"] * len(self.uids))
        self.until_quiet()

    def until_quiet(self) -> None:
        def same() -> bool:
            before = self.state()
            time.sleep(1.5)
            return before == self.state()

        until(same)

    def state(self) -> list[Any]:
        """Everything that people see of it."""
        orders = [(one["id"], one["status"], one["linked_study_id"]) for one in self.desk.looks("orders")]
        classes = {name: (row["match_class"], row["order_ids"]) for name, row in self.studies().items()}
        return [orders, classes, self.desk.looks("cases")]

    def case(self, name: str) -> tuple[str, str]:
        """Kind and cause of the study's only case."""
        (found,) = [one for one in self.desk.looks("cases") if one["study_instance_uid"] == self.uids[name]]
        return found["kind"], found["cause"]

    def vetoes(self, name: str) -> list[str]:
        """What forbids the first candidate, whose reasons add up to its score."""
        wanted = self.uids[name], "unassigned_study"
        found = [one for one in self.desk.looks("cases") if (one["study_instance_uid"], one["kind"]) == wanted]
        first: dict[str, Any] = self.desk.looks("show", "case", str(found[0]["id"]))["candidates"][0]
        assert sum(one["bits"] for one in first["reasons"]) == pytest.approx(first["bits"])
        return first["vetoes"]


@contextmanager
def ward(folder: Path, pacs: RunningPacs) -> Iterator[Ward]:
    with engine(folder / "engine", TOML + pacs_toml(pacs)) as desk:
        yield Ward(desk, pacs, folder / "images")


def test_every_class_from_messages_and_images(tmp_path: Path, orthanc: RunningPacs) -> None:
    anna = Patient("0001001", "VAN DER BERG^ANNA", "19500101")
    berta, carl = Patient("1002", "BRAVO^BERTA", "19510212"), Patient("1003", "CHARLY^CARL", "19520323", "M")
    dora, emil = Patient("1004", "DELTA^DORA", "19530404"), Patient("1005", "ECHO^EMIL", "19540515", "M")
    fritz, gerd = Patient("1006", "FOXTROT^FRITZ", "19550626", "M"), Patient("1007", "GOLF^GERD", "19560707", "M")
    unknown = Patient("T77", "TRAUMA^ALPHA", "", "", pid="PID|1||T77^^^HOSP||TRAUMA^ALPHA|||U")
    with ward(tmp_path, orthanc) as one:
        one.hears(
            ordered(anna, "A1001", place="OBR-3"), ordered(berta, "B2002"), ordered(carl, "C3003"),
            ordered(dora, "D4004", "CT Chest"), ordered(dora, "D4105", "CT Abdomen"),
            ordered(emil, "E5005", "CT Chest"), ordered(emil, "E5116", "CT Head"),
            adt("A04", fritz), ordered(fritz, "F6006"), adt("A08", Patient("1006", "YANKEE^YVES", "19790202", "M")),
            ordered(unknown, "G7007"), ordered(gerd, "H8008"),
            ordered(Patient("1008", "HOTEL^HANS", "19570808", "M"), "H8008", placer="PX", filler="FX"),
            *(adt("A04", Patient(mrn, "INDIA^ILSE", "19580909")) for mrn in ("1009", "1010")),
        )  # fmt: skip
        one.sees("linked", anna.images("A1001", PatientName="Van der Berg^Anna^^Dr."))
        one.sees("report", anna.images("A1001", Modality="SR"))
        one.sees("copy", anna.images("A1001", StationName="RESEARCH"))
        one.sees("suggested", berta.images("B2Q02"))
        one.sees("mismatch", carl.images("C3003", PatientName="CARL^CHARLY"))
        both = dora.images(RequestAttributesSequence=requests("D4004", "D4105"))
        one.sees("split", both | {"BodyPartExamined": "CHEST"}, both | {"BodyPartExamined": "ABDOMEN"})
        one.sees("wrong order", emil.images("E5005", BodyPartExamined="HEAD"))
        one.sees("overlay", fritz.images("F6006"))
        one.sees("collision", gerd.images("H8008"))
        one.sees("phantom", {"PatientID": "QA1", "PatientName": "PHANTOM^QA", "PatientBirthDate": ""})
        one.sees("research", {"PatientID": "S004", "PatientName": "S004", "PatientIdentityRemoved": "YES"})
        one.sees("orphan", Patient("9999", "ZULU^ZOE", "19900909").images("Q777"))
        one.settles()
        until(lambda: "duplicate_patients" in {case["kind"] for case in one.desk.looks("cases")})

        assert {name: row["match_class"] for name, row in one.studies().items()} == {
            "linked": "linked", "report": "linked", "copy": "outside", "suggested": "suggested",
            "mismatch": "suggested", "split": "linked", "wrong order": "suggested", "overlay": "suggested",
            "collision": "suggested", "phantom": "outside", "research": "outside", "orphan": "orphan",
        }  # fmt: skip
        assert len(one.studies()["split"]["order_ids"]) == 2
        assert one.case("suggested")[1].startswith("accession B2Q02 is not known; order B2002 of the same patient fits")
        assert one.case("mismatch") == ("demographic_mismatch", "name differs between index and images")
        assert one.case("wrong order")[0] == "wrong_order"
        assert one.case("orphan") == ("unassigned_study", "accession Q777 is not known; no order that was heard fits")
        assert "several patients' orders carry this accession number" in one.vetoes("collision")
        kinds = {case["kind"] for case in one.desk.looks("cases")}
        assert kinds >= {"accession_collision", "suspected_overlay", "temporary_identity", "duplicate_patients"}

        before = one.state()
        one.desk.radrecon("recheck")
        until(lambda: one.desk.looks("recheck", "--status")["state"] == "done")
        one.until_quiet()
        assert one.state() == before


WORDS = {
    "modality": "another modality was ordered",
    "body part": "another body part was ordered",
    "side": "the other side was ordered",
    "cancelled": "the order is cancelled",
    "another's number": "the images' patient id is another known person's",
    "second study": "the order already has images",
    "no number": "the images carry no patient id",
}


def test_what_forbids_a_link_is_said_in_words(tmp_path: Path, orthanc: RunningPacs) -> None:
    people = [
        Patient(f"20{at:02}", f"{name}^MAX", f"19{50 + at}0{at + 1}1{at}", "M")
        for at, name in enumerate(("ADLER", "BUSCH", "CORDES", "DREHER", "EBERT", "FALK", "GRIMM"))
    ]
    adler, busch, cordes, dreher, ebert, falk, grimm = people
    with ward(tmp_path, orthanc) as one:
        one.hears(
            ordered(adler, "V101", "MR Head", "MR"), ordered(busch, "V212", "CT Head"),
            ordered(cordes, "V323", "CT Knee left"), ordered(dreher, "V434"), ordered(dreher, "V434", control="CA"),
            ordered(ebert, "V545"), ordered(falk, "V656"), ordered(grimm, "V767"),
        )  # fmt: skip
        one.sees("modality", adler.images("V101"))
        one.sees("body part", busch.images("V212", BodyPartExamined="FOOT", StudyDescription="CT Foot"))
        right = {"BodyPartExamined": "KNEE", "Laterality": "R", "StudyDescription": "CT Knie rechts"}
        one.sees("side", cordes.images("V323", **right))
        one.sees("cancelled", dreher.images("V434"))
        one.sees("another's number", ebert.images("V545") | {"PatientID": adler.mrn})
        one.sees("first study", falk.images("V656"))
        one.sees("second study", falk.images("V656"))
        one.sees("no number", grimm.images("V767") | {"PatientID": ""})
        one.settles()
        assert not any(row["order_ids"] for row in one.studies().values())
        for name, words in WORDS.items():
            assert words in one.vetoes(name), name


def test_a_name_is_one_whichever_of_its_groups_the_modality_sends(tmp_path: Path, orthanc: RunningPacs) -> None:
    """A register with three writings of each name, and consoles that keep one of them, in the first group."""
    both = "YAMADA^HANAKO^^^^^L^A~山田^花子^^^^^L^I~やまだ^はなこ^^^^^L^P"
    hanako = Patient("4001", "", "19600517", pid=f"PID|1||4001^^^HOSP^PI||{both}||19600517|F")
    kenji = Patient("4002", "", "1961", "M", pid="PID|1||4002^^^HOSP^PI||ITO^KENJI~伊東^賢治^^^^^L^I||19610000|M")
    japanese = {"SpecificCharacterSet": "ISO_IR 192"}
    with ward(tmp_path, orthanc) as one:
        one.hears(ordered(hanako, "J101"), ordered(hanako, "J112", "CT Chest"), ordered(kenji, "J303"))
        one.sees("ideographs", hanako.images("J101", PatientName="山田^花子", **japanese))
        chest = {"StudyDescription": "CT Chest", "BodyPartExamined": "CHEST"}
        one.sees("another's", hanako.images("J112", PatientName="山本^花子", **japanese, **chest))
        one.sees("year only", kenji.images("J303", PatientName="伊東^賢治", PatientBirthDate="19610613", **japanese))
        one.settles()
        assert {name: row["match_class"] for name, row in one.studies().items()} == {
            "ideographs": "linked", "another's": "suggested", "year only": "suggested",
        }  # fmt: skip
        assert one.case("another's") == ("demographic_mismatch", "name differs between index and images")
        assert "birth date differs (partly equal)" in " ".join(one.vetoes("year only"))


def test_each_examination_of_an_order_ends_its_own_step(tmp_path: Path, orthanc: RunningPacs) -> None:
    """CT and ultrasound under one accession number; the request was scanned before."""
    who = Patient("3001", "KILO^KURT", "19610111", "M")
    with ward(tmp_path, orthanc) as one:
        both = ordered(who, "W202").split("\r") + ordered(who, "W202", "US Abdomen", "US").split("\r")[3:]
        one.hears("\r".join(both))
        one.sees("request", who.images("W202", Modality="DOC"))
        one.settles()
        assert waiting(one) == {"CT", "US"}
        one.sees("ct", who.images("W202"))
        until(lambda: waiting(one) == {"US"})
        one.sees("us", who.images("W202", Modality="US"))
        until(lambda: waiting(one) == set())
        assert {row["match_class"] for row in one.studies().values()} == {"linked"}


def waiting(one: Ward) -> set[str]:
    """The modalities of what is on the worklist."""
    return {row["modality"] for row in one.desk.looks("worklist")}
