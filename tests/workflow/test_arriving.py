"""Instances that Storage took → studies, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from radrecon.store import instances, requests
from radrecon.store.instances import Arrived
from radrecon.workflow import arriving, availability
from tests.builders import study
from tests.workflow.hospital import Hospital, on_both
from tests.workflow.messages import order, pid

EXPLICIT, JPEG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"


def header(uid: str, **values: str) -> bytes:
    dataset = Dataset()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = uid, f"{uid}.1", "CT"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyDescription = "20261122", "143400", "Thorax"
    dataset.AccessionNumber, dataset.PatientID, dataset.PatientName = "A777", "4711", "MÜLLER^EVA"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    file = DicomBytesIO()
    file.is_implicit_VR, file.is_little_endian = False, True
    write_dataset(file, dataset)
    return file.getvalue()


def arrives(
    hospital: Hospital, uid: str, *numbers: int, ae: str = "CT1", syntax: str = EXPLICIT, **values: str
) -> None:
    hospital.later(1)
    raw = header(uid, **values)
    found = [
        Arrived(f"{uid}.1.{number}", "1.2.840.10008.5.1.4.1.1.2", uid, f"{uid}.1", syntax, str(number), 1, 1000,
                str(hash(raw)), "", raw, ae, "10.0.0.1", hospital.now)
        for number in numbers
    ]  # fmt: skip
    with hospital.store.transaction() as conn:
        instances.keep(conn, found, [0])
    arriving.take(hospital.store, hospital.config, hospital.now)
    hospital.reconcile()


def known(hospital: Hospital, uid: str) -> list[tuple[str, int, int]]:
    with hospital.store.reading() as conn:
        return [(one.facts.pacs, one.facts.instances, one.steady) for one in instances.known(conn, uid)]


def whose(hospital: Hospital, uid: str) -> str:
    with hospital.store.reading() as conn:
        return instances.known(conn, uid)[0].facts.patient.patient_id.value


def asked(hospital: Hospital) -> list[dict[str, str]]:
    with hospital.store.reading() as conn:
        return requests.open_of(conn, "look", 10)


@on_both
def test_a_study_that_no_pacs_has_is_judged_all_the_same(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    arrives(hospital, "1.2", 1, 2)
    assert known(hospital, "1.2") == [("storage:CT1", 2, 0)]
    assert hospital.kinds() == ["unassigned_study"]
    arrives(hospital, "1.2", 3)
    assert known(hospital, "1.2") == [("storage:CT1", 3, 0)]
    assert asked(hospital) == []


@on_both
def test_quiet_makes_it_complete(hospital: Hospital) -> None:
    arrives(hospital, "1.2", 1)
    quiet = hospital.config.engine.storage_quiet_seconds
    assert arriving.settle(hospital.store, hospital.config, hospital.now) == 0
    hospital.later(quiet + 1)
    assert arriving.settle(hospital.store, hospital.config, hospital.now) == 1
    assert known(hospital, "1.2") == [("storage:CT1", 1, 1)]
    assert arriving.settle(hospital.store, hospital.config, hospital.now) == 0


@on_both
def test_once_a_pacs_lists_it_it_is_that_one_study_with_its_case(hospital: Hospital) -> None:
    hospital.hears_an_early_order()
    arrives(hospital, "1.2", 1, 2)
    case = hospital.case().id
    hospital.looks(replace(study("1.2", "A777"), instances=2))
    assert [one[0] for one in known(hospital, "1.2")] == ["main"]
    assert hospital.case().id == case


@on_both
def test_what_a_pacs_is_known_to_have_stays_its_and_is_asked_for(hospital: Hospital) -> None:
    hospital.hears(order("A777"))
    hospital.looks(replace(study("1.2", "A777"), instances=5))
    arrives(hospital, "1.2", 1, PatientID="other")
    assert known(hospital, "1.2")[0][:2] == ("main", 5)
    assert asked(hospital) == [{"pacs": "main", "study_instance_uid": "1.2"}]
    arrives(hospital, "1.2", 2, PatientID="other")
    assert len(asked(hospital)) == 1


def test_a_pacs_that_forwards_has_it(hospital: Hospital) -> None:
    arrives(hospital, "1.2", 1, ae="MAIN")
    assert known(hospital, "1.2") == [("main", 1, 0)]
    assert asked(hospital) == [{"pacs": "main", "study_instance_uid": "1.2"}]


def test_two_modalities_make_one_study(hospital: Hospital) -> None:
    arrives(hospital, "1.2", 1, ae="CT1")
    arrives(hospital, "1.2", 2, ae="WORKSTATION")
    assert known(hospital, "1.2") == [("storage:CT1", 2, 0)]


def test_a_resend_changes_nothing(hospital: Hospital) -> None:
    arrives(hospital, "1.2", 1, 2)
    with hospital.store.reading() as conn:
        (before,) = instances.known(conn, "1.2")
    arrives(hospital, "1.2", 1, 2)
    with hospital.store.reading() as conn:
        (after,) = instances.known(conn, "1.2")
    assert (after.facts, after.last_changed) == (before.facts, before.last_changed)


@on_both
def test_a_study_of_two_patients_is_nobodys_until_its_images_are_sent_again(hospital: Hospital) -> None:
    """The patient was changed at the console too late: what came last would link all of it."""
    hospital.hears(order("A200", pid("22", name="BAUER^KARL", born="19851224", sex="M"), uid="1.2.9"))
    karl = {"PatientID": "22", "PatientName": "BAUER^KARL", "PatientBirthDate": "19851224", "PatientSex": "M"}
    arrives(hospital, "1.2.9", 1)
    arrives(hospital, "1.2.9", 2, AccessionNumber="A200", **karl)
    assert (whose(hospital, "1.2.9"), hospital.kinds()) == ("", ["unassigned_study"])
    arrives(hospital, "1.2.9", 1, AccessionNumber="A200", **karl)
    assert (whose(hospital, "1.2.9"), hospital.kinds()) == ("22", [])


def test_images_that_nothing_decodes_say_so(hospital: Hospital) -> None:
    arrives(hospital, "1.2", 1, syntax=JPEG)
    with hospital.store.reading() as conn:
        found = instances.thumbnail(conn, "1.2.1")
    assert found is not None
    assert (found[0], "JPEG 2000" in found[1]) == (None, True)


@pytest.mark.parametrize(
    ("titles", "caller", "places"), [(["MAIN"], "X", ["main"]), ([], "MAIN", ["main"]), (["NOBODY"], "X", ["main"])]
)
def test_a_notice_has_the_study_looked_at_where_it_is_said_to_be(
    hospital: Hospital, titles: list[str], caller: str, places: list[str]
) -> None:
    assert availability.heard(hospital.store, hospital.config, "1.2", titles, caller, hospital.now)
    assert availability.heard(hospital.store, hospital.config, "1.2", titles, caller, hospital.now)
    assert [one["pacs"] for one in asked(hospital)] == places


def test_too_many_notices_are_turned_away(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "MOST_LOOKS", 2)
    taken = [availability.heard(hospital.store, hospital.config, f"1.{n}", (), "X", hospital.now) for n in range(4)]
    assert taken == [True, True, False, False]
