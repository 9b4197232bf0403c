"""The main job with real processes: order in, worklist, images with a slip, case, correction, proof, undo."""

from __future__ import annotations

from pathlib import Path

import pytest

from radrecon.sim.pacs import RunningPacs
from tests.e2e.hospital import (
    Engine,
    adt,
    code,
    engine,
    findscu,
    make_study,
    orm,
    pacs_toml,
    send,
    store,
    study_query,
    until,
)  # fmt: skip

pytestmark = pytest.mark.slow


@pytest.fixture(params=["orthanc", "archive"])
def pacs(request: pytest.FixtureRequest) -> RunningPacs:
    """Both ways of correcting in place: Orthanc's REST, and retrieve, edit, store again."""
    running: RunningPacs = request.getfixturevalue(request.param)
    return running


def case_of(desk: Engine, uid: str, kind: str = "unassigned_study") -> dict:
    def found() -> dict | None:
        return next(
            (one for one in desk.looks("cases") if one["study_instance_uid"] == uid and one["kind"] == kind), None
        )

    return until(found)


def whole(desk: Engine, uid: str, instances: int = 3) -> dict:
    """The study as the desk lists it once it knows all of its images: a plan that is made before is stale."""

    def found() -> dict | None:
        rows = (one for one in desk.looks("studies") if one["study_instance_uid"] == uid)
        return next((one for one in rows if (one["instances"], one["status"]) == (instances, "complete")), None)

    return until(found)


def closed(desk: Engine, case_id: int) -> bool:
    return desk.looks("show", "case", str(case_id))["case"]["state"] == "closed"


def test_a_mistyped_study_is_linked_proved_and_undone(tmp_path: Path, pacs: RunningPacs) -> None:
    with engine(tmp_path / "engine", pacs_toml(pacs)) as desk:
        assert code(send(desk.mllp, orm("A1024"))) == "AA"
        assert code(send(desk.mllp, orm("A2001", mrn="7654321", name="SMITH^ANN", sex="F", birth="19810203"))) == "AA"
        keys = ["PatientName", "PatientID", "AccessionNumber", "ScheduledProcedureStepSequence[0].Modality=CT"]
        listed = findscu(desk.dicom, "RADRECON", tmp_path / "mwl", *keys, worklist=True)
        assert {str(one.AccessionNumber) for one in listed} == {"A1024", "A2001"}

        uid, files = make_study(
            tmp_path / "ct", AccessionNumber="A1042", PatientName="MILER^JONATHAN", PatientID="1234567",
            PatientBirthDate="19600517", PatientSex="M",
        )  # fmt: skip
        store(pacs, files)
        whole(desk, uid)
        case = case_of(desk, uid)
        assert case["candidates"][0]["accession_number"] == "A1024"

        plan = desk.json("plan", str(case["id"]), "link")
        assert {change["where"] for one in plan["deliveries"] for change in one["changes"]} >= {"AccessionNumber"}
        done = desk.json("correct", str(case["id"]), "link", "--reason", "typing slip", "--wait")
        assert {one["state"] for one in done["deliveries"]} == {"filed"}

        shown = study_query(pacs, tmp_path / "find", uid)
        assert (str(shown.AccessionNumber), str(shown.PatientName)) == ("A1024", "MILLER^JONATHAN")
        assert int(shown.NumberOfStudyRelatedInstances) == 3
        until(lambda: closed(desk, case["id"]))
        assert not [one for one in desk.json("cases") if one["study_instance_uid"] == uid]

        undone = desk.json("undo", str(done["correction_id"]), "--wait")
        assert {one["state"] for one in undone["deliveries"]} == {"filed"}
        shown = study_query(pacs, tmp_path / "find", uid)
        assert (str(shown.AccessionNumber), str(shown.PatientName)) == ("A1042", "MILER^JONATHAN")
        assert case_of(desk, uid)["candidates"][0]["accession_number"] == "A1024"


def test_a_new_name_that_the_pacs_never_got_is_fixed_and_undone(tmp_path: Path, pacs: RunningPacs) -> None:
    with engine(tmp_path / "engine", pacs_toml(pacs)) as desk:
        send(desk.mllp, orm("A1024", name="MILLER^ANNA", sex="F"))
        uid, files = make_study(
            tmp_path / "ct", AccessionNumber="A1024", PatientName="MILLER^ANNA", PatientID="1234567",
            PatientBirthDate="19600517", PatientSex="F",
        )  # fmt: skip
        store(pacs, files)
        until(lambda: [one for one in desk.looks("studies") if one["study_instance_uid"] == uid and one["order_id"]])
        assert code(send(desk.mllp, adt("A08", "1234567", "BAKER^ANNA", sex="F"))) == "AA"
        whole(desk, uid)
        case = case_of(desk, uid, "demographic_mismatch")
        assert "patient_name" in case["fields"]

        done = desk.json("correct", str(case["id"]), "fix", "--reason", "married", "--wait")
        assert {one["state"] for one in done["deliveries"]} == {"filed"}
        assert str(study_query(pacs, tmp_path / "find", uid).PatientName) == "BAKER^ANNA"
        until(lambda: closed(desk, case["id"]))

        desk.json("undo", str(done["correction_id"]), "--wait")
        assert str(study_query(pacs, tmp_path / "find", uid).PatientName) == "MILLER^ANNA"
        case_of(desk, uid, "demographic_mismatch")


def test_patients_are_merged_with_their_images_and_come_apart_again(tmp_path: Path, pacs: RunningPacs) -> None:
    with engine(tmp_path / "engine", pacs_toml(pacs)) as desk:
        send(desk.mllp, orm("A1024", mrn="1234567"))
        send(desk.mllp, adt("A04", "9000001", "MILLER^JONATHAN"))
        uid, files = make_study(
            tmp_path / "ct", AccessionNumber="", PatientName="MILLER^JONATHAN", PatientID="9000001",
            PatientBirthDate="19600517", PatientSex="M",
        )  # fmt: skip
        other, more = make_study(
            tmp_path / "ct2", AccessionNumber="X1", PatientName="OTHER^PERSON", PatientID="5550000",
            PatientBirthDate="19700101", PatientSex="F",
        )  # fmt: skip
        store(pacs, files + more)
        whole(desk, other)
        whole(desk, uid)
        case = case_of(desk, uid)
        refused = desk.radrecon("correct", str(case["id"]), "link", "--reason", "x", check=False)
        assert refused.returncode == 1
        assert "another known person" in refused.stderr

        both = ["--set", "survivor=1234567", "--set", "non_survivor=9000001"]
        done = desk.json("correct", str(case["id"]), "merge", *both, "--reason", "one person", "--wait")
        assert {one["state"] for one in done["deliveries"]} == {"filed"}
        assert str(study_query(pacs, tmp_path / "find", uid).PatientID) == "1234567"
        assert str(study_query(pacs, tmp_path / "find", other).PatientID) == "5550000"

        desk.json("undo", str(done["correction_id"]), "--wait")
        assert str(study_query(pacs, tmp_path / "find", uid).PatientID) == "9000001"
        until(lambda: known(desk, "9000001") == [(0, 1)])


def test_a_wrong_worklist_pick_is_linked_to_the_other_order_and_back(tmp_path: Path, pacs: RunningPacs) -> None:
    with engine(tmp_path / "engine", pacs_toml(pacs)) as desk:
        send(desk.mllp, orm("A1024"))
        send(desk.mllp, orm("A1025"))
        uid, files = make_study(
            tmp_path / "ct", AccessionNumber="A1024", PatientName="MILLER^JONATHAN", PatientID="1234567",
            PatientBirthDate="19600517", PatientSex="M",
        )  # fmt: skip
        store(pacs, files)
        study = until(lambda: next((one for one in desk.looks("studies") if one["order_id"]), None))
        assert study["study_instance_uid"] == uid
        whole(desk, uid)
        until(lambda: listed(desk, tmp_path) == {"A1025"})

        case = desk.json("investigate", str(study["id"]), "--reason", "the other exam was done")["case_id"]
        other = next(one["id"] for one in desk.json("orders") if one["accession_number"] == "A1025")
        done = desk.json("correct", str(case), "link", "--order", str(other), "--reason", "wrong pick", "--wait")
        assert {one["state"] for one in done["deliveries"]} == {"filed"}
        assert str(study_query(pacs, tmp_path / "find", uid).AccessionNumber) == "A1025"
        until(lambda: listed(desk, tmp_path) == {"A1024"})

        desk.json("undo", str(done["correction_id"]), "--wait")
        assert str(study_query(pacs, tmp_path / "find", uid).AccessionNumber) == "A1024"
        until(lambda: listed(desk, tmp_path) == {"A1025"})


def known(desk: Engine, patient_id: str) -> list[tuple[int, int]]:
    """Into whom a patient is merged (0: nobody), and how many studies are theirs."""
    found = [one for one in desk.looks("patients") if one["patient_id"] == patient_id]
    return [(one["merged_into"], one["studies"]) for one in found]


def listed(desk: Engine, folder: Path) -> set[str]:
    """The accession numbers that a modality gets now."""
    found = findscu(desk.dicom, "RADRECON", folder / "mwl", "PatientName", "AccessionNumber", worklist=True)
    return {str(one.AccessionNumber) for one in found}


def test_trouble_is_one_line_and_never_a_traceback(tmp_path: Path) -> None:
    toml = '[[pacs]]\nname = "down"\nae_title = "DOWN"\nport = 1\npoll_seconds = 0.5\n'
    with engine(tmp_path / "engine", toml) as desk:
        answer = send(desk.mllp, orm("A1").replace("PID|1||1234567^^^HOSP", "PID|1||"))
        assert code(answer) == "AE"
        assert "PID" in answer
        assert code(send(desk.mllp, adt("A99", "1", "X"))) == "AR"
        kept = desk.json("messages", "--state", "refused")
        assert len(kept) == 2
        assert all(one["reason"] for one in kept)
        wrong = desk.radrecon("show", "case", "99", check=False)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
        assert "Traceback" not in wrong.stderr + desk.log()
        until(lambda: "down" in desk.log())


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    toml = tmp_path / "wrong.toml"
    toml.write_text("[engine]\nmllp_prot = 2575\n", "utf-8")
    desk = Engine(tmp_path, "", f"sqlite:///{tmp_path / 'x.sqlite3'}")
    (tmp_path / "engine.log").touch()
    refused = desk.radrecon("engine", "--config", str(toml), check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "mllp_prot" in refused.stderr
