from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AllStoragePresentationContexts, build_context
from pynetdicom.sop_class import Verification

from radrecon.config import PacsConfig
from radrecon.model.errors import NotFound, PeerTrouble
from radrecon.services import pacs_dimse
from radrecon.services.pacs_association import association
from radrecon.services.pacs_query import find_instances
from radrecon.services.pacs_retrieve import file_of
from radrecon.sim.pacs import RunningPacs, free_port
from tests.wire.pacs_peers import CT, MR, OWN_AE, SR, held, make_study, mixed_series, put

pytestmark = [
    pytest.mark.usefixtures("no_threads_left"),
    # pynetdicom drops the socket of a refused connection without closing it
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]


def same(one: Dataset, other: Dataset) -> bool:
    """Equal but for group lengths and trailing padding, which archives may leave out."""
    one, other = (
        Dataset({part.tag: part for part in each if part.tag.element and part.tag.group != 0xFFFC})
        for each in (one, other)
    )
    return bool(one == other)


def test_a_pacs_that_lives_answers_an_echo(any_pacs: RunningPacs) -> None:
    pacs_dimse.echo(any_pacs.config, OWN_AE)


def test_a_pacs_that_is_down_is_named_with_its_address() -> None:
    nobody = PacsConfig(name="main archive", ae_title="NOBODY", port=free_port())
    with pytest.raises(PeerTrouble, match=r"main archive \(NOBODY at 127.0.0.1:\d+\) cannot be reached"):
        pacs_dimse.echo(nobody, OWN_AE)


def test_a_study_is_listed_with_its_series_and_counts(any_pacs: RunningPacs, tmp_path: Path) -> None:
    uid = put(any_pacs.config, make_study(tmp_path, series=((CT, CT), (MR,))))
    facts = pacs_dimse.find_study(any_pacs.config, OWN_AE, uid)
    assert facts is not None
    assert (facts.pacs, facts.accession_number) == (any_pacs.config.name, "A100")
    assert facts.performed == "2026-11-20T10:15"
    assert (facts.instances, facts.modalities) == (3, ("CT", "MR"))
    assert sorted((one.modality, one.instances) for one in facts.series) == [("CT", 2), ("MR", 1)]
    # dcmtk's archive does not tell the station
    assert {one.station_name for one in facts.series} == {"" if any_pacs.config.name == "dcmqrscp" else "CT2"}
    assert facts.patient.birth_date == "1960-05-17"
    assert str(facts.patient.patient_id) == "0000017^^^HIS"


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 100", "Müller^Jürg"),
        ("ISO_IR 192", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("ISO_IR 144", "Люкceмбypг"),
        ("ISO_IR 192", "Nguyễn^Thị"),
    ],
)
def test_a_name_is_read_whatever_its_character_set(
    any_pacs: RunningPacs, tmp_path: Path, charset: str, name: str
) -> None:
    values = {"PatientName": name, "PatientID": f"N{abs(hash(name))}", "InstitutionName": "x"}
    uid = put(any_pacs.config, make_study(tmp_path, charset=charset, values=values))
    facts = pacs_dimse.find_study(any_pacs.config, OWN_AE, uid)
    assert facts is not None
    assert str(facts.patient.name) == name


def test_an_associations_own_thread_takes_no_answer_from_a_call(archive: RunningPacs) -> None:
    with association(archive.config, OWN_AE, [build_context(Verification)]) as assoc:
        assoc.dimse.msg_queue.put((1, "an answer"))
        assert assoc.dimse.get_msg(block=False) == (None, None)
        assert assoc.dimse.get_msg(block=True) == (1, "an answer")


def test_no_answer_is_lost_while_the_machine_is_busy(archive: RunningPacs, tmp_path: Path) -> None:
    uid = put(archive.config, make_study(tmp_path, series=((CT,), (MR,), (CT, MR))))
    done = threading.Event()
    busy = [threading.Thread(target=lambda: [sum(range(999)) for _ in iter(done.is_set, True)]) for _ in range(2)]
    for thread in busy:
        thread.start()
    try:
        counts = {len(find_instances(archive.config, OWN_AE, uid)) for _ in range(15)}
    finally:
        done.set()
        for thread in busy:
            thread.join()
    assert counts == {4}


def test_the_range_of_dates_has_open_ends(any_pacs: RunningPacs, tmp_path: Path) -> None:
    old = put(any_pacs.config, make_study(tmp_path / "old", values={"StudyDate": "20190203"}))
    new = put(any_pacs.config, make_study(tmp_path / "new", values={"StudyDate": "20200203"}))

    def found(first: str | None, last: str | None) -> set[str]:
        listed = {one.study_instance_uid for one in pacs_dimse.find_studies(any_pacs.config, OWN_AE, first, last)}
        return listed & {old, new}

    assert found(None, None) == {old, new}
    assert found("2020-01-01", None) == {new}
    assert found(None, "20191231") == {old}
    assert found("2019-02-03", "2019-02-03") == {old}


def test_series_are_asked_for_on_demand(any_pacs: RunningPacs, tmp_path: Path) -> None:
    uid = put(any_pacs.config, make_study(tmp_path, values={"StudyDate": "20180102"}))
    (listed,) = pacs_dimse.find_studies(any_pacs.config, OWN_AE, "20180102", "20180102")
    counted = 0 if any_pacs.config.name == "dcmqrscp" else 2
    assert (listed.study_instance_uid, listed.series, listed.instances) == (uid, (), counted)
    whole = pacs_dimse.with_series(any_pacs.config, OWN_AE, listed)
    assert (len(whole.series), whole.instances, whole.patient) == (1, 2, listed.patient)


def test_a_study_without_patient_id_is_listed_too(any_pacs: RunningPacs, tmp_path: Path) -> None:
    values = {"PatientID": "", "IssuerOfPatientID": "", "PatientBirthDate": "", "PatientSex": ""}
    uid = put(any_pacs.config, make_study(tmp_path, values=values))
    facts = pacs_dimse.find_study(any_pacs.config, OWN_AE, uid)
    assert facts is not None
    assert not facts.patient.patient_id


def test_an_unknown_study_is_none(any_pacs: RunningPacs) -> None:
    assert pacs_dimse.find_study(any_pacs.config, OWN_AE, "1.2.3.4") is None


def test_retrieving_an_unknown_study_says_so(any_pacs: RunningPacs, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no images"):
        pacs_dimse.retrieve(any_pacs.config, OWN_AE, "1.2.3.4", tmp_path)


@pytest.mark.parametrize("way", ["get", "move"])
def test_what_is_retrieved_is_what_was_stored(any_pacs: RunningPacs, tmp_path: Path, way: str, move_port: int) -> None:
    paths = make_study(tmp_path / "made", series=mixed_series(any_pacs), charset=None)
    config = any_pacs.config.model_copy(update={"retrieve": way})
    uid = put(config, paths)
    got = held(config, uid, tmp_path / "got", move_port)
    assert len(got) == len(paths)
    for path in paths:
        sent = dcmread(path)
        back = got[sent.SOPInstanceUID]
        assert back.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
        assert back.get("PixelData") == sent.get("PixelData")
        assert same(back, sent)


@pytest.mark.parametrize("way", ["get", "move"])
def test_a_disk_that_takes_no_image_is_named_and_not_the_pacs(
    any_pacs: RunningPacs, tmp_path: Path, way: str, move_port: int
) -> None:
    uid = put(any_pacs.config, make_study(tmp_path / "study"))
    config = any_pacs.config.model_copy(update={"retrieve": way})
    for one in find_instances(config, OWN_AE, uid):
        file_of(tmp_path / "got", one.SOPInstanceUID).with_suffix(".part").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory"):
        pacs_dimse.retrieve(config, OWN_AE, uid, tmp_path / "got", move_port)


def test_more_kinds_than_an_association_holds_take_several(archive: RunningPacs, tmp_path: Path) -> None:
    paths = make_study(tmp_path, series=((SR,), (SR,)))
    many = []
    for number, context in enumerate(AllStoragePresentationContexts[:140]):
        dataset = dcmread(paths[number % 2])
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = context.abstract_syntax
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.{number + 1}"
        many.append(tmp_path / f"many{number}.dcm")
        dataset.save_as(many[-1])
    uid = put(archive.config, many)
    facts = pacs_dimse.find_study(archive.config, OWN_AE, uid)
    assert facts is not None
    assert facts.instances == 140
    assert len(held(archive.config, uid, tmp_path / "got")) == 140


def test_c_move_without_a_port_says_what_to_set(archive: RunningPacs, tmp_path: Path) -> None:
    config = archive.config.model_copy(update={"retrieve": "move"})
    uid = put(config, make_study(tmp_path))
    with pytest.raises(PeerTrouble, match=r"engine\.retrieve_port is not set"):
        pacs_dimse.retrieve(config, OWN_AE, uid, tmp_path / "got")


def test_what_dcmtk_stores_and_finds_agrees(any_pacs: RunningPacs, tmp_path: Path) -> None:
    """An independent peer puts a study in and asks for it; ours says the same."""
    paths = make_study(tmp_path, values={"AccessionNumber": "DCMTK1"})
    config = any_pacs.config
    peer = ["-aec", config.ae_title, config.host, str(config.port)]
    quick = os.environ | {"TCP_NODELAY": "1"}
    subprocess.run(["storescu", *peer, *map(str, paths)], check=True, env=quick, timeout=120)
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", "AccessionNumber=DCMTK1", "-k", "StudyInstanceUID"]
    asked = subprocess.run(
        ["findscu", "-S", *keys, *peer], check=True, env=quick, timeout=120, capture_output=True, text=True
    )
    uid = dcmread(paths[0]).StudyInstanceUID
    assert uid in asked.stdout + asked.stderr
    facts = pacs_dimse.find_study(config, OWN_AE, uid)
    assert facts is not None
    assert facts.instances == 2
